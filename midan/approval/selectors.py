"""What waits for a second person, and what was decided."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from django.db.models import Count, Q

from midan.approval import models, persons
from midan.approval.errors import RequestUnknown
from midan.approval.rules import Kind, Request, may_ask, may_decide, state_of

_SHOWN: Final = 100


def request(code: str, *, now: datetime) -> Request:
    """Return one request; RequestUnknown."""
    row = models.Request.objects.filter(code=code).first()
    if row is None:
        raise RequestUnknown
    return _view(row, now)


def waiting(*, role: str, now: datetime) -> tuple[Request, ...]:
    """Return the requests a post may decide on, oldest first; the first hundred."""
    kinds = [kind for kind in Kind if may_decide(role, kind)]
    return open_requests(kinds, now=now, limit=_SHOWN)


def open_requests(kinds: Collection[str], *, now: datetime, limit: int | None = None) -> tuple[Request, ...]:
    """Return the requests of these kinds that nobody decided on yet, oldest first; all, or the first so many."""
    rows = models.Request.objects.filter(kind__in=list(kinds), decision="", expires_at__gt=now)
    return tuple(_view(row, now) for row in rows.order_by("id")[:limit])


def waiting_by_requester(*, now: datetime) -> Mapping[str, int]:
    """Return reference → how many requests of that person still wait for a decision."""
    rows = models.Request.objects.filter(decision="", expires_at__gt=now).order_by("requester")
    return dict(rows.values_list("requester").annotate(Count("id")))


def decided(*, role: str, now: datetime, limit: int = 20) -> tuple[Request, ...]:
    """Return the newest requests that wait no more, of the kinds a post asks for or decides on."""
    kinds = [kind for kind in Kind if may_decide(role, kind) or may_ask(role, kind)]
    rows = models.Request.objects.filter(~Q(decision="") | Q(expires_at__lte=now), kind__in=kinds)
    return tuple(_view(row, now) for row in rows.order_by("-id")[:limit])


def approved(kinds: Collection[str], *, now: datetime) -> tuple[Request, ...]:
    """Return the approved requests of these kinds that nobody used yet, oldest first."""
    rows = models.Request.objects.filter(
        kind__in=list(kinds), decision="approved", used_at__isnull=True, expires_at__gt=now
    )
    return tuple(_view(row, now) for row in rows.order_by("id"))


def for_subject(kind: str, subject: bytes, *, now: datetime) -> Request | None:
    """Return the newest live request for this subject, or None."""
    rows = models.Request.objects.filter(
        kind=kind, subject=subject, used_at__isnull=True, expires_at__gt=now
    ).exclude(decision="refused")
    row = rows.order_by("-id").first()
    return None if row is None else _view(row, now)


def counts() -> tuple[int, int]:
    """Return how many requests were decided, and how many by who had asked, under whichever account: 0, or a fault."""
    rows = models.Request.objects.exclude(decision="").values_list("requester", "decided_by")
    pairs = Counter(rows.order_by("id"))
    alone = sum(
        count for (requester, decider), count in pairs.items() if requester in persons.references(decider)
    )
    return pairs.total(), alone


def _view(row: models.Request, now: datetime) -> Request:
    return Request(
        code=row.code,
        kind=row.kind,
        subject=bytes(row.subject),
        summary=dict(row.summary),
        reason=row.reason,
        requester=row.requester,
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        state=state_of(
            decision=row.decision, used=row.used_at is not None, expires_at=row.expires_at, now=now
        ),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision_entry=row.decision_entry,
        used_at=row.used_at,
    )
