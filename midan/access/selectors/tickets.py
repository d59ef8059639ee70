"""Which tickets are open, and what they cover."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Count, QuerySet

from midan.access.models import Ticket, TicketWaybill
from midan.access.rules.views import TICKET_ALPHABET, TICKET_LENGTH, TicketView
from midan.core.actor import Actor


def open_tickets(staff_no: str, now: datetime) -> QuerySet[Ticket]:
    """Return the person's own tickets that are neither closed nor over."""
    return Ticket.objects.filter(
        opened_by=staff_no, closed_at__isnull=True, opened_at__lte=now, expires_at__gt=now
    )


def covering(*, staff_no: str, seq: int, code: str, now: datetime) -> Mapping[str, str]:
    """Return code → reason of this person's open tickets that cover the waybill; with a code, of this one alone."""
    tickets = open_tickets(staff_no, now).filter(waybills__seq=seq)
    if code:
        tickets = tickets.filter(code=code) if _is_code(code) else tickets.none()
    return dict(tickets.values_list("code", "reason"))


def is_ticket(code: str) -> bool:
    """Return whether anybody ever opened a ticket with this code: only then may it be written down."""
    return _is_code(code) and Ticket.objects.filter(code=code).exists()


def _is_code(text: str) -> bool:
    return len(text) == TICKET_LENGTH and frozenset(text) <= frozenset(TICKET_ALPHABET)


def covered(*, staff_no: str, seqs: Collection[int], now: datetime) -> frozenset[int]:
    """Return those waybills an open ticket of this person covers."""
    rows = TicketWaybill.objects.filter(seq__in=seqs, ticket__in=open_tickets(staff_no, now))
    return frozenset(rows.values_list("seq", flat=True))


def tickets(actor: Actor, *, now: datetime) -> tuple[TicketView, ...]:
    """Return the actor's open tickets, newest first."""
    rows = open_tickets(actor.name, now).annotate(count=Count("waybills")).order_by("-opened_at", "-id")
    return tuple(
        TicketView(
            code=row.code,
            opened_by=row.opened_by,
            reason=row.reason,
            opened_at=row.opened_at,
            expires_at=row.expires_at,
            closed=False,
            waybills=row.count,
        )
        for row in rows
    )
