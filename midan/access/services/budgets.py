"""Spend the day's budget, in the transaction of the entry: both stand or neither does."""

from datetime import datetime
from typing import Final

from django.db import connection

from midan.access.errors import BudgetSpent
from midan.access.rules.budgets import BudgetKind
from midan.access.selectors.budgets import day_of
from midan.core.actor import Actor
from midan.store.errors import NotInTransaction

# One statement, so that two requests at once cannot both take the last one: the row is locked while it counts.
_SPEND: Final = (
    "INSERT INTO access_budget (staff, day, kind, used, allowed) VALUES (%s, %s, %s, %s, %s)"
    " ON CONFLICT (staff, day, kind) DO UPDATE SET used = access_budget.used + excluded.used, allowed = excluded.allowed"
    " WHERE access_budget.used + excluded.used <= excluded.allowed RETURNING used"
)


_GIVE_BACK: Final = (
    "UPDATE access_budget SET used = used - %s WHERE staff = %s AND day = %s AND kind = %s AND used >= %s"
)


def give_back(*, actor: Actor, kind: BudgetKind, now: datetime, count: int) -> None:
    """Return `count` of what `spend` took at this `now`, in the transaction of the entry that says why."""
    if not connection.in_atomic_block:
        raise NotInTransaction("预算必须与审计条目在同一事务内扣减")
    day = connection.ops.adapt_datefield_value(day_of(now))
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, [count, actor.name, day, kind.value, count])


def spend(*, actor: Actor, kind: BudgetKind, now: datetime, allowed: int, count: int = 1) -> int:
    """Use `count` of today's budget, all or none, and return how many are used; raise BudgetSpent when too few are left.

    `allowed` is what `selectors.budgets.allowance` says: it may be less than an hour ago, and then what is used stays.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction("预算必须与审计条目在同一事务内扣减")
    if not 0 < count <= allowed:
        raise BudgetSpent(kind=kind, allowed=allowed)
    day = connection.ops.adapt_datefield_value(day_of(now))
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, [actor.name, day, kind.value, count, allowed])
        row = cursor.fetchone()
    if row is None:
        raise BudgetSpent(kind=kind, allowed=allowed)
    return int(row[0])
