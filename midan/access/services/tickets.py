"""Tickets: an agent looks because a customer called, and only at what that call is about."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from midan.access.errors import AccessDenied, BadQuestion, BudgetSpent, NotFound
from midan.access.events import Act
from midan.access.models import Ticket, TicketWaybill
from midan.access.rules.budgets import BudgetKind
from midan.access.rules.views import TICKET_ALPHABET, TICKET_LENGTH, TICKET_LIFE, TICKET_REASONS, TicketView
from midan.access.selectors.budgets import allowance
from midan.access.selectors.facts import checked_actor, find_waybill
from midan.access.selectors.tickets import open_tickets
from midan.access.services.budgets import spend
from midan.audit.services import commit_read, record
from midan.core import merkle
from midan.core.actor import Actor
from midan.core.decision import Reason
from midan.core.entry import Outcome
from midan.core.fields.phone import normalise_phone
from midan.core.number import is_well_formed
from midan.vault.rules import content_digest
from midan.vault.services import reference_secret
from midan.waybill import selectors as waybills
from midan.waybill.rules import Waybill

_LABEL: Final = b"ticket phone\x00"
_MOST_WAYBILLS: Final = 200


def open_ticket(
    *, actor: Actor, reason: str, now: datetime, waybill: str = "", phone: str = ""
) -> TicketView:
    """Open a ticket for the waybill the customer named, or for the phone they call about; it lives 24 hours.

    By its number only a waybill on the holder's own route: a number says nothing of who called. A ticket for a phone
    covers waybills anywhere, once the holder has searched for that very phone. Raise AccessDenied (only posts with a
    ticket budget open any), BudgetSpent, NotFound, BadQuestion, InvalidField.
    """
    if bool(waybill) == bool(phone):
        raise BadQuestion("waybill")
    if reason not in TICKET_REASONS:
        raise BadQuestion("reason")
    actor, active = checked_actor(actor)
    if not active or allowance(actor, BudgetKind.TICKET, now=now) < 1:
        raise _denied(actor, active=active, now=now)
    found = find_waybill(waybill) if waybill else None
    if waybill and (found is None or not _on_route(actor, [found])):
        why = Reason.WAYBILL_UNKNOWN if found is None else Reason.NOT_ON_ROUTE
        _log_denial(actor, waybill, why=why, clause="L2.2", now=now)
        raise NotFound
    digest = digest_of(normalise_phone(phone).text) if phone else b""
    try:
        details = {"waybill": waybill} if found else {"by": "phone"}
        return open_row(
            actor=actor,
            reason=reason,
            now=now,
            seq=found.seq if found else None,
            digest=digest,
            details=details,
        )
    except BudgetSpent:
        _log_denial(actor, waybill, why=Reason.BUDGET_SPENT, clause="M4", now=now)
        raise


def close_ticket(*, actor: Actor, code: str, now: datetime) -> None:
    """Close one's own ticket: it covers nothing any more, and the digest of the phone goes."""
    with transaction.atomic():
        closed = open_tickets(actor.name, now).filter(code=code).update(closed_at=now, digest=b"")
        if not closed:
            raise NotFound
        record(actor=actor, act=Act.TICKET_CLOSED, object=f"ticket:{code}", at=now)


def has_ticket_for(*, actor: Actor, phone: str, now: datetime) -> bool:
    """Return whether the actor has an open ticket for this normalised phone: asked here, for the digest is keyed."""
    return open_tickets(actor.name, now).filter(digest=digest_of(phone)).exists()


def sweep_tickets(*, now: datetime) -> int:
    """Empty the digests of tickets whose time is over, and return how many; run by a job."""
    return Ticket.objects.filter(expires_at__lte=now).exclude(digest=b"").update(digest=b"")


def extend(  # noqa: PLR0913  whose ticket, what was found, by which search, when, and who says so
    *,
    actor: Actor,
    phone: str,
    found: Sequence[Waybill],
    search: str,
    now: datetime,
    signed: bool = False,
) -> int:
    """Let the actor's open ticket for this normalised phone cover what its search found, and log it with that entry.

    Through a client only what is on the person's route: a secret kept in a program is not worth the whole network.
    `signed`: the telephone system vouches with a key of its own that this number calls. Return how many were added.
    """
    ticket = (
        open_tickets(actor.name, now).filter(digest=digest_of(phone)).order_by("-opened_at", "-id").first()
    )
    if ticket is None:
        return 0
    with transaction.atomic():
        known = frozenset(ticket.waybills.values_list("seq", flat=True))
        reached = _on_route(actor, found) if actor.via and not signed else found
        fresh = [row for row in reached if row.seq not in known][: _MOST_WAYBILLS - len(known)]
        if not fresh:
            return 0
        TicketWaybill.objects.bulk_create(TicketWaybill(ticket=ticket, seq=row.seq) for row in fresh)
        record(
            actor=actor,
            act=Act.TICKET_EXTENDED,
            object=f"ticket:{ticket.code}",
            count=len(fresh),
            details={"search": search, "root": merkle.root(row.number.encode() for row in fresh).hex()},
            at=now,
        )
    return len(fresh)


def _on_route(actor: Actor, found: Sequence[Waybill]) -> list[Waybill]:
    routes = waybills.routes(found)
    return [row for row in found if actor.branch and actor.branch in routes[row.seq]]


def open_row(  # noqa: PLR0913  the row's columns
    *,
    actor: Actor,
    reason: str,
    now: datetime,
    digest: bytes,
    details: Mapping[str, str],
    seq: int | None = None,
) -> TicketView:
    """Open a ticket for somebody who may, in one transaction with its entry, and spend one of the day; BudgetSpent."""
    code = "".join(secrets.choice(TICKET_ALPHABET) for _ in range(TICKET_LENGTH))
    with transaction.atomic():
        spend(
            actor=actor, kind=BudgetKind.TICKET, now=now, allowed=allowance(actor, BudgetKind.TICKET, now=now)
        )
        row = Ticket.objects.create(
            code=code,
            opened_by=actor.name,
            reason=reason,
            digest=digest,
            opened_at=now,
            expires_at=now + TICKET_LIFE,
        )
        if seq is not None:
            TicketWaybill.objects.create(ticket=row, seq=seq)
        record(
            actor=actor,
            act=Act.TICKET_OPENED,
            object=f"ticket:{code}",
            reason=reason,
            details=dict(details),
            at=now,
        )
    return TicketView(
        code=code,
        opened_by=actor.name,
        reason=reason,
        opened_at=now,
        expires_at=row.expires_at,
        closed=False,
        waybills=0 if seq is None else 1,
    )


def digest_of(phone: str) -> bytes:
    """Return what a ticket keeps of a normalised phone."""
    return content_digest(reference_secret(), _LABEL + phone.encode())


def _denied(actor: Actor, *, active: bool, now: datetime) -> AccessDenied:
    why, clause = (Reason.ROLE_NOT_PERMITTED, "L2.2") if active else (Reason.INACTIVE, "M5")
    entry_id = _log_denial(actor, "", why=why, clause=clause, now=now)
    return AccessDenied(clause=clause, reason=why, entry_id=entry_id)


def _log_denial(actor: Actor, waybill: str, *, why: Reason, clause: str, now: datetime) -> str:
    """Log a ticket that was not opened; what only resembles a waybill number may be anything and is not repeated."""
    return commit_read(
        actor=actor,
        act=Act.TICKET_OPENED,
        object=f"waybill:{waybill}" if is_well_formed(waybill) else "ticket:none",
        outcome=Outcome.DENIED,
        clause=clause,
        details={"why": why},
        at=now,
    )
