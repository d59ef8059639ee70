"""What somebody really handled: how many parcels, and whether this one. Plain SQL, for every look asks.

The events stand in the statements as they stand in the indexes' conditions: SQLite takes a partial index only then.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.db import connection

_IN_HAND: Final = (
    "SELECT COUNT(*) FROM (SELECT seq FROM waybill_waybill WHERE handler = %s AND NOT (handler = '')"
    " UNION SELECT seq FROM waybill_scan WHERE staff_no = %s AND at >= %s"
    " AND event IN ('collected', 'out_for_delivery') AND moved) held"
)
_ON_SHELF: Final = (
    "SELECT COUNT(*) FROM (SELECT seq FROM waybill_waybill WHERE station = %s AND NOT (station = '')"
    " UNION SELECT seq FROM waybill_scan WHERE branch = %s AND at >= %s"
    " AND event IN ('delivered', 'returned') AND moved) kept"
)
_HANDLED: Final = (
    "SELECT 1 FROM waybill_scan WHERE seq = %s AND moved AND at >= %s"
    " AND (branch = %s OR staff_no = %s) LIMIT 1"
)
_AMONG: Final = (
    "SELECT DISTINCT w.number FROM waybill_waybill w JOIN waybill_scan s ON s.seq = w.seq"
    " WHERE w.number IN ({marks}) AND s.moved AND s.at >= %s AND (s.branch = %s OR s.staff_no = %s)"
)


def in_hand(staff_no: str, *, since: datetime) -> int:
    """Return how many parcels a courier holds now, or took from a sender or out for delivery since."""
    return _count(_IN_HAND, [staff_no, staff_no, _moment(since)])


def on_shelf(branch: str, *, since: datetime) -> int:
    """Return how many parcels lie on a branch's shelves now, or were handed over or sent back by it since."""
    return _count(_ON_SHELF, [branch, branch, _moment(since)])


def handled(seq: int, *, staff_no: str, branch: str, since: datetime) -> bool:
    """Return whether the person or their branch moved this parcel by a scan since."""
    with connection.cursor() as cursor:
        cursor.execute(_HANDLED, [seq, _moment(since), branch, staff_no])
        return cursor.fetchone() is not None


def handled_among(numbers: Collection[str], *, staff_no: str, branch: str, since: datetime) -> frozenset[str]:
    """Return those of at most some hundred waybill numbers that the person or their branch moved since."""
    if not numbers:
        return frozenset()
    asked = _AMONG.format(marks=", ".join(["%s"] * len(numbers)))
    with connection.cursor() as cursor:
        cursor.execute(asked, [*numbers, _moment(since), branch, staff_no])
        return frozenset(number for (number,) in cursor.fetchall())


def _count(statement: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])


def _moment(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
