"""`midan intake`: the last line, the exit codes, one JSON error, a reject file for its owner, and no value anywhere."""

import csv
import json
import os
import signal
import stat
import threading
from pathlib import Path

import pytest

from midan.cli.app import run
from tests.collection.orders import canary, csv_text, leaked, order


@pytest.fixture
def intake(company: Path, monkeypatch, capfd):
    """Run the command in this process, against this test's database."""
    monkeypatch.setattr("midan.cli.intake.ready", lambda: None)

    def call(*arguments: object) -> tuple[int, list[str], str]:
        code = run(["intake", *map(str, arguments)])
        shown = capfd.readouterr()
        return code, shown.out.splitlines(), shown.err

    return call


def written(tmp_path: Path, rows, name="orders.csv") -> Path:
    path = tmp_path / name
    path.write_text(csv_text(rows), "utf-8")
    return path


def error(text: str) -> dict:
    (line,) = [line for line in text.splitlines() if line.startswith("{")]
    found = json.loads(line)
    assert set(found) == {"code", "message", "clause", "details"}
    return found


def test_the_last_line_counts_what_happened(tmp_path, intake):
    path = written(tmp_path, [order(1), order(2), order(3, quantity=0)])
    code, out, _ = intake(path)
    assert code == 0
    last = json.loads(out[-1])
    assert (last.pop("seconds") > 0, last) == (True, {"accepted": 2, "replayed": 0, "rejected": 1})
    code, out, _ = intake(path, "--branch", "HZ001")
    assert (code, json.loads(out[-1])["replayed"]) == (0, 2)


def test_the_reject_file_has_row_code_and_field_and_is_the_owners_alone(tmp_path, intake):
    path = written(
        tmp_path, [canary(), canary(order_ref="R2", remark="=cmd"), canary(order_ref="R3", quantity=0)]
    )
    rejects = tmp_path / "rejects.csv"
    code, out, err = intake(path, "--rejects", rejects)
    assert code == 0
    with rejects.open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["row", "code", "field"],
            ["2", "formula_not_allowed", "remark"],
            ["3", "out_of_range", "quantity"],
        ]
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    assert leaked(rejects.read_text(), out, err) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (csv_text([canary()]).replace("remark", "comment").encode(), "unknown_column"),
        (csv_text([canary()]).encode("utf-16"), "wrong_encoding"),
        (csv_text([canary()]).encode() + b"\x00", "nul_byte"),
    ],
    ids=["empty", "column", "encoding", "nul"],
)
def test_a_file_refused_whole_ends_with_three_and_one_json_error(tmp_path, intake, content, reason):
    path = tmp_path / "o.csv"
    path.write_bytes(content)
    code, out, err = intake(path)
    assert (code, out) == (3, [])
    found = error(err)
    assert (found["code"], found["details"]["reason"]) == ("file_refused", reason)
    assert leaked(out, err) == []


def test_a_file_of_which_no_row_is_accepted_ends_with_three_after_its_counts(tmp_path, intake):
    code, out, err = intake(written(tmp_path, [canary(quantity=0)] * 3))
    assert code == 3
    assert json.loads(out[-1])["rejected"] == 3
    assert error(err)["code"] == "nothing_accepted"
    assert leaked(out, err) == []


def test_an_unknown_format_an_unknown_branch_and_a_missing_file_are_refused(tmp_path, intake):
    path = written(tmp_path, [order()])
    assert intake(written(tmp_path, [order()], "o.xlsx"))[0] == 3
    assert intake(path, "--branch", "XX999")[0] == 2
    assert intake(tmp_path / "none.csv")[0] == 3
    assert intake(path, "--rejects", tmp_path / "no" / "folder.csv")[0] == 2


def test_ctrl_c_ends_with_five_and_the_same_command_goes_on(tmp_path, intake, monkeypatch):
    path = written(tmp_path, [order(number) for number in range(4000)])
    threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT)).start()
    code, _, err = intake(path)
    assert code == 5
    assert error(err)["code"] == "interrupted"
    done = error(err)["details"]["accepted"]
    assert 0 <= done < 4000
    code, out, _ = intake(path)
    last = json.loads(out[-1])
    assert (code, last["accepted"], last["replayed"]) == (0, 4000 - done, done)
