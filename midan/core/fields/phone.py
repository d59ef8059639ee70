"""Telephone numbers: one canonical text for each number, however it was typed.

Mainland numbers are stored without a country code (13800001234, 057188881234, 4008001234, 95338), all others with
`+` and theirs (+85251234567). An extension follows after `x`. Equal numbers therefore give equal search digests.
Sources: the mainland numbering plan's shapes (mobile 1[3-9] and nine digits; area code 010, 02x or 0xxx before
seven or eight digits), E.164 for the rest. Shapes only: whether a number is in service is not known here.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from midan.core.fields.errors import InvalidField
from midan.core.fields.folding import fold

MAX_RAW: Final = 40


class PhoneKind(StrEnum):
    """What a number is; decides how much of it a mask may keep."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    SERVICE = "service"
    HK = "hk"
    MACAU = "macau"
    TAIWAN = "taiwan"
    INTERNATIONAL = "international"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A valid number in canonical form. `number` lacks the extension, `text` has it after an x."""

    kind: PhoneKind
    number: str
    extension: str | None = None

    @property
    def text(self) -> str:
        """The canonical text that is sealed and digested."""
        return self.number if self.extension is None else f"{self.number}x{self.extension}"

    @property
    def tail(self) -> str:
        """Last four digits of the number, never of the extension."""
        return self.number[-4:]


_EXTENSION = re.compile(
    r"(?P<mark>[\s(]*(?:转接?|轉|分机号?|分機|ext\.?|x|p|#|,|;|:|_)[\s:]*)(?P<digits>[0-9]{1,8})[\s)]*",
    re.IGNORECASE,
)
_DASHED_EXTENSION = re.compile(r"\s*-\s*([0-9]{1,6})\s*")
_FILLER = re.compile(r"[\s\-._/()·\u200b]+")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_TWO_MOBILES = re.compile(r"(?<![0-9])1[3-9][0-9]{9}[^0-9]+(?:86)?1[3-9][0-9]{9}(?![0-9])")
_SHAPES: Final = (
    (PhoneKind.MOBILE, "", re.compile(r"(?:(?:\+|00)?86)?0?(1[3-9][0-9]{9})")),
    (PhoneKind.SERVICE, "", re.compile(r"(?:(?:\+|00)?86)?([48]00[0-9]{7}|95[0-9]{3,6})")),
    (
        PhoneKind.LANDLINE,
        "0",
        re.compile(r"(?:(?:\+|00)860?|0)((?:10|2[0-57-9])[2-9][0-9]{7}|[3-9][0-9]{2}[2-9][0-9]{6,7})"),
    ),
    (PhoneKind.HK, "+852", re.compile(r"(?:\+|00)?852([2-9][0-9]{7})")),
    (PhoneKind.MACAU, "+853", re.compile(r"(?:\+|00)?853([268][0-9]{7})")),
    (PhoneKind.TAIWAN, "+886", re.compile(r"(?:\+|00)?8860?(9[0-9]{8}|[2-8][0-9]{7,8})")),
    (PhoneKind.INTERNATIONAL, "+", re.compile(r"(?:\+|00)((?!86|852|853|886)[1-9][0-9]{6,14})")),
)
_LOCAL = re.compile(r"[2-9][0-9]{6,7}")


def normalise_phone(raw: str) -> Phone:
    """Return the canonical number, or raise InvalidField('phone', reason).

    Reasons: phone_empty, phone_too_long, phone_too_short, phone_two_numbers, phone_area_code_missing, phone_invalid.
    """
    if _MOBILE.fullmatch(raw) and raw.isascii():
        return Phone(kind=PhoneKind.MOBILE, number=raw)
    parsed = parse_phone(raw)
    if parsed is None:
        raise InvalidField("phone", _reason(fold(raw)))
    return parsed[0]


def parse_phone(raw: str) -> tuple[Phone, int] | None:
    """Return the number and where its extension begins in `raw` (its length if none), or None; never raise."""
    if len(raw) > MAX_RAW:
        return None
    folded = fold(raw)
    whole = _classify(folded)
    if whole is not None:
        return Phone(kind=whole[0], number=whole[1]), len(raw)
    for pattern in (_EXTENSION, _DASHED_EXTENSION):
        for match in pattern.finditer(folded):
            known = _classify(folded[: match.start()]) if match.end() == len(folded) else None
            if known is not None:
                extension = match.group(match.lastindex or 0)
                return Phone(kind=known[0], number=known[1], extension=extension), match.start()
    return None


def _classify(folded: str) -> tuple[PhoneKind, str] | None:
    compact = _FILLER.sub("", folded.strip(" '\"\t"))
    for kind, prefix, shape in _SHAPES:
        match = shape.fullmatch(compact)
        if match is not None:
            return kind, prefix + match.group(1)
    return None


def _reason(folded: str) -> str:
    compact = _FILLER.sub("", folded)
    digits = sum(letter.isdecimal() for letter in folded)
    bare = compact.isdecimal()
    checks = (
        ("phone_empty", not compact),
        ("phone_two_numbers", _TWO_MOBILES.search(_FILLER.sub("", folded.replace("/", ","))) is not None),
        ("phone_too_long", len(folded) > MAX_RAW or digits > 24 or (bare and digits > 15)),
        ("phone_area_code_missing", _LOCAL.fullmatch(compact) is not None),
        ("phone_too_short", bare and digits < 7),
    )
    return next((reason for reason, applies in checks if applies), "phone_invalid")
