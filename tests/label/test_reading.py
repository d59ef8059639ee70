"""Whoever reads a label, by eye or by machine, finds no full name, phone, unit, goods name, remark or reference."""

import re
import subprocess
from collections.abc import Callable
from datetime import datetime
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from midan.core.actor import Actor
from midan.label.errors import BadLabelRequest
from midan.label.render import font_job
from midan.label.rules import Format, Size
from midan.label.services import print_labels, printer_font
from tests.label.conftest import CANARIES, flat
from tests.label.scanners import needs_poppler, text_of
from tests.programs import needs

SECRETS = (
    CANARIES["sender_name"],
    CANARIES["recipient_name"],
    CANARIES["sender_name"][2:],
    CANARIES["recipient_name"][2:],
    CANARIES["sender_phone"],
    CANARIES["recipient_phone"],
    CANARIES["sender_phone"][:7],
    CANARIES["goods_name"],
    CANARIES["remark"],
    CANARIES["order_ref"],
    "2幢",
    "7单元",
    "3103",
    "8幢",
    "9单元",
    "5207",
)
needs_tesseract = needs("tesseract")
SYSTEM = Actor.system("test")


def leaks(text: str) -> list[str]:
    plain = flat([text])
    return [secret for secret in SECRETS if flat([secret]) in plain]


def read_of(number: str, text: str) -> int:
    """How many of a number's digits stand in the text in their order, within a line's length of each other."""
    return max(
        sum(
            run.size for run in SequenceMatcher(None, number, text[at : at + 20], False).get_matching_blocks()
        )
        for at in range(len(text))
    )


def test_the_search_for_leaks_finds_one():
    assert leaks("收件人 司徒 百灵鸟\n17000009731 ") == ["司徒百灵鸟", "百灵鸟", "17000009731", "1700000"]


@needs_poppler
@pytest.mark.parametrize("size", list(Size))
def test_the_text_of_a_page_holds_the_masks_and_nothing_behind_them(
    take_in: Callable[..., list[str]], now: datetime, size: Size, tmp_path: Path
):
    (number,) = take_in()
    job = print_labels(actor=SYSTEM, waybills=[number], format="pdf", size=size, now=now)
    text = text_of(job.content, tmp_path)
    assert leaks(text) == []
    # pdftotext pairs brackets of right-to-left runs and spaces as it likes; the words themselves are exact.
    words = set(re.findall(r"\S+", text))
    assert {
        number,
        "025-X01-007",
        "司徒***",
        "*******8642",
        "欧阳***",
        "*******9731",
        "日用品",
        "1.23",
    } <= words


@needs_tesseract
@pytest.mark.parametrize("size", [Size.SMALL, Size.LARGE])
def test_optical_reading_finds_the_number_and_no_secret(
    take_in: Callable[..., list[str]], now: datetime, size: Size, tmp_path: Path
):
    (number,) = take_in()
    job = print_labels(actor=SYSTEM, waybills=[number], format="png", size=size, dpi=300, now=now)
    picture = tmp_path / "label.png"
    picture.write_bytes(job.content)
    command = ["tesseract", str(picture), "-", "-l", "chi_sim", "--psm", "11"]
    text = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"OMP_THREAD_LIMIT": "1"}
    ).stdout
    assert leaks(text) == []
    # Of some fifty numbers it takes one digit for another: the print is clear, the reader is not made for it.
    assert read_of(number[2:], flat([text])) >= 11
    assert "远山速递" in flat([text])
    assert "南京市玄武区" in flat([text])


@pytest.mark.parametrize("kind", ["zpl", "tspl"])
def test_a_printer_job_holds_no_secret(take_in: Callable[..., list[str]], now: datetime, kind: str):
    job = print_labels(actor=SYSTEM, waybills=take_in(), format=kind, now=now)
    assert leaks(job.content.decode()) == []


def test_the_font_job_carries_the_whole_font():
    zpl, tspl = font_job(Format.ZPL).content, font_job(Format.TSPL).content
    head, _, font = zpl.partition(b",,")
    assert head == b"~DYE:MIDANSC,B,T,%d" % (len(font) - 1)
    assert font.startswith(b"OTTO")
    assert tspl.startswith(b'DOWNLOAD F,"MIDANSC.TTF",%d,OTTO' % (len(font) - 1))
    with pytest.raises(BadLabelRequest):
        printer_font(format="pdf")
