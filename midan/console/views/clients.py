"""API clients: the list, one client, and what its keeper does with it. A secret is shown once, in the answer itself."""

from typing import TypeVar

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from midan.console.clientforms import ClientForm, LimitsForm, RotateForm, ScopesForm
from midan.console.doors import acting, fresh, room
from midan.console.errors import ClientFormRefused
from midan.console.rules import Room
from midan.console.selectors.clients import client_page, clients_page
from midan.core.errors import MidanError
from midan.gateway import selectors, services

AnyForm = TypeVar("AnyForm", bound=Form)


@require_safe
@room(Room.CLIENTS)
def clients(request: HttpRequest) -> HttpResponseBase:
    return _list(request)


@require_safe
@room(Room.CLIENTS)
def client(request: HttpRequest, number: str) -> HttpResponseBase:
    return _one(request, number)


@require_POST
@room(Room.KEEP_CLIENTS)
@fresh
def make(request: HttpRequest) -> HttpResponseBase:
    """Make a client and show its secret, this once."""
    try:
        form = _valid(ClientForm(request.POST))
        said = form.cleaned_data
        made = services.create_client(
            actor=acting(request),
            name=said["name"],
            branch=said["branch"],
            scopes=said["scopes"],
            writes=said["writes"],
            sees=said["sees"],
            limits=form.limits,
            now=timezone.now(),
        )
    except MidanError as error:
        return _list(request, error)
    return _secret(request, made)


@require_POST
@room(Room.KEEP_CLIENTS)
@fresh
def rotate(request: HttpRequest, number: str) -> HttpResponseBase:
    """Give a client a new secret and show it, this once."""
    try:
        hours = _valid(RotateForm(request.POST)).cleaned_data["hours"]
        made = services.rotate_secret(
            actor=acting(request), client_id=number, hours=hours, now=timezone.now()
        )
    except MidanError as error:
        return _one(request, number, error)
    return _secret(request, made)


@require_POST
@room(Room.KEEP_CLIENTS)
@fresh
def change(request: HttpRequest, number: str) -> HttpResponseBase:
    try:
        form = _valid(LimitsForm(request.POST))
        services.change_client(
            actor=acting(request),
            client_id=number,
            limits=form.limits,
            writes=form.cleaned_data["writes"],
            sees=form.cleaned_data["sees"],
            now=timezone.now(),
        )
    except MidanError as error:
        return _one(request, number, error)
    messages.success(request, gettext("已更改，从下一次调用起生效"))
    return redirect("console:client", number)


@require_POST
@room(Room.KEEP_CLIENTS)
@fresh
def ask_for_scopes(request: HttpRequest, number: str) -> HttpResponseBase:
    """Ask a second person to let a client act for named persons."""
    try:
        said = _valid(ScopesForm(request.POST)).cleaned_data
        services.ask_for_scopes(
            actor=acting(request),
            client_id=number,
            scopes=said["scopes"],
            serves=said["serves"],
            reason=said["reason"],
            now=timezone.now(),
        )
    except MidanError as error:
        return _one(request, number, error)
    messages.success(request, gettext("申请已提出，须由另一人审批后才生效"))
    return redirect("console:client", number)


@require_POST
@room(Room.KEEP_CLIENTS)
def revoke(request: HttpRequest, number: str) -> HttpResponseBase:
    """End a client at once: no second factor stands in the way of closing a door."""
    try:
        services.revoke_client(actor=acting(request), name=selectors.client(number).name)
    except MidanError as error:
        return _one(request, number, error)
    messages.success(request, gettext("已撤销，它的令牌从下一次调用起无效"))
    return redirect("console:client", number)


def _valid(form: AnyForm) -> AnyForm:
    if not form.is_valid():
        raise ClientFormRefused
    return form


def _list(request: HttpRequest, fault: MidanError | None = None) -> HttpResponse:
    shown = {"page": clients_page(acting(request), now=timezone.now()), "fault": fault}
    return render(request, "console/clients.html", shown, status=fault.status if fault else 200)


def _one(request: HttpRequest, number: str, fault: MidanError | None = None) -> HttpResponse:
    shown = {"page": client_page(acting(request), number, now=timezone.now()), "fault": fault}
    return render(request, "console/client.html", shown, status=fault.status if fault else 200)


def _secret(request: HttpRequest, made: services.NewClient) -> HttpResponse:
    """Show a secret in the answer itself: an address to come back to would be one more place it is kept."""
    shown = {"made": made, "client": selectors.client(made.client_id)}
    return render(request, "console/client_secret.html", shown)
