"""keyd inside this process: the generation secret once unlocked, and what it answers with the keys at hand."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from hmac import compare_digest
from threading import RLock

from django.utils.translation.trans_null import gettext_noop

from midan.core.actor import Actor
from midan.core.blind import Kind, digests_many
from midan.core.grant import Grant
from midan.core.parts import PartCode
from midan.core.warrant import Cut, Warrant
from midan.vault.errors import (
    EpochDestroyed,
    GrantRefused,
    PartGone,
    VaultLocked,
    VaultNotInitialised,
)
from midan.vault.events import Act
from midan.vault.keeping.lengths import due_day
from midan.vault.keeping.rules import Cause
from midan.vault.keyd import (
    book,
    destroying,
    inspection,
    leasing,
    opening,
    ratchet,
    resealing,
    standing,
    stored,
    tenure,
    warrants,
    wrapping,
)
from midan.vault.keyd.entries import Watch, committed
from midan.vault.keyd.gate import Gate
from midan.vault.keyd.interface import (
    CompanySecrets,
    Destroyed,
    Inspection,
    KeyStatus,
    MaskedPart,
    Punctured,
    Rotation,
    SealedPart,
    Settled,
    Status,
)
from midan.vault.keyd.keepers import Keepers
from midan.vault.keyd.limits import RateBudget
from midan.vault.keyd.masks import mask_all
from midan.vault.keyd.ring import Keyring
from midan.vault.keyd.statebook import StateBook
from midan.vault.rules import FIELD_PARTS, STANDARD, Lease, part_digests


class LocalKeyd:
    """The keys of one home and one database."""

    is_remote = False

    def __init__(
        self, keepers: Keepers, *, openings: RateBudget, serves_since: datetime | None = None
    ) -> None:
        """Take keepers and a budget of openings; a keyd that serves refuses entries older than `serves_since`."""
        self._keepers = keepers
        self._lock = RLock()
        self._ring: Keyring | None = None
        self.tenure = tenure.Tenure(self._let_go)
        self.watch = Watch(served=serves_since is not None)
        self._gate = Gate(openings=openings, since=serves_since, watch=self.watch, secret=self.company_secret)
        self._inspector = inspection.Inspector(self.check_parts, self._open)

    def __repr__(self) -> str:
        return "<LocalKeyd ••••>"

    def status(self) -> Status:
        """Unlock if need be and return facts."""
        ring = self._unlocked()
        return Status(keeper=self._keepers.kinds, generation=ring.generation.number, cached_epochs=len(ring))

    def acknowledge(self) -> int:
        """Look at the state of the keys now."""
        return self.tenure.acknowledge()

    def _let_go(self) -> None:
        if self._ring is not None:
            self._ring.refresh(stored.state_tag())

    def create_generation(self) -> int:
        """Make the first generation secret, or take up the one an interrupted start left behind."""
        with self._lock:
            identity = stored.identity()
            number = identity.generation if identity else self._keepers.newest()
            if not number:
                self._keepers.begin(wrapping.Generation(1, os.urandom(wrapping.SECRET_BYTES)))
                number = 1
            elif identity and not self._keepers.newest():
                raise VaultLocked(gettext_noop("数据库已有保险库，但密钥文件不在，保险库已锁定"))
            self._ring = Keyring(self._find(number), self._find)
            return number

    def create_company_secrets(self) -> CompanySecrets:
        """Return fresh company secrets, sealed."""
        return wrapping.company_secrets(self._unlocked().generation, os.urandom)

    def company_secret(self, name: str) -> bytes:
        """Return one secret of the company. KeyError for a name that never was one."""
        if name not in wrapping.COMPANY_SECRETS:
            raise KeyError(name)
        return self._unlocked().secret(name, stored.state_tag())

    def reserve(self, *, retention: str, day: date, records: int, due: date | None = None) -> Lease:
        """Return a block of records never used before, with its keys."""
        ring = self._unlocked()
        day_due = due or due_day(retention, day)
        epoch, first = leasing.take(
            ring, self._keepers, retention=retention, day=day, due=day_due, records=records
        )
        tag = stored.state_tag()
        keys = ring.epochs([epoch], tag).get(epoch)
        if keys is None:
            raise EpochDestroyed(epoch)
        return Lease(
            company16=ring.company(tag),
            epoch=epoch,
            first_record=first,
            count=records,
            nodes=keys.derivation.block_nodes(first, records),
            index_secret=keys.index_secret,
            reference_secret=ring.secret("reference", tag),
        )

    def mask_orders(self, seqs: Sequence[int], parts: Collection[PartCode]) -> list[MaskedPart]:
        """Return the masked fields of these parts, as far as they have a key; of an identity number not even that."""
        rows = stored.sealed_parts(seqs, frozenset(parts) & STANDARD.parts)
        opened = self.tenure.answer(lambda: self._open(rows))
        masked = zip(rows, mask_all([row.part for row in rows], opened), strict=True)
        return [MaskedPart(int.from_bytes(row.record), row.part, found) for row, found in masked if found]

    def open_order(self, *, grant: Grant, seq: int, now: datetime) -> Mapping[str, str]:
        """Return the fields the grant names, after reading the committed entry it rests on."""
        self._gate.check_grant(grant, seq, now)
        named = {FIELD_PARTS[field] for field in grant.fields}
        rows = stored.sealed_parts([seq], named)
        wanted: dict[str, str] = {}
        opened = self.tenure.answer(lambda: self._open(rows))
        for row, fields in zip(rows, opened, strict=True):
            if fields is not None:
                wanted |= opening.named(row.part, fields, grant.fields)
        if wanted.keys() != grant.fields:
            raise PartGone
        return wanted

    def same_identity(self, *, entry_id: str, seq: int, id_number: str, now: datetime) -> bool:
        """Return whether this is the number sealed for the order, after reading the committed entry of the question."""
        self._gate.check_comparison(entry_id, seq, now)
        rows = stored.sealed_parts([seq], {PartCode.IDENTITY})
        opened = self.tenure.answer(lambda: self._open(rows))
        if not opened or opened[0] is None:
            raise PartGone
        return compare_digest(opened[0][0].encode(), id_number.encode())

    def check_parts(self, parts: Sequence[SealedPart]) -> list[bool | None]:
        """Return, for each part, whether it opens only with its own key and record; None for an erased one."""
        sealer, secrets = opening.keys_of(self._unlocked(), parts)
        return [
            None if secret is None else opening.opens_only_as_itself(sealer, secret, row)
            for row, secret in zip(parts, secrets, strict=True)
        ]

    def inspect(self, *, now: datetime) -> Inspection:
        """Return the last inspection of storage, or make one when that is an hour ago."""
        return self._inspector.last(now)

    def find(
        self, kind: Kind, value: str, *, commit: Callable[[], str], now: datetime
    ) -> list[tuple[int, int]]:
        """Return (sequence, part code) of every order with this value, after reading the committed entry of it.

        The look-up itself runs before: under `midan serve`, while the caller's entry waits for the disk.
        """
        self._gate.ready("a search is logged and made outside of any transaction")
        tag = stored.state_tag()
        found = stored.occurrences_of(self.digests(kind, value))
        self._gate.check_search(kind, commit(), now)
        if stored.state_tag() != tag:  # an epoch came or went meanwhile
            found = stored.occurrences_of(self.digests(kind, value))
        return found

    def digests(self, kind: Kind, value: str, epochs: Sequence[int] | None = None) -> list[tuple[int, bytes]]:
        """Return (epoch, digest) of one value for these epochs, or for every live one: inside this process only."""
        keys = self._unlocked().epochs(epochs, stored.state_tag())
        found = digests_many((key.indexer for key in keys.values()), kind, value)
        return list(zip(keys, found, strict=True))

    def digests_of(self, parts: Sequence[SealedPart], *, entry_id: str) -> list[tuple[bytes, ...] | None]:
        """Return each part's digests, None for an erased one; GrantRefused. For a restore: no socket offers it."""
        entry = committed(entry_id)
        if (entry.act, entry.outcome) != (Act.DIGESTS_REBUILT, "allowed"):
            raise GrantRefused("act")
        keys = self._unlocked().epochs({row.epoch for row in parts}, stored.state_tag())
        return [
            None if fields is None else part_digests(keys[row.epoch].indexer, row.part, fields)
            for row, fields in zip(parts, self._open(parts), strict=True)
        ]

    def _open(self, parts: Sequence[SealedPart]) -> list[tuple[str, ...] | None]:
        return opening.open_parts(self._unlocked(), parts)

    def rotate(self, *, actor: Actor, now: datetime) -> Rotation:
        """Turn the ratchet."""
        with self.tenure.keeping_up():
            return ratchet.rotate(ring=self._unlocked(), keepers=self._keepers, actor=actor, now=now)

    def settle(self, *, actor: Actor, now: datetime) -> Settled:
        """Give silent keepers that are back what they lack, and let them erase what they owe."""
        with self.tenure.keeping_up():
            return ratchet.settle(ring=self._unlocked(), keepers=self._keepers, actor=actor, now=now)

    def destroy(self, *, actor: Actor, warrant: Warrant, epochs: Sequence[int], now: datetime) -> Destroyed:
        """Destroy whole epochs."""
        return destroying.destroy(
            ring=self._unlocked(), keepers=self._keepers, actor=actor, warrant=warrant, epochs=epochs, now=now
        )

    def puncture(self, *, actor: Actor, warrant: Warrant, cuts: Sequence[Cut], now: datetime) -> Punctured:
        """Destroy single records and parts."""
        return destroying.puncture(
            ring=self._unlocked(), keepers=self._keepers, actor=actor, warrant=warrant, cuts=cuts, now=now
        )

    def reseal(
        self, *, actor: Actor, warrant: Warrant, run: str, causes: Mapping[int, str], now: datetime
    ) -> int:
        """Carry records past their day."""
        if stored.in_transaction():
            raise RuntimeError("records are carried outside of any transaction")
        warrants.lawful(warrant, epochs=warrant.epochs, now=now)
        ring = self._unlocked()
        carrying = resealing.Carrying(
            reserve=self.reserve,
            open_=lambda parts: opening.open_parts(ring, parts),
            actor=actor,
            warrant=warrant,
            run=run,
            now=now,
        )
        return carrying.carry({seq: Cause(cause) for seq, cause in causes.items()})

    def key_status(self) -> KeyStatus:
        """Return what stands about generation and keepers; needs no passphrase."""
        return standing.key_status(self._keepers, self._ring)

    def state_book(self, *, since: date, limit: int) -> StateBook:
        """Return what the states tell; needs no passphrase."""
        return book.state_book(since, limit)

    def _find(self, number: int) -> wrapping.Generation:
        identity = stored.identity()
        return self._keepers.read(number, claimed=max(number, identity.claimed if identity else number))

    def _unlocked(self) -> Keyring:
        with self._lock:
            if self._ring is None:
                identity = stored.identity()
                number = identity.generation if identity else self._keepers.newest()
                if not number:
                    raise VaultNotInitialised
                self._ring = Keyring(self._find(number), self._find)
            return self._ring
