"""Show named fields of one waybill for one purpose: facts, decision, committed entry, grant, and only then keyd."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import DatabaseError, transaction
from django.utils import timezone

from midan.access.errors import AccessDenied, BadQuestion, BudgetSpent, NoteRefused, NotFound
from midan.access.events import Act
from midan.access.rules import notes
from midan.access.rules.breaking import offered
from midan.access.rules.budgets import BudgetKind
from midan.access.rules.engine import PolicyBook
from midan.access.rules.facts import Facts
from midan.access.rules.sights import written
from midan.access.rules.views import SHOWN_FOR, Revealed
from midan.access.rules.work import NEVER, WorkFacts
from midan.access.selectors.facts import (
    Asker,
    Question,
    find_waybill,
    gather,
    known_asker,
    known_fields,
    parties_of,
)
from midan.access.selectors.policies import in_force
from midan.access.selectors.tickets import is_ticket
from midan.access.services.budgets import give_back, spend
from midan.access.services.looks import credit, note_look
from midan.access.services.notes import keep, noted
from midan.access.services.sights import Seen, keep_sight, vouched
from midan.audit.services import record
from midan.catalog.rules import Purpose, ReasonCode
from midan.core.actor import Actor
from midan.core.decision import Decision, Reason, combine
from midan.core.entry import Outcome
from midan.core.errors import MidanError
from midan.core.grant import Grant
from midan.core.number import is_well_formed
from midan.people.rules import Role
from midan.vault.rules import fields_detail
from midan.vault.services import open_fields
from midan.waybill.rules import Waybill

_MOST_TICKETS: Final = 5
_MOST_CASES: Final = 3
_LOGGER = logging.getLogger(__name__)


def reveal(  # noqa: PLR0913  the question, as the contract words it
    *,
    actor: Actor,
    waybill: str,
    fields: frozenset[str],
    purpose: str,
    reason: str,
    now: datetime,
    ticket: str = "",
    note: str = "",
    factor_age: int = NEVER,
) -> Revealed:
    """Return the values, each openable with the returned grant only; take them off the screen at `expires_at`.

    `factor_age`: seconds since the session behind the question showed a second factor, -1 when none did.
    The entry is committed before anything opens, whatever happens afterwards; where nothing opened another one says
    so, and the day's budget is given back. Raise AccessDenied or
    BudgetSpent (both logged), NotFound, BadQuestion, NoteRefused, and what the vault refuses; RuntimeError
    inside a transaction. The note is kept beside the entry, which carries its digest: free text has no place there.
    """
    note = note.strip()
    _check(waybill=waybill, fields=fields, purpose=purpose, note=note)
    asker = known_asker(actor)
    actor = asker.actor
    question = Question(
        number=waybill,
        fields=fields,
        purpose=purpose,
        reason=reason or "-",
        ticket=ticket,
        now=now,
        note=note,
        factor_age=factor_age,
    )
    found, basis = _permitted(asker, question)
    entry_id = _commit(actor, question, found, basis)
    grant = Grant(
        actor=actor.reference,
        waybill=waybill,
        fields=fields,
        purpose=purpose,
        entry_id=entry_id,
        issued_at=now,
    )
    try:
        values = open_fields(grant=grant, seq=found.seq, now=now)
    except Exception as error:
        _log_failure(actor, question, found, entry_id, error, spent="glass" not in basis.said)
        raise
    return Revealed(values=values, entry_id=entry_id, expires_at=now + SHOWN_FOR, grant=grant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a decision rests on: what the entry says of it, the person's work, and all that was looked at."""

    said: Mapping[str, str]
    work: WorkFacts
    seen: Seen


def _permitted(asker: Asker, question: Question) -> tuple[Waybill, Basis]:
    """Return the waybill and what the reveal rests on; a refusal is logged and raised.

    It rests on the rules that allow every field asked for, and of an agent on the tickets, quoted or not: who reads the
    log must find the call behind it; likewise the broken glass where nothing else opens, and the case.
    """
    found = find_waybill(question.number)
    facts, visible = gather(asker, question, waybill=found)
    rules = in_force()
    verdicts = rules.decide_all(facts)
    if not all(verdict.allowed for verdict in verdicts):
        raise _denied(asker.actor, question, facts, found, rules)
    if found is None or not visible:
        raise NotFound
    ground = {"permit": ",".join(sorted({verdict.fired[0].id for verdict in verdicts}))}
    if asker.actor.role == Role.AGENT:
        ground["ticket"] = ",".join(facts[0].actor.tickets[:_MOST_TICKETS])
    return found, Basis(
        said=ground | _lifted(rules, facts),
        work=facts[0].work,
        seen=Seen(version=rules.version, facts=written(facts)),
    )


def _lifted(rules: PolicyBook, facts: Sequence[Facts]) -> dict[str, str]:
    """Return the code of the broken glass, where some field would stay shut without it, and of the cases that cover."""
    under = [fact for fact in facts if fact.lift.glass_broken]
    whole = [replace(fact, lift=replace(fact.lift, glass_broken=False)) for fact in under]
    lifted: dict[str, str] = {}
    if under and not all(verdict.allowed for verdict in rules.decide_all(whole)):
        lifted["glass"] = under[0].lift.glass
    covering = sorted({fact.lift.case for fact in facts if fact.lift.case})
    return lifted | ({"case": ",".join(covering[:_MOST_CASES])} if covering else {})


def _check(*, waybill: str, fields: frozenset[str], purpose: str, note: str) -> None:
    if not is_well_formed(waybill):
        raise NotFound
    if not fields or not known_fields(sorted(fields)):
        raise BadQuestion("fields")
    if purpose not in set(Purpose):
        raise BadQuestion("purpose")
    if not notes.is_sound(note):
        raise BadQuestion("note")
    if notes.names_somebody(note):
        raise NoteRefused


def _commit(actor: Actor, question: Question, waybill: Waybill, basis: Basis) -> str:
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
        _log_denial(actor, question, waybill, alone, clause="M4", why=Reason.BUDGET_SPENT)
        raise
    return entry_id


def _log_failure(  # noqa: PLR0913  what failed, and whether it had cost anything
    actor: Actor, question: Question, waybill: Waybill, entry_id: str, error: Exception, *, spent: bool
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


def _denied(
    actor: Actor,
    question: Question,
    facts: Sequence[Facts],
    waybill: Waybill | None,
    rules: PolicyBook,
) -> AccessDenied | BudgetSpent:
    """Log the denial and return the error: the strictest answer of all fields asked for together."""
    verdicts = rules.decide_all(facts)
    decision: Decision = combine(verdict.decision for verdict in verdicts)
    field = next(
        fact.ask.field for fact, verdict in zip(facts, verdicts, strict=True) if verdict.decision == decision
    )
    work = facts[0].work
    entry_id = _log_denial(
        actor,
        question,
        waybill,
        Basis(said={}, work=work, seen=Seen(version=rules.version, facts=written(facts))),
        clause=decision.clause,
        why=decision.reason,
    )
    if decision.reason is Reason.BUDGET_SPENT:
        return BudgetSpent(kind=BudgetKind.REVEAL, allowed=work.allowance)
    return AccessDenied(
        clause=decision.clause,
        reason=decision.reason,
        field=field,
        otherwise=type(decision).__name__.lower(),
        entry_id=entry_id,
        **({"breakable": True} if not actor.via and offered(rules, facts, verdicts) else {}),
    )


@transaction.atomic(durable=True)
def _log_denial(  # noqa: PLR0913  what the entry says
    actor: Actor, question: Question, waybill: Waybill | None, basis: Basis, *, clause: str, why: Reason
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
