"""How much of the day is left."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection

from midan.access.models import Budget
from midan.access.rules.budgets import BudgetKind, daily
from midan.access.rules.views import BudgetView

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_USED: Final = "SELECT used FROM access_budget WHERE staff = %s AND day = %s AND kind = %s"


def day_of(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


def left(*, staff_no: str, role: str, kind: BudgetKind, now: datetime) -> int:
    """Return how many the person may still use today."""
    day = connection.ops.adapt_datefield_value(day_of(now))
    with connection.cursor() as cursor:
        cursor.execute(_USED, [staff_no, day, kind.value])
        row = cursor.fetchone()
    return max(0, daily(role, kind) - (row[0] if row else 0))


def budgets(*, staff_no: str, role: str, now: datetime) -> tuple[BudgetView, ...]:
    """Return what the person has used today, of each kind."""
    used = dict(Budget.objects.filter(staff=staff_no, day=day_of(now)).values_list("kind", "used"))
    return tuple(
        BudgetView(kind=kind, used=used.get(kind, 0), allowed=daily(role, kind)) for kind in BudgetKind
    )


def spent_today(now: datetime) -> int:
    """Return how many budgets have been used up today: what the security analyst looks at first."""
    rows = Budget.objects.filter(day=day_of(now)).values_list("used", "allowed")
    return sum(used >= allowed for used, allowed in rows)
