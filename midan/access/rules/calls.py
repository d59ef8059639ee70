"""What the telephone system signs, and how long a signed event may travel. Pure.

The tag is HMAC-SM3 (GB/T 32905, 15852.2) under the client's own 32-byte key over `timestamp ‖ "." ‖ body`: the timestamp
as decimal digits of the Unix second, the body exactly as sent.
"""

import hmac
import re
from datetime import datetime, timedelta
from typing import Final

from midan.core.sm import hmac_sm3

# As long as an entry of the log may lie ahead or behind a scanner's clock; nothing a telephone system does takes longer.
WINDOW: Final = timedelta(minutes=5)
# Within the window an event is known again by what is remembered of it; a day leaves room for a clock set back.
REMEMBERED: Final = timedelta(hours=24)
_LABEL: Final = b"midan/call/1\x00"
_SECOND: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_TAG: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


def key_of(secret: bytes, client: str) -> bytes:
    """Return a client's signing key, made of a company secret: nothing more is kept, and no two clients share one."""
    return hmac_sm3(secret, _LABEL + client.encode())


def is_signed(*, key: bytes, timestamp: str, body: bytes, tag: str) -> bool:
    """Return whether the tag is this body's at this moment; what has not the form of one is none."""
    if not _TAG.fullmatch(tag):
        return False
    made = hmac_sm3(key, timestamp.encode() + b"." + body)
    return hmac.compare_digest(made, bytes.fromhex(tag))


def is_recent(*, timestamp: str, now: datetime) -> bool:
    """Return whether the event was signed within the window, on either side of our clock."""
    if not _SECOND.fullmatch(timestamp):
        return False
    return abs(now.timestamp() - int(timestamp)) <= WINDOW.total_seconds()
