"""Find waybills by a personal key: a read that commits its entry first and answers with masked views only."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import DatabaseError, transaction
from django.utils import timezone

from midan.access.errors import AccessDenied, BadQuestion, BudgetSpent, SearchClosed
from midan.access.events import Act
from midan.access.rules import scope
from midan.access.rules.budgets import BudgetKind
from midan.access.rules.duties import REASONS
from midan.access.rules.scope import BLIND_KIND, Reach, SearchKind
from midan.access.rules.views import SearchPage
from midan.access.selectors.budgets import allowance
from midan.access.selectors.closed import closed_to
from midan.access.selectors.facts import Asker, known_asker, standing_of
from midan.access.selectors.looks import explained_among
from midan.access.selectors.masked import masked_views
from midan.access.selectors.tickets import covered
from midan.access.services.budgets import give_back, spend
from midan.access.services.looks import note_look, pending_search, settle_search
from midan.access.services.tickets import extend, has_ticket_for
from midan.audit.services import commit_read, record
from midan.core.actor import Actor
from midan.core.blind import TAIL_LENGTH, name_tail_value
from midan.core.decision import Reason
from midan.core.entry import Outcome
from midan.core.errors import MidanError
from midan.core.fields.name import normalise_name
from midan.core.fields.phone import normalise_phone
from midan.duties.rules import CLAUSE
from midan.vault import services as vault
from midan.waybill import selectors as waybills
from midan.waybill.rules import Waybill

_LOGGER = logging.getLogger(__name__)
PAGE: Final = 20
_MOST_HITS: Final = 2_000
_LONGEST: Final = 64


def search(  # noqa: PLR0913  the question, as the contract words it
    *,
    actor: Actor,
    kind: str,
    value: str,
    now: datetime,
    name: str = "",
    branch: str = "",
    cursor: str = "",
) -> SearchPage:
    """Return the masked waybills that match and that the actor may see, newest first.

    What is unknown and what is not for these eyes are both simply absent. The entry names the kind, never the
    value; where nothing was shown another one says so, and the day's budget is given back. Raise AccessDenied (the
    post does not search by this), BudgetSpent, BadQuestion, InvalidField.
    """
    if kind not in set(SearchKind):
        raise BadQuestion("kind")
    asked = _normalised(SearchKind(kind), value, name)
    asker = known_asker(actor)
    actor = asker.actor
    far = scope.reach(actor.role, kind) if asker.at_work and actor.kind == "staff" else None
    if far is None:
        raise _denied(asker, kind, now=now)
    _require_duties(actor, kind, now)
    _require_work(actor, kind, now)
    known = _explained(actor, far, asked, now)
    entries: list[str] = []

    def commit() -> str:
        entries.append(_commit(actor, kind, far, now, explained=known))
        return entries[0]

    try:
        hits = vault.find(kind=BLIND_KIND[SearchKind(kind)], value=asked, commit=commit, now=now)
        seqs = list(dict.fromkeys(hit.seq for hit in hits))
        rows = _found(actor, far, seqs)
        if far is Reach.TICKET:
            extend(actor=actor, phone=asked, found=rows, search=entries[0], now=now)
        page = _page(_within(actor, far, rows, branch, now), cursor)
        # Whoever looks everywhere is not weighed by what is theirs; what was known to be explained and found stands.
        if far is not Reach.ALL and not (known and page.items):
            _settle(actor, page, entries[0], now)
    except Exception as error:
        for entry_id in entries:
            _log_failure(actor, kind, entry_id, error, now)
        raise
    return page


def _normalised(kind: SearchKind, value: str, name: str) -> str:
    """Return the value as intake digested it; raise BadQuestion or InvalidField, which name the field only."""
    match kind:
        case SearchKind.PHONE:
            return normalise_phone(value).text
        case SearchKind.PHONE_TAIL:
            return _tail(value)
        case SearchKind.NAME_TAIL:
            return name_tail_value(normalise_name(name).text, _tail(value))
        case SearchKind.ORDER_REF:
            reference = value.strip()
            if not reference or len(reference) > _LONGEST:
                raise BadQuestion("value")
            return reference


def _tail(value: str) -> str:
    if len(value) != TAIL_LENGTH or not (value.isascii() and value.isdigit()):
        raise BadQuestion("value")
    return value


def _explained(actor: Actor, far: Reach, asked: str, now: datetime) -> bool:
    """Return whether it is known before the search that work explains it: a shelf is one's own, a ticket names the phone."""
    if far is Reach.STOCK:
        return True
    return far is Reach.TICKET and has_ticket_for(actor=actor, phone=asked, now=now)


def _settle(actor: Actor, page: SearchPage, entry_id: str, now: datetime) -> None:
    """Say whom a search showed, once it is known: nobody is no look."""
    rows = list(waybills.by_numbers([item.number for item in page.items]).values())
    known = explained_among(actor, rows, now=now)
    numbers = [item.number for item in page.items]
    shown = next((number for number in numbers if number in known), numbers[0] if numbers else "")
    settle_search(actor=actor, entry_id=entry_id, shown=shown, explained=shown in known, now=now)


