"""Checkpoints: a short signed text that pins a log's size and root.

The shape is that of C2SP tlog-checkpoint and signed-note; hash and signature are SM3 and SM2, so no
compatibility is claimed. What is signed is the text up to and including the newline of its last line, before
the blank line. One reading only; anything else is refused. Laws and limits: specs/audit-log.md.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from midan.core.merkle.errors import CheckpointUnsigned, MalformedCheckpoint
from midan.core.sm import BadSignature, sm3, verify

HINT_SIZE = 4
MAX_TEXT = 65_536
MAX_SIGNATURES = 32
_ROOT_SIZE = 32
_KEY_KIND = b"\xffmidan/sm2-sm3/1"
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
_LINE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]+")
_NAME = re.compile(r"[^\s\x00-\x1f\x7f\ud800-\udfff+]+")
_DASH = "\u2014 "


class Signer(Protocol):
    """What a checkpoint needs of a signing key; `midan.core.sm.SigningKey` is one."""

    @property
    def public(self) -> bytes:
        """Return the 64-byte public key."""

    def sign(self, message: bytes, /) -> bytes:
        """Return an SM2 signature over the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """State that the log `origin` had `size` entries and this root. Extension lines are signed too."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines_fit = all(_LINE.fullmatch(line) for line in (self.origin, *self.extensions))
        if not (lines_fit and _SIZE.fullmatch(str(self.size)) and len(self.root) == _ROOT_SIZE):
            raise MalformedCheckpoint("检查点内容不合规")

    def to_text(self) -> str:
        """Return the lines that are signed, each ending in a newline."""
        root = b64encode(self.root).decode("ascii")
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), root, *self.extensions))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature line: who, four bytes that tell which key, and the signature."""

    name: str
    hint: bytes
    value: bytes

    def __post_init__(self) -> None:
        if not (_NAME.fullmatch(self.name) and len(self.hint) == HINT_SIZE and self.value):
            raise MalformedCheckpoint("检查点签名行不合规")

    def to_text(self) -> str:
        """Return the line, ending in a newline."""
        return f"{_DASH}{self.name} {b64encode(self.hint + self.value).decode('ascii')}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A checkpoint with its signatures, checked or not: only `open_checkpoint` says which."""

    checkpoint: Checkpoint
    signatures: tuple[Signature, ...]

    def to_text(self) -> str:
        """Return the whole text, as published."""
        return self.checkpoint.to_text() + "\n" + "".join(line.to_text() for line in self.signatures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """A key the reader trusts, under the name it signs with."""

    name: str
    public: bytes

    @property
    def hint(self) -> bytes:
        """Return the four bytes by which a signature line points at this key."""
        return sm3(self.name.encode() + b"\n" + _KEY_KIND + self.public)[:HINT_SIZE]


def sign_checkpoint(checkpoint: Checkpoint, *, name: str, key: Signer) -> Signature:
    """Return one signature line; a log and its witnesses each add theirs to the same text."""
    value = key.sign(checkpoint.to_text().encode())
    return Signature(name=name, hint=Verifier(name=name, public=key.public).hint, value=value)


def parse_checkpoint(text: str) -> Signed:
    """Read a checkpoint without checking signatures; raise MalformedCheckpoint unless canonical."""
    body, blank, tail = text.partition("\n\n")
    lines = body.split("\n")
    if len(text) > MAX_TEXT or not blank or len(lines) < 3 or not _SIZE.fullmatch(lines[1]):
        raise MalformedCheckpoint("检查点无法读取")
    checkpoint = Checkpoint(
        origin=lines[0], size=int(lines[1]), root=_base64(lines[2]), extensions=tuple(lines[3:])
    )
    signed = Signed(checkpoint=checkpoint, signatures=_signatures(tail))
    if signed.to_text() != text:
        raise MalformedCheckpoint("检查点写法不唯一")
    return signed


def open_checkpoint(
    text: str, *, trusted: Collection[Verifier], origin: str | None = None, needed: int = 1
) -> Checkpoint:
    """Return the checkpoint if at least `needed` trusted keys signed it and it is the log asked for.

    Signatures of unknown keys are ignored. A wrong signature under a known key refuses the whole text.
    """
    signed = parse_checkpoint(text)
    if origin is not None and signed.checkpoint.origin != origin:
        raise CheckpointUnsigned("检查点属于另一份日志")
    message = signed.checkpoint.to_text().encode()
    good: set[Verifier] = set()
    for line in signed.signatures:
        for key in trusted:
            if (key.name, key.hint) == (line.name, line.hint):
                _check(key, message, line)
                good.add(key)
    if needed < 1 or len(good) < needed:
        raise CheckpointUnsigned("检查点缺少可信签名", found=len(good), needed=needed)
    return signed.checkpoint


def _check(key: Verifier, message: bytes, line: Signature) -> None:
    try:
        verify(key.public, message, line.value)
    except BadSignature as wrong:
        raise CheckpointUnsigned("检查点签名不正确") from wrong


def _signatures(tail: str) -> tuple[Signature, ...]:
    lines = tail.split("\n")[:-1]
    if not 1 <= len(lines) <= MAX_SIGNATURES:
        raise MalformedCheckpoint("检查点签名行数不对", count=len(lines))
    found = []
    for line in lines:
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        raw = _base64(encoded)
        found.append(Signature(name=name, hint=raw[:HINT_SIZE], value=raw[HINT_SIZE:]))
    return tuple(found)


def _base64(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError) as wrong:
        raise MalformedCheckpoint("检查点编码无法读取") from wrong
