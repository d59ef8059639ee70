"""The key pack: all states of one moment, for a restore. Byte for byte in specs/key-pack.md.

pack   = "MIDANPAK" ‖ 0x01 ‖ generation u32 ‖ counter u64 ‖ nonce 12 ‖ SM4-GCM(key, nonce, body, AAD = the first 21 bytes)
key    = first 16 bytes of SM3("midan/pack/1" ‖ generation secret)
body   = company id 16 ‖ next epoch u32 ‖ count u8 ‖ company secrets ‖ count u32 ‖ epochs
secret = name ‖ wrapped                                     both as length u16 ‖ bytes, names ascending
epoch  = number u32 ‖ retention ‖ day ‖ due ‖ version u32 ‖ mark u32 ‖ wrapped ‖ index secret ‖ frontier
                                                            texts as length u16 ‖ ASCII, numbers ascending
frontier = 0x00 ‖ count u16 ‖ rows, or 0x01 ‖ SM3 of the frontier's own file: count u32 ‖ rows
row    = depth u8 ‖ prefix u32 ‖ length u32 ‖ sealed
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from midan.core import sm
from midan.vault.errors import PackDamaged
from midan.vault.keyd.interface import SealedNode
from midan.vault.keyd.wrapping import Entropy, Generation

# A larger frontier lies in a file of its own at each keeper, written once and not at every turn.
INLINE_BYTES: Final = 2_048
_MAGIC: Final = b"MIDANPAK\x01"
_HEAD: Final = struct.Struct(">9sIQ")
_LABEL: Final = b"midan/pack/1"
_U16: Final = struct.Struct(">H")
_U32: Final = struct.Struct(">I")
_ROW: Final = struct.Struct(">BI")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PackedEpoch:
    """One live epoch. `frontier` holds its rows, or `digest` names the file that does."""

    number: int
    retention: str
    day: date
    due: date
    version: int
    mark: int
    wrapped: bytes
    index_secret: bytes
    frontier: tuple[SealedNode, ...] = ()
    digest: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Pack:
    """The keys of one moment, every one of them wrapped."""

    company: bytes
    generation: int
    counter: int
    next_epoch: int
    secrets: tuple[tuple[str, bytes], ...]
    epochs: tuple[PackedEpoch, ...]

    def __repr__(self) -> str:
        return f"<Pack {self.counter} of generation {self.generation}: {len(self.epochs)} epochs>"


def pack_name(generation: int) -> str:
    """Return the file name of a generation's pack."""
    return f"pack-{generation}.mdp"


def frontier_name(digest: bytes) -> str:
    """Return the file name of a large frontier."""
    return f"frontier-{digest.hex()}.mdf"


def seal(pack: Pack, generation: Generation, entropy: Entropy) -> bytes:
    """Return the bytes of a pack under its generation."""
    head = _HEAD.pack(_MAGIC, pack.generation, pack.counter)
    nonce = entropy(sm.NONCE_BYTES)
    return head + nonce + sm.seal(_key(generation), nonce, _body(pack), head)


def head_of(data: bytes) -> tuple[int, int]:
    """Return generation and counter of a pack without opening it, or raise PackDamaged."""
    if len(data) < _HEAD.size or not data.startswith(_MAGIC):
        raise PackDamaged("head")
    _, generation, counter = _HEAD.unpack_from(data)
    return generation, counter


HEAD_BYTES: Final = _HEAD.size


def unseal(data: bytes, generation: Generation) -> Pack:
    """Return the pack or raise PackDamaged."""
    number, counter = head_of(data)
    if number != generation.number:
        raise PackDamaged("generation")
    nonce, sealed = data[_HEAD.size :][: sm.NONCE_BYTES], data[_HEAD.size + sm.NONCE_BYTES :]
    try:
        body = sm.open_(_key(generation), nonce.ljust(sm.NONCE_BYTES), sealed, data[: _HEAD.size])
        return _Reader(body).pack(number, counter)
    except (sm.Tampered, struct.error, ValueError, IndexError):
        raise PackDamaged("body") from None


def frontier_bytes(rows: Iterable[SealedNode]) -> bytes:
    """Return a frontier's own file: count u32 ‖ rows, in order of their first leaf."""
    ordered = sorted(rows, key=lambda row: row.prefix << (32 - row.depth))
    return _U32.pack(len(ordered)) + b"".join(map(_row, ordered))


