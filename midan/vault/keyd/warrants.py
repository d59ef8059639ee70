"""Whether the log allows a destruction: asked before any key goes, and answered from committed entries alone."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from midan.audit import selectors as log
from midan.audit.errors import EntryUnknown
from midan.core.entry import Entry, Outcome
from midan.core.warrant import APPROVED, BASES, LIFE, STARTED, Cut, Warrant
from midan.vault.errors import WarrantRefused
from midan.vault.keyd import stored
from midan.vault.models import HELD, Epoch, Held, IdentityRecord, Record
from midan.vault.rules import FAMILIES, covering

# Ids a statement: SQLite's limit of parameters is far, PostgreSQL's planner is not.
_MANY: Final = 5_000


def check(
    warrant: Warrant, *, epochs: Collection[int] = (), cuts: Collection[Cut] = (), now: datetime
) -> Entry:
    """Return the entry when the log says that these targets may go and nobody holds them; else raise WarrantRefused."""
    entry = lawful(warrant, epochs=epochs, cuts=cuts, now=now)
    check_holds(entry, epochs=epochs, cuts=cuts)
    return entry


def lawful(
    warrant: Warrant, *, epochs: Collection[int] = (), cuts: Collection[Cut] = (), now: datetime
) -> Entry:
    """Return the entry when the log says that these targets may go, by keyd's own clock, holds aside: carrying asks so."""
    entry = _entry(warrant.entry_id)
    if entry.act != STARTED:
        raise WarrantRefused("act")
    if entry.outcome != Outcome.ALLOWED:
        raise WarrantRefused("outcome")
    if not timedelta(0) <= now - datetime.fromisoformat(entry.time) <= LIFE:
        raise WarrantRefused("age")
    if entry.details.get("targets") != warrant.targets:
        raise WarrantRefused("targets")
    if not set(epochs) <= set(warrant.epochs) or not set(cuts) <= set(warrant.cuts):
        raise WarrantRefused("not_named")
    basis = str(entry.details.get("basis", ""))
    if basis not in BASES:
        raise WarrantRefused("basis")
    if basis == "approved":
        _check_approval(entry)
    if basis in {"request", "correction"} and epochs:
        raise WarrantRefused("epoch_for_a_person")
    if basis == "due":
        _check_due(epochs, cuts, now)
    return entry


def _entry(entry_id: str) -> Entry:
    try:
        entry = log.entry(entry_id).entry
    except EntryUnknown:
        raise WarrantRefused("no_entry") from None
    if entry.entry_id != entry_id:
        raise WarrantRefused("no_entry")
    return entry


def _check_approval(entry: Entry) -> None:
    """Two persons: who approved is not who asked, and what was approved is this list."""
    try:
        approval = _entry(str(entry.details.get("approval", "")))
    except WarrantRefused:
        raise WarrantRefused("approval") from None
    requester = approval.details.get("requester")
    if approval.act != APPROVED or approval.outcome != Outcome.ALLOWED or not requester:
        raise WarrantRefused("approval")
    if approval.actor == requester or entry.details.get("requester", requester) != requester:
        raise WarrantRefused("approver")
    if approval.details.get("subject") != entry.details["targets"]:
        raise WarrantRefused("approved_other")


def _check_due(epochs: Collection[int], cuts: Collection[Cut], now: datetime) -> None:
    """A cut is due when the epoch its record lies in is; what has no record any more is gone already."""
    today = timezone.localdate(now)
    lying = {cut.epoch for cut in cuts if cut.epoch is not None}
    for family in FAMILIES:
        mine = [one.seq for one in covering(cuts) if one.epoch is None and one.part in {None, *family.parts}]
        lying |= {epoch for _, epoch, _ in stored.records(mine, family)}
    for some in _shares([*epochs, *lying]):
        if Epoch.objects.filter(number__in=some, due__gte=today).exists():
            raise WarrantRefused("not_due")


def check_holds(entry: Entry, *, epochs: Collection[int] = (), cuts: Collection[Cut] = ()) -> None:
    """Raise WarrantRefused when a hold lies on any of it. A correction's content goes on living in its new leaf."""
    if entry.details["basis"] == "correction":
        return
    held = Held.objects.filter(kind=HELD, live=True)
    for some in _shares([cut.seq for cut in cuts]):
        if held.filter(seq__in=some).exists():
            raise WarrantRefused("held")
    for some in _shares(list(epochs)):
        for model in (Record, IdentityRecord):
            if model._default_manager.filter(epoch__in=some, seq__in=held.values("seq")).exists():  # noqa: SLF001
                raise WarrantRefused("held")


def _shares(numbers: Collection[int]) -> list[list[int]]:
    listed = list(numbers)
    return [listed[at : at + _MANY] for at in range(0, len(listed), _MANY)]
