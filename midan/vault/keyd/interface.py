"""What keyd answers, and in what words: plain data in batches, so that a separate process can serve it.

Nothing here returns a tree root, a state key or the generation secret. `reserve` hands out leaves nobody ever used,
and no caller can name which.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple, Protocol

from midan.core.actor import Actor
from midan.core.blind import Kind
from midan.core.grant import Grant
from midan.core.parts import PartCode
from midan.core.warrant import Cut, Warrant
from midan.vault.keyd.statebook import StateBook
from midan.vault.rules import Lease

# What stands before the name of a standby where it is named beside keepers.
STANDBY: Final = "standby:"


class SealedPart(NamedTuple):
    """One row to open: where its key is, what it is bound to, and its bytes."""

    epoch: int
    leaf: int
    record: bytes
    part: PartCode
    sealed: bytes


class MaskedPart(NamedTuple):
    """The fields of one part as everybody may see them."""

    seq: int
    part: PartCode
    fields: tuple[str, ...]


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
    """Of `tried` parts `good` opened with their own key and record only; `found` says whether any clear column held a value.

    Nothing here counts values: how many were found would answer many guesses at once.
    """

    at: datetime
    tried: int
    good: int
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Facts for `midan keys status` and the controls. `keeper` names its class."""

    keeper: str
    generation: int
    cached_epochs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A keeper's word that it forgot a generation, and how; `best_effort` where storage may keep old blocks."""

    keeper: str
    kind: str
    generation: int
    at: datetime
    how: str
    best_effort: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """One ratchet. `pending` names the keepers that still hold an older generation, or may, and whom they wait for."""

    generation: int
    receipts: tuple[Receipt, ...]
    pending: tuple[str, ...]
    epochs: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What keepers have erased just now, which still owe it, and `standby:NAME:WORD` for whom they wait."""

    receipts: tuple[Receipt, ...]
    pending: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destroyed:
    """Epochs whose state is gone, and how many records had been reserved in them, burnt ones included.

    `generation` is the newest that may have wrapped them: old copies open until every keeper has erased it and all
    before it (selectors.unreadable_since).
    """

    epochs: int
    records: int
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Punctured:
    """What lost its keys in this call: whole records, and single parts. What was gone before counts nothing.

    `generation` as in Destroyed.
    """

    records: int
    parts: int
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperStatus:
    """One keeper as seen now. `held` are the generations in it; more than one is a ratchet not yet over.

    `pack` is the counter of the newest key pack there, 0 for none or one that cannot be read.
    """

    name: str
    kind: str
    reachable: bool
    generation: int | None
    held: tuple[int, ...]
    pack_counter: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeydStatus:
    """A process that holds keys: the state version it has seen, and the seconds its lease lasts without another look."""

    name: str
    host: str
    pid: int
    version: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStatus:
    """Generation and keepers. While `pending` names one, or `unratcheted` is not 0, old copies can open what was cut.

    `unratcheted` counts the destructions since the last ratchet; `pending` names the keepers that owe an erasure, and
    the standbys they wait for as `standby:NAME:WORD` (midan.vault.keyd.standbys).
    """

    generation: int
    pack_counter: int
    keepers: tuple[KeeperStatus, ...]
    live_epochs: int
    unratcheted: int
    pending: tuple[str, ...]
    keyds: tuple[KeydStatus, ...]

    @property
    def owing(self) -> tuple[str, ...]:
        """Return the keepers that owe an erasure."""
        return tuple(name for name in self.pending if not name.startswith(STANDBY))

    @property
    def standbys(self) -> tuple[str, ...]:
        """Return the standbys for which keepers wait, as NAME:WORD."""
        return tuple(name.removeprefix(STANDBY) for name in self.pending if name.startswith(STANDBY))


class Keyd(Protocol):
    """The holder of keys. Every method raises VaultNotInitialised, VaultLocked or WrongPassphrase when locked."""

    is_remote: bool

    def status(self) -> Status:
        """Unlock if need be and return facts."""

    def acknowledge(self) -> int:
        """Look at the state of the keys now, and return the version from which on this keyd opens nothing older."""

    def create_generation(self) -> int:
        """Make the first generation secret with the keeper, or find the one of an interrupted start."""

    def create_company_secrets(self) -> CompanySecrets:
        """Return fresh company secrets."""

    def company_secret(self, name: str) -> bytes:
        """Return one secret of the company."""

    def reserve(self, *, retention: str, day: date, records: int, due: date | None = None) -> Lease:
        """Return a block of records never used before in the epoch of this class and day, with its keys.

        keyd reckons the day due of a new epoch by the length in force; `due` counts inside one's own process only. The
        mark is committed before a key leaves: a process killed afterwards burns the block. RuntimeError inside a
        transaction. EpochDestroyed, EpochFull, BlockRefused.
        """

    def mask_orders(self, seqs: Sequence[int], parts: Collection[PartCode]) -> list[MaskedPart]:
        """Return the masked fields of these parts of these orders, as far as they have a key; PartDamaged.

        keyd reads the sealed bytes itself: whoever asks need not be able to.
        """

    def open_order(self, *, grant: Grant, seq: int, now: datetime) -> Mapping[str, str]:
        """Return the fields the grant names, of the order of this sequence, which keyd reads itself.

        GrantRefused or OpeningsLimited before anything is opened; PartGone, PartDamaged. RuntimeError inside a
        transaction: an entry that can be rolled back is none. `now` counts inside one's own process only; a keyd
        that serves has its own clock.
        """

    def same_identity(self, *, entry_id: str, seq: int, id_number: str, now: datetime) -> bool:
        """Return whether the number sealed for this order is this one: nothing else of it leaves keyd.

        The entry is one of a comparison, for this order, committed within the last minute, and used once: GrantRefused,
        OpeningsLimited. PartGone where none is sealed. RuntimeError inside a transaction. `now` as in `open_order`.
        """

    def check_parts(self, parts: Sequence[SealedPart]) -> list[bool | None]:
        """Return, for each part, whether it opens only with its own key and record; None for an erased one."""

    def inspect(self, *, now: datetime) -> Inspection:
        """Draw parts by chance, try each, and look for their values in clear columns: at most once an hour, and logged.

        In between the last answer is given again. `now` as in `open_parts`.
        """

    def find(
        self, kind: Kind, value: str, *, commit: Callable[[], str], now: datetime
    ) -> list[tuple[int, int]]:
        """Return (sequence, part code) of every order with this value in a live epoch, in no order.

        `commit` durably writes the entry of this search and returns its id; a keyd that serves looks up meanwhile,
        and hands out nothing before it has read that entry itself. Whatever `commit` raises passes through.
        GrantRefused, OpeningsLimited. RuntimeError inside a transaction. `now` as in `open_order`.
        """

    def rotate(self, *, actor: Actor, now: datetime) -> Rotation:
        """Turn the ratchet: what was destroyed before opens with no old copy any more, once nobody is pending.

        RatchetRunning; KeeperUnreachable when no keeper takes the new generation: then nothing has changed.
        """

    def settle(self, *, actor: Actor, now: datetime) -> Settled:
        """Give keepers that are back what they lack, and let them erase what they owe; RatchetRunning."""

    def destroy(self, *, actor: Actor, warrant: Warrant, epochs: Sequence[int], now: datetime) -> Destroyed:
        """Destroy whole epochs; WarrantRefused. `now` counts as in `open_order`."""

    def puncture(self, *, actor: Actor, warrant: Warrant, cuts: Sequence[Cut], now: datetime) -> Punctured:
        """Destroy single records and parts, and delete the digests that lead to them; WarrantRefused."""

    def reseal(
        self, *, actor: Actor, warrant: Warrant, run: str, causes: Mapping[int, str], now: datetime
    ) -> int:
        """Carry these records out of the warrant's epochs into one of today, and return how many moved.

        `causes` maps each sequence to `held` or `straggler`. WarrantRefused; RuntimeError inside a transaction.
        """

    def key_status(self) -> KeyStatus:
        """Return how generation and keepers stand."""

    def state_book(self, *, since: date, limit: int) -> StateBook:
        """Return what the states tell: totals, intake days from `since` on, the `limit` epochs due first."""
