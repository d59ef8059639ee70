"""Labels as pictures: black and white, one pixel a printer dot."""

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from midan.label.render import symbols
from midan.label.render.font import UNITS, metrics, path
from midan.label.render.items import Bar, Code128, Item, Qr, Text
from midan.label.render.layout import Plan, place
from midan.label.rules import CheckedLabel

_WHITE: Final = 255
_INK: Final = 150  # a pixel darker than this becomes a dot: strokes keep their weight
_HEAVY: Final = 36  # heavy strokes grow by a thirty-sixth of the em


@lru_cache(maxsize=256)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path()), size, layout_engine=ImageFont.Layout.BASIC)


def picture(label: CheckedLabel, where: Plan) -> Image.Image:
    """Return the label in shades of grey, codes pure black and white."""
    image = Image.new("L", (where.width, where.height), _WHITE)
    draw = ImageDraw.Draw(image)
    changing = place(label, where)
    for item in (*where.fixed, *changing):
        _draw(draw, item)
    for item in changing:
        if isinstance(item, Code128 | Qr):
            _paste(image, item)
    return image


def png(label: CheckedLabel, where: Plan, dpi: int) -> bytes:
    """Return one PNG with its resolution written in."""
    dots = picture(label, where).point(_THRESHOLD, mode="1")
    return _bytes(dots, dpi)


def preview(label: CheckedLabel, where: Plan, width: int) -> bytes:
    """Return a small grey picture for a screen; its codes are not meant for scanners."""
    image = picture(label, where)
    height = image.height * width // image.width
    return _bytes(image.resize((width, height), Image.Resampling.LANCZOS), 96)


_THRESHOLD: Final[Sequence[int]] = [0 if shade < _INK else _WHITE for shade in range(256)]


def _bytes(image: Image.Image, dpi: int) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", dpi=(dpi, dpi), compress_level=6)
    return out.getvalue()


def _draw(draw: ImageDraw.ImageDraw, item: Item) -> None:
    match item:
        case Bar(x, y, width, height):
            draw.rectangle((x, y, x + width - 1, y + height - 1), fill=0)
        case Text():
            _write(draw, item)


def _write(draw: ImageDraw.ImageDraw, item: Text) -> None:
    """Write one character at a time: the rasteriser would round every advance to a dot and drift out of its place."""
    ink, stroke = _WHITE if item.white else 0, item.size / _HEAVY / 2 if item.heavy else 0
    font, widths = _font(item.size), metrics().widths
    at = float(item.x)
    for letter in item.text:
        draw.text((at, item.y), letter, fill=ink, font=font, anchor="ls", stroke_width=stroke)
        at += widths[letter] * item.size / UNITS


def _paste(image: Image.Image, code: Code128 | Qr) -> None:
    if isinstance(code, Qr):
        dark = symbols.qr_modules(code.data)
        dots = np.kron(dark, np.ones((code.module, code.module), dtype=np.bool_))
    else:
        row = np.repeat(symbols.code128_modules(code.data), code.module)
        dots = np.broadcast_to(row, (code.height, len(row)))
    image.paste(Image.fromarray(np.where(dots, 0, _WHITE).astype(np.uint8)), (code.x, code.y))
