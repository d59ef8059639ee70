"""How much of the day is left, and what the day's work has earned so far."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection

from midan.access.models import Budget
from midan.access.rules.budgets import BudgetKind, earning, flat
from midan.access.rules.views import BudgetView
from midan.catalog.settings import current
from midan.core.actor import Actor
from midan.waybill import work

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_USED: Final = "SELECT kind, used FROM access_budget WHERE staff = %s AND day = %s"


def day_of(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


def midnight(now: datetime) -> datetime:
    """Return when the day of this moment began in Shanghai."""
    return datetime.combine(day_of(now), time(), SHANGHAI)


def used_today(staff_no: str, now: datetime) -> Mapping[str, int]:
    """Return kind → how many the person has used today; what is missing was not used."""
    day = connection.ops.adapt_datefield_value(day_of(now))
    with connection.cursor() as cursor:
        cursor.execute(_USED, [staff_no, day])
        return dict(cursor.fetchall())


def allowance(actor: Actor, kind: BudgetKind, *, now: datetime, used: Mapping[str, int] | None = None) -> int:
    """Return how many the person may use today: what their work has earned by now, or their post's flat number.

    `used` is what `used_today` said, where it was asked already: an agent's calls are the tickets opened.
    """
    if actor.kind != "staff":
        return 0
    earns = earning(actor.role, kind, current().looking)
    return flat(actor.role, kind) if earns is None else earns.of(_done(actor, now, used))


def _done(actor: Actor, now: datetime, used: Mapping[str, int] | None) -> int:
    """Return how many pieces of work the person has in hand or has done today."""
    match actor.role:
        case "courier":
            return work.in_hand(actor.name, since=midnight(now))
        case "clerk":
            return work.on_shelf(actor.branch, since=midnight(now))
        case _:
            tickets = used_today(actor.name, now) if used is None else used
            return tickets.get(BudgetKind.TICKET, 0)


def budgets(actor: Actor, *, now: datetime) -> tuple[BudgetView, ...]:
    """Return what the person has used today, of each kind, and how many they may."""
    used = used_today(actor.name, now)
    return tuple(
        BudgetView(kind=kind, used=used.get(kind, 0), allowed=allowance(actor, kind, now=now, used=used))
        for kind in BudgetKind
    )


def spent_today(now: datetime) -> int:
    """Return how many budgets have been used up today: what the security analyst looks at first."""
    rows = Budget.objects.filter(day=day_of(now)).values_list("used", "allowed")
    return sum(used >= allowed for used, allowed in rows)