def _commit(actor: Actor, kind: str, far: Reach, now: datetime, *, explained: bool) -> str:
    """Commit the entry of the search, one more search of the day and one more look; return the entry's id.

    Until it is known whom it showed, a search counts as if it had shown somebody: a process that dies says nothing.
    """
    try:
        with transaction.atomic(durable=True):
            allowed = allowance(actor, BudgetKind.SEARCH, now=now)
            spend(actor=actor, kind=BudgetKind.SEARCH, now=now, allowed=allowed)
            entry_id = record(
                actor=actor,
                act=Act.SEARCHED,
                object=f"search:{kind}",
                outcome=Outcome.ALLOWED,
                details={"reach": far},
                at=now,
            )
            if far is not Reach.ALL:
                number = pending_search(entry_id)
                note_look(actor=actor, number=number, shown=True, explained=explained, outside=False, now=now)
    except BudgetSpent:
        _log_denial(actor, kind, clause="M4", why=Reason.BUDGET_SPENT, now=now)
        raise
    return entry_id


def _log_failure(actor: Actor, kind: str, entry_id: str, error: Exception, now: datetime) -> None:
    """Say in the log that the search of this entry showed nothing, and give its budget back: both or neither."""
    try:
        with transaction.atomic(durable=True):
            give_back(actor=actor, kind=BudgetKind.SEARCH, now=now, count=1)
            record(
                actor=actor,
                act=Act.SEARCH_FAILED,
                object=f"search:{kind}",
                outcome=Outcome.FAILED,
                details={
                    "entry": entry_id,
                    "error": error.code if isinstance(error, MidanError) else "internal",
                },
                at=timezone.now(),
            )
    except DatabaseError:
        # As with a reveal: the first error is what the caller must hear of, and the first entry stands either way.
        _LOGGER.error("a failed search could not be logged as failed: entry %s", entry_id)  # noqa: TRY400


def _require_duties(actor: Actor, kind: str, now: datetime) -> None:
    """Raise AccessDenied, logged, for the first duty neglected: a search shows masks, but it finds people (M2, M3, M4)."""
    for duty in standing_of(actor, now).missing():
        why, clause = REASONS[duty], CLAUSE[duty]
        entry_id = _log_denial(actor, kind, clause=clause, why=why, now=now)
        raise AccessDenied(clause=clause, reason=why, entry_id=entry_id)


def _require_work(actor: Actor, kind: str, now: datetime) -> None:
    """Raise AccessDenied, logged, where the policies close a reveal to this person whatever they look at."""
    decision = closed_to(actor, now=now)
    if decision is not None:
        entry_id = _log_denial(actor, kind, clause=decision.clause, why=decision.reason, now=now)
        raise AccessDenied(
            clause=decision.clause,
            reason=decision.reason,
            otherwise=type(decision).__name__.lower(),
            entry_id=entry_id,
        )


def _denied(asker: Asker, kind: str, *, now: datetime) -> AccessDenied:
    actor = asker.actor
    if asker.at_work and actor.kind == "staff":
        why, clause = Reason.SEARCH_NOT_FOR_POST, "L2.2"
        entry_id = _log_denial(actor, kind, clause=clause, why=why, now=now)
        kinds = tuple(str(one) for one in scope.SEARCHES.get(actor.role, ()))
        return SearchClosed(kinds=kinds, clause=clause, reason=why, entry_id=entry_id)
    why, clause = Reason.ROLE_NOT_PERMITTED, "L2.2"
    if not asker.at_work:
        why, clause = Reason.NOT_AT_WORK if asker.active else Reason.INACTIVE, "M5"
    entry_id = _log_denial(actor, kind, clause=clause, why=why, now=now)
    return AccessDenied(clause=clause, reason=why, entry_id=entry_id)


def _log_denial(actor: Actor, kind: str, *, clause: str, why: Reason, now: datetime) -> str:
    return commit_read(
        actor=actor,
        act=Act.SEARCH_DENIED,
        object=f"search:{kind}",
        outcome=Outcome.DENIED,
        clause=clause,
        details={"why": why},
        at=now,
    )


def _found(actor: Actor, far: Reach, seqs: Sequence[int]) -> list[Waybill]:
    """Return the waybills found. A tail has thousands of hits and a shelf a few of them: the shelf is looked at first."""
    if far is Reach.STOCK:
        wanted = frozenset(seqs)
        return [row for row in waybills.in_stock(actor.branch) if row.seq in wanted]
    return list(waybills.by_seqs(seqs[:_MOST_HITS]).values())


def _within(actor: Actor, far: Reach, rows: Sequence[Waybill], branch: str, now: datetime) -> list[Waybill]:
    """Return the rows inside the search's reach, and on the route of `branch` when one is named."""
    routes = waybills.routes(rows)
    tickets = covered(staff_no=actor.name, seqs=[row.seq for row in rows], now=now)

    def reached(row: Waybill) -> bool:
        match far:
            case Reach.ALL:
                return True
            case Reach.STOCK:
                return bool(row.station) and row.station == actor.branch
            case Reach.TICKET:
                return actor.branch in routes[row.seq] or row.seq in tickets
            case Reach.ROUTE:
                return actor.branch in routes[row.seq]

    return [row for row in rows if reached(row) and (not branch or branch in routes[row.seq])]


def _page(rows: list[Waybill], cursor: str) -> SearchPage:
    """Return the page after the waybill the cursor names; a cursor that is not among the hits ends the list."""
    newest = sorted(rows, key=lambda row: row.seq, reverse=True)
    if cursor:
        places = [place for place, row in enumerate(newest) if row.number == cursor]
        newest = newest[places[0] + 1 :] if places else []
    shown = newest[:PAGE]
    return SearchPage(items=tuple(masked_views(shown)), next=shown[-1].number if len(newest) > PAGE else "")
