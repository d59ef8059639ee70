"""The telephone system says who calls whom: a ticket opens for the agent, over the parcels of the caller's number.

The number is looked up and digested here and then forgotten: no table, entry, answer or error holds it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from midan.access.errors import AccessDenied, BadQuestion, BudgetSpent, CallRefused, CallReplayed
from midan.access.events import Act
from midan.access.models import Call
from midan.access.rules.budgets import BudgetKind
from midan.access.rules.calls import REMEMBERED, is_recent, is_signed, key_of
from midan.access.rules.views import TICKET_REASONS, TicketView
from midan.access.selectors.budgets import allowance
from midan.access.selectors.facts import checked_actor
from midan.access.services.tickets import digest_of, extend, open_row
from midan.audit.services import commit_read, record
from midan.core.actor import Actor
from midan.core.blind import Kind
from midan.core.decision import Reason
from midan.core.entry import Outcome
from midan.core.fields.phone import normalise_phone
from midan.vault import services as vault
from midan.vault.rules import content_digest
from midan.waybill import selectors as waybills

_LABEL: Final = b"call id\x00"
_LONGEST: Final = 128
_MOST_HITS: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """An event as it came: the bytes, and what the headers say of them."""

    timestamp: str
    tag: str
    body: bytes


def signing_key(*, client: str) -> str:
    """Return the key of a client in hexadecimal: shown once, to whoever sets the telephone system up."""
    return key_of(vault.reference_secret(), client).hex()


def take_call(  # noqa: PLR0913  what a call event says
    *, actor: Actor, signed: Signed, call_id: str, phone: str, reason: str, now: datetime
) -> TicketView:
    """Open a ticket for the agent `actor`, whom a client named, and let it cover what the caller's number finds.

    A number nobody has, or none at all (withheld), gives an empty ticket. Raise CallRefused and CallReplayed (both logged),
    AccessDenied, BudgetSpent, BadQuestion, InvalidField; where the look-up fails the ticket stands empty.
    """
    _check_signature(actor, signed, now)
    if reason not in TICKET_REASONS:
        raise BadQuestion("reason")
    if not call_id or len(call_id) > _LONGEST:
        raise BadQuestion("call_id")
    number = normalise_phone(phone).text if phone else ""
    actor, active = checked_actor(actor)
    if not active or allowance(actor, BudgetKind.TICKET, now=now) < 1:
        why, clause = (Reason.ROLE_NOT_PERMITTED, "L2.2") if active else (Reason.INACTIVE, "M5")
        entry_id = _log_refusal(actor, why=why, clause=clause, now=now)
        raise AccessDenied(clause=clause, reason=why, entry_id=entry_id)
    ticket = _open(actor, call_id, number, reason, now)
    return replace(ticket, waybills=_cover(actor, number, now)) if number else ticket


def forget_calls(*, now: datetime) -> int:
    """Delete what is remembered of events too old to be taken again, and return how many; run by a job."""
    return Call.objects.filter(at__lt=now - REMEMBERED).delete()[0]


def _check_signature(actor: Actor, signed: Signed, now: datetime) -> None:
    key = key_of(vault.reference_secret(), actor.via)
    if not is_signed(key=key, timestamp=signed.timestamp, body=signed.body, tag=signed.tag):
        _log_refusal(actor, why="signature", clause="L4.2", now=now)
        raise CallRefused("signature")
    if not is_recent(timestamp=signed.timestamp, now=now):
        _log_refusal(actor, why="too_old", clause="L4.2", now=now)
        raise CallRefused("too_old")


def _open(actor: Actor, call_id: str, number: str, reason: str, now: datetime) -> TicketView:
    """Remember the event and open its ticket, both or neither. A call's id may hold a number: a digest is kept."""
    seen = content_digest(vault.reference_secret(), _LABEL + call_id.encode())
    digest = digest_of(number) if number else b""
    try:
        with transaction.atomic(durable=True):
            Call.objects.create(client=actor.via, digest=seen, at=now)
            return open_row(actor=actor, reason=reason, now=now, digest=digest, details={"by": "call"})
    except IntegrityError:
        _log_refusal(actor, why="replayed", clause="L4.2", now=now)
        raise CallReplayed from None
    except BudgetSpent:
        _log_refusal(actor, why=Reason.BUDGET_SPENT, clause="M4", now=now)
        raise


def _cover(actor: Actor, number: str, now: datetime) -> int:
    """Return how many waybills, sent by the number or to it, the ticket covers now; an entry stands before the look-up."""
    entries: list[str] = []

    def commit() -> str:
        entries.append(
            commit_read(
                actor=actor,
                act=Act.SEARCHED,
                object="search:phone",
                outcome=Outcome.ALLOWED,
                details={"reach": "call"},
                at=now,
            )
        )
        return entries[0]

    hits = vault.find(kind=Kind.PHONE, value=number, commit=commit, now=now)
    seqs = list(dict.fromkeys(hit.seq for hit in hits))[:_MOST_HITS]
    found = list(waybills.by_seqs(seqs).values())
    return extend(actor=actor, phone=number, found=found, search=entries[0], now=now, signed=True)


def _log_refusal(actor: Actor, *, why: str, clause: str, now: datetime) -> str:
    """Log an event that opened nothing; nothing it says is repeated."""
    with transaction.atomic(durable=True):
        return record(
            actor=actor,
            act=Act.CALL_REFUSED,
            object=f"client:{actor.via}",
            outcome=Outcome.DENIED,
            clause=clause,
            details={"why": why},
            at=now,
        )
