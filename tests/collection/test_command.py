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


OLDER = "row,code,field\r\n9,too_long,remark\r\n"


@pytest.fixture
def older(tmp_path) -> Path:
    """The list of an earlier intake."""
    path = tmp_path / "rejects.csv"
    path.write_text(OLDER, "utf-8", newline="")
    return path


@pytest.mark.parametrize("way", ["same", "spelt", "linked", "hard"])
def test_the_order_file_is_never_taken_for_its_own_reject_file(tmp_path, intake, way):
    path = written(tmp_path, [canary()])
    before, rejects = path.read_bytes(), tmp_path / "other.csv"
    if way == "linked":
        rejects.symlink_to(path)
    elif way == "hard":
        rejects.hardlink_to(path)
    else:
        rejects = path if way == "same" else tmp_path / "no" / ".." / path.name
    code, out, err = intake(path, "--rejects", rejects)
    assert (code, out, error(err)["code"]) == (2, [], "rejects_are_input")
    assert path.read_bytes() == before
    assert leaked(out, err) == []
    assert json.loads(intake(path)[1][-1])["accepted"] == 1


@pytest.mark.parametrize("why", ["encoding", "missing", "format", "branch"])
def test_a_refused_intake_empties_an_older_reject_file(tmp_path, intake, older, why):
    orders = written(tmp_path, [order(1, quantity=0)])
    broken, table = tmp_path / "broken.csv", written(tmp_path, [order(1)], "o.xlsx")
    broken.write_bytes(csv_text([order(1)]).encode("utf-16"))
    asked, code = {
        "encoding": ((broken,), 3),
        "missing": ((tmp_path / "none.csv",), 3),
        "format": ((table,), 3),
        "branch": ((orders, "--branch", "XX999"), 2),
    }[why]
    assert intake(*asked, "--rejects", older)[0] == code
    # What the earlier intake refused would be taken for what this one did.
    assert older.read_text("utf-8").splitlines() == ["row,code,field"]
    assert list(tmp_path.glob(".*")) == []


def test_a_finished_intake_replaces_an_older_reject_file_for_the_owner_alone(tmp_path, intake, older):
    older.chmod(0o644)
    assert intake(written(tmp_path, [order(1), order(2, quantity=0)]), "--rejects", older)[0] == 0
    assert older.read_text("utf-8").splitlines() == ["row,code,field", "2,out_of_range,quantity"]
    assert stat.S_IMODE(older.stat().st_mode) == 0o600
    assert list(tmp_path.glob(".*")) == []


def test_an_intake_that_stops_half_way_leaves_the_list_of_what_it_took_in(
    tmp_path, intake, older, monkeypatch
):
    path = tmp_path / "orders.jsonl"
    rows = [order(number, quantity=0 if number == 3 else 1) for number in range(1, 1201)]
    path.write_bytes("\n".join(map(json.dumps, rows)).encode() + b"\n\xff\n")
    monkeypatch.setattr("midan.collection.files.opening.encoding_of_path", lambda _path: "utf-8-sig")
    code, _, err = intake(path, "--rejects", older)
    assert (code, error(err)["code"]) == (1, "file_broken")
    assert error(err)["details"]["rejected"] == 1
    assert older.read_text("utf-8").splitlines() == ["row,code,field", "3,out_of_range,quantity"]


def test_a_reject_list_can_go_to_a_pipe(tmp_path, intake):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text("utf-8")), daemon=True)
    reader.start()
    assert intake(written(tmp_path, [order(1), order(2, quantity=0)]), "--rejects", pipe)[0] == 0
    reader.join(timeout=10)
    assert read == ["row,code,field\n2,out_of_range,quantity\n"]
    assert pipe.is_fifo()


@pytest.mark.parametrize("place", ["", "no/rejects.csv"])
def test_a_place_where_no_list_can_be_made_is_refused_before_a_row_is_read(tmp_path, intake, place):
    path = written(tmp_path, [order(1)])
    code, out, err = intake(path, "--rejects", tmp_path / place)
    assert (code, out, error(err)["code"]) == (2, [], "rejects_unwritable")
