"""Texts fit their places at every length, in every size; what the font lacks shows as a box."""

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from midan.label import rules
from midan.label.render import font, render
from midan.label.render.fitting import Line, block, cut, set_block, set_line, wrap
from midan.label.render.items import Bar, Code128, Item, Qr, Text
from midan.label.render.layout import place, plan_of
from midan.label.render.symbols import CODE128_MODULES, qr_size
from midan.label.rules import Format, LabelModel, Size
from tests.label.models import LONGEST, longest, model

ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
MASKED = st.text("浙江省杭州市西湖区测试大道138号*-（）", min_size=1, max_size=250)


def area(item: Item) -> tuple[float, float, float, float]:
    match item:
        case Text(x, y, size, text):
            wide = font.metrics().width(text) * size / 1000
            above, below = 0.88, 0.12
            if text.isascii():
                above, below = 0.76, 0.01 if re.fullmatch("[0-9A-Z-]+", text) else 0.22
            return x, y - above * size, x + wide, y + below * size
        case Bar(x, y, width, height):
            return x, y, x + width, y + height
        case Code128(x, y, module, height):
            return x - 10 * module, y, x + (CODE128_MODULES + 10) * module, y + height
        case Qr(x, y, module, data):
            side = qr_size(len(data)) * module
            return x - 4 * module, y - 4 * module, x + side + 4 * module, y + side + 4 * module


def overlap(one: Item, other: Item) -> bool:
    left, top, right, bottom = area(one)
    left2, top2, right2, bottom2 = area(other)
    return left < right2 - 0.5 and left2 < right - 0.5 and top < bottom2 - 0.5 and top2 < bottom - 0.5


@pytest.mark.parametrize("label", [model(), longest()], ids=["ordinary", "longest"])
@pytest.mark.parametrize("size", list(Size))
@pytest.mark.parametrize("dpi", [203, 300])
def test_nothing_overlaps_and_nothing_leaves_the_paper(label: LabelModel, size: Size, dpi: int):
    where = plan_of(label, size, dpi)
    items = [*where.fixed, *place(rules.check(label), where)]
    for item in items:
        left, top, right, bottom = area(item)
        assert 0 <= left <= right <= where.width, item
        assert 0 <= top <= bottom <= where.height, item
    for one, other in combinations(items, 2):
        ruled = {type(one), type(other)} == {Bar}  # rules meet each other
        marked = any(
            isinstance(item, Text) and item.white for item in (one, other)
        )  # white stands on its bar
        assert ruled or marked or not overlap(one, other), (one, other)


@pytest.mark.parametrize("size", list(Size))
def test_a_sorting_code_is_never_cut_short(size: Size):
    label = longest()
    texts = [
        item.text for item in place(rules.check(label), plan_of(label, size, 203)) if isinstance(item, Text)
    ]
    assert LONGEST["sorting_code"] in texts


@pytest.mark.parametrize("size", list(Size))
@pytest.mark.parametrize("dpi", [203, 300])
def test_modules_are_whole_dots_and_wide_enough(size: Size, dpi: int):
    where = plan_of(model(), size, dpi)
    for code in where.codes:
        assert code.module * 25.4 / dpi >= 0.33
        assert code.height * 25.4 / dpi >= 8
    for square in where.squares:
        assert square.module * 25.4 / dpi >= 0.5


@given(text=ANYTHING)
def test_a_line_stays_within_its_width(text: str):
    line = set_line(Line(10, 50, 300, 40, 12), text)
    assert font.metrics().width(line.text) * line.size <= 300 * 1000
    assert 12 <= line.size <= 40


@given(text=ANYTHING)
def test_a_paragraph_stays_within_its_box(text: str):
    lines = set_block(block(x=0, top=0, width=300, height=100, sizes=(40, 30, 20)), text)
    assert all(font.metrics().width(line.text) * line.size <= 300 * 1000 for line in lines)
    assert all(line.y + 0.12 * line.size <= 101 for line in lines)


@given(text=MASKED, room=st.integers(3_000, 20_000))
def test_wrapping_loses_nothing_and_keeps_numbers_whole(text: str, room: int):
    lines = wrap(text, room)
    assert "".join(lines) == text
    assert all(font.metrics().width(line) <= room for line in lines)


def test_a_house_number_is_not_torn():
    assert wrap("西湖区测试大道138号东方花园", 8_500) == ["西湖区测试大道", "138号东方花园"]


def test_what_is_cut_says_so():
    assert cut("测试" * 20, 5_000) == "测试测试…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("孙\U0002ebf0*", "孙□*"),
        ("测试\u200b路\ufe0f", "测试路"),
        ("甲\u3000乙\t丙", "甲 乙 丙"),
        ("😀*", "□*"),
        ("\u202e测试\x00", "测试"),
        ("\ue000", "□"),
    ],
)
def test_rare_and_invisible_characters_show_as_a_box_or_not_at_all(text: str, shown: str):
    assert font.printable(text) == shown


def test_common_and_rare_names_are_printed_as_they_are():
    assert font.printable("欧阳䶮㛃镕喆昇・王") == "欧阳䶮㛃镕喆昇・王"


def test_widths_agree_with_the_rasteriser():
    drawn = ImageFont.truetype(str(font.path()), 1000)
    for text in ("浙江省杭州市", "*******1234", "571-H02-015", "1.20 kg", "第2次打印…"):
        assert abs(drawn.getlength(text) - font.metrics().width(text)) <= 2 * len(text)


@pytest.mark.parametrize("kind", list(Format))
def test_a_character_nobody_has_crashes_no_format(kind: Format):
    label = rules.check(
        model(sender_address="浙江省杭州市\U0002ebf0\U0001f600测试大道****", company="测试\u202e公司\x00")
    )
    assert render([label], format=kind, size=Size.SMALL, dpi=203).content
