"""The pieces of a backup set, byte for byte in specs/backup.md. Pure: bytes in, bytes out.

header  "MIDANBAK" 8 ‖ 0x01 ‖ company 16 ‖ set 16 ‖ wrapped set secret 60 ‖ length u8 ‖ name
chunk   final u8 ‖ length u32 ‖ SM4-GCM(piece key, counter as 12 bytes, plain, AAD) with its tag
AAD     "midan/backup/1" ‖ SM3(header) ‖ counter u64 ‖ final u8

Version 1 for ever: another layout takes another version byte.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from midan.core import sm
from midan.vault.backup.errors import BackupDamaged, BackupKeyWrong

KEY_BYTES: Final = 32
ID_BYTES: Final = 16
MANIFEST: Final = "manifest"
SUFFIX: Final = ".mbk"
# A chunk is about a mebibyte; one row may be longer. Nothing of ours comes near this.
MOST_BYTES: Final = 64 * 1024 * 1024

_MAGIC: Final = b"MIDANBAK\x01"
_WRAPPED: Final = sm.NONCE_BYTES + KEY_BYTES + sm.TAG_BYTES
_HEAD: Final = struct.Struct(f">{len(_MAGIC)}s{ID_BYTES}s{ID_BYTES}s{_WRAPPED}sB")
_FRAME: Final = struct.Struct(">BI")
_AAD: Final = struct.Struct(">14s32sQB")
_CHUNK_LABEL: Final = b"midan/backup/1"
_WRAP_LABEL: Final = b"midan/backup-key/1"
_SET_LABEL: Final = b"midan/backup-set/1"
_PIECE_LABEL: Final = b"midan/backup-piece/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The clear beginning of a piece: whose it is, of which set, of which table."""

    company: bytes
    set_id: bytes
    wrapped: bytes
    name: str

    def to_bytes(self) -> bytes:
        """Return the header's bytes; ValueError for a name over 255 bytes."""
        name = self.name.encode("ascii")
        if len(name) > 255:
            raise ValueError("the name of a piece has at most 255 bytes")
        return _HEAD.pack(_MAGIC, self.company, self.set_id, self.wrapped, len(name)) + name


def wrap(backup_key: bytes, *, company: bytes, set_id: bytes, secret: bytes, nonce: bytes) -> bytes:
    """Return the set secret sealed under the backup key."""
    return nonce + sm.seal(_wrapping(backup_key), nonce, secret, _SET_LABEL + company + set_id)


def unwrap(backup_key: bytes, header: Header) -> bytes:
    """Return the set secret; BackupKeyWrong when the key or the header is another."""
    try:
        return sm.open_(
            _wrapping(backup_key),
            header.wrapped[: sm.NONCE_BYTES],
            header.wrapped[sm.NONCE_BYTES :],
            _SET_LABEL + header.company + header.set_id,
        )
    except sm.Tampered:
        raise BackupKeyWrong from None


def _wrapping(backup_key: bytes) -> bytes:
    return sm.sm3(_WRAP_LABEL + backup_key)[: sm.KEY_BYTES]


def piece_key(secret: bytes, name: str) -> bytes:
    """Return the key of one piece: its own, so that counters may start at 0 in each."""
    return sm.sm3(_PIECE_LABEL + secret + name.encode("ascii"))[: sm.KEY_BYTES]


def tags_digest(tags: bytes) -> str:
    """Return what the manifest says of a piece's tags, laid end to end."""
    return sm.sm3(tags).hex()


class PieceSealer:
    """The chunks of one piece, one after the other. A key and a counter never seal twice: one sealer a piece."""

    __slots__ = ("_count", "_digest", "_key")

    def __init__(self, key: bytes, header: bytes) -> None:
        self._key, self._digest, self._count = key, sm.sm3(header), 0

    def seal(self, plain: bytes, *, final: bool) -> bytes:
        """Return the next chunk, framed."""
        return self.numbered(plain, final=final)()

    def numbered(self, plain: bytes, *, final: bool) -> Callable[[], bytes]:
        """Give the next chunk its number now, and return what seals it, in whichever thread and order."""
        count = self._count
        self._count += 1

        def sealed() -> bytes:
            aad = _AAD.pack(_CHUNK_LABEL, self._digest, count, final)
            body = sm.seal(self._key, count.to_bytes(sm.NONCE_BYTES), plain, aad)
            return _FRAME.pack(final, len(body)) + body

        return sealed


def read_header(file: BinaryIO, name: str) -> Header:
    """Return the header of a file that should be the piece `name`; BackupDamaged."""
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise BackupDamaged(name, "cut")
    magic, company, set_id, wrapped, length = _HEAD.unpack(head)
    if magic != _MAGIC:
        raise BackupDamaged(name, "header")
    if file.read(length) != name.encode("ascii"):
        raise BackupDamaged(name, "header")
    return Header(company=company, set_id=set_id, wrapped=wrapped, name=name)


def open_chunks(file: BinaryIO, header: Header, secret: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (plain, tag) of each chunk; BackupDamaged for one altered, cut, moved, or anything after the final one."""
    key, digest = piece_key(secret, header.name), sm.sm3(header.to_bytes())
    counter, final = 0, 0
    while not final:
        frame = file.read(_FRAME.size)
        if len(frame) < _FRAME.size:
            raise BackupDamaged(header.name, "cut")
        final, length = _FRAME.unpack(frame)
        if final > 1 or not sm.TAG_BYTES <= length <= MOST_BYTES:
            raise BackupDamaged(header.name, "chunk")
        sealed = file.read(length)
        if len(sealed) < length:
            raise BackupDamaged(header.name, "cut")
        aad = _AAD.pack(_CHUNK_LABEL, digest, counter, final)
        try:
            plain = sm.open_(key, counter.to_bytes(sm.NONCE_BYTES), sealed, aad)
        except sm.Tampered:
            raise BackupDamaged(header.name, "chunk") from None
        yield plain, sealed[-sm.TAG_BYTES :]
        counter += 1
    if file.read(1):
        raise BackupDamaged(header.name, "surplus")
