"""The verbs of keeping. Each is one transaction with its log entry; none decides who may."""

import os
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from midan.audit.services import record
from midan.catalog.rules import RETENTION, SEALED, LengthBasis, within_cap
from midan.core.actor import Actor
from midan.store import bulk
from midan.vault.errors import HoldUnknown, NothingToHold, RetentionAboveCap
from midan.vault.events import Act
from midan.vault.keeping import selectors
from midan.vault.keeping.rules import EndReason, HoldKind, HoldReason, Scope
from midan.vault.models import Derivative, DerivativeOf, Epoch, Held, Hold, Length
from midan.vault.rules import FAMILIES


@transaction.atomic
def set_length(  # noqa: PLR0913  (what a length is)
    *,
    actor: Actor,
    retention: str,
    days: int,
    settle_days: int,
    basis: LengthBasis,
    document: str,
    now: datetime,
) -> None:
    """Set how long new epochs of a class are kept; RetentionAboveCap. Epochs already open keep their day."""
    if retention not in SEALED or not within_cap(retention, days=days, settle_days=settle_days):
        cap = RETENTION[retention].cap_days if retention in RETENTION else 0
        raise RetentionAboveCap(retention=retention, cap=cap)
    before = selectors.length(retention)
    Length.objects.create(
        retention=retention,
        days=days,
        settle_days=settle_days,
        basis=basis,
        document=document,
        set_by=actor.reference,
        set_at=now,
    )
    record(
        actor=actor,
        act=Act.LENGTH_SET,
        object=f"retention:{retention}",
        reason=str(basis),
        clause="L2.4",
        details={
            "days": days,
            "settle_days": settle_days,
            "days_before": before.days,
            "settle_days_before": before.settle_days,
            "document": document,
        },
        at=now,
    )


@transaction.atomic
def place_hold(  # noqa: PLR0913  (what a hold is)
    *,
    actor: Actor,
    kind: HoldKind,
    scope: Scope,
    label: str,
    reason: HoldReason,
    seqs: Sequence[int],
    now: datetime,
) -> str:
    """Keep these records from destruction, or from being read, until the hold ends; return its code.

    NothingToHold when none of them is stored any more: what is destroyed cannot be held.
    """
    kept = _locked_alive(seqs)
    if not kept:
        raise NothingToHold
    code = os.urandom(8).hex()
    row = Hold.objects.create(
        code=code,
        kind=kind,
        scope=scope,
        label=label,
        reason=reason,
        waybills=len(kept),
        placed_by=actor.reference,
        placed_at=now,
    )
    Held.objects.bulk_create([Held(hold=row.id, seq=seq, kind=kind) for seq in kept], batch_size=500)
    record(
        actor=actor,
        act=Act.HOLD_PLACED if kind == HoldKind.HOLD else Act.RESTRICTION_PLACED,
        object=f"hold:{code}",
        reason=str(reason),
        clause="L2.4" if kind == HoldKind.HOLD else "G6",
        count=len(kept),
        details={"scope": str(scope)},
        at=now,
    )
    return code


def _locked_alive(seqs: Sequence[int]) -> list[int]:
    """Return those that are stored in a live epoch, which no destruction can take for the rest of the transaction."""
    stored = _lying(list(dict.fromkeys(seqs)))
    _lock(epoch for _, epoch in stored)
    # Asked again under the lock: a destruction may have finished in between.
    stored = _lying(sorted({seq for seq, _ in stored}))
    alive = _alive(epoch for _, epoch in stored)
    return sorted({seq for seq, epoch in stored if epoch in alive})


def _lying(seqs: Sequence[int]) -> set[tuple[int, int]]:
    """Return (sequence, epoch) of whatever is stored of these: the order, the identity number, or both."""
    return {(place.seq, place.epoch) for place in selectors.places(seqs, FAMILIES)}


