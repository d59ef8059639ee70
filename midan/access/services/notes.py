"""Keep what somebody wrote beside a reveal: the text in a table of its own, its digest in the log entry."""

from datetime import datetime

from midan.access.models import Note
from midan.access.rules.notes import digest


def noted(*, note: str) -> dict[str, str]:
    """Return what the entry says of a note; nothing when there is none."""
    return {"note": digest(note)} if note else {}


def keep(*, entry_id: str, note: str, now: datetime) -> None:
    """Keep the note of an entry, in the transaction of the entry."""
    if note:
        Note.objects.create(entry_id=entry_id, note=note, at=now)
