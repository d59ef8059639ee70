"""Every code on every label decodes, by two decoders, in every format, size and resolution."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from midan.label import rules
from midan.label.render import render
from midan.label.rules import Format, LabelModel, Size
from tests.label.models import NUMBER, PAYLOAD, longest, model
from tests.label.printers import Sheet, read_tspl, read_zpl
from tests.label.scanners import by_zbar, by_zxing, needs_poppler, needs_zbar, rasterised

EXPECTED = {("code128", NUMBER), ("qr", PAYLOAD)}
everywhere = pytest.mark.parametrize("dpi", [203, 300])
every_size = pytest.mark.parametrize("size", list(Size))
every_model = pytest.mark.parametrize("label", [model(), longest()], ids=["ordinary", "longest"])


def printed(label: LabelModel, kind: Format, size: Size, dpi: int) -> bytes:
    return render([rules.check(label)], format=kind, size=size, dpi=dpi).content


@needs_zbar
@everywhere
@every_size
@every_model
def test_the_codes_of_a_picture_decode(label: LabelModel, size: Size, dpi: int, tmp_path: Path):
    image = Image.open(BytesIO(printed(label, Format.PNG, size, dpi)))
    assert by_zxing(image) == EXPECTED
    assert by_zbar(image, tmp_path) == EXPECTED
    assert round(image.info["dpi"][0]) == dpi


@needs_zbar
@needs_poppler
@everywhere
@every_size
def test_the_codes_of_a_page_decode(size: Size, dpi: int, tmp_path: Path):
    image = rasterised(printed(model(), Format.PDF, size, dpi), dpi, tmp_path)
    assert by_zxing(image) == EXPECTED
    assert by_zbar(image, tmp_path) == EXPECTED


def sheet_of(label: LabelModel, kind: Format, size: Size, dpi: int) -> Sheet:
    job = printed(label, kind, size, dpi).decode()
    sheets = read_zpl(job) if kind is Format.ZPL else read_tspl(job, dpi)
    assert len(sheets) == 1
    return sheets[0]


@needs_zbar
@everywhere
@every_size
@pytest.mark.parametrize("kind", [Format.ZPL, Format.TSPL])
def test_the_codes_a_printer_paints_decode(kind: Format, size: Size, dpi: int, tmp_path: Path):
    sheet = sheet_of(model(), kind, size, dpi)
    assert set(sheet.codes) == {NUMBER}
    assert sheet.squares == [PAYLOAD]
    assert by_zxing(sheet.image) == EXPECTED
    assert by_zbar(sheet.image, tmp_path) == EXPECTED


@everywhere
@every_size
@every_model
@pytest.mark.parametrize("kind", [Format.ZPL, Format.TSPL])
def test_every_field_of_a_printer_job_stays_on_the_paper_and_off_the_codes(
    kind: Format, label: LabelModel, size: Size, dpi: int
):
    sheet = sheet_of(label, kind, size, dpi)
    width, height = sheet.image.size
    codes = [(name, area) for name, area in sheet.areas if name in {"code128", "qr"}]
    for name, (left, top, right, bottom) in sheet.areas:
        assert 0 <= left <= right <= width, name
        assert 0 <= top <= bottom <= height, name
        for code, (code_left, code_top, code_right, code_bottom) in codes:
            clear = right <= code_left or left >= code_right or bottom <= code_top or top >= code_bottom
            assert clear or name == code, f"{name} touches {code}"


@everywhere
@every_size
def test_a_printer_job_says_what_the_label_says(size: Size, dpi: int):
    for kind in (Format.ZPL, Format.TSPL):
        said = "".join(sheet_of(model(), kind, size, dpi).texts)
        assert all(
            text in said for text in ("571-H02-015", NUMBER, "孙**", "*******1234", "服装", "1 件", "1.20 kg")
        )


def test_text_cannot_leave_its_field():
    label = model(company='甲^FS^XZ~JR"乙\n_丙', destination='丁",0,0\r\nCLS')
    zpl = printed(label, Format.ZPL, Size.SMALL, 203).decode()
    assert zpl.count("^XZ") == 1
    assert "~JR" not in zpl
    assert '甲^FS^XZ~JR"乙 _丙' in read_zpl(zpl)[0].texts
    tspl = printed(label, Format.TSPL, Size.SMALL, 203).decode()
    assert tspl.split("\r\n").count("CLS") == 1
    assert any(text.startswith("丁”") for text in read_tspl(tspl, 203)[0].texts)
