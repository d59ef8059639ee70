"""What a person's looks come to: how many, how many of them their work explains, how many were none of theirs."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from midan.access.models import Look
from midan.access.rules.facts import ActorFacts
from midan.access.rules.work import Tally
from midan.access.selectors.budgets import day_of
from midan.access.selectors.tickets import covered
from midan.catalog.settings import current
from midan.core.actor import Actor
from midan.waybill import selectors as waybills
from midan.waybill import work
from midan.waybill.rules import Waybill

_MOST_PENDING: Final = 300
_COUNT: Final = (
    "SELECT COUNT(*) FILTER (WHERE shown), COUNT(*) FILTER (WHERE shown AND explained),"
    " COUNT(*) FILTER (WHERE outside AND day = %s) FROM access_look WHERE staff = %s AND at > %s"
)


def tally(actor: Actor, *, now: datetime) -> Tally:
    """Return what the looks of the window come to; those that a later scan or ticket explains count as explained.

    A courier reads the door before collecting, an agent finds the parcel before the ticket names it: so what was not
    explained then is asked about again, and only that.
    """
    since = now - timedelta(hours=current().looking.look_hours)
    day, moment = (
        connection.ops.adapt_datefield_value(day_of(now)),
        connection.ops.adapt_datetimefield_value(since),
    )
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [day, actor.name, moment])
        shown, explained, outside = cursor.fetchone()
    credited = _explained_since(actor, since, now) if explained < shown else ()
    return Tally(shown=shown, explained=explained + len(credited), outside=outside, credited=credited)


def explains(who: ActorFacts, actor: Actor, waybill: Waybill | None, *, now: datetime) -> bool:
    """Return whether the person's work explains a look at this waybill, as it stands now."""
    if who.carries or who.own_stock or who.ticket:
        return True
    return waybill is not None and work.handled(
        waybill.seq, staff_no=actor.name, branch=actor.branch, since=scanned_since(now)
    )


def explained_among(actor: Actor, found: Collection[Waybill], *, now: datetime) -> frozenset[str]:
    """Return the numbers of those of at most some hundred waybills that the person's work explains now."""
    numbers = [row.number for row in found]
    scanned = work.handled_among(numbers, staff_no=actor.name, branch=actor.branch, since=scanned_since(now))
    called_for = covered(staff_no=actor.name, seqs=[row.seq for row in found], now=now)
    return scanned | {row.number for row in found if row.seq in called_for}


def scanned_since(now: datetime) -> datetime:
    """Return how old a scan may be that explains a look."""
    return now - timedelta(hours=current().looking.scan_hours)


def _explained_since(actor: Actor, since: datetime, now: datetime) -> tuple[str, ...]:
    pending = Look.objects.filter(staff=actor.name, at__gt=since, shown=True, explained=False)
    numbers = list(pending.order_by("-at").values_list("number", flat=True)[:_MOST_PENDING])
    found = waybills.by_numbers(numbers).values()
    known = explained_among(actor, list(found), now=now)
    # A number looked at on two days of the window stands there twice.
    return tuple(number for number in numbers if number in known)
