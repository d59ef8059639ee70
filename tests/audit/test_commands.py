"""`midan audit …`: results as JSON on stdout, refusals as one JSON line on stderr, exit codes by the contract."""

import json

import pytest

from midan.audit import selectors
from midan.cli.app import run


@pytest.fixture(autouse=True)
def _ready(monkeypatch):
    """The tests' own database is in memory, which the start-up check cannot look for as a file."""
    monkeypatch.setattr("midan.cli.audit.ready", lambda: None)


def last_line(capsys) -> dict[str, object]:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_verify_takes_in_what_waits_and_prints_the_verdict(log, capsys):
    log.write(3)
    assert run(["audit", "verify"]) == 0
    found = last_line(capsys)
    assert {name: found[name] for name in ("ok", "size", "first_bad")} == {
        "ok": True,
        "size": 3,
        "first_bad": None,
    }
    assert found["root"] == json.loads(json.dumps(found))["root"] != ""
    assert selectors.last_verification().ok


def test_verify_of_a_changed_log_exits_1_and_names_the_index(log, tamper, capsys):
    log.write(3)
    log.integrate()
    with tamper() as run_sql:
        run_sql("UPDATE audit_entry SET salt = %s WHERE id = (SELECT max(id) FROM audit_entry)", bytes(32))
    assert run(["audit", "verify"]) == 1
    found = last_line(capsys)
    assert (found["ok"], found["first_bad"], found["reason"]) == (False, 2, "leaf_differs")


def test_verify_works_without_the_passphrase_and_says_why_entries_wait(log, capsys):
    log.write(2)
    log.integrate()
    log.write(1)
    (log.home / "keys" / "passphrase").write_bytes(b"another")
    assert run(["audit", "verify"]) == 0
    found = last_line(capsys)
    assert (found["ok"], found["size"], found["pending"], found["sequencer"]) == (
        True,
        2,
        1,
        "wrong_passphrase",
    )


def test_fsck_checks_the_files_alone(log, capsys):
    log.write(3)
    log.integrate()
    assert run(["audit", "fsck"]) == 0
    assert last_line(capsys)["size"] == 3
    (log.tiles / "tile/0/000.p/3").write_bytes(bytes(96))
    assert run(["audit", "fsck"]) == 1
    assert last_line(capsys)["bad"] == "checkpoint"


def test_checkpoint_prints_the_signed_text(log, capsys):
    log.write(3)
    assert run(["audit", "checkpoint"]) == 0
    assert capsys.readouterr().out == (log.tiles / "checkpoint").read_text()


def test_prove_prints_or_writes_a_proof(log, tmp_path, capsys):
    (entry_id,) = log.write(1)
    assert run(["audit", "prove", entry_id]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["index"] == 0
    assert run(["audit", "prove", "0", "-o", str(tmp_path / "proof.json")]) == 0
    assert json.loads((tmp_path / "proof.json").read_text())["entry"] == printed["entry"]


def test_prove_of_something_unknown_is_refused_in_one_line(log, capsys):
    log.write(1)
    assert run(["audit", "prove", "77"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["code"] == "entry_unknown"


def test_export_writes_a_pack_once(log, tmp_path, capsys):
    log.write(3)
    assert run(["audit", "export", str(tmp_path / "pack")]) == 0
    assert last_line(capsys)["entries"] == 3
    assert run(["audit", "export", str(tmp_path / "pack")]) == 4
    assert json.loads(capsys.readouterr().err)["code"] == "export_refused"


def test_without_a_log_verify_is_a_matter_of_state(midan_home, transactional_db, capsys):
    assert run(["audit", "verify"]) == 4
    assert json.loads(capsys.readouterr().err)["code"] == "log_not_initialised"
