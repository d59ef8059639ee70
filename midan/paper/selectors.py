"""Reads: the ledger of a branch, its bags, and what waits for a witness."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Sum

from midan.core.actor import Actor
from midan.label import selectors as labels
from midan.label.rules import TWO_PARTS
from midan.paper.errors import ActUnknown
from midan.paper.models import Bag, Count, Destruction, Photo
from midan.paper.rules import BagState, DestructionState, Ledger, sees
from midan.people import selectors as people
from midan.waybill import selectors as waybills
from midan.waybill.rules import TERMINAL, Status

_UNDER_WAY: Final = frozenset(Status) - TERMINAL
_SHOWN: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class BagView:
    serial: str
    kind: str
    sheets: int
    weight_g: int
    sealed_by: str
    sealed_at: datetime
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoView:
    """What is known of a photo without opening it; `size` in bytes."""

    size: int
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DestructionView:
    """One act. `operator` and `witness` are references such as 'staff:S00007'."""

    id: str
    branch: str
    method: str
    place: str
    operator: str
    witness: str
    state: str
    recorded_at: datetime
    ended_at: datetime | None
    bags: int
    sheets: int
    photo: PhotoView | None


def ledger(branch: str) -> Ledger:
    """Return where the sheets of a branch are at this moment."""
    delivered = waybills.sequences(statuses={Status.DELIVERED})
    delivered_here = waybills.sequences(statuses={Status.DELIVERED}, destination=branch)
    under_way = waybills.sequences(statuses=_UNDER_WAY)
    returned = waybills.sequences(statuses={Status.RETURNED})
    newest = Count.objects.filter(branch=branch).order_by("-at", "-id").first()
    return Ledger(
        branch=branch,
        printed=labels.printed_at(branch),
        stubs=labels.current_copies(of=delivered_here, sizes=TWO_PARTS),
        on_parcels=labels.current_copies(of=under_way, branch=branch),
        with_customers=labels.current_copies(of=delivered, branch=branch),
        returned=labels.current_copies(of=returned, branch=branch),
        in_hand=newest.sheets if newest else 0,
        bagged=_sheets(branch, BagState.SEALED, BagState.HANDED_OVER),
        destroyed=_sheets(branch, BagState.DESTROYED),
    )


def ledgers() -> tuple[Ledger, ...]:
    """Return the ledger of every branch, the largest difference first."""
    found = (ledger(branch.code) for branch in people.branches())
    return tuple(sorted(found, key=lambda one: (-abs(one.unexplained), one.branch)))


def bags(branch: str, *, state: str = "") -> tuple[BagView, ...]:
    """Return the bags of a branch sealed last, newest first."""
    rows = Bag.objects.filter(branch=branch)
    if state:
        rows = rows.filter(state=state)
    return tuple(_bag(row) for row in rows.order_by("-sealed_at", "serial")[:_SHOWN])


def destructions(branch: str) -> tuple[DestructionView, ...]:
    """Return the acts of a branch, newest first."""
    return _views(Destruction.objects.filter(branch=branch).order_by("-recorded_at")[:_SHOWN])


def act(actor: Actor, destruction: str) -> tuple[DestructionView, tuple[BagView, ...]]:
    """Return one act of destruction and its bags; ActUnknown for what is unknown or not for these eyes."""
    row = destruction_of(actor, destruction)
    return _views([row])[0], tuple(_bag(bag) for bag in row.bags.order_by("serial"))


def destruction_of(actor: Actor, destruction: str) -> Destruction:
    """Return the row of an act this actor may see; ActUnknown."""
    try:
        row = Destruction.objects.filter(id=bytes.fromhex(destruction)).first()
    except ValueError:
        row = None
    if row is None or not sees(kind=actor.kind, role=actor.role, own=row.branch == actor.branch):
        raise ActUnknown
    return row


def waiting_for(staff_no: str) -> tuple[DestructionView, ...]:
    """Return the acts this person was named a witness of and has said nothing about, oldest first."""
    waiting = Destruction.objects.filter(witness=f"staff:{staff_no}", state=DestructionState.RECORDED)
    return _views(waiting.order_by("recorded_at"))


def waiting_since(moment: datetime) -> int:
    """Return how many acts recorded before `moment` still wait for their witness."""
    return Destruction.objects.filter(state=DestructionState.RECORDED, recorded_at__lt=moment).count()


def totals() -> tuple[int, int, int]:
    """Return how many acts were witnessed, how many wait, and how many sheets were destroyed."""
    states = Destruction.objects.values_list("state", flat=True)
    found = list(states)
    sheets = Bag.objects.filter(state=BagState.DESTROYED).aggregate(sheets=Sum("sheets"))["sheets"] or 0
    return found.count(DestructionState.WITNESSED), found.count(DestructionState.RECORDED), sheets


def _views(rows: Iterable[Destruction]) -> tuple[DestructionView, ...]:
    found = list(rows)
    photos = _photos(found)
    return tuple(
        DestructionView(
            id=bytes(row.id).hex(),
            branch=row.branch,
            method=row.method,
            place=row.place,
            operator=row.operator,
            witness=row.witness,
            state=row.state,
            recorded_at=row.recorded_at,
            ended_at=row.ended_at,
            bags=len(held := list(row.bags.all())),
            sheets=sum(bag.sheets for bag in held),
            photo=photos.get(bytes(row.id)),
        )
        for row in found
    )


def _photos(rows: Iterable[Destruction]) -> dict[bytes, PhotoView]:
    """Return what is known of these acts' photos; the pictures themselves stay where they are."""
    known = Photo.objects.filter(destruction__in=[row.id for row in rows])
    names = ("destruction_id", "size", "added_by", "added_at")
    return {
        bytes(owner): PhotoView(size=size, added_by=by, added_at=at)
        for owner, size, by, at in known.values_list(*names)
    }


def _bag(row: Bag) -> BagView:
    return BagView(
        serial=row.serial,
        kind=row.kind,
        sheets=row.sheets,
        weight_g=row.weight_g,
        sealed_by=row.sealed_by,
        sealed_at=row.sealed_at,
        state=row.state,
    )


def _sheets(branch: str, *states: BagState) -> int:
    rows = Bag.objects.filter(branch=branch, state__in=states)
    return rows.aggregate(sheets=Sum("sheets"))["sheets"] or 0
