"""What ends by itself: a contract that has run out, an account nobody has used for thirty days."""

from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.utils import timezone

from midan.audit.services import record
from midan.core.actor import Actor
from midan.people.events import Act
from midan.people.leaving.closing import end_sessions
from midan.people.leaving.rules import SLEEPS_AFTER, LeavingReason, contract_over, sleeps
from midan.people.leaving.services import close
from midan.people.models import Staff
from midan.people.rules import Employment, Role
from midan.people.services import locked

_ACTOR = Actor.system("people")
# Two people have to be awake for anybody to be woken: the last of either post is not put to sleep.
_WAKING = (Role.HR, Role.PRIVACY_OFFICER)


def end_contracts(*, now: datetime) -> int:
    """Close everything of those whose contract has run out; return how many. A job runs it; a second run finds none."""
    today = timezone.localdate(now)
    rows = Staff.objects.exclude(state=Employment.LEFT).filter(contract_ends__lt=today)
    gone = [row.staff_no for row in rows if contract_over(ends=row.contract_ends, today=today)]
    for staff_no in gone:
        close(actor=_ACTOR, staff_no=staff_no, reason=LeavingReason.CONTRACT_ENDED, now=now)
    return len(gone)


def put_to_sleep(*, now: datetime) -> int:
    """Close the accounts nobody has signed in to for thirty days; return how many. They wake by a grant of their post."""
    rows = Staff.objects.filter(is_active=True, created_at__lte=now - SLEEPS_AFTER)
    rows = rows.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).order_by("staff_no")
    return sum(_sleep(row.staff_no, now) for row in rows if sleeps(last_seen=_last_seen(row), now=now))


def dormant_count(*, now: datetime) -> int:
    """Return how many open accounts should be asleep: the last of a post that wakes others is not counted."""
    rows = Staff.objects.filter(is_active=True, created_at__lte=now - SLEEPS_AFTER)
    rows = rows.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return sum(sleeps(last_seen=_last_seen(row), now=now) and not _last_to_wake(row) for row in rows)


@transaction.atomic
def _sleep(staff_no: str, now: datetime) -> bool:
    row = locked(staff_no)
    if not row.is_active or not sleeps(last_seen=_last_seen(row), now=now) or _last_to_wake(row):
        return False
    row.is_active, row.slept_at = False, now
    row.save(update_fields=["is_active", "slept_at"])
    end_sessions(row.pk)
    record(actor=_ACTOR, act=Act.STAFF_SLEPT, object=f"staff:{staff_no}", clause="M5")
    return True


def _last_seen(row: Staff) -> datetime:
    return max(moment for moment in (row.created_at, row.last_login, row.woken_at) if moment is not None)


def _last_to_wake(row: Staff) -> bool:
    if row.role not in _WAKING:
        return False
    others = Staff.objects.filter(role=row.role, is_active=True, state=Employment.ACTIVE).exclude(pk=row.pk)
    return not others.exists()
