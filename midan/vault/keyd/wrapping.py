"""How the secrets of an epoch and of the company are sealed at rest. Byte for byte in specs/epoch-state.md.

sealed      = nonce 12 ‖ SM4-GCM(first 16 bytes of SM3("midan/wrap/1" ‖ secret 32), nonce, plain, AAD)
state key   32 bytes, under the generation secret, AAD "midan/state/1"    ‖ epoch u32 ‖ version u32
frontier    a node or a run of nodes, under the state key, AAD "midan/frontier/1" ‖ epoch u32 ‖ depth u8 ‖ prefix u32
index       32 bytes, under the state key,         AAD "midan/indexkey/1" ‖ epoch u32
company     16 or 32, under the generation secret, AAD "midan/company/1"  ‖ name
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from midan.core import sm
from midan.core.blind import index_secret
from midan.core.keyruns import Row, first_leaf, first_row, pack_run, runs
from midan.core.keytree import MalformedFrontier
from midan.vault.errors import StateDamaged
from midan.vault.keyd.interface import CompanySecrets, EpochState, SealedNode

SECRET_BYTES: Final = 32
# Waybill numbers and label tokens are permuted by SM4 itself: 16 bytes. References are digested by HMAC.
COMPANY_SECRETS: Final = {"number": 16, "label-token": 16, "reference": 32}

_WRAP: Final = b"midan/wrap/1"
_GENERATION: Final = struct.Struct(">BI32s")
_STATE_AAD: Final = struct.Struct(">13sII")
_NODE_AAD: Final = struct.Struct(">16sIBI")
_INDEX_AAD: Final = struct.Struct(">16sI")

Entropy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, repr=False)
class Generation:
    """The secret above all state keys. Lives with the keepers and in keyd's memory, nowhere else."""

    number: int
    secret: bytes

    def to_bytes(self) -> bytes:
        """Return version ‖ number u32 ‖ secret 32: what a keeper stores sealed."""
        return _GENERATION.pack(1, self.number, self.secret)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the generation or raise StateDamaged."""
        if len(data) != _GENERATION.size or data[0] != 1:
            raise StateDamaged("generation")
        _, number, secret = _GENERATION.unpack(data)
        return cls(number, secret)

    def __repr__(self) -> str:
        return f"<Generation {self.number}>"


def _seal(secret: bytes, plain: bytes, aad: bytes, entropy: Entropy) -> bytes:
    nonce = entropy(sm.NONCE_BYTES)
    return nonce + sm.seal(sm.sm3(_WRAP + secret)[: sm.KEY_BYTES], nonce, plain, aad)


def _open(secret: bytes, sealed: bytes, aad: bytes) -> bytes:
    key = sm.sm3(_WRAP + secret)[: sm.KEY_BYTES]
    return sm.open_(key, sealed[: sm.NONCE_BYTES].ljust(sm.NONCE_BYTES), sealed[sm.NONCE_BYTES :], aad)


def seal_company_secret(generation: Generation, name: str, secret: bytes, entropy: Entropy) -> bytes:
    """Seal one company secret for storage."""
    return _seal(generation.secret, secret, b"midan/company/1" + name.encode(), entropy)


def company_secrets(generation: Generation, entropy: Entropy) -> CompanySecrets:
    """Return fresh secrets of the company, sealed."""
    wrapped = {
        name: seal_company_secret(generation, name, entropy(size), entropy)
        for name, size in COMPANY_SECRETS.items()
    }
    return CompanySecrets(generation=generation.number, wrapped=wrapped)


def open_company_secret(generation: Generation, name: str, sealed: bytes) -> bytes:
    """Return one company secret or raise StateDamaged."""
    try:
        return _open(generation.secret, sealed, b"midan/company/1" + name.encode())
    except sm.Tampered:
        raise StateDamaged(name) from None


def new_epoch(generation: Generation, epoch: int, entropy: Entropy) -> EpochState:
    """Return the sealed rows of a fresh epoch: a new root, its index secret, a new state key. Nothing is kept."""
    root = entropy(SECRET_BYTES)
    return _state(generation, epoch, 1, [(0, 0, root)], index_secret(root), entropy)


def next_state(  # noqa: PLR0913, PLR0917  (what a state holds)
    generation: Generation, epoch: int, version: int, rows: Sequence[Row], index: bytes, entropy: Entropy
) -> EpochState:
    """Return the state after a puncture: this version, a fresh state key, every row sealed anew under it."""
    return _state(generation, epoch, version, rows, index, entropy)


def _state(  # noqa: PLR0913, PLR0917
    generation: Generation, epoch: int, version: int, rows: Sequence[Row], index: bytes, entropy: Entropy
) -> EpochState:
    state_key = entropy(SECRET_BYTES)
    return EpochState(
        epoch=epoch,
        version=version,
        generation=generation.number,
        wrapped=seal_state(generation, epoch, version, state_key, entropy),
        index_secret=_seal(state_key, index, _INDEX_AAD.pack(b"midan/indexkey/1", epoch), entropy),
        frontier=tuple(_seal_run(state_key, epoch, run, entropy) for run in runs(rows)),
    )


def seal_state(generation: Generation, epoch: int, version: int, state_key: bytes, entropy: Entropy) -> bytes:
    """Wrap a state key under a generation."""
    return _seal(generation.secret, state_key, _STATE_AAD.pack(b"midan/state/1", epoch, version), entropy)


def _seal_run(state_key: bytes, epoch: int, run: Sequence[Row], entropy: Entropy) -> SealedNode:
    depth, prefix, _ = run[0]
    aad = _NODE_AAD.pack(b"midan/frontier/1", epoch, depth, prefix)
    return SealedNode(depth, prefix, _seal(state_key, pack_run(run), aad, entropy))


def open_state(generation: Generation, epoch: int, version: int, wrapped: bytes) -> bytes:
    """Return the state key or raise StateDamaged."""
    try:
        return _open(generation.secret, wrapped, _STATE_AAD.pack(b"midan/state/1", epoch, version))
    except sm.Tampered:
        raise StateDamaged("state", epoch=epoch) from None


def open_index(state_key: bytes, epoch: int, sealed: bytes) -> bytes:
    """Return the index secret or raise StateDamaged."""
    try:
        return _open(state_key, sealed, _INDEX_AAD.pack(b"midan/indexkey/1", epoch))
    except sm.Tampered:
        raise StateDamaged("index", epoch=epoch) from None


class Runs:
    """The rows of a frontier in leaf order, each opened when it is first asked for.

    All rows are sealed under one state key: whether it fits is tried on one of them at once, with StateDamaged. A row
    moved to another place, or altered, raises it when its turn comes.
    """

    __slots__ = ("_epoch", "_key", "_opened", "_sealed", "firsts")

    def __init__(self, state_key: bytes, epoch: int, rows: Iterable[SealedNode]) -> None:
        self._key, self._epoch = state_key, epoch
        self._sealed = sorted(rows, key=lambda row: first_leaf((row.depth, row.prefix, b"")))
        self._opened: dict[int, bytes] = {}
        self.firsts = [first_leaf((row.depth, row.prefix, b"")) for row in self._sealed]
        if self._sealed:
            self[0]

    def __len__(self) -> int:
        return len(self._sealed)

    def __getitem__(self, at: int) -> bytes:
        plain = self._opened.get(at)
        if plain is None:
            plain = self._opened[at] = self._open(self._sealed[at])
        return plain

    def _open(self, row: SealedNode) -> bytes:
        aad = _NODE_AAD.pack(b"midan/frontier/1", self._epoch, row.depth, row.prefix)
        try:
            plain = _open(self._key, row.sealed, aad)
            placed = first_row(plain)[:2] == (row.depth, row.prefix)
        except (sm.Tampered, MalformedFrontier):
            placed = False
        if not placed:
            raise StateDamaged("frontier", epoch=self._epoch, depth=row.depth)
        return plain
