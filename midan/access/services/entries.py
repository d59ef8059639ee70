"""What a reveal writes down, each in one transaction with what belongs to it: allowed, denied, or come to nothing."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from django.db import DatabaseError, transaction
from django.utils import timezone

from midan.access.errors import BudgetSpent
from midan.access.events import Act
from midan.access.rules.budgets import BudgetKind
from midan.access.rules.work import WorkFacts
from midan.access.selectors.asked import parties_of
from midan.access.selectors.facts import Question
from midan.access.selectors.tickets import is_ticket
from midan.access.services.budgets import give_back, spend
from midan.access.services.looks import credit, note_look
from midan.access.services.notes import keep, noted
from midan.access.services.sights import Seen, keep_sight, vouched
from midan.audit.services import record
from midan.catalog.rules import ReasonCode
from midan.core.actor import Actor
from midan.core.decision import Reason
from midan.core.entry import Outcome
from midan.core.errors import MidanError
from midan.vault.rules import fields_detail
from midan.waybill.rules import Waybill

_LOGGER: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a decision rests on: what the entry says of it, the person's work, and all that was looked at."""

    said: Mapping[str, str]
    work: WorkFacts
    seen: Seen


def commit_allowed(*, actor: Actor, question: Question, waybill: Waybill, basis: Basis) -> str:
    """Spend one of the budget a field, count the look, commit the entry: all or none. Too few left is logged as denied.

    Under a broken glass nothing is spent: the break itself is limited, and an emergency may outlast the day's budget.
    """
    seen = basis.seen
    try:
        with transaction.atomic(durable=True):
            if "glass" not in basis.said:
                spend(
                    actor=actor,
                    kind=BudgetKind.REVEAL,
                    now=question.now,
                    allowed=basis.work.allowance,
                    count=len(question.fields),
                )
            _count(actor, question, basis.work, shown=True)
            entry_id = record(
                actor=actor,
                act=Act.REVEALED,
                object=f"waybill:{question.number}",
                outcome=Outcome.ALLOWED,
                purpose=question.purpose,
                reason=question.reason,
                policy=seen.version,
                party=parties_of(waybill, question.fields),
                details=_details(question) | dict(basis.said) | vouched(seen),
                at=question.now,
            )
            keep_sight(entry_id=entry_id, seen=seen)
            keep(entry_id=entry_id, note=question.note, now=question.now)
    except BudgetSpent:
        # The policies had allowed it: their facts would say so, and not why it came to nothing.
        alone = replace(basis, seen=replace(seen, facts=""))
        log_denial(
            actor=actor, question=question, waybill=waybill, basis=alone, clause="M4", why=Reason.BUDGET_SPENT
        )
        raise
    return entry_id


@transaction.atomic(durable=True)
def log_denial(  # noqa: PLR0913  what the entry says
    *, actor: Actor, question: Question, waybill: Waybill | None, basis: Basis, clause: str, why: Reason
) -> str:
    entry_id = record(
        actor=actor,
        act=Act.DENIED,
        object=f"waybill:{question.number}",
        outcome=Outcome.DENIED,
        purpose=question.purpose,
        reason=_reason(question),
        clause=clause,
        policy=basis.seen.version,
        party=() if waybill is None else parties_of(waybill, question.fields),
        details=_details(question) | {"why": why} | vouched(basis.seen),
        at=question.now,
    )
    keep_sight(entry_id=entry_id, seen=basis.seen)
    keep(entry_id=entry_id, note=question.note, now=question.now)
    _count(actor, question, basis.work, shown=False)
    return entry_id


def log_failure(  # noqa: PLR0913  what failed, and whether it had cost anything
    *, actor: Actor, question: Question, waybill: Waybill, entry_id: str, error: Exception, spent: bool
) -> None:
    """Say in the log that the reveal of this entry showed nothing, and give its budget back: both or neither."""
    try:
        with transaction.atomic(durable=True):
            if spent:
                give_back(actor=actor, kind=BudgetKind.REVEAL, now=question.now, count=len(question.fields))
            record(
                actor=actor,
                act=Act.FAILED,
                object=f"waybill:{question.number}",
                outcome=Outcome.FAILED,
                purpose=question.purpose,
                reason=question.reason,
                party=parties_of(waybill, question.fields),
                details={
                    "fields": fields_detail(question.fields),
                    "entry": entry_id,
                    "error": error.code if isinstance(error, MidanError) else "internal",
                },
                at=timezone.now(),
            )
    except DatabaseError:
        # What went wrong first is what the caller must hear of; the first entry stands either way.
        _LOGGER.error("a failed reveal could not be logged as failed: entry %s", entry_id)  # noqa: TRY400  # may quote rows


def _count(actor: Actor, question: Question, work: WorkFacts, *, shown: bool) -> None:
    """Count the question among the person's looks, and earlier ones as explained that their work explains by now."""
    credit(actor=actor, numbers=work.credited)
    note_look(
        actor=actor,
        number=question.number,
        shown=shown,
        explained=shown and work.explained,
        outside=work.outside,
        now=question.now,
    )


def _reason(question: Question) -> str:
    """Return the reason code if it is one; what somebody typed instead does not enter the log."""
    return question.reason if question.reason in set(ReasonCode) else ""


def _details(question: Question) -> dict[str, str | int]:
    """Return what the entry says of the question: a ticket's code if it is one, never what somebody typed instead."""
    details: dict[str, str | int] = {"fields": fields_detail(question.fields), **noted(note=question.note)}
    return details | ({"ticket": question.ticket} if is_ticket(question.ticket) else {})
