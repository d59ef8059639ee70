"""Tries in vain at signing in: five, then at least five minutes, longer each time (T3; 等保 8.1.4.1 b).

What was typed counts, not who it belongs to: a name nobody has is locked like any other, so the lock tells nothing.
A try counts before it is judged, so that a hundred at the same moment are still five.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from midan.people.rules import lock_minutes
from midan.people.signin_models import Tries

# A day without a failure forgets the ones before.
_REMEMBERED: Final = timedelta(days=1)


def digest(kind: str, name: str) -> str:
    """Return the key a name is counted under: it may be a password typed in the wrong place, so it is not kept."""
    return salted_hmac("midan.people.tries", f"{kind}:{name.strip().lower()}", algorithm="sha256").hexdigest()


@transaction.atomic
def claim(key: str, *, now: datetime) -> timedelta:
    """Count one try and return nothing, or, where the key is locked, how long still; then nothing was counted."""
    Tries.objects.filter(last_at__lt=now - _REMEMBERED).delete()
    Tries.objects.bulk_create([Tries(digest=key, last_at=now)], ignore_conflicts=True)
    # The row stays locked until this commits: who tries at the same moment waits, and finds the lock.
    open_now = Q(locked_until=None) | Q(locked_until__lte=now)
    if not Tries.objects.filter(open_now, digest=key).update(failures=F("failures") + 1, last_at=now):
        until = Tries.objects.get(digest=key).locked_until
        return (until or now) - now
    failures = Tries.objects.get(digest=key).failures
    if minutes := lock_minutes(failures):
        Tries.objects.filter(digest=key).update(locked_until=now + timedelta(minutes=minutes))
    return timedelta(0)


def locked(key: str, *, now: datetime) -> timedelta:
    """Return how long a key stays locked; nothing where it is open."""
    row = Tries.objects.filter(digest=key, locked_until__gt=now).first()
    return row.locked_until - now if row and row.locked_until else timedelta(0)


def locked_count(*, now: datetime) -> int:
    """Return how many names and second factors are locked now."""
    return Tries.objects.filter(locked_until__gt=now).count()


def forget(key: str) -> None:
    """Forget the failures of a key: this try was right."""
    Tries.objects.filter(digest=key).delete()
