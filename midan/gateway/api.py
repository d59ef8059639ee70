"""The routes under /api/v1. Each asks one service and translates its answer."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Status

from midan.access import selectors as access_read
from midan.access import services as access
from midan.access.errors import AccessDenied, BadQuestion, BudgetSpent, NotFound
from midan.collection import services as collection
from midan.collection.errors import RealNameConflict, RealNameDenied
from midan.core.fields.errors import InvalidField
from midan.gateway import answers, schemas
from midan.gateway.bodies import read_object, read_rows
from midan.gateway.callers import factor_age, person_of, sender_of, shows, with_scope
from midan.gateway.calls import calls
from midan.gateway.devices import devices
from midan.gateway.errors import (
    FieldNotGranted,
    KeyConflict,
    MalformedBody,
    Missing,
    OrderConflict,
    OrderRefused,
    TokenNeeded,
)
from midan.gateway.faults import answer_refusals
from midan.gateway.log import log
from midan.gateway.openapi import (
    KEYS,
    OPENING,
    ORDER,
    RECORDING,
    REVEALING,
    ROWS,
    SEALING,
    DocumentedAPI,
    route,
)
from midan.gateway.taking import take
from midan.label import services as label
from midan.label.errors import (
    BadLabelRequest,
    ForbiddenOnLabel,
    NothingToPrint,
    NotPrintable,
    PrintDenied,
    ReasonNeeded,
)
from midan.vault import selectors as vault
from midan.waybill import services as waybills
from midan.waybill.errors import ScanRefused, UnknownWaybill
from midan.waybill.pickup import selectors as pickup

api = DocumentedAPI(
    title="Midan",
    version="1",
    description="Sealed waybills, masked views, logged reveals. Errors have one shape.",
    urls_namespace="gateway",
    docs_url=None,
)
answer_refusals(api)


@api.post(
    "/waybills",
    **route(
        "waybills:write",
        {201: schemas.NewWaybill, 200: schemas.NewWaybill},
        *SEALING,
        OrderRefused,
        OrderConflict,
        KeyConflict,
        body=ORDER,
        keyed=True,
    ),
    summary="Send one order; the same order again answers 200 with replayed = true",
)
def send(request: HttpRequest) -> Status[dict[str, Any]]:
    """Seal one order."""
    caller, order = sender_of(request), read_object(request)
    taken = take(request, caller, [order], now=timezone.now())
    result = taken.results[0]
    answers.refuse(result)
    replayed = taken.outcomes[0] == "replayed"
    seq = result.seq or 0
    return Status(
        200 if replayed else 201,
        {
            "waybill": result.waybill,
            "order_ref": str(order["order_ref"]),
            "masked": answers.narrowed(answers.masked_order(vault.masked([seq]).get(seq)), caller.sees),
            "replayed": replayed,
        },
    )


@api.post(
    "/waybills/batch",
    **route("waybills:write", {200: schemas.BatchAnswer}, *SEALING, KeyConflict, body=ROWS, keyed=True),
    summary="Send up to 1,000 orders; one bad row hinders no other",
)
def send_batch(request: HttpRequest) -> dict[str, Any]:
    """Seal a batch."""
    caller, rows = sender_of(request), read_rows(request)
    taken = take(request, caller, rows, now=timezone.now())
    outcomes = taken.outcomes
    return {
        "items": [answers.row(*said) for said in zip(taken.results, outcomes, strict=True)],
        "accepted": outcomes.count("accepted"),
        "replayed": outcomes.count("replayed"),
        "rejected": outcomes.count("rejected") + outcomes.count("conflict"),
    }


@api.post(
    "/waybills/search",
    **route(
        "waybills:search",
        {200: schemas.SearchAnswer},
        *OPENING,
        BadQuestion,
        InvalidField,
        AccessDenied,
        BudgetSpent,
        person=True,
    ),
)
def search(request: HttpRequest, question: schemas.SearchQuestion) -> dict[str, Any]:
    """Search by a personal key; logged before anything is looked up."""
    caller = person_of(request, "waybills:search")
    page = access.search(actor=caller.actor, now=timezone.now(), **question.dict())
    return {"items": [answers.waybill(item, caller.sees) for item in page.items], "next": page.next or None}


@api.get("/waybills/{number}", **route("waybills:read", {200: schemas.WaybillView}, *KEYS, NotFound))
def read(request: HttpRequest, number: str) -> dict[str, Any]:
    """Read one waybill, masked; unknown and forbidden give the same answer."""
    caller = with_scope(request, "waybills:read")
    view = access_read.masked_waybill(caller.actor, number, now=timezone.now())
    return answers.waybill(view, caller.sees)


@api.post(
    "/waybills/{number}/reveal",
    **route(
        "waybills:reveal",
        {200: schemas.RevealAnswer},
        *REVEALING,
        FieldNotGranted,
        BadQuestion,
        NotFound,
        AccessDenied,
        BudgetSpent,
        person=True,
    ),
)
def reveal(request: HttpRequest, number: str, question: schemas.RevealQuestion) -> dict[str, Any]:
    """Open named fields for one purpose; the log entry is committed first."""
    caller = person_of(request, "waybills:reveal")
    shows(caller, question.fields)
    shown = access.reveal(
        actor=caller.actor,
        waybill=number,
        fields=frozenset(question.fields),
        purpose=question.purpose,
        reason=question.reason,
        ticket=question.ticket,
        factor_age=factor_age(request, caller),
        now=timezone.now(),
    )
    return {
        "values": {name: secret.reveal(shown.grant) for name, secret in shown.values.items()},
        "entry_id": shown.entry_id,
        "expires_at": shown.expires_at.isoformat(),
    }


@api.post(
    "/waybills/{number}/scans",
    **route(
        "waybills:scan",
        {200: schemas.ScanAnswer},
        MalformedBody,
        Missing,
        UnknownWaybill,
        ScanRefused,
        person=True,
    ),
)
def scan(request: HttpRequest, number: str, question: schemas.ScanQuestion) -> dict[str, Any]:
    """Record a scan at the person's own branch."""
    caller, now = person_of(request, "waybills:scan"), timezone.now()
    done = waybills.scan(
        actor=caller.actor,
        number=number,
        event=question.event,
        branch=caller.actor.branch,
        station=question.station,
        at=now,
        now=now,
    )
    said = {"waybill": done.number, "status": done.status, "recorded": done.recorded}
    return said | {"pick_up_code": pickup.code_given(done)}


