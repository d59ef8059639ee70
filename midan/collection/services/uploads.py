"""The end of an upload: its row and its entry together, whatever it ended by, also for those a kill left running."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from midan.audit.services import record
from midan.collection import models
from midan.collection.events import Act
from midan.core.actor import Actor
from midan.core.entry import Outcome
from midan.core.errors import MidanError

# Five hundred rows commit in a second; whoever sends none in an hour has gone, or was killed.
ABANDONED_AFTER: Final = timedelta(hours=1)


def reason_for(error: BaseException) -> str:
    """Return the code for why an upload broke off; no word of an error that is not ours."""
    if isinstance(error, MidanError):
        return error.code
    if isinstance(error, OSError):
        return "source_lost"
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "broken_off"


def end_upload(  # noqa: PLR0913  -- whose, which, how, why, how many, when
    *, actor: Actor, upload: bytes, state: str, reason: str, counts: Mapping[str, int], now: datetime
) -> None:
    """Close an upload's row and write its entry, both or neither."""
    with transaction.atomic():
        models.Upload.objects.filter(id=upload).update(state=state, reason=reason, updated_at=now, **counts)
        row = models.Upload.objects.get(id=upload)
        record(
            actor=actor,
            act=Act.UPLOAD_FINISHED,
            object=f"upload:{upload.hex()}",
            outcome=Outcome.DONE if state == "done" else Outcome.FAILED,
            reason=reason,
            clause="L1.3",
            count=row.accepted,
            details={"client": row.client, "replayed": row.replayed, "rejected": row.rejected},
        )


def sweep_uploads(*, now: datetime) -> int:
    """End the uploads that a kill or a lost machine left running, and return how many; run by a job.

    One that goes on after all writes its own end once more: the log then holds both.
    """
    left = models.Upload.objects.filter(state="running", updated_at__lt=now - ABANDONED_AFTER)
    ended = 0
    for upload in [bytes(found) for found in left.values_list("id", flat=True)]:
        with transaction.atomic():
            if left.select_for_update().filter(id=upload).exists():
                sweeper = Actor.system("sweeper")
                end_upload(
                    actor=sweeper, upload=upload, state="interrupted", reason="abandoned", counts={}, now=now
                )
                ended += 1
    return ended
