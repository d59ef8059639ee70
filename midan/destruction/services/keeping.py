"""Lengths, holds and restrictions for those who may: the officer places, two persons end."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from midan.approval import selectors as approvals
from midan.approval import services as approval
from midan.approval.rules import Kind
from midan.approval.selectors import for_subject
from midan.catalog.rules import LengthBasis
from midan.core.actor import Actor
from midan.core.sm import sm3
from midan.destruction.errors import NothingToDestroy, PostMayNotDestroy
from midan.destruction.rules.runs import may_keep
from midan.people import selectors as people
from midan.vault.errors import HoldUnknown
from midan.vault.keeping import selectors as keeping
from midan.vault.keeping import services as vault
from midan.vault.keeping.rules import EndReason, HoldKind, HoldReason, Scope
from midan.waybill import selectors as waybills

_ENDS = {HoldKind.HOLD: Kind.HOLD_END, HoldKind.RESTRICTION: Kind.RESTRICTION_END}
_SUBJECT = b"midan/hold-end/1"


def check_keeper(actor: Actor) -> None:
    """Raise PostMayNotDestroy unless this actor keeps and destroys, and is at work."""
    if not may_keep(kind=actor.kind, role=actor.role) or not people.holds_post(actor):
        raise PostMayNotDestroy


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
    """Set how long new epochs of a class are kept; PostMayNotDestroy, RetentionAboveCap."""
    check_keeper(actor)
    vault.set_length(
        actor=actor,
        retention=retention,
        days=days,
        settle_days=settle_days,
        basis=basis,
        document=document,
        now=now,
    )


def place_hold(  # noqa: PLR0913  (what a hold is)
    *,
    actor: Actor,
    kind: HoldKind,
    scope: Scope,
    label: str,
    reason: HoldReason,
    waybill_numbers: Sequence[str],
    now: datetime,
) -> str:
    """Place one hold or restriction over these waybills and return its code; PostMayNotDestroy, NothingToHold."""
    check_keeper(actor)
    found = waybills.by_numbers(list(dict.fromkeys(waybill_numbers)))
    return vault.place_hold(
        actor=actor,
        kind=kind,
        scope=scope,
        label=label,
        reason=reason,
        seqs=[waybill.seq for waybill in found.values()],
        now=now,
    )


@transaction.atomic
def request_end(*, actor: Actor, code: str, reason: EndReason, now: datetime) -> str:
    """Ask another person to agree that a hold ends; return the request's code. HoldUnknown, PostMayNotAsk."""
    check_keeper(actor)
    hold = keeping.hold(code)
    if hold is None or hold.ended_at is not None:
        raise HoldUnknown
    kind = _ENDS[HoldKind(hold.kind)]
    waiting = for_subject(kind, _subject(code), now=now)
    if waiting is not None:
        return waiting.code
    return approval.request(
        actor=actor,
        kind=kind,
        subject=_subject(code),
        summary={"hold": code, "waybills": hold.waybills, "scope": hold.scope},
        reason=reason,
        now=now,
    )


def end_agreed_holds(*, actor: Actor, now: datetime) -> int:
    """End the holds whose end another person agreed to; return how many. Safe to run at any time."""
    ended = 0
    for request in approvals.approved(_ENDS.values(), now=now):
        code = str(request.summary["hold"])
        hold = keeping.hold(code)
        with transaction.atomic():
            used = approval.use(
                actor=actor, code=request.code, kind=Kind(request.kind), subject=_subject(code), now=now
            )
            if hold is None or hold.ended_at is not None:
                continue
            vault.end_hold(
                actor=actor,
                code=code,
                reason=EndReason(request.reason),
                requester=used.requester,
                approver=used.approver,
                now=now,
            )
        ended += 1
    return ended


def _subject(code: str) -> bytes:
    return sm3(_SUBJECT + code.encode())


def seqs_of(numbers: Sequence[str]) -> list[int]:
    """Return the sequences of these waybill numbers; NothingToDestroy when there is none."""
    found = waybills.by_numbers(list(dict.fromkeys(numbers)))
    if not found:
        raise NothingToDestroy
    return sorted(waybill.seq for waybill in found.values())
