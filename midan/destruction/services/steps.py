"""The steps of a run, one function each. All of them may be done again: what is done already is found done."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Final

from django.db import transaction
from django.utils import timezone

from midan.approval import services as approval
from midan.approval.rules import Kind
from midan.audit.services import record
from midan.collection.services import forget_destroyed
from midan.core.actor import Actor
from midan.core.parts import PartCode
from midan.core.sm import sm3
from midan.core.warrant import Cut, Warrant
from midan.destruction import models
from midan.destruction.events import Act
from midan.destruction.rules.runs import Basis, Step
from midan.destruction.selectors.due import kept
from midan.destruction.services.certifying import certify
from midan.destruction.services.planning import targets
from midan.vault import services as vault
from midan.vault.backup import journal
from midan.vault.errors import WarrantRefused
from midan.vault.keeping import selectors as keeping
from midan.vault.keeping import services as keeping_services
from midan.vault.rules import FAMILY_OF, STANDARD
from midan.vault.selectors import epochs as all_epochs
from midan.vault.selectors import state, state_version

# A warrant lives 24 hours; a run that was asleep longer asks the log for a new one.
_WARRANT_LIFE: Final = timedelta(hours=20)
_TRIES: Final = 3


def _start_step(actor: Actor, run: models.Run, now: datetime) -> bool:
    """Use the approval up where one is needed, and commit the entry by which keyd will let go of the keys."""
    with transaction.atomic():
        if run.basis == Basis.APPROVED:
            numbers, cuts = targets(run)
            used = approval.use(
                actor=actor,
                code=run.approval,
                kind=Kind.DESTRUCTION,
                subject=bytes.fromhex(Warrant(entry_id="", epochs=numbers, cuts=cuts).targets),
                now=now,
            )
            run.requester, run.approver, run.approval_entry = used.requester, used.approver, used.entry_id
        _write_warrant(actor, run, now)
        _done(run, Step.STARTED, now)
    return True


def _carry_step(actor: Actor, run: models.Run, now: datetime) -> bool:
    """Move what must stay out of the epochs, claim the derived files, and count what is left to destroy."""
    _carry(actor, run, now)
    with transaction.atomic():
        _done(run, Step.CARRIED, now)
    return True


def _destroy_step(actor: Actor, run: models.Run, now: datetime) -> bool:
    """Let keyd destroy the keys. What is held by now stays: records of whole epochs are carried, single ones kept."""
    warrant = _warrant(actor, run, now)
    for left in reversed(range(_TRIES)):
        try:
            if warrant.epochs:
                vault.destroy(actor=actor, warrant=warrant, epochs=warrant.epochs, now=now)
            free = _free(run, warrant)
            if free:
                vault.puncture(actor=actor, warrant=warrant, cuts=free, now=now)
            break
        except WarrantRefused as refused:
            if refused.details.get("mismatch") != "held" or not left:
                raise
            _carry(actor, run, now)
    with transaction.atomic():
        if not warrant.epochs and not free:
            run.dropped_at = now
            run.save(update_fields=["dropped_at"])
            return False
        _done(run, Step.DESTROYED, now)
    return True


def _free(run: models.Run, warrant: Warrant) -> list[Cut]:
    """Return the cuts nobody holds, and write down which ones stay."""
    held = [
        cut.seq
        for cut in warrant.cuts
        if state(cut.seq, STANDARD if cut.part is None else FAMILY_OF[cut.part]).held
    ]
    run.cuts.filter(seq__in=held).update(kept=True)
    return [cut for cut in warrant.cuts if cut.seq not in set(held)]


def _ratchet_step(actor: Actor, run: models.Run, now: datetime) -> bool:
    """Replace the generation secret, so that no old copy of a state opens what was destroyed.

    Done when every process with keys has acknowledged that, or its lease has ended: the step's moment counts in the
    certificate, so what was waited for is added.
    """
    rotation = vault.rotate(actor=actor, now=now)
    began = monotonic()
    if not vault.all_acknowledge(version=state_version()):
        return False
    waited = timedelta(seconds=monotonic() - began)
    with transaction.atomic():
        run.generation = rotation.generation
        _done(run, Step.RATCHETED, now + waited)
    return True


def _sweep_step(actor: Actor, run: models.Run, now: datetime) -> bool:
    """Remove the rows that nothing opens any more, the digests that led to them, and those that know a repeated order."""
    warrant = _warrant(actor, run, now)
    stay = set(run.cuts.filter(kept=True).values_list("seq", flat=True))
    cuts = [cut for cut in warrant.cuts if cut.seq not in stay]
    vault.sweep(actor=actor, epochs=warrant.epochs, cuts=cuts, now=now)
    forget_destroyed(actor=actor, seqs=_of_orders(cuts), everywhere=bool(warrant.epochs), now=now)
    with transaction.atomic():
        _done(run, Step.SWEPT, now)
    return True


def _of_orders(cuts: list[Cut]) -> set[int]:
    """Return the orders that lose something of their own: an identity number is no part of what a client sent."""
    return {cut.seq for cut in cuts if cut.part != PartCode.IDENTITY}


def _clear_step(actor: Actor, run: models.Run, now: datetime) -> bool:
    """Delete the derived files, if they are still what was registered."""
    for item in keeping.derivatives(run=run.code):
        if not item.outcome:
            outcome = _remove(Path(item.location), item.digest)
            keeping_services.derivative_gone(actor=actor, code=item.code, outcome=outcome, now=now)
    with transaction.atomic():
        _done(run, Step.CLEARED, now)
        record(
            actor=actor,
            act=Act.FINISHED,
            object=f"run:{run.code}",
            reason=run.reason,
            clause="L6.1",
            count=sum(run.epochs.values_list("destroyed", flat=True)) + run.cuts.filter(kept=False).count(),
            details={"basis": run.basis, "generation": run.generation, "warrant": run.warrant},
            at=now,
        )
    return True


def _issue_step(actor: Actor, run: models.Run, now: datetime) -> bool:
    """Issue a certificate: final when every keeper has erased the older generations, else pending."""
    status = certify(actor=actor, run=run, now=now)
    if status is None:
        return False
    with transaction.atomic():
        _done(run, Step.CERTIFIED, now)
    return True


def _close_step(actor: Actor, run: models.Run, now: datetime) -> bool:
    """End the run once its certificate is final; a keeper that was away and is back erases now."""
    if keeping.owed(below=run.generation):
        vault.settle(actor=actor, now=now)
    if certify(actor=actor, run=run, now=now) != "final":
        return False
    with transaction.atomic():
        _done(run, Step.DONE, now)
    return True


STEPS: Final[Mapping[Step, Callable[[Actor, models.Run, datetime], bool]]] = {
    Step.PLANNED: _start_step,
    Step.STARTED: _carry_step,
    Step.CARRIED: _destroy_step,
    Step.DESTROYED: _ratchet_step,
    Step.RATCHETED: _sweep_step,
    Step.SWEPT: _clear_step,
    Step.CLEARED: _issue_step,
    Step.CERTIFIED: _close_step,
}


def advance(*, actor: Actor, code: str, now: datetime) -> bool:
    """Do the step that comes next and return whether it is done; False while something has to be waited for."""
    run = models.Run.objects.get(code=code)
    step = STEPS.get(Step(run.step))
    return step is not None and step(actor, run, now)


def _done(run: models.Run, step: Step, now: datetime) -> None:
    run.step = step
    run.save()
    models.RunStep.objects.get_or_create(run=run, step=step, defaults={"at": now})


def _carry(actor: Actor, run: models.Run, now: datetime) -> None:
    warrant = _warrant(actor, run, now)
    numbers = set(warrant.epochs)
    views = [view for view in all_epochs() if view.number in numbers and not view.destroyed]
    stay = kept(views, today=timezone.localdate(now))
    causes = {seq: cause for mine in stay.values() for seq, cause in mine.causes().items()}
    if causes:
        vault.reseal(actor=actor, warrant=warrant, run=run.code, causes=causes, now=now)
    # Before a key goes: what moved away from it stands with the backups.
    journal.save(actor=actor, now=now)
    with transaction.atomic():
        keeping_services.claim_derivatives(
            run=run.code, epochs=warrant.epochs, seqs=[cut.seq for cut in warrant.cuts]
        )
        _count(run, [view.number for view in views])


def _count(run: models.Run, numbers: list[int]) -> None:
    """Write down what was carried and what is left, from the journal and the tables: the same however often."""
    left = keeping.record_counts(numbers)
    carried = keeping.carried_counts(run.code)
    for row in run.epochs.filter(number__in=numbers):
        row.held, row.stragglers = carried.get(row.number, (0, 0))
        row.destroyed = left[row.number]
        row.records = row.held + row.stragglers + row.destroyed
        row.save()


def _warrant(actor: Actor, run: models.Run, now: datetime) -> Warrant:
    """Return the warrant, renewed in the log when it would be too old for keyd."""
    if run.warrant_at is None or not timedelta(0) <= now - run.warrant_at < _WARRANT_LIFE:
        with transaction.atomic():
            _write_warrant(actor, run, now)
            run.save()
    numbers, cuts = targets(run)
    return Warrant(entry_id=run.warrant, epochs=numbers, cuts=cuts)


def _write_warrant(actor: Actor, run: models.Run, now: datetime) -> None:
    numbers, cuts = targets(run)
    details: dict[str, str | int] = {
        "targets": Warrant(entry_id="", epochs=numbers, cuts=cuts).targets,
        "basis": run.basis,
        "epochs": len(numbers),
        "persons": len(cuts),
        "requester": run.requester,
    }
    if run.approval_entry:
        details |= {"approval": run.approval_entry, "approver": run.approver}
    run.warrant_at = now
    run.warrant = record(
        actor=actor,
        act=Act.STARTED,
        object=f"run:{run.code}",
        outcome="allowed",
        reason=run.reason,
        clause="L6.1",
        details=details,
        at=now,
    )


def _remove(path: Path, digest: bytes) -> str:
    """Delete a file that is still the one registered; return how it ended."""
    try:
        if sm3(path.read_bytes()) != digest:
            return "changed"
        path.unlink()
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "changed"
    return "removed"
