"""Numbers of the documents a sender may show at pick-up, by the kind of the document.

Kinds: those the rules for real-name acceptance of mail and express list (Decree 24 of 2018 of the Ministry of Transport;
read in summary, certainty B). A resident identity card is checked to its last character (`idcard`). Of the others only
the shape is known, and a shape is all that is asked: that the document is genuine is for whoever holds it in their hand.
"""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from midan.core.fields.errors import InvalidField
from midan.core.fields.folding import SEPARATOR, fold
from midan.core.fields.idcard import PERMITS, normalise_idcard


class DocumentKind(StrEnum):
    """What was shown. Codes are stable: they stand in the log and in the register."""

    RESIDENT = "resident_id"
    TEMPORARY = "temporary_resident_id"
    MILITARY = "military_id"
    ARMED_POLICE = "armed_police_id"
    HK_MACAU_PERMIT = "hk_macau_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    RESIDENCE = "residence_permit"
    PASSPORT = "passport"


_K = DocumentKind
_LIKE_A_CARD: Final = frozenset({_K.RESIDENT, _K.TEMPORARY, _K.RESIDENCE})
# A word or two for the issuer, then digits: the one way in which such documents are numbered.
_SERVICE: Final = re.compile(r"[\u4e00-\u9fff]{1,4}字?第?[0-9]{4,10}号?")
_SHAPES: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        _K.MILITARY: _SERVICE,
        _K.ARMED_POLICE: _SERVICE,
        _K.HK_MACAU_PERMIT: re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?"),
        _K.TAIWAN_PERMIT: re.compile(r"[0-9]{8}|[0-9]{10}(?:\(?[A-Z]\)?)?"),
        # Nine characters at most in a machine-readable passport (ICAO 9303), one of them a digit.
        _K.PASSPORT: re.compile(r"(?=.*[0-9])[A-Z0-9]{6,9}"),
    }
)
_FILLER: Final = re.compile(rf"[\s\-{SEPARATOR}]+")
LONGEST: Final = 64


def normalise_document(kind: DocumentKind, raw: str, *, today: date) -> str:
    """Return the number of a document of this kind in its one spelling, or raise InvalidField('id_number', reason).

    Reasons: those of `normalise_idcard` for cards, else id_empty, id_length, id_shape; id_region where a card or a permit
    bears the division of the other.
    """
    if len(raw) > LONGEST:
        raise InvalidField("id_number", "id_length")
    if kind in _LIKE_A_CARD:
        card = normalise_idcard(raw, today=today).number
        if card.startswith(PERMITS) != (kind is _K.RESIDENCE):
            raise InvalidField("id_number", "id_region")
        return card
    text = _FILLER.sub("", fold(raw)).upper()
    if not text:
        raise InvalidField("id_number", "id_empty")
    if not _SHAPES[kind].fullmatch(text):
        raise InvalidField("id_number", "id_shape")
    return text
