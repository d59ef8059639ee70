"""A destruction certificate as bytes: facts, the log entry that holds their digest, a signature. Verified offline.

Byte for byte in specs/certificate.md. One certificate has one spelling: whoever changes a byte changes what is signed,
the signature, or the spelling, and each of the three is refused.

    MidanError
    └── CertificateRefused    `reason` says which check failed: one word of `Fault`
"""

import json
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final

from midan.core.entry import Entry, MalformedEntry, entry_leaf
from midan.core.errors import MidanError
from midan.core.merkle import Head, Verifier, open_checkpoint, verify_inclusion
from midan.core.merkle.checkpoint import Signer
from midan.core.sm import BadSignature, sm3, verify

VERSION: Final = 1
KIND: Final = "midan/destruction-certificate"
ISSUED: Final = "destruction:certificate:issued"
MOST_BYTES: Final = 64 * 1024 * 1024
DRILL_KIND: Final = "midan/resurrection-drill"
DRILLED: Final = "destruction:drill:finished"
_PARTS: Final = frozenset({"v", "kind", "facts", "log", "signature"})
_LOG: Final = frozenset({"v", "entry", "salt", "index", "size", "proof", "checkpoint"})
_HEX: Final = re.compile(r"[0-9a-f]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A kind of paper: what it calls itself, the act and object of its log entry, what its signature begins with."""

    kind: str
    act: str
    object: str
    label: bytes


CERTIFICATE: Final = Form(kind=KIND, act=ISSUED, object="certificate", label=b"midan/certificate/1\n")
# The record of a resurrection drill: the same paper with other facts.
DRILL: Final = Form(kind=DRILL_KIND, act=DRILLED, object="drill", label=b"midan/drill/1\n")
FORMS: Final[Mapping[str, Form]] = {form.kind: form for form in (CERTIFICATE, DRILL)}


class Fault(StrEnum):
    """What may be wrong with a certificate."""

    UNREADABLE = "unreadable"
    SPELLING = "spelling"
    SIGNATURE = "signature"
    ENTRY = "entry"
    PROOF = "proof"


class CertificateRefused(MidanError):
    """The certificate does not hold; nothing in it can be relied on."""

    code: ClassVar[str] = "certificate_refused"
    clause: ClassVar[str | None] = "L6.2"
    status: ClassVar[int] = 422

    def __init__(self, fault: Fault) -> None:
        super().__init__("销毁证明不成立：%(fault)s", fault=str(fault))


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate whose signature, log entry and inclusion proof were checked."""

    number: str
    status: str
    facts: Mapping[str, Any]
    entry_id: str
    log_index: int
    log_size: int


def canonical(value: object) -> bytes:
    """Return the one spelling: JSON, keys sorted, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def facts_digest(facts: Mapping[str, Any], form: Form = CERTIFICATE) -> str:
    """Return the digest by which the log entry names the facts."""
    return sm3(form.label + canonical(facts)).hex()


def write(
    facts: Mapping[str, Any],
    log: Mapping[str, Any],
    *,
    name: str,
    key: Signer,
    form: Form = CERTIFICATE,
) -> bytes:
    """Return the certificate. `log` is the proof file of the entry that says these facts were certified."""
    body = {"v": VERSION, "kind": form.kind, "facts": facts, "log": log}
    signer = Verifier(name=name, public=key.public)
    value = key.sign(form.label + canonical(body))
    signature = {"name": name, "hint": signer.hint.hex(), "value": b64encode(value).decode("ascii")}
    return canonical({**body, "signature": signature}) + b"\n"


def read(data: bytes, *, trusted: Verifier, form: Form = CERTIFICATE) -> Certificate:
    """Return the certificate if it holds under the key of this log; CertificateRefused."""
    whole = _parse(data, form)
    _check_signature(whole, trusted, form)
    facts, log = whole["facts"], whole["log"]
    entry = _entry(log)
    if entry.act != form.act or entry.details.get("facts") != facts_digest(facts, form):
        raise CertificateRefused(Fault.ENTRY)
    if entry.object != f"{form.object}:{facts.get('number')}":
        raise CertificateRefused(Fault.ENTRY)
    try:
        head = open_checkpoint(log["checkpoint"], trusted=[trusted], origin=trusted.name)
        verify_inclusion(
            Head(size=head.size, root=head.root),
            index=log["index"],
            leaf=entry_leaf(bytes.fromhex(log["salt"]), entry.to_bytes()),
            proof=[bytes.fromhex(item) for item in log["proof"]],
        )
    except (MidanError, ValueError, TypeError):
        raise CertificateRefused(Fault.PROOF) from None
    if head.size != log["size"]:
        raise CertificateRefused(Fault.PROOF)
    return Certificate(
        number=str(facts.get("number")),
        status=str(facts.get("status")),
        facts=facts,
        entry_id=entry.entry_id,
        log_index=log["index"],
        log_size=head.size,
    )


def form_of(data: bytes) -> Form:
    """Return the form a paper says it has, a certificate's where it says nothing known; nothing is checked yet."""
    try:
        return FORMS[json.loads(data)["kind"]]
    except (ValueError, RecursionError, KeyError, TypeError):
        return CERTIFICATE


def _parse(data: bytes, form: Form) -> dict[str, Any]:
    """Return the members, of the right names and in the one spelling."""
    if len(data) > MOST_BYTES:
        raise CertificateRefused(Fault.UNREADABLE)
    try:
        whole = json.loads(data.decode())
    except (ValueError, RecursionError):
        raise CertificateRefused(Fault.UNREADABLE) from None
    if not isinstance(whole, dict) or whole.keys() != _PARTS:
        raise CertificateRefused(Fault.UNREADABLE)
    if whole["v"] != VERSION or whole["kind"] != form.kind or not isinstance(whole["facts"], dict):
        raise CertificateRefused(Fault.UNREADABLE)
    if not isinstance(whole["log"], dict) or whole["log"].keys() != _LOG:
        raise CertificateRefused(Fault.UNREADABLE)
    try:
        same = canonical(whole) + b"\n" == data
    except ValueError:
        same = False
    if not same:
        raise CertificateRefused(Fault.SPELLING)
    return whole


def _check_signature(whole: Mapping[str, Any], trusted: Verifier, form: Form) -> None:
    signature = whole["signature"]
    body = {name: whole[name] for name in whole if name != "signature"}
    try:
        value = b64decode(signature["value"], validate=True)
        spelled = {
            "name": trusted.name,
            "hint": trusted.hint.hex(),
            "value": b64encode(value).decode("ascii"),
        }
        if signature != spelled:
            raise CertificateRefused(Fault.SIGNATURE)
        verify(trusted.public, form.label + canonical(body), value)
    except (BadSignature, NotBase64, ValueError, TypeError, KeyError):
        raise CertificateRefused(Fault.SIGNATURE) from None


def _entry(log: Mapping[str, Any]) -> Entry:
    """Return the entry in the proof, whose every member is of its type."""
    hexes = [log["salt"], *log["proof"]] if isinstance(log["proof"], list) else [None]
    if not all(isinstance(item, str) and _HEX.fullmatch(item) for item in hexes):
        raise CertificateRefused(Fault.PROOF)
    if type(log["index"]) is not int or type(log["size"]) is not int or log["v"] != 1:
        raise CertificateRefused(Fault.PROOF)
    if not isinstance(log["checkpoint"], str):
        raise CertificateRefused(Fault.PROOF)
    try:
        return Entry.from_bytes(b64decode(log["entry"], validate=True))
    except (MalformedEntry, NotBase64, ValueError, TypeError):
        raise CertificateRefused(Fault.ENTRY) from None
