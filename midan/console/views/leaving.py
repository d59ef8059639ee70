"""Leaving: who is on the way out, what is still open of whom, receipts, the one act; and one's own reminder."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from midan.console.doors import acting, fresh, room
from midan.console.rules import Room
from midan.console.staffforms import AnnounceForm, CarrierForm, CloseForm, RemindForm
from midan.console.views.people import cleaned, person_page
from midan.core.errors import MidanError
from midan.people.errors import UnknownDeparture
from midan.people.leaving import services
from midan.people.leaving.rules import DepartureView
from midan.people.leaving.selectors import departure, departures


@require_safe
@room(Room.LEAVERS)
def leavers(request: HttpRequest) -> HttpResponseBase:
    rows = departures(now=timezone.now())
    gone = [row for row in rows if row.closed_at is not None]
    shown: dict[str, Any] = {
        "rows": rows,
        "under_way": len(rows) - len(gone),
        "open": sum(not row.clean for row in gone),
    }
    return render(request, "console/leavers.html", shown)


@require_POST
@room(Room.KEEP_STAFF)
@fresh
def announce(request: HttpRequest, number: str) -> HttpResponseBase:
    try:
        services.announce(
            actor=acting(request), staff_no=number, now=timezone.now(), **cleaned(AnnounceForm(request.POST))
        )
    except MidanError as error:
        return person_page(request, number, error)
    messages.success(request, gettext("离职已开始：即刻起不能查看客户信息，载体清单已列出"))
    return redirect("console:person", number)


@require_POST
@room(Room.KEEP_STAFF)
def remind(request: HttpRequest, number: str) -> HttpResponseBase:
    try:
        services.record_reminder(
            actor=acting(request), staff_no=number, now=timezone.now(), **cleaned(RemindForm(request.POST))
        )
    except MidanError as error:
        return person_page(request, number, error)
    messages.success(request, gettext("保密提醒已登记"))
    return redirect("console:person", number)


@require_POST
@room(Room.KEEP_STAFF)
def carrier(request: HttpRequest, number: str) -> HttpResponseBase:
    try:
        services.receive_carrier(
            actor=acting(request), staff_no=number, now=timezone.now(), **cleaned(CarrierForm(request.POST))
        )
    except MidanError as error:
        return person_page(request, number, error)
    messages.success(request, gettext("已交接，回执为日志条目"))
    return redirect("console:person", number)


@require_POST
@room(Room.KEEP_STAFF)
@fresh
def close(request: HttpRequest, number: str) -> HttpResponseBase:
    """Close everything of somebody; what the check then finds open stands on their page."""
    try:
        services.close(
            actor=acting(request), staff_no=number, now=timezone.now(), **cleaned(CloseForm(request.POST))
        )
    except MidanError as error:
        return person_page(request, number, error)
    messages.success(request, gettext("权限已全部收回，核查结果见下"))
    return redirect("console:person", number)


@require_safe
@room(Room.OWN_LEAVING)
def own(request: HttpRequest) -> HttpResponseBase:
    return _own(request)


def _own(request: HttpRequest, fault: MidanError | None = None) -> HttpResponse:
    shown = {"leaving": own_departure(request), "text": services.REMINDER_TEXT, "fault": fault}
    return render(request, "console/own_leaving.html", shown, status=fault.status if fault else 200)


def own_departure(request: HttpRequest) -> DepartureView | None:
    """Return the departure of whoever is signed in, or None."""
    try:
        return departure(acting(request).name, now=timezone.now())
    except UnknownDeparture:
        return None


@require_POST
@room(Room.OWN_LEAVING)
@fresh
def sign(request: HttpRequest) -> HttpResponseBase:
    try:
        services.sign_reminder(actor=acting(request), now=timezone.now())
    except MidanError as error:
        return _own(request, error)
    messages.success(request, gettext("已签署，记入日志"))
    return redirect("console:own-leaving")
