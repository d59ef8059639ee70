"""Where everything stands, for each size: zones of GB/T 41833 from top to bottom, in printer dots.

One part: destination, code, recipient, sender, contents with the QR code, signature. Two parts: the carrier's above the
tear line (destination, code, recipient, sender, signature), the recipient's below it (code, recipient, sender,
contents, QR code). The order of items is the order in which a reader, or `pdftotext`, meets them.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from midan.label.render import symbols
from midan.label.render.fitting import Block, Line, set_block, set_known_line, set_line
from midan.label.render.items import Code128, Item, Qr
from midan.label.render.sheet import RULE, Box, CodePlace, QrPlace, Sheet
from midan.label.rules import CheckedLabel, LabelModel, Size, weight_text

NOTICE: Final = "本面单已隐藏个人信息。扫码查看个人信息处理告知，了解信息如何使用和您的权利。"
_MARGIN: Final = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """A size at a resolution: what never changes, and the places of what does."""

    width: int
    height: int
    fixed: tuple[Item, ...]
    lines: tuple[tuple[str, Line], ...]
    blocks: tuple[tuple[str, Block], ...]
    codes: tuple[CodePlace, ...]
    squares: tuple[QrPlace, ...]


def _small(sheet: Sheet) -> None:
    x, width = _MARGIN, 76 - 2 * _MARGIN
    sheet.header(Box(x, 2, width, 6.2))
    sheet.destination(Box(x, 8.2, width, 18.3), 11.8)
    code = Box(x, 26.5, width, 19.5)
    sheet.rule(code)
    sheet.code(code, 0.375, 4.0)
    sheet.party("recipient", Box(x, 46, width, 23.5), 5.0, (4.4, 4.0, 3.6, 3.2, 2.8, 2.4))
    sheet.party("sender", Box(x, 69.5, width, 16), 3.6, (3.2, 2.8, 2.5, 2.2))
    sheet.rule(Box(x, 85.5, width, 0))
    sheet.contents(Box(x, 86.5, width - 27, 11.5), 3.6)
    sheet.say_paragraph(NOTICE, Box(x, 99.5, width - 29, 13), (2.9, 2.7, 2.5))
    sheet.qr(x + width - 25.5, 86.6, 25.5)
    sheet.signature(Box(x, 113.5, width, 14))


def _two_parts(sheet: Sheet, *, tear: float, bottom: float, grow: float) -> None:
    """Lay out a label 100 mm wide; `grow` shares the height beyond 150 mm among the zones."""
    x, width = _MARGIN, 100 - 2 * _MARGIN
    sheet.header(Box(x, 2, width, 6.2))
    zone = Box(x, 8.2, width, 18.3 + 4.5 * grow)
    sheet.destination(zone, 13.4 + 2.2 * grow)
    zone = _below(zone, 19.5 + 4 * grow)
    sheet.rule(zone)
    sheet.code(zone, 0.5, 4.2)
    zone = _below(zone, 20.5 + 6 * grow)
    sheet.party("recipient", zone, 5.0 + grow, (4.6, 4.2, 3.8, 3.4, 3.0, 2.6, 2.3))
    zone = _below(zone, 12.5 + 3.5 * grow)
    sheet.party("sender", zone, 3.3, (3.1, 2.8, 2.5, 2.2))
    sheet.signature(_below(zone, tear - 1 - zone.bottom))
    sheet.tear(tear, 100)
    _recipients_part(sheet, Box(x, tear + 1, width, bottom - tear - 1), grow)


def _recipients_part(sheet: Sheet, box: Box, grow: float) -> None:
    side = 27.0
    left = box.width - side - 2
    zone = Box(box.x, box.y, left, 15.5 + 2 * grow)
    sheet.code(zone, 0.375, 3.6)
    zone = _below(zone, 16.5 + 3 * grow)
    sheet.party("recipient", zone, 4.0, (3.6, 3.2, 2.9, 2.6, 2.3))
    zone = _below(zone, 13.5 + 2.5 * grow)
    sheet.party("sender", zone, 3.2, (3.0, 2.7, 2.4, 2.2))
    zone = _below(zone, box.bottom - 1.5 - zone.bottom)
    sheet.rule(zone)
    sheet.contents(zone, 3.6)
    sheet.bar(Box(box.x + left + 1, box.y + 0.5, RULE, box.height - 2.5))
    sheet.qr(box.x + box.width - side, box.y + 1, side)
    notice = Box(box.x + box.width - side + 0.8, box.y + side + 2, side - 1.2, box.height - side - 4)
    sheet.say_paragraph(NOTICE, notice, (3.2, 2.9, 2.6))


def _below(box: Box, height: float) -> Box:
    return Box(box.x, box.bottom, box.width, height)


_MILLIMETRES: Final = {Size.SMALL: (76, 130), Size.MEDIUM: (100, 150), Size.LARGE: (100, 180)}


def millimetres(size: Size) -> tuple[int, int]:
    """Return width and height of the paper."""
    return _MILLIMETRES[size]


@lru_cache(maxsize=32)
def plan(size: Size, dpi: int, payload_length: int) -> Plan:
    """Return the places for one size, resolution and length of QR payload."""
    sheet = Sheet(dpi, symbols.qr_size(payload_length))
    match size:
        case Size.SMALL:
            _small(sheet)
        case Size.MEDIUM:
            _two_parts(sheet, tear=90, bottom=150, grow=0.0)
        case Size.LARGE:
            _two_parts(sheet, tear=110, bottom=180, grow=1.0)
    width, height = _MILLIMETRES[size]
    return Plan(
        sheet.dots(width),
        sheet.dots(height),
        tuple(sheet.fixed),
        tuple(sheet.lines),
        tuple(sheet.blocks),
        tuple(sheet.codes),
        tuple(sheet.squares),
    )


# Different on every label, or about a person: not worth keeping, or not to be kept.
_PERSONAL: Final = frozenset({"number", "recipient_name", "recipient_phone", "sender_name", "sender_phone"})


def plan_of(label: LabelModel, size: Size, dpi: int) -> Plan:
    return plan(size, dpi, len(label.payload))


def place(label: CheckedLabel, where: Plan) -> list[Item]:
    """Return what changes from label to label; the fixed items are in the plan."""
    texts = _texts(label)
    items: list[Item] = [
        (set_line if name in _PERSONAL else set_known_line)(line, texts[name])
        for name, line in where.lines
        if texts[name]
    ]
    for name, box in where.blocks:
        items += set_block(box, texts[name])
    items += [Code128(*code, label.number) for code in where.codes]
    items += [Qr(*square, label.payload) for square in where.squares]
    return items


def _texts(label: LabelModel) -> dict[str, str]:
    again = "" if label.copy_no <= 1 else f"　第{label.copy_no}次打印"
    return {
        "company": label.company,
        "printed": label.printed_on + again,
        "sorting_code": label.sorting_code,
        "destination": label.destination,
        "number": label.number,
        "recipient_name": label.recipient_name,
        "recipient_phone": label.recipient_phone,
        "recipient_address": label.recipient_address,
        "sender_name": label.sender_name,
        "sender_phone": label.sender_phone,
        "sender_address": label.sender_address,
        "goods_kind": label.goods_kind,
        "quantity": f"{label.quantity} 件",
        "weight": weight_text(label.weight_g),
    }
