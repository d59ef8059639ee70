"""What a computer says of itself, as it is signed and read (specs/device-report.md). Pure: no clock, no I/O.

StatementRefused   what was sent is no such statement; `problem` is shape, spelling, format, facts or signature
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, TypeVar

from midan.core.entry import rfc3339
from midan.core.errors import MidanError
from midan.core.sm import BadSignature, SigningKey, verify

ENROL: Final = "midan/device-enrol/1"
REPORT: Final = "midan/device-report/1"
LARGEST: Final = 8_192  # bytes of a body
_LONGEST: Final = 4_096  # bytes of a statement
_MOST_COUNTED: Final = 2**53 - 1
_MOST_DAYS: Final = 36_500
_HEX: Final = frozenset("0123456789abcdef")
_Word = TypeVar("_Word", bound=StrEnum)


class StatementRefused(MidanError):
    code: ClassVar[str] = "device_statement_refused"
    clause: ClassVar[str | None] = "T5"


def refused(problem: str) -> StatementRefused:
    """Return the refusal of a statement for one of the problems above."""
    return StatementRefused("设备报告无法采信：%(problem)s", problem=problem)


class System(StrEnum):
    """Kinds of system an agent runs on."""

    LINUX = "linux"
    WINDOWS = "windows"
    MACOS = "macos"


class Switch(StrEnum):
    """What could not be read is unknown, and counts as off."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the system says. Days are whole days since something was last brought up to date; None is unknown."""

    system: System
    name: str
    version: str
    patch_days: int | None
    disk: Switch
    antivirus: Switch
    antivirus_days: int | None
    screen_lock: Switch
    firewall: Switch
    agent: str
    agent_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    code: str
    name: str
    public: bytes
    system: System
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`link` asks for a one-time address that binds a browser to the device."""

    device: str
    counter: int
    at: datetime
    link: bool
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A statement as it was sent, byte for byte, and the signature that came with it."""

    statement: str
    signature: bytes


def write_enrolment(said: Enrolment, key: SigningKey) -> dict[str, str]:
    """Return the body that enrols the key's device."""
    whole = asdict(said) | {"format": ENROL, "public": said.public.hex(), "at": rfc3339(said.at)}
    return _signed(ENROL, whole, key)


def write_report(said: Report, key: SigningKey) -> dict[str, str]:
    """Return the body of one report."""
    whole = asdict(said) | {"format": REPORT, "at": rfc3339(said.at)}
    return _signed(REPORT, whole, key)


def read_signed(body: Mapping[str, Any]) -> Signed:
    """Return what a body holds; StatementRefused."""
    statement, signature = body.get("statement"), body.get("signature")
    if set(body) != {"statement", "signature"} or not (
        isinstance(statement, str) and isinstance(signature, str)
    ):
        raise refused("shape")
    try:
        return Signed(statement=statement, signature=b64decode(signature, validate=True))
    except (ValueError, NotBase64):
        raise refused("shape") from None


def read_enrolment(signed: Signed) -> Enrolment:
    """Return the enrolment a statement spells, its signature unchecked; StatementRefused."""
    whole = _members(signed.statement, ENROL, {"code", "name", "public", "system", "at"})
    public, name = whole["public"], whole["name"]
    if not (_is_hex(public, 128) and _is_text(name, 40) and name.strip() and _is_text(whole["code"], 64)):
        raise refused("shape")
    return Enrolment(
        code=whole["code"],
        name=name.strip(),
        public=bytes.fromhex(public),
        system=_word(System, whole["system"]),
        at=_moment(whole["at"]),
    )


def read_report(signed: Signed) -> Report:
    """Return the report a statement spells, its signature unchecked; StatementRefused."""
    whole = _members(signed.statement, REPORT, {"device", "counter", "at", "link", "facts"})
    if not (_is_hex(whole["device"], 32) and isinstance(whole["link"], bool)):
        raise refused("shape")
    counter = _number(whole["counter"], _MOST_COUNTED)
    if not counter:
        raise refused("shape")
    return Report(
        device=whole["device"],
        counter=counter,
        at=_moment(whole["at"]),
        link=whole["link"],
        facts=read_facts(whole["facts"]),
    )


def read_facts(found: Any) -> Facts:
    """Return the facts of their members; StatementRefused."""
    if not isinstance(found, dict) or set(found) != set(Facts.__dataclass_fields__):
        raise refused("facts")
    if not all(_is_text(found[word], 64) for word in ("name", "version", "agent")):
        raise refused("facts")
    return Facts(
        system=_word(System, found["system"]),
        name=found["name"],
        version=found["version"],
        patch_days=_days(found["patch_days"]),
        disk=_word(Switch, found["disk"]),
        antivirus=_word(Switch, found["antivirus"]),
        antivirus_days=_days(found["antivirus_days"]),
        screen_lock=_word(Switch, found["screen_lock"]),
        firewall=_word(Switch, found["firewall"]),
        agent=found["agent"],
        agent_days=_days(found["agent_days"]),
    )


def plain(facts: Facts) -> dict[str, Any]:
    """Return the facts as their members: what `read_facts` reads."""
    return {
        name: str(value) if isinstance(value, StrEnum) else value for name, value in asdict(facts).items()
    }


def check(signed: Signed, *, label: str, public: bytes) -> None:
    """Return if the signature holds over the statement as it stands; StatementRefused."""
    try:
        verify(public, _message(label, signed.statement), signed.signature)
    except BadSignature:
        raise refused("signature") from None


def _signed(label: str, whole: Mapping[str, Any], key: SigningKey) -> dict[str, str]:
    statement = _canonical(whole)
    signature = key.sign(_message(label, statement))
    return {"statement": statement, "signature": b64encode(signature).decode("ascii")}


def _canonical(whole: Mapping[str, Any]) -> str:
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _message(label: str, statement: str) -> bytes:
    return label.encode() + b"\x00" + statement.encode()


def _members(statement: str, label: str, wanted: set[str]) -> dict[str, Any]:
    """Return the members of a statement of this label, spelled canonically; two readers must not read two things."""
    try:
        size = len(statement.encode())
        whole = json.loads(statement)
    except (ValueError, RecursionError):
        raise refused("shape") from None
    if size > _LONGEST or not isinstance(whole, dict):
        raise refused("shape")
    if whole.get("format") != label:
        raise refused("format")
    if set(whole) != wanted | {"format"}:
        raise refused("shape")
    if _canonical(whole) != statement:
        raise refused("spelling")
    return whole


def _word(kind: type[_Word], value: Any) -> _Word:
    if not isinstance(value, str) or value not in set(kind):
        raise refused("facts")
    return kind(value)


def _days(value: Any) -> int | None:
    return None if value is None else _number(value, _MOST_DAYS)


def _number(value: Any, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise refused("facts")
    return value


def _moment(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value)
        if rfc3339(found) != value:
            raise refused("shape")
    except (TypeError, ValueError):
        raise refused("shape") from None
    return found.astimezone(UTC)


def _is_hex(value: Any, length: int) -> bool:
    return isinstance(value, str) and len(value) == length and set(value) <= _HEX


def _is_text(value: Any, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most and value.isprintable()
