"""Lawful disclosure as a case: on which ground, by which papers, whose eyes, which fields, until when. Pure.

快递市场管理办法 27 (read in an unofficial copy): the recipient of a parcel nobody ordered may ask for the sender's name,
address and phone, and is told what the company holds; so such a case names these fields alone. Police and courts come with
papers of their own law; which papers do is for the officer to judge and for the second person to confirm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from midan.catalog.rules import FIELDS, Purpose, ReasonCode, Surface, serves

# A request lives a week (approval); what was agreed to then opens for a week, 30 days at most.
LIFE: Final = timedelta(days=7)
LONGEST: Final = timedelta(days=30)
MOST_WAYBILLS: Final = 50
MOST_BYTES: Final = 2 * 1024 * 1024  # what a page's form takes in memory: nothing uploaded is spooled to disk
PAPERS_BEGIN: Final = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
OPENERS: Final = frozenset({"privacy_officer"})
READERS: Final = frozenset({"privacy_officer", "regulator"})
OVERSEERS: Final = frozenset({"privacy_officer", "analyst", "auditor", "regulator"})


class Ground(StrEnum):
    """On what a disclosure rests; its value is the reason code a reveal under it carries."""

    COURT_OR_POLICE = "court_or_police"
    POSTAL_AUTHORITY = "postal_authority"
    UNKNOWN_PARCEL = "unknown_parcel"


class CaseState(StrEnum):
    WAITING = "waiting"
    LIVE = "live"
    ENDED = "ended"
    REFUSED = "refused"


_SENDER: Final = frozenset({"sender_name", "sender_phone", "sender_address"})
_ALL: Final = frozenset(
    str(name)
    for name, field in FIELDS.items()
    # An identity number has a purpose of its own, and no other opens it.
    if Surface.REVEAL in field.shown and name != "id_number" and serves(name, Purpose.LAWFUL_DISCLOSURE)
)
FIELDS_OF: Final[Mapping[Ground, frozenset[str]]] = MappingProxyType(
    {Ground.COURT_OR_POLICE: _ALL, Ground.POSTAL_AUTHORITY: _ALL, Ground.UNKNOWN_PARCEL: _SENDER}
)
REASON_OF: Final[Mapping[Ground, ReasonCode]] = MappingProxyType(
    {ground: ReasonCode(ground.value) for ground in Ground}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case as pages show it. `approval` is the code of its request; `papers` the size of what was sealed, in bytes."""

    code: str
    ground: str
    reader: str
    fields: tuple[str, ...]
    waybills: tuple[str, ...]
    state: str
    requested_by: str
    requested_at: datetime
    approved_by: str
    opens_at: datetime | None
    ends_at: datetime | None
    papers: int
    papers_digest: str
    approval: str


def state_of(
    *, opens_at: datetime | None, ends_at: datetime | None, waiting: bool, now: datetime
) -> CaseState:
    """Return where a case stands; one whose request was turned down, ran out or was withdrawn is refused."""
    if opens_at is None or ends_at is None:
        return CaseState.WAITING if waiting else CaseState.REFUSED
    return CaseState.LIVE if opens_at <= now < ends_at else CaseState.ENDED


def may_open(*, kind: str, role: str) -> bool:
    """Return whether this post asks for cases, and closes them."""
    return kind == "staff" and role in OPENERS
