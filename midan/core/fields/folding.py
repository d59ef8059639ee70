"""Folding: look-alike code points become one, and no code point moves.

`fold` is what lets a rule written for `138-0000` also see １３８－００００, ①③⑧ and digits split by zero-width
characters: the result has the same length, so an index found in it is an index into what the customer typed.
"""

from typing import Final

SEPARATOR: Final = "\u200b"  # stands for everything invisible

# First code point (the zero) of each block of ten decimal digits in use beyond ASCII; Unicode 15, category Nd.
_ZEROS: Final = (
    *(0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66),
    *(0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0x2080, 0xFF10),
    *(0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1FBF0),
)
# First code point (the one) of blocks of ringed, bracketed, dotted and Chinese ringed digits 1 to 9.
_ONES: Final = (0x2460, 0x2474, 0x2488, 0x24F5, 0x2776, 0x2780, 0x278A, 0x3220, 0x3280)
_SPACES: Final = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u2500\u2043"
_INVISIBLE: Final = (
    "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\ufe0e\ufe0f\ufeff\u20e3"
)
_DOTS: Final = "\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65\u16eb\u2024\uff0e\u25cf\u2981"


def _table() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    table |= {zero + digit: str(digit) for zero in _ZEROS for digit in range(10)}
    table |= {one + digit: str(digit + 1) for one in _ONES for digit in range(9)}
    table |= {0x24EA: "0", 0x24FF: "0", 0x2070: "0", 0x00B9: "1", 0x00B2: "2", 0x00B3: "3"}
    table |= {0x2070 + digit: str(digit) for digit in range(4, 10)}
    for marks, plain in ((_SPACES, " "), (_DASHES, "-"), (_INVISIBLE, SEPARATOR), (_DOTS, "·")):
        table |= {ord(mark): plain for mark in marks}
    return table


_FOLDS: Final = _table()


def fold(text: str) -> str:
    """Return `text` with full-width, ringed and foreign digits, dashes, dots and spaces made plain: same length."""
    return text if text.isascii() else text.translate(_FOLDS)
