"""Make a run: of what is due, alone; of anything else, for two persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from midan.approval import services as approval
from midan.approval.rules import Kind
from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.warrant import Cut, target_digest
from midan.destruction import models
from midan.destruction.errors import NothingToDestroy, RecordsHeld
from midan.destruction.events import Act
from midan.destruction.rules.runs import PART_CODES, WITH_IDENTITY, Basis, CutPart, DueEpoch, RunReason
from midan.destruction.selectors.due import describe, due_plan
from midan.destruction.services.keeping import check_keeper
from midan.vault.keeping import selectors as keeping
from midan.vault.keeping.rules import Place
from midan.vault.rules import FAMILIES, FAMILY_OF, STANDARD, Family
from midan.vault.selectors import epochs as all_epochs
from midan.vault.selectors import state
from midan.waybill import selectors as waybills
from midan.waybill.rules import Waybill

# Where it lies, what of it goes, and of which waybill.
_Cut = tuple[Place, CutPart, Waybill]
_OF_SENDER: Final = frozenset({CutPart.SENDER, CutPart.IDENTITY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One waybill, or one person of it, to erase."""

    waybill: str
    part: CutPart


@transaction.atomic
def plan_due(*, actor: Actor, now: datetime) -> str | None:
    """Make a run of everything that is due and return its code; None when nothing may go or one is open already."""
    today = timezone.localdate(now)
    plan = due_plan(today)
    if not plan.epochs or models.Run.objects.filter(basis=Basis.DUE, dropped_at__isnull=True, step="planned"):
        return None
    taken = set(
        models.RunEpoch.objects.filter(
            number__in=[epoch.number for epoch in plan.epochs], run__dropped_at__isnull=True
        )
        .exclude(run__basis=Basis.APPROVED, run__step="planned")
        .values_list("number", flat=True)
    )
    wanted = [epoch for epoch in plan.epochs if epoch.number not in taken]
    if not wanted:
        return None
    run = _make(actor, Basis.DUE, "due", wanted, (), now)
    _planned(actor, run, wanted, 0, now)
    return run.code


@transaction.atomic
def request_run(
    *,
    actor: Actor,
    epochs: Sequence[int] = (),
    erasures: Sequence[Erasure] = (),
    reason: RunReason,
    now: datetime,
) -> str:
    """Ask another person to allow a destruction outside the schedule; return the run's code.

    PostMayNotDestroy, PostMayNotAsk, NothingToDestroy, RecordsHeld. Nothing is destroyed before somebody else agrees.
    """
    check_keeper(actor)
    wanted = set(epochs)
    views = [view for view in all_epochs() if view.number in wanted and not view.destroyed]
    found = describe(views, today=timezone.localdate(now))
    cuts = _cuts(erasures)
    if not found and not cuts:
        raise NothingToDestroy
    held = sum(state(place.seq, family_of(part)).held for place, part, _ in cuts)
    if held:
        raise RecordsHeld(held)
    run = _make(actor, Basis.APPROVED, reason, found, cuts, now)
    run.approval = approval.request(
        actor=actor,
        kind=Kind.DESTRUCTION,
        subject=target_digest(*targets(run)),
        summary={
            "run": run.code,
            "epochs": len(found),
            "records": sum(epoch.records for epoch in found),
            "persons": len(cuts),
        },
        reason=reason,
        now=now,
    )
    run.save(update_fields=["approval"])
    _planned(actor, run, found, len(cuts), now)
    return run.code


def targets(run: models.Run) -> tuple[tuple[int, ...], tuple[Cut, ...]]:
    """Return what a run names for destruction: its epochs and its cuts, as a warrant lists them."""
    numbers = sorted(run.epochs.values_list("number", flat=True))
    cuts = [Cut(row.seq, PART_CODES[CutPart(row.part)]) for row in run.cuts.order_by("id")]
    return tuple(numbers), tuple(cuts)


def family_of(part: CutPart) -> Family:
    """Return where what is erased lies; the number of a document that goes along is a cut of its own."""
    code = PART_CODES[part]
    return STANDARD if code is None else FAMILY_OF[code]


def _cuts(erasures: Sequence[Erasure]) -> list[_Cut]:
    """Return where what is to be erased lies; a waybill that is gone already has nothing to erase."""
    known = waybills.by_numbers([one.waybill for one in erasures])
    seqs = [row.seq for row in known.values()]
    lying = {
        family.sealed: {place.seq: place for place in keeping.places(seqs, [family])} for family in FAMILIES
    }
    wanted = {(one.waybill, one.part) for one in erasures}
    wanted |= {(number, CutPart.IDENTITY) for number, part in wanted if part in WITH_IDENTITY}
    found = []
    for number, part in sorted(wanted):
        waybill, family = known.get(number), family_of(part)
        place = lying[family.sealed].get(waybill.seq) if waybill else None
        if waybill is not None and place is not None and not state(place.seq, family).destroyed:
            found.append((place, part, waybill))
    return found


def _make(  # noqa: PLR0913, PLR0917  (the members of a run)
    actor: Actor,
    basis: Basis,
    reason: str,
    epochs: Sequence[DueEpoch],
    cuts: Sequence[_Cut],
    now: datetime,
) -> models.Run:
    run = models.Run.objects.create(
        code=_next_code(timezone.localdate(now)),
        basis=basis,
        reason=reason,
        requester=actor.reference,
        planned_at=now,
    )
    models.RunEpoch.objects.bulk_create(
        models.RunEpoch(
            run=run,
            number=epoch.number,
            retention=epoch.retention,
            day=epoch.day,
            due=epoch.due,
            records=epoch.records,
            held=epoch.held,
            stragglers=epoch.stragglers,
        )
        for epoch in epochs
    )
    models.RunCut.objects.bulk_create(
        models.RunCut(
            run=run,
            seq=place.seq,
            part=part,
            epoch=place.epoch,
            record_no=place.record_no,
            token=waybill.sender_party if part in _OF_SENDER else waybill.recipient_party,
            epoch_due=place.due,
        )
        for place, part, waybill in cuts
    )
    models.RunStep.objects.create(run=run, step="planned", at=now)
    return run


def _planned(actor: Actor, run: models.Run, epochs: Sequence[DueEpoch], cuts: int, now: datetime) -> None:
    record(
        actor=actor,
        act=Act.PLANNED,
        object=f"run:{run.code}",
        reason=run.reason,
        clause="L6.1",
        count=sum(epoch.records for epoch in epochs) + cuts,
        details={
            "basis": run.basis,
            "epochs": len(epochs),
            "persons": cuts,
            "held": sum(epoch.held for epoch in epochs),
            "stragglers": sum(epoch.stragglers for epoch in epochs),
        },
        at=now,
    )


def _next_code(day: date) -> str:
    """Return the run's number: the day, then a count. The unique column is the judge between two processes."""
    prefix = f"D{day:%Y%m%d}-"
    newest = (
        models.Run.objects.filter(code__startswith=prefix)
        .order_by("-code")
        .values_list("code", flat=True)
        .first()
    )
    return f"{prefix}{int(newest.rsplit('-', 1)[1]) + 1 if newest else 1:04d}"
