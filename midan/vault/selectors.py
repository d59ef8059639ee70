"""The reads of the vault: masked views, search by digest, epochs. No plaintext passes through here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, cast

from django.apps import apps
from django.db import connection
from django.db.models import CharField, Max, QuerySet, TextField

from midan.core.blind import Kind
from midan.core.keytree import LEAVES_PER_RECORD
from midan.core.parts import PartCode
from midan.store import bulk
from midan.vault import keyd
from midan.vault.keyd.interface import KeyStatus, Receipt, SealedPart
from midan.vault.models import DESTROYED, LIVE, Epoch, Identity, Part, Record, Share
from midan.vault.rules import SUBJECT_PARTS, record_id

_PARTS: Final = (
    "SELECT r.seq, p.epoch, p.leaf, p.sealed FROM {keys}"
    " JOIN vault_record r ON r.seq = k.c1"
    " JOIN vault_part p ON p.epoch = r.epoch"
    f" AND p.leaf >= r.record_no * {LEAVES_PER_RECORD}"
    f" AND p.leaf < r.record_no * {LEAVES_PER_RECORD} + {LEAVES_PER_RECORD}"
)
FIND: Final = "SELECT d.seq, d.part FROM {keys} JOIN vault_digest d ON d.epoch = k.c1 AND d.digest = k.c2"
_STATE: Final = (
    "SELECT e.due, e.state FROM vault_record r JOIN vault_epoch e ON e.id = r.epoch WHERE r.seq = %s"
)
FIND_TYPES: Final = ("int8", "bytea")


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
class Hit:
    """An order that matches a search, and the part it matched in."""

    seq: int
    part: PartCode


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


def sealed_parts(seqs: Sequence[int]) -> list[SealedPart]:
    """Return the stored parts of these orders, sealed."""
    rows = bulk.select_keys(_PARTS, ("int8",), [(seq,) for seq in dict.fromkeys(seqs)])
    return [
        SealedPart(epoch, leaf, record_id(seq), SUBJECT_PARTS[leaf % LEAVES_PER_RECORD], bytes(sealed))
        for seq, epoch, leaf, sealed in rows
        if leaf % LEAVES_PER_RECORD in SUBJECT_PARTS
    ]


def sample(count: int, *, start: int) -> list[SealedPart]:
    """Return the parts of the newest `count` orders and of as many from sequence `start` on."""
    newest = Record.objects.order_by("-seq").values_list("seq", flat=True)[:count]
    others = Record.objects.filter(seq__gte=start).order_by("seq").values_list("seq", flat=True)[:count]
    return sealed_parts([*newest, *others])


def part_count() -> int:
    """Return how many sealed parts are stored."""
    return Part.objects.count()


def newest_seq() -> int:
    """Return the highest sequence stored, 0 when there is none."""
    return Record.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


def clear_text(rows: int) -> str:
    """Return what the newest rows of every table about orders hold in clear, for a search by keyd.

    The tables of people are left out: the company's own telephone may well be a sender's.
    """
    cells: list[str] = []
    for model in apps.get_models():
        options = model._meta  # noqa: SLF001 - Django's documented door to a model's fields
        if model.__module__.startswith("midan.") and options.app_label != "people":
            names = [item.name for item in options.concrete_fields if _is_text(item)]
            newest = QuerySet(model).order_by("-pk").values_list(*names)[:rows] if names else ()
            cells += [str(cell) for row in newest for cell in row if cell]
    return "\n".join(cells)


def _is_text(item: object) -> bool:
    return isinstance(getattr(item, "output_field", item), CharField | TextField)


def masked(
    seqs: Sequence[int], *, parts: Collection[PartCode] = frozenset(SUBJECT_PARTS.values())
) -> dict[int, MaskedOrder]:
    """Return the masked view of each order that still has a part with a key; PartDamaged for altered bytes.

    Only the parts asked for are opened; one not asked for is empty and not counted as erased.
    """
    rows = [row for row in sealed_parts(seqs) if row.part in parts]
    found: dict[int, dict[int, tuple[str, ...]]] = {}
    for row, fields in zip(rows, keyd.connect().mask_parts(rows), strict=True):
        if fields is not None:
            found.setdefault(int.from_bytes(row.record), {})[row.part] = fields
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


def find(kind: Kind, value: str) -> tuple[Hit, ...]:
    """Return the orders with this normalised value in any live epoch, newest first.

    The caller has committed its log entry: this is a search by a personal key.
    """
    keys = keyd.connect().digests(kind, value)
    rows = set(bulk.select_keys(FIND, FIND_TYPES, keys))
    return tuple(Hit(seq, PartCode(part)) for seq, part in sorted(rows, reverse=True))


def state(seq: int) -> VaultState:
    """Return what the vault knows about an order; without a record or with a dead epoch it is destroyed."""
    # Every reveal asks: plain SQL, four times as fast as two models.
    with connection.cursor() as cursor:
        cursor.execute(_STATE, [seq])
        row = cursor.fetchone()
    if row is None:
        return VaultState(held=False, restricted=False, due=None, destroyed=True)
    return VaultState(held=False, restricted=False, due=row[0], destroyed=row[1] == DESTROYED)


def epochs() -> tuple[EpochView, ...]:
    """Return every epoch there ever was, oldest first."""
    rows = Epoch.objects.order_by("day", "retention").values_list(
        "number", "retention", "day", "due", "state", "next_record"
    )
    return tuple(
        EpochView(number, retention, day, due, state == DESTROYED, records)
        for number, retention, day, due, state, records in rows
    )


def live_epoch_count() -> int:
    """Return how many epochs a search has to try."""
    return Epoch.objects.filter(state=LIVE).count()


def key_status() -> KeyStatus:
    """Return how generation and keepers stand; VaultNotInitialised."""
    return keyd.connect().key_status()


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

    True as far as the keepers' receipts are: if and only if no copy of an older generation secret survives.
    """
    current = Identity.objects.values_list("generation", flat=True).first() or 0
    if current <= generation or owing(generation):
        return None
    last = Share.objects.filter(generation__lte=generation).aggregate(last=Max("erased_at"))
    return cast("datetime | None", last["last"])
