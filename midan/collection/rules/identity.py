"""Finding identity numbers where none belongs.

The express regulation lets a waybill record name, address and phone and no other identity data, so a number
that reads like a resident identity number is refused in every field (clause G2). A mistyped check digit
does not make it harmless: in text the check digit is not asked; in an order reference, where long digit
runs are usual, it is.
"""

import re
from datetime import date
from functools import cache
from typing import Final

from midan.core.fields.divisions import by_code
from midan.core.fields.folding import SEPARATOR, fold
from midan.core.fields.idcard import PROVINCES, check_character

_GAP: Final = rf"[\s\-·.{SEPARATOR}]*"
_NEW: Final = re.compile(rf"(?<![0-9])[1-9](?:{_GAP}[0-9]){{16}}{_GAP}[0-9Xx](?![0-9])")
_OLD: Final = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{14}(?![0-9])")
_NOT_DIGITS: Final = re.compile(r"[^0-9Xx]")
_SHORTEST: Final = 15
_DIGIT_LIKE: Final = re.compile("[\\dXx²³¹\u2070-\u2089\u2460-\u24ff\u2776-\u2793\u3220-\u3229\u3280-\u3289]")
_YEARS: Final = range(1890, 2100)


def holds_identity_number(text: str, *, strict: bool = False) -> bool:
    """Return whether the text holds a resident identity number, old or new, spaced or full-width.

    `strict` counts only 18 characters with a right check digit.
    """
    if len(text) < _SHORTEST:
        return False
    # Most texts end here: folding and matching cost several times as much as counting what may be a digit.
    if len(_DIGIT_LIKE.findall(text)) < _SHORTEST:
        return False
    folded = fold(text)
    for match in _NEW.finditer(folded):
        number = _NOT_DIGITS.sub("", match.group()).upper()
        if _plausible(number[:2], number[6:14]) and (
            not strict or number[17] == check_character(number[:17])
        ):
            return True
    if strict:
        return False
    return any(
        number[:4] in _cities() and _plausible(number[:2], "19" + number[6:12])
        for number in _OLD.findall(folded)
    )


def _plausible(province: str, birth: str) -> bool:
    if int(province) not in PROVINCES or int(birth[:4]) not in _YEARS:
        return False
    try:
        date(int(birth[:4]), int(birth[4:6]), int(birth[6:]))
    except ValueError:
        return False
    return True


@cache
def _cities() -> frozenset[str]:
    return frozenset(code[:4] for code in by_code())
