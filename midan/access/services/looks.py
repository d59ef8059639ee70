"""Write down who looked at what, in the transaction of the entry: what decisions count is never read from the log."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from midan.access.models import Look
from midan.access.selectors.budgets import day_of
from midan.catalog.settings import current
from midan.core.actor import Actor
from midan.store.errors import NotInTransaction

# What was once shown, explained or outside on a day stays so: the same number again only moves the time.
_NOTE: Final = (
    "INSERT INTO access_look (staff, day, number, at, shown, explained, outside) VALUES (%s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (staff, day, number) DO UPDATE SET at = excluded.at, shown = access_look.shown OR excluded.shown,"
    " explained = access_look.explained OR excluded.explained, outside = access_look.outside OR excluded.outside"
)


def note_look(  # noqa: PLR0913  the row's columns
    *, actor: Actor, number: str, shown: bool, explained: bool, outside: bool, now: datetime
) -> None:
    """Write down that the person asked for this waybill; raise NotInTransaction."""
    if not connection.in_atomic_block:
        raise NotInTransaction("查看的计数必须与审计条目在同一事务内写入")
    if actor.kind != "staff":
        return
    day, at = connection.ops.adapt_datefield_value(day_of(now)), connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [actor.name, day, number, at, shown, explained, outside])


def credit(*, actor: Actor, numbers: Collection[str]) -> None:
    """Write down that the person's work explains these looks by now."""
    if numbers:
        Look.objects.filter(staff=actor.name, number__in=numbers, explained=False).update(explained=True)


def pending_search(entry_id: str) -> str:
    """Return under which name a search stands until it is known whom it showed: no waybill number looks so."""
    return f"?{entry_id[:14]}"


def settle_search(*, actor: Actor, entry_id: str, shown: str, explained: bool, now: datetime) -> None:
    """Name the waybill a search showed first, or strike the search out where it showed nobody."""
    pending = Look.objects.filter(staff=actor.name, day=day_of(now), number=pending_search(entry_id))
    with transaction.atomic():
        pending.delete()
        if shown:
            note_look(actor=actor, number=shown, shown=True, explained=explained, outside=False, now=now)


def sweep_looks(*, now: datetime) -> int:
    """Delete what no decision counts any more, and return how many; run by a job."""
    over = now - timedelta(hours=current().looking.look_hours)
    return Look.objects.filter(at__lte=over).delete()[0]
