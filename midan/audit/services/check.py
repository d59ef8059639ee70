"""Check the whole log and keep what was found, with an entry of its own."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from midan.audit.events import Act
from midan.audit.models import Verification
from midan.audit.selectors import VerifyResult
from midan.audit.selectors.verification import Progress, verify
from midan.audit.services.append import record
from midan.core.actor import Actor

_KEPT = ("ok", "size", "root", "first_bad", "reason", "seconds")


def check(
    *, actor: Actor, now: datetime, progress: Progress | None = None, workers: int | None = None
) -> VerifyResult:
    """Run `selectors.verify`, keep the result and log that it was run; the log's state changes nothing in that."""
    result = verify(progress=progress, workers=workers)
    found = asdict(result)
    with transaction.atomic():
        Verification.objects.create(at=now, **{name: found[name] for name in _KEPT})
        record(
            actor=actor,
            act=Act.LOG_VERIFIED,
            object="log:entries",
            outcome="done" if result.ok else "failed",
            reason=result.reason,
            clause="T4",
            count=result.size,
            at=now,
        )
    return result
