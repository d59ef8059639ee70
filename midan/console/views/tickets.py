"""Calls of customers: open, list, close."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from midan.access import selectors, services
from midan.console.doors import acting, room
from midan.console.forms import TicketForm
from midan.console.rules import Room
from midan.core.errors import MidanError


@sensitive_post_parameters()
@room(Room.TICKETS)
def tickets(request: HttpRequest) -> HttpResponseBase:
    """List one's open tickets; open one for a call."""
    asked = request.method == "POST"
    form = TicketForm(request.POST if asked else None)
    shown: dict[str, Any] = {"form": form}
    status = 200
    if asked and form.is_valid():
        try:
            services.open_ticket(actor=acting(request), now=timezone.now(), **form.cleaned_data)
        except MidanError as error:
            shown["fault"], status = error, error.status
        else:
            messages.success(request, gettext("工单已登记，24 小时内有效"))
            return redirect("console:tickets")
    shown["tickets"] = selectors.tickets(acting(request), now=timezone.now())
    return render(request, "console/tickets.html", shown, status=status)


@require_POST
@room(Room.TICKETS)
def close(request: HttpRequest, code: str) -> HttpResponseBase:
    services.close_ticket(actor=acting(request), code=code, now=timezone.now())
    messages.success(request, gettext("工单已关闭"))
    return redirect("console:tickets")
