"""The reads of the vault: masked views, search by digest, epochs. No plaintext passes through here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, cast

from django.db import connection
from django.db.models import Max

from midan.core.parts import PartCode
from midan.vault import keyd
from midan.vault.keyd import stored, tenure
from midan.vault.keyd.interface import KeyStatus, Receipt
from midan.vault.models import DESTROYED, LIVE, Epoch, Identity, IdentityPart, Part, Share
from midan.vault.rules import STANDARD, Family

_STATE: Final = (
    "SELECT e.due, e.state,"
    " EXISTS(SELECT 1 FROM vault_held h WHERE h.seq = r.seq AND h.kind = 'held' AND h.live),"
    " EXISTS(SELECT 1 FROM vault_held h WHERE h.seq = r.seq AND h.kind = 'restricted' AND h.live)"
    " FROM {records} r JOIN vault_epoch e ON e.id = r.epoch WHERE r.seq = %s"
)

# Where the parts of orders lie that are still stored, without their bytes.
parts_of: Final = stored.parts_of


@dataclass(frozen=True, slots=True)
class MaskedContact:
    """A sender or recipient as screens and labels show it; empty where the part was erased."""

    name: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class MaskedOrder:
    """The masked view of one order. `erased` names the parts whose key is gone."""

    sender: MaskedContact
    recipient: MaskedContact
    goods_name: str
    remark: str
    order_ref: str
    erased: frozenset[PartCode] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class VaultState:
    """What the vault knows about an order: `due` is None when nothing of it is stored any more."""

    held: bool
    restricted: bool
    due: date | None
    destroyed: bool


@dataclass(frozen=True, slots=True)
class EpochView:
    """One epoch, live or destroyed. `records` counts reserved records, burnt ones included."""

    number: int
    retention: str
    day: date
    due: date
    destroyed: bool
    records: int


def part_count() -> int:
    """Return how many sealed parts are stored."""
    return Part.objects.count() + IdentityPart.objects.count()


def identity_count() -> int:
    """Return how many identity numbers are sealed."""
    return IdentityPart.objects.count()


def masked(seqs: Sequence[int], *, parts: Collection[PartCode] = STANDARD.parts) -> dict[int, MaskedOrder]:
    """Return the masked view of each order that still has a part with a key; PartDamaged for altered bytes.

    Only the parts asked for are opened; one not asked for is empty and not counted as erased.
    """
    found: dict[int, dict[int, tuple[str, ...]]] = {}
    for row in keyd.connect().mask_orders(list(seqs), parts):
        found.setdefault(row.seq, {})[row.part] = row.fields
    return {seq: _order(found[seq], parts) for seq in dict.fromkeys(seqs) if seq in found}


def _order(parts: dict[int, tuple[str, ...]], asked: Collection[PartCode]) -> MaskedOrder:
    goods_name, remark, order_ref = parts.get(PartCode.GOODS, ("", "", ""))
    return MaskedOrder(
        MaskedContact(*parts.get(PartCode.SENDER, ())),
        MaskedContact(*parts.get(PartCode.RECIPIENT, ())),
        goods_name,
        remark,
        order_ref,
        frozenset(part for part in asked if part not in parts),
    )


def state(seq: int, family: Family = STANDARD) -> VaultState:
    """Return what the vault knows about an order; without a record or with a dead epoch it is destroyed.

    An identity number has a record and a day of its own, under the same holds.
    """
    # Every reveal asks: plain SQL, four times as fast as two models.
    with connection.cursor() as cursor:
        cursor.execute(_STATE.replace("{records}", family.records), [seq])
        row = cursor.fetchone()
    if row is None:
        return VaultState(held=False, restricted=False, due=None, destroyed=True)
    return VaultState(held=bool(row[2]), restricted=bool(row[3]), due=row[0], destroyed=row[1] == DESTROYED)


def epochs() -> tuple[EpochView, ...]:
    """Return every epoch there ever was, oldest first."""
    rows = Epoch.objects.order_by("day", "retention").values_list(
        "number", "retention", "day", "due", "state", "next_record"
    )
    return tuple(
        EpochView(number, retention, day, due, state == DESTROYED, records)
        for number, retention, day, due, state, records in rows
    )


def generation() -> int:
    """Return the number of the generation that wraps every state, 0 before the vault is made."""
    return Identity.objects.values_list("generation", flat=True).first() or 0


def is_served() -> bool:
    """Return whether a server works on this home: whoever writes much shares its database with people then."""
    return keyd.connect().is_remote


def company_id() -> bytes | None:
    """Return the 16 bytes that stand for the company in every sealed part, None before the vault is made."""
    row = Identity.objects.values_list("company_id", flat=True).first()
    return None if row is None else bytes(row)


def live_epoch_count() -> int:
    """Return how many epochs a search has to try."""
    return Epoch.objects.filter(state=LIVE).count()


def key_status() -> KeyStatus:
    """Return how generation and keepers stand; VaultNotInitialised."""
    return keyd.connect().key_status()


def state_version() -> int:
    """Return the version of the keys' state now: every destruction, ratchet and new epoch raises it."""
    return Identity.objects.values_list("pack_counter", flat=True).first() or 0


def receipts(generation: int) -> tuple[Receipt, ...]:
    """Return the keepers' words that they erased this generation and those before it, oldest first."""
    rows = Share.objects.filter(generation__lte=generation, erased_at__isnull=False).order_by("id")
    return tuple(
        Receipt(
            keeper=row.keeper,
            kind=row.kind,
            generation=row.generation,
            at=row.erased_at or row.given_at,
            how=row.how,
            best_effort=row.best_effort,
        )
        for row in rows
    )


def owing(generation: int) -> tuple[str, ...]:
    """Return the keepers that still hold this generation or one before it, or may."""
    rows = Share.objects.filter(generation__lte=generation, erased_at=None)
    return tuple(sorted(set(rows.values_list("keeper", flat=True))))


def unreadable_since(generation: int) -> datetime | None:
    """Return since when nothing opens that was destroyed under this generation; None while a copy of it may exist.

    Or while a process with keys may open by an older state. True as far as the keepers' receipts are: if and only if
    no copy of an older generation secret survives.
    """
    current = Identity.objects.values_list("generation", flat=True).first() or 0
    if current <= generation or owing(generation) or tenure.behind(state_version()):
        return None
    last = Share.objects.filter(generation__lte=generation).aggregate(last=Max("erased_at"))
    return cast("datetime | None", last["last"])
