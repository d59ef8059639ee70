"""`midan label`: one file, exit codes, one line of JSON; nothing is printed that cannot be handed out."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from midan.cli import label as command
from midan.cli.app import run
from midan.core.sm import sm3
from midan.label.models import Print
from midan.vault.keeping import selectors as keeping
from tests.label.printers import read_zpl

TakeIn = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def _database_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "ready", lambda: None)


def said(text: str) -> dict:
    return json.loads(text.strip().splitlines()[-1])


def test_prints_a_batch_into_one_file(take_in: TakeIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    numbers, out = take_in(2), tmp_path / "labels.zpl"
    assert (
        run(["label", *numbers, "-o", str(out), "--format", "zpl", "--size", "100x150", "--dpi", "300"]) == 0
    )
    assert [sheet.codes[0] for sheet in read_zpl(out.read_text("utf-8"))] == numbers
    answer = said(capsys.readouterr().out)
    assert (answer["printed"], answer["reprinted"], answer["bytes"]) == (2, 0, out.stat().st_size)


def test_a_file_it_leaves_is_registered_so_that_it_goes_with_the_data(take_in: TakeIn, tmp_path: Path):
    numbers, out = take_in(2), tmp_path / "labels.pdf"
    for _ in range(2):
        assert run(["label", *numbers, "-o", str(out), "--reason", "label_damaged"]) == 0
    (kept,) = keeping.derivatives()
    assert (kept.kind, kept.location, kept.waybills) == ("label_file", str(out), 2)
    assert kept.digest == sm3(out.read_bytes())


def test_a_second_copy_from_the_command_line_is_a_reprint_by_the_server(
    take_in: TakeIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (number,), out = take_in(), tmp_path / "label.pdf"
    for more in ((), (), ("--reason", "label_damaged")):
        assert run(["label", number, "-o", str(out), *more]) == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert run(["label", number, "-o", str(out), "--reason", "because"]) == 2
    assert said(capsys.readouterr().err)["code"] == "bad_label_request"
    prints = Print.objects.all()
    assert [row.actor for row in prints] == ["system:cli"] * 3
    assert {row.reason for row in prints} == {"first_print", "machine_request", "label_damaged"}


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        ([], "usage", 2),
        (["-o", "OUT"], "usage", 2),
        (["MD0000000000000", "-o", "OUT"], "not_found", 1),
        (["MD0000000000000", "-o", "OUT", "--format", "gif"], "bad_label_request", 2),
        (["MD0000000000000", "-o", "OUT", "--dpi", "600"], "bad_label_request", 2),
        (["MD0000000000000", "-o", "OUT", "--dpi", "many"], "usage", 2),
        (["MD0000000000000", "-o", "missing/OUT"], "output_unwritable", 2),
        (["-o", "OUT", "--printer-font", "--format", "pdf"], "bad_label_request", 2),
    ],
)
def test_what_cannot_be_done_is_said_once_and_writes_nothing(
    company: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: str,
    exit_code: int,
):
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    assert run(["label", *arguments]) == exit_code
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert said(lines[0])["code"] == code
    assert set(tmp_path.iterdir()) == before


def test_writes_the_font_job_of_a_printer(company: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "font.zpl"
    assert run(["label", "--printer-font", "--format", "zpl", "-o", str(out)]) == 0
    assert out.read_bytes().startswith(b"~DYE:MIDANSC,B,T,")
    assert said(capsys.readouterr().out)["bytes"] == out.stat().st_size