@api.post(
    "/waybills/{number}/real-name",
    **route(
        "waybills:real-name",
        {201: schemas.RealNameAnswer, 200: schemas.RealNameAnswer},
        *RECORDING,
        InvalidField,
        UnknownWaybill,
        RealNameDenied,
        RealNameConflict,
        person=True,
    ),
    summary="Record the document a sender showed at pick-up; the same again answers 200 with replayed = true",
)
def real_name(
    request: HttpRequest, number: str, question: schemas.RealNameQuestion
) -> Status[dict[str, Any]]:
    """Seal the number apart from the order; a courier at the branch that takes the parcel in."""
    caller = person_of(request, "waybills:real-name")
    done = collection.record_real_name(
        actor=caller.actor,
        number=number,
        kind=question.kind,
        id_number=question.id_number,
        now=timezone.now(),
    )
    return Status(200 if done.replayed else 201, asdict(done))


@api.get(
    "/waybills/{number}/label",
    **route(
        "waybills:label",
        {200: None},
        *KEYS,
        MalformedBody,
        Missing,
        BadLabelRequest,
        TokenNeeded,
        PrintDenied,
        NotPrintable,
        NothingToPrint,
        ReasonNeeded,
        ForbiddenOnLabel,
        files=("application/pdf", "image/png", "application/zpl", "application/octet-stream"),
    ),
)
def print_label(  # noqa: PLR0913, PLR0917  # the contract's parameters
    request: HttpRequest,
    number: str,
    format: schemas.LabelFormat = "pdf",  # noqa: A002  # the contract's name
    size: schemas.LabelSize = "76x130",
    dpi: schemas.LabelDpi = "203",
    reason: schemas.ReprintReason = "",
) -> HttpResponse:
    """Print a privacy label for a program; a second copy needs a reason.

    A session prints by the console's own form: an address that prints when it is merely opened, any page could open.
    """
    caller = with_scope(request, "waybills:label")
    if caller.session:
        raise TokenNeeded
    printed = label.print_labels(
        actor=caller.actor,
        waybills=[number],
        format=format,
        size=size,
        dpi=int(dpi),
        reason=reason,
        now=timezone.now(),
    )
    return HttpResponse(printed.content, content_type=printed.media_type)


api.add_router("", log)
api.add_router("", calls)
api.add_router("", devices)
