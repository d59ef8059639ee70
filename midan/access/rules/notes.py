"""What a note beside a reveal may be: short, on one line, and about nobody."""

from typing import Final

from midan.core.masking.text import contains_personal_data
from midan.core.sm import sm3

MOST: Final = 200


def is_sound(note: str) -> bool:
    """Return whether the note may be kept, personal data aside."""
    return len(note) <= MOST and (not note or note.isprintable())


def names_somebody(note: str) -> bool:
    """Return whether the note carries personal data: then nothing is asked and nothing kept."""
    return bool(note) and contains_personal_data(note)


def digest(note: str) -> str:
    """Return the SM3 by which the entry vouches for the note, in hex."""
    return sm3(note.encode()).hex()
