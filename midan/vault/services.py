"""The verbs of the vault: begin, reserve leaves, store what was sealed, open for a grant."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from time import monotonic, sleep
from typing import Final

from django.db import connection, transaction

from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.blind import Kind
from midan.core.grant import Grant
from midan.core.secret import Secret
from midan.core.warrant import Cut, Warrant
from midan.store import bulk
from midan.vault import keyd, rules, sweeping
from midan.vault.errors import EpochDestroyed, GrantRefused
from midan.vault.events import Act
from midan.vault.keyd import tenure
from midan.vault.keyd.interface import Destroyed, Punctured, Rotation, Settled
from midan.vault.models import LIVE, CompanySecret, Epoch, Identity
from midan.vault.rules import IDENTITY, PARTS, STANDARD, Family, Hit, Lease, SealedOrder
from midan.vault.sweeping import Swept

_LOOK: Final = 0.1  # seconds
_PARTS: Final = {int(part): part for part in PARTS}


def initialise(*, actor: Actor, now: datetime) -> bool:
    """Make the generation secret, the company id and the company's secrets; return False when all are there.

    May be run again after an interruption. VaultLocked when the database has a vault but its key file is gone.
    """
    keeper = keyd.connect()
    generation = keeper.create_generation()
    begun = _begin(keeper, actor, generation, now)
    keeper.settle(actor=actor, now=now)
    return begun


def _begin(keeper: keyd.Keyd, actor: Actor, generation: int, now: datetime) -> bool:
    with transaction.atomic():
        if Identity.objects.exists():
            return False
        company = os.urandom(16)
        Identity.objects.create(company_id=company, generation=generation, claimed=generation)
        secrets = keeper.create_company_secrets()
        for name, wrapped in secrets.wrapped.items():
            CompanySecret.objects.create(name=name, generation=secrets.generation, wrapped=wrapped)
        record(
            actor=actor,
            act=Act.VAULT_INITIALISED,
            object=f"vault:{company.hex()}",
            clause="L2.1",
            details={"generation": generation, "keeper": keeper.status().keeper},
            at=now,
        )
    return True


def rotate(*, actor: Actor, now: datetime) -> Rotation:
    """Turn the ratchet; RatchetRunning, KeeperUnreachable. RuntimeError inside a transaction."""
    return keyd.connect().rotate(actor=actor, now=now)


def all_acknowledge(*, version: int, patience: float = 15.0) -> bool:
    """Wait until no process with keys can open by a state older than this version; False when one still can.

    Each acknowledges within a second, or its lease of ten seconds ends. RuntimeError inside a transaction.
    """
    if connection.in_atomic_block:
        raise RuntimeError("leases are waited for outside of any transaction")
    keyd.connect().acknowledge()
    end = monotonic() + patience
    while tenure.behind(version):
        if monotonic() >= end:
            return False
        sleep(_LOOK)
    return True


def settle(*, actor: Actor, now: datetime) -> Settled:
    """Let keepers that were silent catch up and erase what they owe; RatchetRunning."""
    return keyd.connect().settle(actor=actor, now=now)


def destroy(*, actor: Actor, warrant: Warrant, epochs: Sequence[int], now: datetime) -> Destroyed:
    """Destroy whole epochs; WarrantRefused. RuntimeError inside a transaction."""
    return keyd.connect().destroy(actor=actor, warrant=warrant, epochs=epochs, now=now)


def puncture(*, actor: Actor, warrant: Warrant, cuts: Sequence[Cut], now: datetime) -> Punctured:
    """Destroy records and single parts, with their digests; WarrantRefused. RuntimeError inside a transaction."""
    return keyd.connect().puncture(actor=actor, warrant=warrant, cuts=cuts, now=now)


def reseal(*, actor: Actor, warrant: Warrant, run: str, causes: Mapping[int, str], now: datetime) -> int:
    """Carry records that must stay out of the warrant's epochs into one of today; return how many moved.

    WarrantRefused. RuntimeError inside a transaction.
    """
    return keyd.connect().reseal(actor=actor, warrant=warrant, run=run, causes=causes, now=now)


def sweep(*, actor: Actor, epochs: Sequence[int] = (), cuts: Sequence[Cut] = (), now: datetime) -> Swept:
    """Delete the rows of what has no key any more, in bounded batches; what still has a key stays."""
    return sweeping.sweep(actor=actor, epochs=epochs, cuts=cuts, now=now)


def unlock() -> None:
    """Open the key file now rather than at the first order; WrongPassphrase, KeyFileDamaged, VaultLocked."""
    keyd.connect().status()


def reserve(*, retention: str, day: date, records: int, due: date | None = None) -> Lease:
    """Reserve a block of records in the epoch of this class and day, durably, and return its keys.

    A new epoch is due by the length in force; a keyd of this process takes `due` instead. No leaf is ever handed out
    twice. RuntimeError inside a transaction. EpochDestroyed, EpochFull, BlockRefused.
    """
    if connection.in_atomic_block:
        raise RuntimeError("a block is reserved outside of any transaction")
    return keyd.connect().reserve(retention=retention, day=day, records=records, due=due)


def store(*, sealed: Sequence[SealedOrder]) -> None:
    """Insert sealed orders in the caller's transaction; IntegrityError when a sequence or leaf is taken."""
    epochs = {order.epoch for order in sealed}
    alive = set(Epoch.objects.filter(number__in=epochs, state=LIVE).values_list("number", flat=True))
    if epochs - alive:
        raise EpochDestroyed(min(epochs - alive))
    _insert(STANDARD, sealed)
    # In the order of the primary key: each page of the index is touched once a batch.
    bulk.insert(
        "vault_digest",
        ("epoch", "digest", "seq", "part"),
        ("int8", "bytea", "int8", "int2"),
        sorted((order.epoch, digest, order.seq, part) for order in sealed for digest, part in order.digests),
    )