def read_frontier(data: bytes, digest: bytes) -> tuple[SealedNode, ...]:
    """Return the rows of a frontier's file or raise PackDamaged."""
    if sm.sm3(data) != digest:
        raise PackDamaged("frontier")
    reader = _Reader(data)
    try:
        return reader.rows(reader.number(_U32))
    except (struct.error, ValueError):
        raise PackDamaged("frontier") from None


def _key(generation: Generation) -> bytes:
    return sm.sm3(_LABEL + generation.secret)[: sm.KEY_BYTES]


def _body(pack: Pack) -> bytes:
    return b"".join(
        (
            pack.company,
            _U32.pack(pack.next_epoch),
            bytes((len(pack.secrets),)),
            *(_text(name) + _bytes(wrapped) for name, wrapped in sorted(pack.secrets)),
            _U32.pack(len(pack.epochs)),
            *map(_epoch, sorted(pack.epochs, key=lambda epoch: epoch.number)),
        )
    )


def _epoch(epoch: PackedEpoch) -> bytes:
    return b"".join(
        (
            _U32.pack(epoch.number),
            _text(epoch.retention),
            _text(epoch.day.isoformat()),
            _text(epoch.due.isoformat()),
            _U32.pack(epoch.version),
            _U32.pack(epoch.mark),
            _bytes(epoch.wrapped),
            _bytes(epoch.index_secret),
            _frontier(epoch.frontier, epoch.digest),
        )
    )


def _frontier(rows: Sequence[SealedNode], digest: bytes | None) -> bytes:
    if digest is not None:
        return b"\x01" + digest
    return b"\x00" + _U16.pack(len(rows)) + b"".join(map(_row, rows))


def _row(row: SealedNode) -> bytes:
    return _ROW.pack(row.depth, row.prefix) + _bytes4(row.sealed)


def _text(text: str) -> bytes:
    return _bytes(text.encode("ascii"))


def _bytes(data: bytes) -> bytes:
    return _U16.pack(len(data)) + data


def _bytes4(data: bytes) -> bytes:
    return _U32.pack(len(data)) + data


class _Reader:
    """Reads from the front; ValueError or struct.error where the bytes end early or go on."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, size: int) -> bytes:
        self._at += size
        if self._at > len(self._data):
            raise ValueError("cut")
        return self._data[self._at - size : self._at]

    def number(self, shape: struct.Struct) -> int:
        (value,) = shape.unpack(self.take(shape.size))
        return int(value)

    def text(self) -> str:
        return self.take(self.number(_U16)).decode("ascii")

    def rows(self, count: int) -> tuple[SealedNode, ...]:
        found = []
        for _ in range(count):
            depth, prefix = _ROW.unpack(self.take(_ROW.size))
            found.append(SealedNode(depth, prefix, self.take(self.number(_U32))))
        return tuple(found)

    def epoch(self) -> PackedEpoch:
        head = (
            self.number(_U32),
            self.text(),
            date.fromisoformat(self.text()),
            date.fromisoformat(self.text()),
        )
        version, mark = self.number(_U32), self.number(_U32)
        wrapped, index = self.take(self.number(_U16)), self.take(self.number(_U16))
        apart = (False, True)[self.take(1)[0]]
        digest = self.take(32) if apart else None
        number, retention, day, due = head
        return PackedEpoch(
            number=number,
            retention=retention,
            day=day,
            due=due,
            version=version,
            mark=mark,
            wrapped=wrapped,
            index_secret=index,
            frontier=() if apart else self.rows(self.number(_U16)),
            digest=digest,
        )

    def pack(self, generation: int, counter: int) -> Pack:
        company, next_epoch = self.take(16), self.number(_U32)
        count = self.take(1)[0]
        secrets = tuple((self.text(), self.take(self.number(_U16))) for _ in range(count))
        epochs = tuple(self.epoch() for _ in range(self.number(_U32)))
        if self._at != len(self._data):
            raise ValueError("more")
        return Pack(
            company=company,
            generation=generation,
            counter=counter,
            next_epoch=next_epoch,
            secrets=secrets,
            epochs=epochs,
        )
