"""The routes by which calls become tickets: an agent opens one, or the telephone system says who calls whom."""

from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from ninja import Router, Status

from midan.access import services as access
from midan.access.errors import (
    AccessDenied,
    BadQuestion,
    BudgetSpent,
    CallRefused,
    CallReplayed,
    NotFound,
)
from midan.core.fields.errors import InvalidField
from midan.gateway import schemas
from midan.gateway.callers import person_of
from midan.gateway.errors import MalformedBody, TokenNeeded
from midan.gateway.openapi import OPENING, route
from midan.gateway.rules import CALLS

calls = Router()
_ROUTE: Final = route(
    CALLS,
    {201: schemas.CallAnswer},
    *OPENING,
    TokenNeeded,
    BadQuestion,
    InvalidField,
    AccessDenied,
    CallRefused,
    CallReplayed,
    BudgetSpent,
    person=True,
)


def _header(name: str, pattern: str, said: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": pattern}
    return {"in": "header", "name": name, "required": True, "description": said, "schema": schema}


_ROUTE["openapi_extra"]["parameters"] += [
    _header(
        "Midan-Timestamp", "^[0-9]{1,12}$", "Unix second at which the event was signed; good for 5 minutes."
    ),
    _header(
        "Midan-Signature",
        "^[0-9a-f]{64}$",
        "HMAC-SM3 under the client's signing key over timestamp, a full stop, and the body as sent.",
    ),
]


@calls.post(
    "/calls", **_ROUTE, summary="Say who calls whom; the agent gets a ticket over the caller's parcels"
)
@sensitive_variables()
def call(request: HttpRequest, question: schemas.CallQuestion) -> Status[dict[str, Any]]:
    """Take one signed call event. The number is looked up, digested and forgotten."""
    caller = person_of(request, CALLS)
    if caller.session:
        raise TokenNeeded
    signed = access.Signed(
        timestamp=request.headers.get("Midan-Timestamp", ""),
        tag=request.headers.get("Midan-Signature", ""),
        body=request.body,
    )
    ticket = access.take_call(actor=caller.actor, signed=signed, now=timezone.now(), **question.dict())
    expires = ticket.expires_at.isoformat()
    return Status(201, {"ticket": ticket.code, "expires_at": expires, "waybills": ticket.waybills})


@calls.post(
    "/tickets",
    **route(
        "waybills:search",
        {201: schemas.TicketAnswer},
        MalformedBody,
        BadQuestion,
        AccessDenied,
        NotFound,
        BudgetSpent,
        person=True,
    ),
)
def open_ticket(request: HttpRequest, question: schemas.TicketQuestion) -> Status[dict[str, Any]]:
    """Open a ticket: why this person will look at this waybill."""
    caller = person_of(request, "waybills:search")
    ticket = access.open_ticket(actor=caller.actor, now=timezone.now(), **question.dict())
    return Status(201, {"ticket": ticket.code, "expires_at": ticket.expires_at.isoformat()})
