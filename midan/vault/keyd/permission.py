"""Whether a grant or a search is what the log says it is: pure, and asked before anything is opened or looked up.

Every fact the caller claims is compared with the committed entry; the claim alone proves nothing.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from midan.core.blind import Kind
from midan.core.entry import Entry, Outcome
from midan.core.grant import MAX_AGE, Grant
from midan.vault.errors import GrantRefused
from midan.vault.rules import FIELD_PARTS, fields_detail

REVEALED: Final = "access:part:revealed"
SEARCHED: Final = "access:search:performed"
COMPARED: Final = "collection:real_name:compared"

_CHECKS: Final[dict[str, Callable[[Grant, Entry], bool]]] = {
    "entry": lambda grant, entry: entry.entry_id == grant.entry_id,
    "act": lambda _grant, entry: entry.act == REVEALED,
    "outcome": lambda _grant, entry: entry.outcome == Outcome.ALLOWED,
    "actor": lambda grant, entry: entry.actor == grant.actor,
    "object": lambda grant, entry: entry.object == f"waybill:{grant.waybill}",
    "purpose": lambda grant, entry: entry.purpose == grant.purpose,
    "fields": lambda grant, entry: entry.details.get("fields") == fields_detail(grant.fields),
}


def check(grant: Grant, entry: Entry, *, now: datetime, since: datetime | None) -> None:
    """Return when grant and entry say the same and both are at most a minute old; else raise GrantRefused.

    An entry from before `since` may have been used then, by a keyd whose memory is gone.
    """
    if not grant.fresh(now):
        raise GrantRefused("age")
    _check_age(entry, now, since)
    for name, holds in _CHECKS.items():
        if not holds(grant, entry):
            raise GrantRefused(name)
    if not grant.fields <= FIELD_PARTS.keys():
        raise GrantRefused("unknown_field")


def check_search(kind: Kind, entry: Entry, *, now: datetime, since: datetime | None) -> None:
    """Return when the entry is that of a search by this kind and at most a minute old; else raise GrantRefused."""
    _check_age(entry, now, since)
    if entry.act != SEARCHED:
        raise GrantRefused("act")
    if entry.outcome != Outcome.ALLOWED:
        raise GrantRefused("outcome")
    if entry.object != f"search:{kind.name.lower()}":
        raise GrantRefused("object")


def check_comparison(entry: Entry, *, now: datetime, since: datetime | None) -> None:
    """Return when the entry is that of a comparison with a number sealed before; else raise GrantRefused."""
    _check_age(entry, now, since)
    if entry.act != COMPARED:
        raise GrantRefused("act")
    if entry.outcome != Outcome.ALLOWED:
        raise GrantRefused("outcome")


def _check_age(entry: Entry, now: datetime, since: datetime | None) -> None:
    written = datetime.fromisoformat(entry.time)
    if abs(now - written) > MAX_AGE:
        raise GrantRefused("entry_age")
    if since is not None and written < since:
        raise GrantRefused("before_start")
