"""The verbs of paper: count, seal into a bag, destroy, and the witness's word."""

from collections.abc import Sequence
from datetime import datetime
from os import urandom

from django.db import IntegrityError, transaction

from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.masking.text import contains_personal_data
from midan.paper import selectors
from midan.paper.errors import (
    ActUnknown,
    BadBag,
    BadWitness,
    BagTaken,
    BagUnavailable,
    NoDestruction,
    PaperDenied,
    PhotoTaken,
)
from midan.paper.events import Act
from midan.paper.models import Bag, Count, Destruction, Photo
from midan.paper.photos import clean
from midan.paper.rules import MOST_SHEETS, BagState, DestructionState, Kind, Method, keeps, wrong_bag
from midan.people import selectors as people
from midan.people.errors import UnknownStaff
from midan.vault.files import open_file, seal_file

_LONGEST_PLACE = 60
_PHOTO = "paper-photo"


@transaction.atomic
def count(*, actor: Actor, sheets: int, now: datetime) -> None:
    """Write down how many loose sheets lie in the branch; PaperDenied, BadBag."""
    _check_keeper(actor)
    if not 0 <= sheets <= MOST_SHEETS:
        raise BadBag("sheets")
    Count.objects.create(branch=actor.branch, sheets=sheets, counted_by=actor.reference, at=now)
    record(actor=actor, act=Act.COUNTED, object=f"branch:{actor.branch}", clause="L6.1", count=sheets, at=now)


@transaction.atomic
def seal(  # noqa: PLR0913  (what stands on a bag)
    *, actor: Actor, serial: str, kind: str, sheets: int, weight_g: int, now: datetime
) -> None:
    """Write down a sealed bag; PaperDenied, BadBag naming what cannot be, BagTaken."""
    _check_keeper(actor)
    wrong = wrong_bag(serial=serial, sheets=sheets, weight_g=weight_g)
    if wrong or kind not in set(Kind):
        raise BadBag(wrong or "kind")
    try:
        with transaction.atomic():
            Bag.objects.create(
                serial=serial,
                branch=actor.branch,
                kind=kind,
                sheets=sheets,
                weight_g=weight_g,
                sealed_by=actor.reference,
                sealed_at=now,
            )
    except IntegrityError:
        raise BagTaken from None
    record(
        actor=actor,
        act=Act.SEALED,
        object=f"bag:{serial}",
        clause="L6.1",
        count=sheets,
        details={"kind": kind, "weight_g": weight_g},
        at=now,
    )


@transaction.atomic
def destroy(  # noqa: PLR0913  (what the record of a destruction says)
    *, actor: Actor, serials: Sequence[str], method: str, place: str, witness: str, now: datetime
) -> str:
    """Record that these sealed bags were destroyed, and return the record's id: it counts when the witness confirms.

    PaperDenied, BadBag, BadWitness, BagUnavailable.
    """
    _check_keeper(actor)
    place = place.strip()
    if method not in set(Method):
        raise BadBag("method")
    if not place or len(place) > _LONGEST_PLACE or contains_personal_data(place):
        raise BadBag("place")
    if witness == actor.name or not _works_here(witness):
        raise BadWitness
    bags = list(
        Bag.objects.select_for_update().filter(serial__in=serials, branch=actor.branch, state=BagState.SEALED)
    )
    if not bags or len(bags) != len(set(serials)):
        raise BagUnavailable
    made = Destruction.objects.create(
        id=urandom(16),
        branch=actor.branch,
        method=method,
        place=place,
        operator=actor.reference,
        witness=f"staff:{witness}",
        recorded_at=now,
    )
    Bag.objects.filter(serial__in=serials).update(state=BagState.HANDED_OVER, destruction=made)
    _record(actor, Act.RECORDED, made, bags, now)
    return made.id.hex()


@transaction.atomic
def witness(*, actor: Actor, destruction: str, confirmed: bool, now: datetime) -> None:
    """Say as the named witness that it happened, or that it did not; NoDestruction for anybody else.

    Disputed bags are sealed bags again.
    """
    if actor.kind != "staff" or not _works_here(actor.name):
        raise NoDestruction
    try:
        wanted = bytes.fromhex(destruction)
    except ValueError:
        raise NoDestruction from None
    made = (
        Destruction.objects.select_for_update()
        .filter(id=wanted, witness=actor.reference, state=DestructionState.RECORDED)
        .first()
    )
    if made is None:
        raise NoDestruction
    bags = list(made.bags.select_for_update())
    made.state = DestructionState.WITNESSED if confirmed else DestructionState.DISPUTED
    made.ended_at = now
    made.save(update_fields=["state", "ended_at"])
    if confirmed:
        made.bags.update(state=BagState.DESTROYED)
    else:
        made.bags.update(state=BagState.SEALED, destruction=None)
    _record(actor, Act.WITNESSED if confirmed else Act.DISPUTED, made, bags, now)


@transaction.atomic
def add_photo(*, actor: Actor, destruction: str, raw: bytes, now: datetime) -> None:
    """Take the picture of a destruction of the own branch, once: drawn anew, sealed, logged with its digest.

    PaperDenied, ActUnknown, PhotoTaken, BadPhoto.
    """
    _check_keeper(actor)
    made = selectors.destruction_of(actor, destruction)
    # Under the lock: two who send a picture at once get one taken.
    locked = Destruction.objects.select_for_update().get(id=made.id)
    if locked.state == DestructionState.DISPUTED or Photo.objects.filter(destruction=locked).exists():
        raise PhotoTaken
    picture = clean(raw)
    sealed, digest = seal_file(picture, purpose=_PHOTO, owner=bytes(locked.id))
    Photo.objects.create(
        destruction=locked,
        sealed=sealed,
        size=len(picture),
        digest=digest,
        added_by=actor.reference,
        added_at=now,
    )
    record(
        actor=actor,
        act=Act.PHOTO_ADDED,
        object=f"paper-destruction:{destruction}",
        clause="L6.2",
        details={"bytes": len(picture), "digest": digest.hex()},
        at=now,
    )


def photo(*, actor: Actor, destruction: str, now: datetime) -> bytes:
    """Return the picture of a destruction as a JPEG, after the entry of this look is committed; ActUnknown.

    RuntimeError inside a transaction: a look whose entry can be undone is no look that was logged.
    """
    kept = Photo.objects.filter(destruction=selectors.destruction_of(actor, destruction)).first()
    if kept is None:
        raise ActUnknown
    with transaction.atomic(durable=True):
        record(
            actor=actor,
            act=Act.PHOTO_SEEN,
            object=f"paper-destruction:{destruction}",
            outcome="allowed",
            clause="L6.2",
            at=now,
        )
    return open_file(bytes(kept.sealed), purpose=_PHOTO, owner=bytes.fromhex(destruction))


def _record(actor: Actor, act: Act, made: Destruction, bags: Sequence[Bag], now: datetime) -> None:
    record(
        actor=actor,
        act=act,
        object=f"paper-destruction:{made.id.hex()}",
        clause="L6.2",
        count=sum(bag.sheets for bag in bags),
        details={
            "bags": len(bags),
            "method": made.method,
            "operator": made.operator,
            "witness": made.witness,
        },
        at=now,
    )


def _check_keeper(actor: Actor) -> None:
    if not keeps(kind=actor.kind, role=actor.role) or not actor.branch or not _works_here(actor.name):
        raise PaperDenied


def _works_here(staff_no: str) -> bool:
    try:
        return people.staff(staff_no).at_work
    except UnknownStaff:
        return False
