"""The label font: which characters it has and how wide they are, read from the font file itself.

Noto Sans SC (SIL Open Font License), from the package pylopdf-fonts-zh-cn. Reading the two tables once is faster than
asking a rasteriser for each line, and all renderers then agree about what fits.
"""

import struct
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pylopdf_fonts_zh_cn import sans_path

FAMILY: Final = "Noto Sans SC"
UNITS: Final = 1000
MISSING: Final = "□"
ELLIPSIS: Final = "…"


@dataclass(frozen=True, slots=True)
class Metrics:
    """Advance widths in thousandths of an em, by character."""

    widths: dict[str, int]

    def width(self, text: str) -> int:
        """Return the advance of a printable text in thousandths of an em."""
        return sum(map(self.widths.__getitem__, text))


def path() -> Path:
    """Return the font file."""
    return Path(sans_path())


@cache
def metrics() -> Metrics:
    """Read the character map (format 12) and the advance widths."""
    data = path().read_bytes()
    tables = _tables(data)
    (units,) = struct.unpack_from(">H", data, tables["head"] + 18)
    (measured,) = struct.unpack_from(">H", data, tables["hhea"] + 34)
    advances = struct.unpack_from(">" + "Hh" * measured, data, tables["hmtx"])[::2]
    widths = {
        chr(code): advances[min(glyph, measured - 1)] * UNITS // units
        for code, glyph in _characters(data, tables["cmap"])
        if glyph
    }
    return Metrics(widths)


@cache
def _ordinary() -> frozenset[str]:
    """Return the characters that are printed as they are."""
    return frozenset(
        letter for letter in metrics().widths if unicodedata.category(letter)[0] not in {"C", "M", "Z"}
    ) | {" "}


def printable(text: str) -> str:
    """Return what can be printed: a visible box for a character the font lacks, none for control characters."""
    ordinary = _ordinary()
    if ordinary.issuperset(text):
        return text
    return "".join(filter(None, (_printable(letter, ordinary) for letter in text)))


def _printable(letter: str, ordinary: frozenset[str]) -> str:
    if letter in ordinary:
        return letter
    category = unicodedata.category(letter)
    if category[0] == "Z" or letter in "\t\r\n":
        return " "
    # Format controls and variation selectors have no shape of their own; a private or unassigned one should show.
    return "" if category in {"Cc", "Cf", "Mn", "Me"} else MISSING


def _tables(data: bytes) -> dict[str, int]:
    (count,) = struct.unpack_from(">H", data, 4)
    records = (struct.unpack_from(">4sIII", data, 12 + 16 * place) for place in range(count))
    return {tag.decode("ascii"): offset for tag, _sum, offset, _length in records}


def _characters(data: bytes, start: int) -> list[tuple[int, int]]:
    (count,) = struct.unpack_from(">H", data, start + 2)
    for place in range(count):
        offset = start + struct.unpack_from(">HHI", data, start + 4 + 8 * place)[2]
        if struct.unpack_from(">H", data, offset)[0] == 12:
            groups: int = struct.unpack_from(">I", data, offset + 12)[0]
            return [
                (code, glyph + code - first)
                for first, last, glyph in struct.iter_unpack(
                    ">III", data[offset + 16 : offset + 16 + 12 * groups]
                )
                for code in range(first, last + 1)
            ]
    raise ValueError("the label font has no full character map")
