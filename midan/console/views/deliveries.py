"""The courier's day: what they carry, masked and along the road, and one address at a time by one tap."""

from typing import Final

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from midan.access import selectors as access
from midan.catalog.rules import Purpose, ReasonCode
from midan.console.doors import acting, room
from midan.console.rules import Room
from midan.console.views.waybills import open_field

# Whoever carries the parcel has one reason to read where it goes: nobody types it three hundred times a day.
_REASON: Final = ReasonCode.DOOR_DELIVERY


@require_GET
@room(Room.DELIVERIES)
def deliveries(request: HttpRequest) -> HttpResponseBase:
    parcels = access.deliveries(acting(request))
    return render(request, "console/deliveries.html", {"parcels": parcels, "asked_at": timezone.now()})


@require_POST
@sensitive_variables()
@room(Room.DELIVERIES)
def address(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show one address in place for the seconds it may be seen, or say why not: one tap, one entry of the log."""
    return open_field(request, number, name="recipient_address", purpose=Purpose.DELIVER, reason=_REASON)
