"""The figures of the overview, as of now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext

from midan.access.events import Act as AccessAct
from midan.audit import selectors as audit
from midan.audit.selectors import EntryFilter, VerificationView
from midan.console.selectors.charts import Chart
from midan.core.actor import Actor
from midan.review import selectors as review
from midan.ui.words import STATUS
from midan.waybill import selectors as waybills

DAYS: Final = 14
# A manager's waybills are those of the branch; counts of reveals and of the log name no branch and stay whole.
_ONE_BRANCH: Final = frozenset({"branch_manager"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """`log_size` counts entries in the signed tree, `pending` is how long the oldest waits to enter it."""

    branch: str
    waybills_today: int
    waybills_before: int
    reveals_today: int
    reveals_denied: int
    searches_today: int
    log_size: int
    log_total: int
    checkpoint_at: datetime | None
    pending: timedelta | None
    verification: VerificationView | None
    clauses: Mapping[str, int]
    intake: Chart
    statuses: Chart
    access: Chart


def overview(actor: Actor, *, now: datetime) -> Overview:
    """Return the figures an overseer or a manager begins the day with."""
    branch = actor.branch if actor.role in _ONE_BRANCH else ""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight - timedelta(days=DAYS - 1)
    counts = waybills.status_counts(since=since, until=now + timedelta(seconds=1), branch=branch)
    by_day = _sums((row.day, row.waybills) for row in counts)
    by_status = _sums((row.status, row.waybills) for row in counts)
    reveals = _outcomes("access:part:", midnight) | _outcomes("access:reveal:", midnight)
    checkpoint = audit.checkpoint()
    today = midnight.date()
    return Overview(
        branch=branch,
        waybills_today=by_day.get(today, 0),
        waybills_before=by_day.get(today - timedelta(days=1), 0),
        reveals_today=reveals.get("allowed", 0),
        reveals_denied=reveals.get("denied", 0),
        searches_today=_outcomes(AccessAct.SEARCHED, midnight).get("allowed", 0),
        log_size=checkpoint.size if checkpoint else 0,
        log_total=audit.total(),
        checkpoint_at=checkpoint.created if checkpoint else None,
        pending=audit.oldest_pending_age(now),
        verification=audit.last_verification(),
        clauses=review.totals(review.clause_states(today)),
        intake=Chart(title=gettext("每日接收运单"), rows=_days(by_day, since.date())),
        statuses=Chart(title=gettext("运单状态"), rows=_statuses(by_status)),
        access=Chart(title=gettext("每小时查看明文"), rows=_hours(midnight, now)),
    )


def _sums(pairs: Any) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for key, figure in pairs:
        found[key] = found.get(key, 0) + figure
    return found


def _outcomes(act: str, since: datetime) -> dict[str, int]:
    buckets = audit.counts(EntryFilter(act=act, since=since), unit="day")
    return _sums((outcome, count) for bucket in buckets for outcome, count in bucket.outcomes.items())


def _days(by_day: Mapping[date, int], first: date) -> tuple[tuple[str, int], ...]:
    days: Sequence[date] = [first + timedelta(days=at) for at in range(DAYS)]
    return tuple((f"{day:%m-%d}", by_day.get(day, 0)) for day in days)


def _statuses(by_status: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(
        (gettext(word), by_status[status]) for status, word in STATUS.items() if by_status.get(status)
    )


def _hours(midnight: datetime, now: datetime) -> tuple[tuple[str, int], ...]:
    buckets = audit.counts(EntryFilter(act=AccessAct.REVEALED, since=midnight), unit="hour")
    by_hour = {timezone.localtime(bucket.start).hour: bucket.count for bucket in buckets}
    return tuple((f"{hour:02d}:00", by_hour.get(hour, 0)) for hour in range(timezone.localtime(now).hour + 1))
