"""What an entry must say of itself, without a database: pure, picklable, imported by worker processes."""

import re
from functools import lru_cache
from itertools import pairwise
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

# Nearly every entry has one simple spelling. What these expressions accept, `Entry.from_bytes` accepts too (a
# test holds them to it), at a tenth of the price; anything else takes the slow way.
_TEXT = rb'"([0-9A-Za-z:_.\-]{1,256})"'
_CODE = rb'"([0-9A-Za-z:_.\-]{0,128})"'
_UNREAD = _CODE.replace(b"(", b"").replace(b")", b"")
_SLUG = rb"[a-z][a-z0-9_]{0,31}"
_NUMBER = rb"(?:0|-?[1-9][0-9]{0,14})"
_DETAIL = rb'"[a-z][a-z0-9_]{0,63}":(?:' + _UNREAD + rb"|" + _NUMBER + rb")"
_DATE = rb"[0-9]{3}[1-9]-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_CLOCK = rb"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z"
_MEMBERS = (
    rb'"act":"(' + rb":".join([_SLUG] * 3) + rb')"',
    rb'"actor":' + _TEXT,
    rb'"address":' + _UNREAD,
    rb'"clause":' + _CODE,
    rb'"count":(?:null|' + _NUMBER + rb")",
    rb'"details":\{((?:' + _DETAIL + rb"(?:," + _DETAIL + rb"){0,30})?)\}",
    rb'"device":' + _UNREAD,
    rb'"entry_id":"([0-9a-f]{32})"',
    rb'"object":' + _TEXT,
    rb'"outcome":"(allowed|denied|done|failed)"',
    rb'"party":\[((?:"[0-9a-f]{32}"(?:,"[0-9a-f]{32}"){0,63})?)\]',
    rb'"policy":' + _UNREAD,
    rb'"purpose":' + _CODE,
    rb'"reason":' + _CODE,
    rb'"time":"(' + _DATE + _CLOCK + rb')"',
    rb'"v":1',
)
_SHAPE: Final = re.compile(rb"\{" + rb",".join(_MEMBERS) + rb"\}")
# entry_id, time, actor, act, object, purpose, reason, outcome, clause: the order of COLUMNS.
_COLUMN_GROUPS: Final = (5, 11, 2, 1, 6, 9, 10, 7, 3)
_DETAILS_GROUP: Final = 4
_PARTY_GROUP: Final = 8
# Eleven digits standing alone might be a telephone or identity number: those entries are read slowly.
_KINDS: Final = (
    bytes(
        ord("9") if chr(code).isdigit() else ord("a") if chr(code).isalpha() else ord("-")
        for code in range(128)
    )
    + b"-" * 128
)
_LONG_NUMBER: Final = b"-" + b"9" * 11
_KEY: Final = re.compile(rb'"([a-z][a-z0-9_]{0,63})":')


def read_columns(data: bytes) -> tuple[bytes, tuple[bytes, ...]] | None:
    """Return the query columns of canonical entry bytes, joined, and the party tokens; None if not canonical."""
    found = _SHAPE.fullmatch(data)
    if found is None or _LONG_NUMBER in data.translate(_KINDS):
        return _read_slowly(data)
    details = found[_DETAILS_GROUP]
    if b"," in details and not _keys_ascend(details):
        return None
    party = found[_PARTY_GROUP]
    tokens = tuple(bytes.fromhex(item) for item in party.decode()[1:-1].split('","')) if party else ()
    return SEPARATOR.join(found.group(*_COLUMN_GROUPS)), tokens


@lru_cache(maxsize=4096)
def _keys_ascend(details: bytes) -> bool:
    return all(left < right for left, right in pairwise(_KEY.findall(details)))


def _read_slowly(data: bytes) -> tuple[bytes, tuple[bytes, ...]] | None:
    try:
        entry = Entry.from_bytes(data)
    except MalformedEntry:
        return None
    columns = [str(getattr(entry, name)).encode() for name in COLUMNS]
    return SEPARATOR.join(columns), tuple(bytes.fromhex(token) for token in entry.party)
