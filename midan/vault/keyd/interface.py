"""What keyd answers, and in what words: plain data in batches, so that a separate process can serve it.

Nothing here returns a tree root, a state key or the generation secret. `reserve` hands out leaves nobody ever used,
and no caller can name which.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from midan.core.blind import Kind
from midan.core.grant import Grant
from midan.core.parts import PartCode
from midan.vault.rules import Lease


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanySecrets:
    """Fresh secrets of the company, sealed under the generation secret: name → bytes to store."""

    generation: int
    wrapped: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Of `tried` parts so many open with their own key and record only; `found` values stand in clear columns."""

    tried: int
    good: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Facts for `midan keys status` and the controls. `keeper` names its class."""

    keeper: str
    generation: int
    cached_epochs: int


class Keyd(Protocol):
    """The holder of keys. Every method raises VaultNotInitialised, VaultLocked or WrongPassphrase when locked."""

    is_remote: bool

    def status(self) -> Status:
        """Unlock if need be and return facts."""

    def create_generation(self) -> int:
        """Make the first generation secret with the keeper, or find the one of an interrupted start."""

    def create_company_secrets(self) -> CompanySecrets:
        """Return fresh company secrets."""

    def company_secret(self, name: str) -> bytes:
        """Return one secret of the company."""

    def reserve(self, *, retention: str, day: date, due: date, records: int) -> Lease:
        """Return a block of records never used before in the epoch of this class and day, with its keys.

        The mark is committed before a key leaves: a process killed afterwards burns the block. RuntimeError inside a
        transaction. EpochDestroyed, EpochFull.
        """

    def mask_parts(self, parts: Sequence[SealedPart]) -> list[tuple[str, ...] | None]:
        """Return the masked fields of each part, None for an erased one; PartDamaged when one does not open."""

    def open_parts(
        self, parts: Sequence[SealedPart], *, grant: Grant, seq: int, now: datetime
    ) -> Mapping[str, str]:
        """Return the fields the grant names.

        GrantRefused or OpeningsLimited before anything is opened; PartGone, PartDamaged. RuntimeError inside a
        transaction: an entry that can be rolled back is none. `now` counts inside one's own process only; a keyd
        that serves has its own clock.
        """

    def check_parts(self, parts: Sequence[SealedPart]) -> list[bool | None]:
        """Return, for each part, whether it opens only with its own key and record; None for an erased one."""

    def inspect(self, *, sample: int, rows: int) -> Inspection:
        """Draw parts by chance, try each, and look for their values in clear columns: counts, no value.

        keyd draws and reads itself: nobody can ask whether a text of his own stands in a sealed part.
        """

    def find(
        self, kind: Kind, value: str, *, commit: Callable[[], str], now: datetime
    ) -> list[tuple[int, int]]:
        """Return (sequence, part code) of every order with this value in a live epoch, in no order.

        `commit` durably writes the entry of this search and returns its id; a keyd that serves looks up meanwhile,
        and hands out nothing before it has read that entry itself. Whatever `commit` raises passes through.
        GrantRefused, OpeningsLimited. RuntimeError inside a transaction. `now` as in `open_parts`.
        """
