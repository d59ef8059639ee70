"""The verbs of two-person acts: request, approve, refuse, use. Each is one transaction with its entry."""

import os
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from midan.approval import models, persons
from midan.approval.errors import (
    ApprovalMissing,
    ConcernsSelf,
    NotAtWork,
    OwnRequest,
    PostMayNotAsk,
    RequestClosed,
    RequestUnknown,
)
from midan.approval.events import Act
from midan.approval.rules import CONCERNS, RULES, Approval, Kind, State, may_ask, may_decide, state_of
from midan.audit.services import record
from midan.core.actor import Actor


@transaction.atomic
def request(  # noqa: PLR0913  (what a request says)
    *,
    actor: Actor,
    kind: Kind,
    subject: bytes,
    summary: Mapping[str, str | int],
    reason: str,
    now: datetime,
) -> str:
    """Ask for an act and return the request's code; PostMayNotAsk, NotAtWork. `summary` holds codes and counts only."""
    if actor.kind != "staff" or not may_ask(actor.role, kind):
        raise PostMayNotAsk
    if not persons.at_work(actor):
        raise NotAtWork
    code = os.urandom(8).hex()
    models.Request.objects.create(
        code=code,
        kind=kind,
        subject=subject,
        summary=dict(summary),
        reason=reason,
        requester=actor.reference,
        requested_at=now,
        expires_at=now + RULES[kind].life,
    )
    record(
        actor=actor,
        act=Act.MADE,
        object=f"approval:{code}",
        reason=reason,
        clause="M1",
        details={"kind": str(kind), "subject": subject.hex(), **summary},
        at=now,
    )
    return code


def approve(*, actor: Actor, code: str, now: datetime) -> Approval:
    """Allow what another person asked for, whichever account they asked under.

    OwnRequest, ConcernsSelf, PostMayNotAsk, NotAtWork, RequestUnknown, RequestClosed.
    """
    return _decide(actor, code, State.APPROVED, now)


def refuse(*, actor: Actor, code: str, now: datetime) -> Approval:
    """Turn down what another person asked for; the same refusals as `approve`."""
    return _decide(actor, code, State.REFUSED, now)


@transaction.atomic
def _decide(actor: Actor, code: str, decision: State, now: datetime) -> Approval:
    row = models.Request.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise RequestUnknown
    if actor.kind != "staff" or not may_decide(actor.role, row.kind):
        raise PostMayNotAsk
    if not persons.at_work(actor):
        raise NotAtWork
    own = persons.references(actor.reference)
    if row.requester in own:
        raise OwnRequest
    if row.summary.get(CONCERNS) in own:
        raise ConcernsSelf
    state = _state(row, now)
    if state != State.WAITING:
        raise RequestClosed(state)
    entry_id = record(
        actor=actor,
        act=Act.APPROVED if decision == State.APPROVED else Act.REFUSED,
        object=f"approval:{code}",
        outcome="allowed" if decision == State.APPROVED else "denied",
        reason=row.reason,
        clause="M1",
        details={"kind": row.kind, "subject": bytes(row.subject).hex(), "requester": row.requester},
        at=now,
    )
    row.decision, row.decided_by, row.decided_at, row.decision_entry = (
        decision,
        actor.reference,
        now,
        entry_id,
    )
    row.save()
    return Approval(code=code, requester=row.requester, approver=actor.reference, entry_id=entry_id)


@transaction.atomic
def use(*, actor: Actor, code: str, kind: Kind, subject: bytes, now: datetime) -> Approval:
    """Use an approval up, in the caller's transaction; ApprovalMissing unless it fits, lives and is unused."""
    row = models.Request.objects.select_for_update().filter(code=code, kind=kind).first()
    if row is None or bytes(row.subject) != subject or _state(row, now) != State.APPROVED:
        raise ApprovalMissing
    # Learnt since: whoever asked and whoever allowed are one person.
    if row.requester in persons.references(row.decided_by):
        raise ApprovalMissing
    row.used_at = now
    row.save(update_fields=["used_at"])
    record(
        actor=actor,
        act=Act.USED,
        object=f"approval:{code}",
        reason=row.reason,
        clause="M1",
        details={"kind": str(kind), "requester": row.requester, "approver": row.decided_by},
        at=now,
    )
    return Approval(code=code, requester=row.requester, approver=row.decided_by, entry_id=row.decision_entry)


@transaction.atomic
def hand_over(*, actor: Actor, requester: str, successor: str, post: str, now: datetime) -> tuple[int, int]:
    """Give what a person asked for and nobody decided to a successor whose post may ask it; withdraw the rest.

    `requester` and `successor` are references, `post` the successor's; without a successor everything is withdrawn.
    Return how many were handed over and how many withdrawn.
    """
    rows = models.Request.objects.select_for_update().filter(
        requester=requester, decision="", expires_at__gt=now
    )
    heirs = persons.references(successor)
    handed = withdrawn = 0
    for row in rows.order_by("id"):
        concerned = row.summary.get(CONCERNS) in heirs
        if successor and not concerned and may_ask(post, row.kind):
            row.requester = successor
            row.save(update_fields=["requester"])
            record(
                actor=actor,
                act=Act.HANDED_OVER,
                object=f"approval:{row.code}",
                clause="M5",
                details={"kind": row.kind, "requester": requester, "successor": successor},
                at=now,
            )
            handed += 1
        else:
            _withdraw(actor, row, now)
            withdrawn += 1
    return handed, withdrawn


@transaction.atomic
def withdraw_concerning(*, actor: Actor, person: str, now: datetime) -> int:
    """End what waits or was allowed about a person and is not done yet; return how many."""
    rows = models.Request.objects.select_for_update().filter(used_at__isnull=True, expires_at__gt=now)
    found = [row for row in rows.exclude(decision="refused") if row.summary.get(CONCERNS) == person]
    for row in found:
        _withdraw(actor, row, now)
    return len(found)


@transaction.atomic
def withdraw(*, actor: Actor, code: str, why: str, now: datetime) -> bool:
    """End a request that waits or was allowed and cannot be carried out; `why` is the code of what refused it."""
    row = models.Request.objects.select_for_update().filter(code=code).first()
    if row is None or _state(row, now) not in {State.WAITING, State.APPROVED}:
        return False
    _withdraw(actor, row, now, why)
    return True


def _withdraw(actor: Actor, row: models.Request, now: datetime, why: str = "") -> None:
    entry_id = record(
        actor=actor,
        act=Act.WITHDRAWN,
        object=f"approval:{row.code}",
        clause="M5",
        details={"kind": row.kind, "requester": row.requester} | ({"why": why} if why else {}),
        at=now,
    )
    row.decision, row.decided_at, row.decision_entry = State.REFUSED, now, entry_id
    # Nobody turned it down: the table wants a name other than the requester's, and the entry says who acted.
    row.decided_by = "system:withdrawn"
    row.save()


def _state(row: models.Request, now: datetime) -> State:
    return state_of(decision=row.decision, used=row.used_at is not None, expires_at=row.expires_at, now=now)
