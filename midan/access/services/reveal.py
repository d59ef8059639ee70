"""Show named fields of one waybill for one purpose: facts, decision, committed entry, grant, and only then keyd."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from midan.access.errors import AccessDenied, BadQuestion, BudgetSpent, NoteRefused, NotFound
from midan.access.rules import notes
from midan.access.rules.breaking import offered
from midan.access.rules.budgets import BudgetKind
from midan.access.rules.engine import PolicyBook
from midan.access.rules.facts import Facts
from midan.access.rules.sights import written
from midan.access.rules.views import SHOWN_FOR, Revealed
from midan.access.rules.work import NEVER
from midan.access.selectors.asked import known_fields
from midan.access.selectors.facts import (
    Asker,
    Question,
    find_waybill,
    gather,
    known_asker,
)
from midan.access.selectors.policies import in_force
from midan.access.services.entries import Basis, commit_allowed, log_denial, log_failure
from midan.access.services.sights import Seen
from midan.catalog.rules import Purpose
from midan.core.actor import Actor
from midan.core.decision import Decision, Reason, combine
from midan.core.grant import Grant
from midan.core.number import is_well_formed
from midan.people.rules import Role
from midan.vault.services import open_fields
from midan.waybill.rules import Waybill

_MOST_TICKETS: Final = 5
_MOST_CASES: Final = 3


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
    entry_id = commit_allowed(actor=actor, question=question, waybill=found, basis=basis)
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
        log_failure(
            actor=actor,
            question=question,
            waybill=found,
            entry_id=entry_id,
            error=error,
            spent="glass" not in basis.said,
        )
        raise
    return Revealed(values=values, entry_id=entry_id, expires_at=now + SHOWN_FOR, grant=grant)


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
    entry_id = log_denial(
        actor=actor,
        question=question,
        waybill=waybill,
        basis=Basis(said={}, work=work, seen=Seen(version=rules.version, facts=written(facts))),
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
