"""Labels in ZPL II for Zebra and its kin: native bar codes, text in UTF-8 with the downloaded label font.

^CI28 reads UTF-8, ^CW names the font F for the label, ^FT sets a baseline. A heavy line is printed twice, one dot
apart. Code 128 is written with its own start and shift codes (>: start B, >5 code C) so that every printer makes the
same 145 modules; ^BQ takes error correction M and alphanumeric mode by hand for the same reason.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from midan.label.render.items import Bar, Code128, Item, Qr, Text
from midan.label.render.layout import Plan, place
from midan.label.rules import CheckedLabel

FONT_NAME: Final = "MIDANSC"
_FONT: Final = f"E:{FONT_NAME}.TTF"


def zpl(labels: Sequence[CheckedLabel], where: Plan) -> bytes:
    """Return the job for all labels, in order."""
    head, tail = _head(where), "^PQ1^XZ\n"
    return "".join([head + "".join(map(_item, place(label, where))) + tail for label in labels]).encode()


def font_job(font: bytes) -> bytes:
    """Return the job that stores the label font on the printer, once and for all.

    The outlines are PostScript (OpenType): Zebra firmware V60.14, V50.14 or later reads them.
    """
    return f"~DY{_FONT.removesuffix('.TTF')},B,T,{len(font)},,".encode() + font + b"\n"


@lru_cache(maxsize=32)
def _head(where: Plan) -> str:
    start = f"^XA^CI28^CWF,{_FONT}^PW{where.width}^LL{where.height}^LH0,0\n"
    return start + "".join(map(_item, where.fixed))


def _item(item: Item) -> str:
    if isinstance(item, Text):  # by far the most
        return _text(item)
    match item:
        case Bar(x, y, width, height):
            return f"^FO{x},{y}^GB{width},{height},{min(width, height)}^FS\n"
        case Code128(x, y, module, height, data):
            coded = f">:{data[:3]}>5{data[3:]}"
            return f"^BY{module},2,{height}^FO{x},{y}^BCN,{height},N,N,N,N^FD{coded}^FS\n"
        case Qr(x, y, module, data):
            return f"^FO{x},{y}^BQN,2,{module}^FDMM,A{data}^FS\n"


def _text(item: Text) -> str:
    x, y, size, text, heavy, white = item
    field = f"^AFN,{size},{size}{_data(text)}"
    if white:
        field = f"^FR{field}"
    once = f"^FT{x},{y}{field}"
    return f"{once}^FT{x + 1},{y}{field}" if heavy and not white else once


def _data(text: str) -> str:
    """Return the field data; the two command signs are written as hexadecimal so that no text can end its field."""
    if "^" in text or "~" in text or "_" in text:
        escaped = text.replace("_", "_5F").replace("^", "_5E").replace("~", "_7E")
        return f"^FH_^FD{escaped}^FS\n"
    return f"^FD{text}^FS\n"
