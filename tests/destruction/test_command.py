"""`midan destroy`: exit codes, one line of JSON, verification without a database."""

import json
from pathlib import Path

import pytest

from midan.audit import keys
from midan.cli.app import run
from midan.core.certificate import write
from midan.core.merkle import Verifier
from midan.core.sm import public_key_pem
from midan.destruction import selectors
from midan.destruction.services.work import _alone
from tests.destruction.test_certificate import FACTS, KEY, NAME, entry, proof_of


@pytest.fixture(autouse=True)
def _database_of_the_test(monkeypatch):
    monkeypatch.setattr("midan.cli.destroy.ready", lambda: None)


def said(text):
    return json.loads(text.strip().splitlines()[-1])


@pytest.fixture
def aged(office, monkeypatch):
    """An order of long before this machine's own clock, which commands go by."""
    from django.utils import timezone

    real = timezone.now()
    office.world.now = real.replace(microsecond=0)
    office.days(-300)
    number = office.order()
    office.days(300)
    return number


class TestRunning:
    def test_due_and_a_dry_run_say_the_same_and_do_nothing(self, office, aged, capsys):
        assert run(["destroy", "due"]) == 0
        lines = capsys.readouterr().out.strip().splitlines()
        counts = said(lines[-1])
        assert len(lines) == 2
        assert (counts["epochs"], counts["records"], counts["destroyable"], counts["held"]) == (1, 1, 1, 0)
        assert run(["destroy", "run", "--dry-run"]) == 0
        assert said(capsys.readouterr().out) == {"dry_run": True, **counts}
        assert office.opens(aged)
        assert selectors.runs() == ()

    def test_a_run_destroys_and_names_itself(self, office, aged, capsys):
        assert run(["destroy", "run"]) == 0
        printed = capsys.readouterr()
        answer = said(printed.out)
        assert (answer["destroyable"], answer["open"]) == (1, [])
        (code,) = answer["finished"]
        assert office.certificate(code).status == "final"
        assert office.opens(aged) is None
        assert [line.split()[1] for line in printed.err.splitlines()][-1] == "done"
        assert run(["destroy", "run"]) == 0
        assert said(capsys.readouterr().out)["finished"] == []

    def test_beside_another_one_it_is_refused_as_a_state(self, office, capsys):
        with _alone():
            assert run(["destroy", "run"]) == 4
        assert said(capsys.readouterr().err)["code"] == "run_busy"


class TestVerifying:
    """Without the database: a test that touched it would fail."""

    @pytest.fixture
    def files(self, midan_home, tmp_path) -> tuple[Path, Path]:
        certificate, key = tmp_path / "certificate.json", tmp_path / "log.pub"
        certificate.write_bytes(write(FACTS, proof_of(entry(FACTS)), name=NAME, key=KEY))
        line = keys.verifier_line(Verifier(name=NAME, public=KEY.public))
        key.write_text(public_key_pem(KEY.public) + line)
        return certificate, key

    def test_a_certificate_holds_with_the_public_key_alone(self, files, capsys):
        certificate, key = files
        assert run(["destroy", "verify", str(certificate), "--key", str(key)]) == 0
        answer = said(capsys.readouterr().out)
        assert (answer["ok"], answer["number"], answer["status"]) == (True, "D20261123-0001", "final")
        assert answer["content_unreadable_since"] == "2026-11-23T06:30:00.000000Z"

    def test_a_changed_one_is_a_failed_check(self, files, capsys):
        certificate, key = files
        certificate.write_bytes(certificate.read_bytes().replace(b'"records":3', b'"records":4'))
        assert run(["destroy", "verify", str(certificate), "--key", str(key)]) == 1
        error = said(capsys.readouterr().err)
        assert (error["code"], error["clause"], error["details"]) == (
            "certificate_refused",
            "L6.2",
            {"fault": "signature"},
        )

    def test_files_that_are_not_there_and_keys_that_are_none(self, files, tmp_path, capsys):
        certificate, key = files
        for words, exit_code, code in (
            ([str(tmp_path / "none.json"), "--key", str(key)], 3, "certificate_unreadable"),
            ([str(certificate), "--key", str(tmp_path / "none.pub")], 3, "certificate_unreadable"),
            ([str(certificate), "--key", str(certificate)], 4, "log_not_initialised"),
            ([str(certificate)], 4, "log_not_initialised"),
            ([], 2, "usage"),
        ):
            assert run(["destroy", "verify", *words]) == exit_code, words
            assert said(capsys.readouterr().err)["code"] == code
