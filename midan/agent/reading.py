"""What parsers share: days since a day, and two-valued answers that may be missing."""

import json
from datetime import UTC, date, datetime
from typing import Any, Final

from midan.core.devicereport import Switch

# A screen that locks later than this stands open to whoever passes by. The company's number; no law read gives one.
LATEST_LOCK: Final = 900  # seconds


def days_since(day: date | None, today: date) -> int | None:
    """Return whole days since `day`; a day that lies ahead is a wrong clock, not good news: unknown."""
    if day is None or day > today:
        return None
    return (today - day).days


def switch(state: bool | None) -> Switch:  # noqa: FBT001  three answers of one question
    """Return on, off, or unknown for None."""
    return Switch.UNKNOWN if state is None else Switch.ON if state else Switch.OFF


def found_json(text: str | None) -> Any:
    """Return what a program wrote as JSON; None when it did not."""
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return None


def day_of(text: str, pattern: str) -> date | None:
    """Return the day a text spells by a pattern of strptime; None when it does not."""
    try:
        return datetime.strptime(text, pattern).replace(tzinfo=UTC).date()
    except ValueError:
        return None


def locks(seconds: int) -> bool:
    """Return whether a screen left alone locks soon enough; 0 stands for never."""
    return 0 < seconds <= LATEST_LOCK


def short(text: str) -> str:
    """Return a name as a statement takes it: printable, at most 64 characters."""
    return "".join(letter for letter in text.strip() if letter.isprintable())[:64]