def _insert(family: Family, sealed: Sequence[SealedOrder]) -> None:
    bulk.insert(
        family.records,
        ("seq", "epoch", "record_no"),
        ("int8", "int8", "int8"),
        [(order.seq, order.epoch, order.record_no) for order in sealed],
    )
    bulk.insert(
        family.sealed,
        ("epoch", "leaf", "sealed"),
        ("int8", "int8", "bytea"),
        [(order.epoch, leaf, part) for order in sealed for leaf, part in order.parts],
    )


def reserve_identity(*, day: date) -> Lease:
    """Reserve one record among the identity numbers of this day, as `reserve` does."""
    return reserve(retention=IDENTITY.retention, day=day, records=1)


def seal_identity(*, lease: Lease, seq: int, id_number: str) -> None:
    """Seal and store the number of the document a sender showed, in the caller's transaction.

    IntegrityError when the order has one already; EpochDestroyed.
    """
    if not Epoch.objects.filter(number=lease.epoch, state=LIVE).exists():
        raise EpochDestroyed(lease.epoch)
    _insert(IDENTITY, [rules.seal_identity(lease, 0, seq=seq, number=id_number, entropy=os.urandom)])


def same_identity(*, entry_id: str, seq: int, id_number: str, now: datetime) -> bool:
    """Return whether this number was sealed for the order before; the entry of the question is committed first.

    GrantRefused, OpeningsLimited, PartGone. RuntimeError inside a transaction.
    """
    if connection.in_atomic_block:
        raise RuntimeError("a comparison is logged and made outside of any transaction")
    return keyd.connect().same_identity(entry_id=entry_id, seq=seq, id_number=id_number, now=now)


def open_fields(*, grant: Grant, seq: int, now: datetime) -> Mapping[str, Secret[str]]:
    """Return exactly the fields the grant names, each openable only with that grant.

    GrantRefused when the grant is old, used, or says other than the committed entry; PartGone; PartDamaged.
    RuntimeError inside a transaction: using up the grant must not be undone.
    """
    if type(grant) is not Grant:
        raise GrantRefused("type")
    if connection.in_atomic_block:
        raise RuntimeError("a grant is used outside of any transaction")
    values = keyd.connect().open_order(grant=grant, seq=seq, now=now)
    return {name: Secret(value, entry_id=grant.entry_id) for name, value in values.items()}


def find(*, kind: Kind, value: str, commit: Callable[[], str], now: datetime) -> tuple[Hit, ...]:
    """Return the orders with this normalised value in any live epoch, newest first.

    This is a search by a personal key: `commit` durably writes its entry and returns the entry's id, and keyd hands
    nothing out before it has read that entry. What `commit` raises ends the search. GrantRefused, OpeningsLimited;
    RuntimeError inside a transaction.
    """
    rows = keyd.connect().find(kind, value, commit=commit, now=now)
    return tuple(Hit(seq, _PARTS[part]) for seq, part in sorted(rows, reverse=True))


def company_key(name: str) -> bytes:
    """Return the 16-byte key 'number' (waybill numbers) or 'label-token'. KeyError for any other name."""
    if name not in {"number", "label-token"}:
        raise KeyError(name)
    return keyd.connect().company_secret(name)


def reference_secret() -> bytes:
    """Return the secret under which order references are digested for idempotency."""
    return keyd.connect().company_secret("reference")
