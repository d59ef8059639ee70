"""Keys and their keepers: how they stand, and asking another person to agree to a ratchet."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from midan.console.doors import acting, fresh, room
from midan.console.errors import FormRefused
from midan.console.forms import RotationForm
from midan.console.rules import Room
from midan.console.selectors.keys import keys_page
from midan.core.errors import MidanError
from midan.destruction import services
from midan.destruction.rules.rotation import RotationReason
from midan.ui.keepers import CLAIM


@require_safe
@room(Room.KEYS)
def keys(request: HttpRequest) -> HttpResponseBase:
    return _page(request)


@require_POST
@room(Room.KEEPING)
@fresh
def request_rotation(request: HttpRequest) -> HttpResponseBase:
    """Ask for a ratchet: it waits for another person, and the jobs process turns it."""
    form = RotationForm(request.POST)
    if not form.is_valid():
        return _page(request, FormRefused())
    reason = RotationReason(form.cleaned_data["reason"])
    try:
        services.request_rotation(actor=acting(request), reason=reason, now=timezone.now())
    except MidanError as error:
        return _page(request, error)
    messages.success(request, gettext("申请已提出，须由另一人审批后才会更换"))
    return redirect("console:keys")


def _page(request: HttpRequest, fault: MidanError | None = None) -> HttpResponse:
    """Show the room; after a refusal with what was refused and why, and nothing changed."""
    page = keys_page(acting(request), now=timezone.now())
    shown = {"page": page, "fault": fault, "form": RotationForm(), "claim": CLAIM}
    return render(request, "console/keys.html", shown, status=fault.status if fault else 200)
