"""What an entry must say of itself, without a database: pure, picklable, imported by worker processes."""

import re
from typing import Final

from midan.core.entry import Entry, MalformedEntry

COLUMNS: Final = (
    "entry_id",
    "time",
    "actor",
    "act",
    "object",
    "purpose",
    "reason",
    "outcome",
    "clause",
)
"""The query columns of audit_entry, each generated from the member of that name."""

SEPARATOR: Final = b"\x1f"
"""Stands between the columns when they are read as one value; canonical entries escape control characters."""

# Nearly every entry has one simple spelling. What these expressions accept, `Entry.from_bytes` accepts too (a test
# holds them to it), at a fifth of the price; anything else takes the slow way. A part starts with a letter, or is
# a short number, or is a token, so that no part can be a telephone or identity number.
_PART = rb"(?:[A-Za-z][0-9A-Za-z]*|[0-9]{1,10}(?![0-9A-Za-z])|[0-9a-f]{32}(?![0-9A-Za-z]))"
_PARTS = _PART + rb"(?:[:_.\-]" + _PART + rb")*"
_TEXT = rb'"(?=[^"]{1,256}")(' + _PARTS + rb')"'
_MAYBE = rb'"(?=[^"]{0,128}")((?:' + _PARTS + rb')?)"'
_SLUG = rb"[a-z][a-z0-9_]{0,31}"
_NUMBER = rb"(?:0|-?[1-9][0-9]{0,14})"
_DETAIL = rb'"[a-z][a-z0-9_]{0,63}":(?:' + _MAYBE.replace(b"((?:", b"(?:(?:") + rb"|" + _NUMBER + rb")"
_SHAPE: Final = re.compile(
    rb'\{"act":"(' + _SLUG + rb":" + _SLUG + rb":" + _SLUG + rb')","actor":' + _TEXT + rb',"address":' + _MAYBE
    + rb',"clause":' + _MAYBE + rb',"count":(?:null|' + _NUMBER + rb'),"details":\{((?:' + _DETAIL + rb"(?:,"
    + _DETAIL + rb'){0,30})?)\},"device":' + _MAYBE + rb',"entry_id":"([0-9a-f]{32})","object":' + _TEXT
    + rb',"outcome":"(allowed|denied|done|failed)","party":\[((?:"[0-9a-f]{32}"(?:,"[0-9a-f]{32}"){0,63})?)\]'
    + rb',"policy":' + _MAYBE + rb',"purpose":' + _MAYBE + rb',"reason":' + _MAYBE
    + rb',"time":"([0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]'
    + rb'\.[0-9]{6}Z)","v":1\}'
)  # fmt: skip
_KEY: Final = re.compile(rb'"([a-z][a-z0-9_]{0,63})":')
_COLUMN_GROUPS: Final = (7, 14, 2, 1, 8, 12, 13, 9, 4)
_PARTY_GROUP: Final = 10
_DETAILS_GROUP: Final = 5


def read_columns(data: bytes) -> tuple[bytes, tuple[bytes, ...]] | None:
    """Return the query columns of canonical entry bytes, joined, and the party tokens; None if not canonical."""
    found = _SHAPE.fullmatch(data)
    if found is None:
        return _read_slowly(data)
    details = found[_DETAILS_GROUP]
    if b"," in details:
        keys = _KEY.findall(details)
        if any(left >= right for left, right in zip(keys, keys[1:], strict=False)):
            return None
    party = found[_PARTY_GROUP]
    tokens = tuple(bytes.fromhex(item) for item in party.decode()[1:-1].split('","')) if party else ()
    return SEPARATOR.join(found.group(*_COLUMN_GROUPS)), tokens


def _read_slowly(data: bytes) -> tuple[bytes, tuple[bytes, ...]] | None:
    try:
        entry = Entry.from_bytes(data)
    except MalformedEntry:
        return None
    columns = [str(getattr(entry, name)).encode() for name in COLUMNS]
    return SEPARATOR.join(columns), tuple(bytes.fromhex(token) for token in entry.party)
