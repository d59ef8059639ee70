"""The one mask of a telephone number: at least six digits hidden, at most the last four shown.

GB/T 41833-2022 asks that six or more digits of a contact number be hidden; `138****1234` hides four and fails.
Clerks find parcels by the tail, so four digits stay: `*******1234`. A number whose rest would hide fewer than six
digits, and anything that is not one telephone number, is hidden whole. Outside the mainland the country code is no
secret, so it does not count as hidden and two digits stay. Extensions are hidden. Separators stay where they are.
"""

import re
from typing import Final

from midan.core.fields.folding import fold
from midan.core.fields.phone import Phone, PhoneKind, parse_phone

KEEP: Final = 4
KEEP_ABROAD: Final = 2
LEAST_HIDDEN: Final = 6
_PLAIN = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
_MASKED = re.compile(
    r"[^\w*]*(?:\*[^a-zA-Z0-9*]*){6,}(?:[0-9][\s\-._/()·\u200b-\u200d\u2060\ufeff]*){0,4}"
    r"(?:(?:转接?|轉|分机号?|分機|ext\.?|[-,;:#_xp])[\s:]*\*+[\s)]*)?",
    re.ASCII | re.IGNORECASE,
)
_ABROAD: Final = frozenset({PhoneKind.HK, PhoneKind.MACAU, PhoneKind.TAIWAN, PhoneKind.INTERNATIONAL})


def mask_phone(text: str) -> str:
    """Return `text`, raw or canonical, with its digits hidden but the tail; all `*` when it is not one number."""
    if _PLAIN.fullmatch(text):
        return "*******" + text[7:]
    parsed = parse_phone(text)
    if parsed is None:
        return text if _is_masked(text) else "*" * len(text)
    phone, end = parsed
    return hide_digits(text[:end], keep=_keep(phone)) + hide_digits(text[end:], keep=0)


def hide_digits(text: str, *, keep: int) -> str:
    """Return `text` with every digit but the last `keep` replaced by `*`; whatever is not a digit stays."""
    letters = list(text)
    for place, letter in reversed(list(enumerate(fold(text)))):
        if letter.isdecimal() or letter == "*":
            if keep > 0:
                keep -= 1
            else:
                letters[place] = "*"
    return "".join(letters)


def _keep(phone: Phone) -> int:
    if phone.kind in _ABROAD:
        return KEEP_ABROAD
    return KEEP if len(phone.number) - KEEP >= LEAST_HIDDEN else 0


def _is_masked(text: str) -> bool:
    """Return whether this is our own mask come back: then it stays as it is instead of losing its tail."""
    return _MASKED.fullmatch(fold(text)) is not None
