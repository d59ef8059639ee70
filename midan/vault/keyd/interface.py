"""What keyd answers, and in what words: plain data in batches, so that a separate process can serve it.

Nothing here returns a tree root, a state key or the generation secret. `lease` hands out exactly the leased leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from midan.core.blind import Kind
from midan.core.grant import Grant
from midan.core.keytree import Node
from midan.core.parts import PartCode


class SealedPart(NamedTuple):
    """One row to open: where its key is, what it is bound to, and its bytes."""

    epoch: int
    leaf: int
    record: bytes
    part: PartCode
    sealed: bytes


class SealedNode(NamedTuple):
    """One frontier row."""

    depth: int
    prefix: int
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EpochState:
    """The rows of a new epoch, every secret sealed: the caller stores them in its own transaction."""

    epoch: int
    version: int
    generation: int
    wrapped: bytes
    index_secret: bytes
    frontier: tuple[SealedNode, ...]

    def __repr__(self) -> str:
        return f"<EpochState {self.epoch} version {self.version}>"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LeaseKeys:
    """What sealing one block of records takes."""

    company: bytes
    nodes: tuple[Node, ...]
    index_secret: bytes
    reference_secret: bytes

    def __repr__(self) -> str:
        return "<LeaseKeys ••••>"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanySecrets:
    """Fresh secrets of the company, sealed under the generation secret: name → bytes to store."""

    generation: int
    wrapped: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Facts for `midan keys status` and the controls. `keeper` names its class."""

    keeper: str
    generation: int
    cached_epochs: int


class Keyd(Protocol):
    """The holder of keys. Every method raises VaultNotInitialised, VaultLocked or WrongPassphrase when locked."""

    def status(self) -> Status:
        """Unlock if need be and return facts."""

    def create_generation(self) -> int:
        """Make the first generation secret with the keeper, or find the one of an interrupted start."""

    def create_company_secrets(self) -> CompanySecrets:
        """Return fresh company secrets."""

    def company_secret(self, name: str) -> bytes:
        """Return one secret of the company."""

    def create_epoch(self, epoch: int) -> EpochState:
        """Return the rows of a fresh epoch."""

    def lease(self, epoch: int, first_record: int, count: int) -> LeaseKeys:
        """Return the keys of a reserved block; EpochDestroyed, or Punctured when part of it is gone."""

    def mask_parts(self, parts: Sequence[SealedPart]) -> list[tuple[str, ...] | None]:
        """Return the masked fields of each part, None for an erased one; PartDamaged when one does not open."""

    def open_parts(
        self, parts: Sequence[SealedPart], *, grant: Grant, seq: int, now: datetime
    ) -> Mapping[str, str]:
        """Return the fields the grant names. GrantRefused before anything is opened, PartGone, PartDamaged."""

    def check_parts(self, parts: Sequence[SealedPart]) -> list[bool | None]:
        """Return, for each part, whether it opens only with its own key and record; None for an erased one."""

    def occurrences(self, parts: Sequence[SealedPart], text: str) -> int:
        """Return how many phones, addresses and references of these parts stand in `text`: a count, no value."""

    def digests(self, kind: Kind, value: str, epochs: Sequence[int] | None = None) -> list[tuple[int, bytes]]:
        """Return (epoch, digest) of one value for these epochs, or for every live one."""
