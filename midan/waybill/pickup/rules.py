"""What a pick-up code looks like, and how many wrong ones an hour are still mistakes."""

from datetime import datetime
from typing import Final

CODE_LENGTH: Final = 6
CODES: Final = 10**CODE_LENGTH
# With a thousand parcels on the shelf one guess in a thousand fits: at twenty wrong tries an hour a guesser needs two days
# of work for one parcel, whose name must then fit too, and each try is in the log.
MOST_MISSES: Final = 20


def is_code(text: str) -> bool:
    return len(text) == CODE_LENGTH and text.isascii() and text.isdigit()


def hour_of(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