@transaction.atomic
def end_hold(  # noqa: PLR0913  (who, which, why, with whom, when)
    *, actor: Actor, code: str, reason: EndReason, requester: str, approver: str, now: datetime
) -> None:
    """End a hold that two different persons agreed to end; HoldUnknown. The database refuses one person for both."""
    row = Hold.objects.select_for_update().filter(code=code, ended_at__isnull=True).first()
    if row is None:
        raise HoldUnknown
    row.ended_reason, row.ended_by, row.ended_with, row.ended_at = reason, requester, approver, now
    row.save()
    Held.objects.filter(hold=row.id).update(live=False)
    record(
        actor=actor,
        act=Act.HOLD_ENDED if row.kind == HoldKind.HOLD else Act.RESTRICTION_ENDED,
        object=f"hold:{code}",
        reason=str(reason),
        clause="L2.4" if row.kind == HoldKind.HOLD else "G6",
        count=row.waybills,
        details={"requester": requester, "approver": approver},
        at=now,
    )


@transaction.atomic
def register_derivative(  # noqa: PLR0913  (what is known of a file)
    *, actor: Actor, kind: str, location: str, digest: bytes, seqs: Iterable[int], now: datetime
) -> str:
    """Remember a kept file that carries data of these records, so that it is destroyed with them; return its code."""
    code = os.urandom(8).hex()
    # Written over by this one: what was there is gone.
    Derivative.objects.filter(location=location, outcome="").update(outcome="replaced", removed_at=now)
    row = Derivative.objects.create(
        code=code, kind=kind, location=location, digest=digest, made_by=actor.reference, made_at=now
    )
    of = [DerivativeOf(derivative=row.id, seq=seq) for seq in sorted(set(seqs))]
    DerivativeOf.objects.bulk_create(of, batch_size=500)
    record(
        actor=actor,
        act=Act.DERIVATIVE_REGISTERED,
        object=f"derivative:{code}",
        clause="L6.1",
        count=len(of),
        details={"kind": kind, "digest": digest.hex()},
        at=now,
    )
    return code


def _lock(epochs: Iterable[int]) -> None:
    """Lock the rows of these epochs in one order: who destroys takes the same locks."""
    list(Epoch.objects.select_for_update().filter(number__in=sorted(set(epochs))).order_by("number"))


def _alive(epochs: Iterable[int]) -> frozenset[int]:
    rows = Epoch.objects.filter(number__in=sorted(set(epochs)), state="live")
    return frozenset(rows.values_list("number", flat=True))


@transaction.atomic
def claim_derivatives(*, run: str, epochs: Sequence[int], seqs: Sequence[int]) -> int:
    """Mark the files a run has to destroy, before the rows by which they are found are gone; return how many."""
    keys = [(epoch,) for epoch in epochs]
    found = {
        row[0]
        for row in bulk.select_keys(
            "SELECT DISTINCT d.derivative FROM {keys} JOIN vault_record r ON r.epoch = k.c1"
            " JOIN vault_derivativeof d ON d.seq = r.seq",
            ("int8",),
            keys,
        )
    }
    found |= {
        row[0]
        for row in bulk.select_keys(
            "SELECT DISTINCT d.derivative FROM {keys} JOIN vault_derivativeof d ON d.seq = k.c1",
            ("int8",),
            [(seq,) for seq in seqs],
        )
    }
    return Derivative.objects.filter(id__in=found, run="", outcome="").update(run=run)


@transaction.atomic
def derivative_gone(*, actor: Actor, code: str, outcome: str, now: datetime) -> None:
    """Write down how a derivative ended: removed, missing or changed."""
    Derivative.objects.filter(code=code, outcome="").update(outcome=outcome, removed_at=now)
    record(
        actor=actor,
        act=Act.DERIVATIVE_REMOVED,
        object=f"derivative:{code}",
        outcome="done" if outcome == "removed" else "failed",
        reason=outcome,
        clause="L6.1",
        at=now,
    )
