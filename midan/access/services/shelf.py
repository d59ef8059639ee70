"""A customer says a pick-up code at the counter: the clerk finds the parcel on their own shelf, and sees its mask."""

from datetime import datetime

from django.db import transaction

from midan.access.errors import AccessDenied, BadQuestion, CodesSpent
from midan.access.events import Act
from midan.access.rules.duties import REASONS
from midan.access.rules.views import MaskedWaybill
from midan.access.selectors.facts import Asker, known_asker, standing_of
from midan.access.selectors.masked import masked_views
from midan.audit.services import commit_read, record
from midan.core.actor import Actor
from midan.core.decision import Reason
from midan.core.entry import Outcome
from midan.duties.rules import CLAUSE
from midan.people.rules import Role
from midan.waybill import selectors as waybills
from midan.waybill.pickup import selectors as codes
from midan.waybill.pickup.rules import MOST_MISSES, is_code
from midan.waybill.pickup.services import count_miss
from midan.waybill.rules import Waybill


def find_by_code(*, actor: Actor, code: str, now: datetime) -> MaskedWaybill | None:
    """Return the parcel of the clerk's own shelf that the code fetches, masked; None for a code that fetches none.

    Each try is an entry of the log, which names the parcel or the station, never the code. A code is no key to a
    person and spends nothing of the day's searches; wrong ones have a limit of their own. Raise BadQuestion, AccessDenied
    and CodesSpent (both logged).
    """
    if not is_code(code):
        raise BadQuestion("code")
    asker = known_asker(actor)
    actor = asker.actor
    _check(asker, now)
    found = _on_shelf(actor, code)
    if found is None:
        with transaction.atomic(durable=True):
            count_miss(actor=actor, now=now)
            record(actor=actor, act=Act.CODE_MISSED, object=f"station:{actor.branch}", clause="B3", at=now)
        return None
    commit_read(actor=actor, act=Act.CODE_FOUND, object=f"waybill:{found.number}", clause="B3", at=now)
    return masked_views([found])[0]


def _on_shelf(actor: Actor, code: str) -> Waybill | None:
    seq = codes.fetched_by(station=actor.branch, code=code)
    return None if seq is None else waybills.by_seqs([seq]).get(seq)


def _check(asker: Asker, now: datetime) -> None:
    """Raise, logged, for whom the shelf is not, for the first duty neglected, and after too many wrong codes."""
    actor = asker.actor
    if not asker.at_work:
        why = Reason.NOT_AT_WORK if asker.active else Reason.INACTIVE
        raise _denied(actor, clause="M5", why=why, now=now)
    if actor.kind != "staff" or actor.role != Role.CLERK:
        raise _denied(actor, clause="L2.2", why=Reason.ROLE_NOT_PERMITTED, now=now)
    for duty in standing_of(actor, now).missing():
        raise _denied(actor, clause=CLAUSE[duty], why=REASONS[duty], now=now)
    if codes.misses(staff_no=actor.name, now=now) >= MOST_MISSES:
        _log_denial(actor, clause="M4", why="codes_spent", now=now)
        raise CodesSpent(allowed=MOST_MISSES)


def _denied(actor: Actor, *, clause: str, why: Reason, now: datetime) -> AccessDenied:
    entry_id = _log_denial(actor, clause=clause, why=why, now=now)
    return AccessDenied(clause=clause, reason=why, entry_id=entry_id)


def _log_denial(actor: Actor, *, clause: str, why: str, now: datetime) -> str:
    return commit_read(
        actor=actor,
        act=Act.CODE_DENIED,
        object=f"station:{actor.branch}",
        outcome=Outcome.DENIED,
        clause=clause,
        details={"why": why},
        at=now,
    )
