"""The routes of computers' agents: no token, no session; each body is signed by the device's own key."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Status

from midan.core.devicereport import LARGEST, Signed, StatementRefused, read_signed
from midan.devices import services
from midan.devices.errors import (
    ClockOff,
    CodeSpent,
    DeviceRevoked,
    KeyKnown,
    Replayed,
    TooManyReports,
    UnknownDevice,
)
from midan.gateway import schemas
from midan.gateway.bodies import read_object
from midan.gateway.errors import MalformedBody
from midan.gateway.openapi import signed_route
from midan.people.addresses import address_of
from midan.store.errors import StorageFailed, StorageFull

devices = Router()
_FULL = (StorageFull, StorageFailed)


@devices.post(
    "/devices",
    **signed_route(
        {201: schemas.DeviceEnrolled}, MalformedBody, StatementRefused, ClockOff, CodeSpent, KeyKnown, *_FULL
    ),
    summary="Enrol a computer by the one-time code of its person's security page",
)
def enrol(request: HttpRequest) -> Status[dict[str, Any]]:
    """Enrol a computer; `link` is the one-time address to open in a browser on it."""
    done = services.enrol(signed=_signed(request), address=address_of(request), now=timezone.now())
    return Status(201, {"device": done.device, "link": _link(done.token)})


@devices.post(
    "/devices/{number}/reports",
    **signed_route(
        {200: schemas.DeviceJudged},
        MalformedBody,
        StatementRefused,
        ClockOff,
        UnknownDevice,
        DeviceRevoked,
        Replayed,
        TooManyReports,
        *_FULL,
    ),
    summary="Report how a computer stands",
)
def report(request: HttpRequest, number: str) -> dict[str, Any]:
    """Take a report in and answer what it comes to, with every failing point."""
    judged = services.report(
        number=number, signed=_signed(request), address=address_of(request), now=timezone.now()
    )
    return {
        "healthy": judged.view.healthy,
        "failing": list(judged.view.failing),
        "link": _link(judged.token),
    }


def _signed(request: HttpRequest) -> Signed:
    if len(request.body) > LARGEST:
        raise MalformedBody("too_large")
    return read_signed(read_object(request))


def _link(token: str) -> str | None:
    return settings.SITE_BASE_URL + reverse("console:bind-device", args=[token]) if token else None
