"""What somebody wrote beside a reveal, checked against the entry that vouches for it."""

from dataclasses import dataclass

from midan.access.models import Note
from midan.access.rules.notes import digest
from midan.core.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    """`intact` is whether the text is still the one whose digest the entry carries."""

    text: str
    intact: bool


def note_of(entry: Entry) -> NoteView | None:
    """Return the note beside an entry, or None for an entry that speaks of none. For those who may read the log."""
    vouched = entry.details.get("note")
    if vouched is None:
        return None
    row = Note.objects.filter(entry_id=entry.entry_id).first()
    text = row.note if row else ""
    return NoteView(text=text, intact=row is not None and digest(text) == vouched)
