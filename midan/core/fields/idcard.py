"""Resident identity numbers: 18 characters, check digit verified; old 15-digit numbers are brought to 18.

Layout (GB 11643-1999): six digits of the first registration's division, birth date, three digits of sequence, one
check character by ISO 7064 MOD 11-2. The 15-digit form has a two-digit year (always 19xx) and no check character.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from midan.core.fields.errors import InvalidField
from midan.core.fields.folding import SEPARATOR, fold

# First two digits: provinces; 71, 81-83 residence permits of Taiwan, Hong Kong and Macau people, 91 foreigners.
PROVINCES: Final = frozenset(
    (
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
        83,
        91,
    )
)
# Residence permits of people of Hong Kong, Macau and Taiwan begin so, and name no district.
PERMITS: Final = ("81", "82", "83")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_OLDEST: Final = 130  # years; nobody in China has lived longer by a verified record
_NEW = re.compile(r"[1-9][0-9]{16}[0-9X]")
_OLD = re.compile(r"[1-9][0-9]{14}")
_FILLER = re.compile(rf"[\s\-{SEPARATOR}]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdCard:
    """A valid identity number in its 18-character form."""

    number: str
    birth: date

    @property
    def region(self) -> str:
        """The six digits of the division of first registration."""
        return self.number[:6]


def normalise_idcard(raw: str, *, today: date) -> IdCard:
    """Return the number, or raise InvalidField('id_number', reason).

    Reasons: id_empty, id_length, id_shape, id_region, id_date, id_future, id_check.
    """
    text = _FILLER.sub("", fold(raw)).upper()
    if not text:
        raise InvalidField("id_number", "id_empty")
    if len(text) not in {15, 18}:
        raise InvalidField("id_number", "id_length")
    if not (_NEW if len(text) == 18 else _OLD).fullmatch(text):
        raise InvalidField("id_number", "id_shape")
    if int(text[:2]) not in PROVINCES or (text[2:6] == "0000" and text[:2] not in PERMITS):
        raise InvalidField("id_number", "id_region")
    body = text[:17] if len(text) == 18 else f"{text[:6]}19{text[6:]}"
    birth = _birth(body[6:14], today)
    check = check_character(body)
    if len(text) == 18 and text[17] != check:
        raise InvalidField("id_number", "id_check")
    return IdCard(number=body + check, birth=birth)


def check_character(body: str) -> str:
    """Return the check character of the first 17 digits."""
    return _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True)) % 11]


def _birth(digits: str, today: date) -> date:
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise InvalidField("id_number", "id_date") from None
    if birth > today:
        raise InvalidField("id_number", "id_future")
    if birth.year < today.year - _OLDEST:
        raise InvalidField("id_number", "id_date")
    return birth
