"""The counter of a station: find a parcel on the shelf, compare the name, hand it over."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from midan.access import services as access
from midan.access.errors import AccessDenied
from midan.access.rules.scope import SearchKind
from midan.access.rules.views import MaskedWaybill
from midan.catalog.rules import Purpose, ReasonCode
from midan.console.doors import acting, room
from midan.console.laneforms import ShelfForm
from midan.console.rules import Room
from midan.console.views.waybills import open_field, refusal_of
from midan.core.actor import Actor
from midan.core.errors import MidanError
from midan.waybill import services as waybills
from midan.waybill.pickup.rules import is_code
from midan.waybill.rules import Event

_REASON: Final = ReasonCode.COUNTER_HAND_OVER


@sensitive_post_parameters()
@room(Room.STATION)
def station(request: HttpRequest) -> HttpResponseBase:
    """Show the one box, or what lies on the shelf under a posted code or tail. Neither is part of an address."""
    asked = request.method == "POST"
    form = ShelfForm(request.POST if asked else None)
    shown: dict[str, Any] = {"form": form}
    status = 200
    if asked and form.is_valid():
        try:
            shown["parcels"] = _on_shelf(acting(request), form.cleaned_data["said"])
        except AccessDenied as error:
            shown["refusal"], status = refusal_of(error), error.status
        except MidanError as error:
            shown["fault"], status = error, error.status
    return render(request, "console/station.html", shown, status=status)


@sensitive_variables()
def _on_shelf(actor: Actor, said: str) -> tuple[MaskedWaybill, ...]:
    """Return what six digits or the last four of a phone fetch from the actor's own shelf."""
    now = timezone.now()
    if is_code(said):
        found = access.find_by_code(actor=actor, code=said, now=now)
        return () if found is None else (found,)
    return access.search(actor=actor, kind=SearchKind.PHONE_TAIL, value=said, now=now).items


@require_POST
@sensitive_variables()
@room(Room.STATION)
def name(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show the recipient's name in place, to be compared with what the customer says: one tap, one entry."""
    return open_field(request, number, name="recipient_name", purpose=Purpose.DELIVER, reason=_REASON)


@require_POST
@room(Room.STATION)
def hand_over(request: HttpRequest, number: str) -> HttpResponseBase:
    """Record that the parcel was given to whoever fetched it."""
    actor, now = acting(request), timezone.now()
    waybills.scan(actor=actor, number=number, event=Event.DELIVERED, branch=actor.branch, at=now, now=now)
    messages.success(request, gettext("已交件，记入日志"))
    return redirect("console:station")
