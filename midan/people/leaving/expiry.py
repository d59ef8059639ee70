"""What ends by itself: a contract that has run out, an account nobody has used for thirty days."""

import contextlib
from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from midan.approval import services as approval
from midan.audit.services import record
from midan.core.actor import Actor
from midan.people.errors import LastOfPost
from midan.people.events import Act
from midan.people.leaving.closing import end_sessions
from midan.people.leaving.rules import SLEEPS_AFTER, LeavingReason, sleeps
from midan.people.leaving.services import close
from midan.people.models import Departure, Staff
from midan.people.posts.selectors import last_of_post
from midan.people.rules import Employment
from midan.people.services import locked

_ACTOR = Actor.system("people")


def end_contracts(*, now: datetime) -> int:
    """Close everything of those whose contract, or whose announced last day, is past; return how many.

    A job runs it; a second run finds none. Without the last who gives posts the company would be locked out: they stay until
    somebody takes their place, and the control of M5 is red meanwhile (`overdue_count`).
    """
    gone = 0
    for staff_no in _overdue(now).order_by("staff_no").values_list("staff_no", flat=True):
        with contextlib.suppress(LastOfPost):
            close(actor=_ACTOR, staff_no=staff_no, reason=LeavingReason.CONTRACT_ENDED, now=now)
            gone += 1
    return gone


def overdue_count(*, now: datetime) -> int:
    """Return how many accounts should be closed and are not: the contract, or the announced last day, is past."""
    return _overdue(now).count()


def _overdue(now: datetime) -> QuerySet[Staff]:
    """Return who has worked their last day and has not left; the last day itself is a working day."""
    today = timezone.localdate(now)
    announced = Departure.objects.filter(last_day__lt=today, closed_at__isnull=True).values("staff_id")
    rows = Staff.objects.exclude(state=Employment.LEFT)
    return rows.filter(Q(contract_ends__lt=today) | Q(pk__in=announced))


def put_to_sleep(*, now: datetime) -> int:
    """Close the accounts nobody has signed in to for thirty days; return how many. They wake by a grant of their post."""
    rows = Staff.objects.filter(is_active=True, created_at__lte=now - SLEEPS_AFTER)
    rows = rows.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).order_by("staff_no")
    return sum(_sleep(row.staff_no, now) for row in rows if sleeps(last_seen=_last_seen(row), now=now))


def dormant_count(*, now: datetime) -> int:
    """Return how many open accounts should be asleep: the last of a post that wakes others is not counted."""
    rows = Staff.objects.filter(is_active=True, created_at__lte=now - SLEEPS_AFTER)
    rows = rows.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return sum(sleeps(last_seen=_last_seen(row), now=now) and not last_of_post(row) for row in rows)


@transaction.atomic
def _sleep(staff_no: str, now: datetime) -> bool:
    row = locked(staff_no)
    if not row.is_active or not sleeps(last_seen=_last_seen(row), now=now) or last_of_post(row):
        return False
    row.is_active, row.slept_at = False, now
    row.save(update_fields=["is_active", "slept_at"])
    end_sessions(row.pk)
    approval.withdraw_concerning(actor=_ACTOR, person=f"staff:{staff_no}", now=now)
    record(actor=_ACTOR, act=Act.STAFF_SLEPT, object=f"staff:{staff_no}", clause="M5")
    return True


def _last_seen(row: Staff) -> datetime:
    return max(moment for moment in (row.created_at, row.last_login, row.woken_at) if moment is not None)
