"""An address as an order row carries it: one line that names a division we know."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from midan.core.fields.divisions import SPECIAL_PROVINCES, Head, read_head
from midan.core.fields.errors import InvalidField

FIELD: Final = "address"
SHORTEST: Final = 4
LONGEST: Final = 200
# Control characters, and code points that are no text or reverse its order; zero-width joiners are dropped.
_REFUSED: Final = frozenset({"Cc", "Cs", "Cn", "Co", "Zl", "Zp"})
_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_IGNORED: Final = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An accepted address. `code` is the six-digit division, None when the city is sure and the district is not."""

    text: str
    code: str | None
    province: str
    city: str
    district: str


def normalise_address(raw: str) -> Address:
    """Return the address trimmed, runs of spaces as one, invisible characters dropped.

    Raise `InvalidField` with a reason: address_control_characters, address_too_short, address_too_long,
    address_no_division. Nothing else is changed: what the sender wrote is what the courier reads.
    """
    text = raw.strip()
    if not text.isprintable() and any(unicodedata.category(c) in _REFUSED or c in _BIDI for c in text):
        raise InvalidField(FIELD, "address_control_characters")
    text = " ".join("".join(c for c in text if c not in _IGNORED).split())
    if len(text) < SHORTEST:
        raise InvalidField(FIELD, "address_too_short")
    if len(text) > LONGEST:
        raise InvalidField(FIELD, "address_too_long")
    head = read_head(text)
    if not _is_enough(head):
        raise InvalidField(FIELD, "address_no_division")
    return Address(text=text, code=head.code, province=head.province, city=head.city, district=head.district)


def _is_enough(head: Head) -> bool:
    """City and district, whatever spelling; the two special regions and Taiwan are enough by themselves."""
    return head.code is not None or bool(head.city and head.district) or head.province in SPECIAL_PROVINCES
