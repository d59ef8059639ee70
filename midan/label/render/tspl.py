"""Labels in TSPL for TSC and its kin: native bar codes, text in UTF-8 with the downloaded label font.

TrueType sizes are whole points here, so a line comes out as large as laid out or a little smaller; TEXT is placed by
its upper left corner. Code 128 in manual mode (!104 start B, !099 code C), QR in manual alphanumeric mode.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from midan.label.render.items import Bar, Code128, Item, Qr, Text
from midan.label.render.layout import Plan, place
from midan.label.rules import CheckedLabel

FONT_FILE: Final = "MIDANSC.TTF"
_ASCENT: Final = 0.88
_POINTS: Final = 72
_MM: Final = 25.4
_GAP_MM: Final = 2
# A quotation mark would end the string; no label text needs one.
_SAFE: Final = str.maketrans({'"': "”", "\r": " ", "\n": " "})


def tspl(labels: Sequence[CheckedLabel], where: Plan, dpi: int) -> bytes:
    """Return the job for all labels, in order."""
    head, tail = _head(where, dpi), "PRINT 1,1\r\n"
    return "".join(
        [head + "".join([_item(item, dpi) for item in place(label, where)]) + tail for label in labels]
    ).encode()


def font_job(font: bytes) -> bytes:
    """Return the job that stores the label font in the printer's flash memory."""
    return f'DOWNLOAD F,"{FONT_FILE}",{len(font)},'.encode() + font + b"\r\n"


@lru_cache(maxsize=32)
def _head(where: Plan, dpi: int) -> str:
    width, height = round(where.width / dpi * _MM), round(where.height / dpi * _MM)
    start = (
        f"SIZE {width} mm,{height} mm\r\nGAP {_GAP_MM} mm,0 mm\r\nDIRECTION 1\r\nREFERENCE 0,0\r\n"
        "CODEPAGE UTF-8\r\nCLS\r\n"
    )
    # White text is black text turned over: its bar is drawn by REVERSE, after the text.
    return start + _fixed(where, dpi)


def _fixed(where: Plan, dpi: int) -> str:
    turned = [bar for bar in where.fixed if isinstance(bar, Bar) and _holds_white(bar, where)]
    plain = [item for item in where.fixed if item not in turned]
    reverse = "".join(f"REVERSE {bar.x},{bar.y},{bar.width},{bar.height}\r\n" for bar in turned)
    return "".join(_item(item, dpi) for item in plain) + reverse


def _holds_white(bar: Bar, where: Plan) -> bool:
    return any(
        isinstance(item, Text)
        and item.white
        and bar.x <= item.x < bar.x + bar.width
        and bar.y <= item.y < bar.y + bar.height
        for item in where.fixed
    )


def _item(item: Item, dpi: int) -> str:
    match item:
        case Text(x, y, size, text, heavy, _):
            points = size * _POINTS // dpi
            top = y - int(points * dpi / _POINTS * _ASCENT)
            once = f',{top},"{FONT_FILE}",0,{points},{points},"{text.translate(_SAFE)}"\r\n'
            return f"TEXT {x}{once}TEXT {x + 1}{once}" if heavy else f"TEXT {x}{once}"
        case Bar(x, y, width, height):
            return f"BAR {x},{y},{width},{height}\r\n"
        case Code128(x, y, module, height, data):
            return f'BARCODE {x},{y},"128M",{height},0,0,{module},{module},"!104{data[:3]}!099{data[3:]}"\r\n'
        case Qr(x, y, module, data):
            return f'QRCODE {x},{y},M,{module},M,0,M2,"A{data}"\r\n'
