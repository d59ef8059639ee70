"""A customer on the phone says yes or no to an optional use: the agent with an open ticket of that parcel writes it down."""

from datetime import datetime

from midan.access.errors import AccessDenied, BadQuestion, NotFound
from midan.access.events import Act
from midan.access.selectors.facts import checked_actor, find_waybill
from midan.access.selectors.tickets import covering
from midan.audit.services import commit_read
from midan.catalog.rules import Purpose
from midan.collection import services as collection
from midan.collection.rules import PARTIES, Party
from midan.core.actor import Actor
from midan.core.decision import Reason
from midan.core.entry import Outcome
from midan.core.number import is_well_formed
from midan.waybill.rules import Waybill


def give_consent(  # noqa: PLR0913  who, which parcel, whose, what for, as told by which notice, when
    *, actor: Actor, waybill: str, side: str, purpose: str, notice_version: str, now: datetime
) -> str:
    """Record the yes and return its log entry, '' when it stands already.

    Raise AccessDenied (logged) without an own open ticket that covers the parcel, NotFound, BadQuestion,
    ConsentNotOffered for what the notice in force does not put up.
    """
    actor, found = _called_about(actor, waybill, purpose, now)
    return collection.record_consent(
        actor=actor,
        waybill=found,
        side=_party(side),
        purpose=purpose,
        notice_version=notice_version,
        now=now,
    )


def take_back_consent(*, actor: Actor, waybill: str, side: str, purpose: str, now: datetime) -> str:
    """End a consent and return the log entry; raise as `give_consent`, and ConsentNotFound for none that stands."""
    actor, found = _called_about(actor, waybill, purpose, now)
    return collection.withdraw_consent(
        actor=actor, waybill=found, side=_party(side), purpose=purpose, now=now
    )


def _party(side: str) -> Party:
    for party in PARTIES:
        if party == side:
            return party
    raise BadQuestion("side")


def _called_about(actor: Actor, number: str, purpose: str, now: datetime) -> tuple[Actor, Waybill]:
    """Return the actor of the register and their parcel; what is unknown is answered like what no ticket covers."""
    if purpose not in set(Purpose):
        raise BadQuestion("purpose")
    if not is_well_formed(number):
        raise NotFound
    found = find_waybill(number)
    actor, active = checked_actor(actor)
    if actor.kind != "staff" or not active or actor.role != "agent":
        raise _denied(actor, number, purpose, why=Reason.ROLE_NOT_PERMITTED, now=now)
    if found is None or not covering(staff_no=actor.name, seq=found.seq, code="", now=now):
        raise _denied(actor, number, purpose, why=Reason.TICKET_MISSING, now=now)
    return actor, found


def _denied(actor: Actor, number: str, purpose: str, *, why: Reason, now: datetime) -> AccessDenied:
    entry_id = commit_read(
        actor=actor,
        act=Act.CONSENT_DENIED,
        object=f"waybill:{number}",
        outcome=Outcome.DENIED,
        purpose=purpose,
        clause="L1.2",
        details={"why": why},
        at=now,
    )
    return AccessDenied(clause="L1.2", reason=why, entry_id=entry_id)
