"""Audit entries: one act in canonical bytes, and the leaf that stands for them in the log.

The stored bytes are the truth. Reading checks that they are canonical, so there is exactly one byte string
for each entry and nothing can hide in spelling. Layout, laws and limits: specs/audit-log.md.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Final

from midan.core.errors import MidanError
from midan.core.merkle.hashing import leaf_hash
from midan.core.sm import sm3

VERSION: Final = 1
SALT_SIZE: Final = 32
MAX_PARTIES: Final = 64
MAX_DETAILS: Final = 32
MAX_INTEGER: Final = 2**53 - 1  # what every JSON reader holds exactly

_TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z", re.ASCII)
_ACT = re.compile(r"[a-z][a-z0-9_]{0,31}(?::[a-z][a-z0-9_]{0,31}){2}", re.ASCII)
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_CODE = re.compile(r"[!-~]{0,128}", re.ASCII)
_TEXT = re.compile(r"[^\ud800-\udfff]{0,256}", re.DOTALL)
# A mainland mobile number or resident identity number standing alone: never in a log, whoever put it there.
_PERSONAL = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:\+?86)?1[3-9][0-9]{9}|[0-9]{17}[0-9Xx])(?![0-9A-Za-z])", re.ASCII
)


class MalformedEntry(MidanError):
    """Not an audit entry in canonical form. Names the field at fault, never its value."""

    code: ClassVar[str] = "malformed_entry"
    clause: ClassVar[str | None] = "T4"


class Outcome(StrEnum):
    """How the act ended."""

    ALLOWED = "allowed"
    DENIED = "denied"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Record who did what to which object, why, under which rule, and how it ended.

    `time` is RFC 3339, UTC, microseconds, 'Z' (see `rfc3339`); `party` holds party tokens as 32 hex digits;
    `details` holds codes and counts only. Free text and customers' values have no field here.
    """

    entry_id: str
    time: str
    actor: str
    act: str
    object: str
    outcome: str
    party: tuple[str, ...] = ()
    purpose: str = ""
    reason: str = ""
    clause: str = ""
    policy: str = ""
    device: str = ""
    address: str = ""
    count: int | None = None
    details: Mapping[str, str | int] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _check(self)
        object.__setattr__(self, "details", MappingProxyType(dict(self.details)))

    def to_bytes(self) -> bytes:
        """Return the canonical bytes: JSON, keys sorted, no spaces, UTF-8, control characters escaped."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in _NAMES}
        plain["party"] = list(self.party)
        plain["details"] = dict(self.details)
        plain["v"] = VERSION
        text = json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Entry":
        """Read canonical bytes; raise MalformedEntry for any other spelling, an unknown key or version."""
        try:
            plain = json.loads(data.decode())
        except (ValueError, RecursionError):
            raise MalformedEntry("审计条目无法读取") from None
        if not isinstance(plain, dict) or plain.pop("v", None) != VERSION or plain.keys() != set(_NAMES):
            raise MalformedEntry("审计条目的版本或字段不对")
        if not isinstance(plain["party"], list) or not isinstance(plain["details"], dict):
            raise MalformedEntry("审计条目字段类型不对", field="party")
        plain["party"] = tuple(plain["party"])
        entry = cls(**plain)
        if entry.to_bytes() != data:
            raise MalformedEntry("审计条目写法不唯一")
        return entry


def rfc3339(moment: datetime) -> str:
    """Return an aware moment as the log writes it: UTC, six decimals, 'Z'."""
    if moment.utcoffset() is None:
        raise ValueError("the log's time has a zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def entry_leaf(salt: bytes, entry: bytes) -> bytes:
    """Return the leaf hash of stored entry bytes: SM3(0x00 ‖ SM3(salt ‖ entry)).

    The salt keeps a published leaf from confirming a guess about an entry that is not shown.
    """
    if len(salt) != SALT_SIZE:
        raise ValueError("an entry's salt has 32 bytes")
    return leaf_hash(sm3(salt + entry))


_NAMES: Final = tuple(item.name for item in fields(Entry))


def _check(entry: Entry) -> None:
    _match(entry.entry_id, _TOKEN, "entry_id")
    _match(entry.act, _ACT, "act")
    _match(entry.time, _TIME, "time")
    try:
        datetime.fromisoformat(entry.time)
    except ValueError:
        raise MalformedEntry("审计条目字段不合规", field="time") from None
    if not isinstance(entry.outcome, str) or entry.outcome not in _OUTCOMES:
        raise MalformedEntry("审计条目字段不合规", field="outcome")
    for name in ("actor", "object", "device"):
        _match(getattr(entry, name), _TEXT, name)
    for name in ("purpose", "reason", "clause", "policy", "address"):
        _match(getattr(entry, name), _CODE, name)
    if not (entry.actor and entry.object):
        raise MalformedEntry("审计条目缺少操作人或对象", field="actor")
    if len(entry.party) > MAX_PARTIES:
        raise MalformedEntry("审计条目字段不合规", field="party")
    for token in entry.party:
        _match(token, _TOKEN, "party")
    if entry.count is not None:
        _integer(entry.count, "count")
    _check_details(entry.details)


_OUTCOMES: Final = frozenset(Outcome)


def _check_details(details: Mapping[str, str | int]) -> None:
    if len(details) > MAX_DETAILS:
        raise MalformedEntry("审计条目字段不合规", field="details")
    for key, value in details.items():
        _match(key, _SLUG, "details")
        if isinstance(value, str):
            _match(value, _CODE, "details")
        else:
            _integer(value, "details")


def _match(value: object, shape: re.Pattern[str], name: str) -> None:
    if not isinstance(value, str) or not shape.fullmatch(value) or _PERSONAL.search(value):
        raise MalformedEntry("审计条目字段不合规", field=name)


def _integer(value: object, name: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_INTEGER:
        raise MalformedEntry("审计条目字段不合规", field=name)
