"""保存与销毁: lengths, what is due, holds, runs and their certificates."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from midan.catalog.rules import LengthBasis
from midan.console.doors import acting, fresh, room
from midan.console.errors import FormRefused
from midan.console.files import handed_out
from midan.console.forms import EndForm, HoldForm, LengthForm, RunForm
from midan.console.rules import Room
from midan.console.selectors.keeping import holds_page, keep_page, run_page
from midan.core.errors import MidanError
from midan.destruction import selectors, services
from midan.destruction.render.pdf import pdf
from midan.destruction.rules.runs import CutPart, RunReason
from midan.vault.keeping.rules import EndReason, HoldKind, HoldReason, Scope


@require_safe
@room(Room.KEEP)
def keep(request: HttpRequest) -> HttpResponseBase:
    return _keep(request)


def _keep(request: HttpRequest, fault: MidanError | None = None) -> HttpResponse:
    """Show the room; after a refusal with what was refused and why, and nothing changed."""
    page = keep_page(acting(request), now=timezone.now())
    shown = {"page": page, "fault": fault, "length": LengthForm(), "run": RunForm()}
    return render(request, "console/keep.html", shown, status=fault.status if fault else 200)


def _holds(request: HttpRequest, fault: MidanError | None = None) -> HttpResponse:
    page = holds_page(acting(request), asked=request.GET.get("waybill", "")[:15], now=timezone.now())
    shown = {"page": page, "fault": fault, "form": HoldForm(), "end": EndForm()}
    return render(request, "console/holds.html", shown, status=fault.status if fault else 200)


@require_POST
@room(Room.KEEPING)
def set_length(request: HttpRequest) -> HttpResponseBase:
    form = LengthForm(request.POST)
    if not form.is_valid():
        return _keep(request, FormRefused())
    asked = form.cleaned_data
    try:
        services.set_length(
            actor=acting(request),
            retention=asked["retention"],
            days=asked["days"],
            settle_days=asked["settle_days"],
            basis=LengthBasis(asked["basis"]),
            document=asked["document"],
            now=timezone.now(),
        )
    except MidanError as error:
        return _keep(request, error)
    messages.success(request, gettext("期限已设定，新收集的信息从此按它保存；此前的信息期限不变"))
    return redirect("console:keep")


@require_POST
@room(Room.KEEPING)
@fresh
def request_run(request: HttpRequest) -> HttpResponseBase:
    """Ask for a destruction outside the schedule: it waits for another person."""
    form = RunForm(request.POST)
    if not form.is_valid():
        return _keep(request, FormRefused())
    asked = form.cleaned_data
    part = CutPart(asked["part"])
    try:
        code = services.request_run(
            actor=acting(request),
            epochs=asked["epochs"],
            erasures=[services.Erasure(waybill=number, part=part) for number in asked["waybills"]],
            reason=RunReason(asked["reason"]),
            now=timezone.now(),
        )
    except MidanError as error:
        return _keep(request, error)
    messages.success(request, gettext("申请已提出，须由另一人审批后才会执行"))
    return redirect("console:run", code=code)


@require_safe
@room(Room.KEEP)
def holds(request: HttpRequest) -> HttpResponseBase:
    return _holds(request)


@require_POST
@room(Room.KEEPING)
def place_hold(request: HttpRequest) -> HttpResponseBase:
    form = HoldForm(request.POST)
    if not form.is_valid() or not form.cleaned_data["waybills"]:
        return _holds(request, FormRefused())
    asked = form.cleaned_data
    try:
        services.place_hold(
            actor=acting(request),
            kind=HoldKind(asked["kind"]),
            scope=Scope(asked["scope"]),
            label=asked["label"],
            reason=HoldReason(asked["reason"]),
            waybill_numbers=asked["waybills"],
            now=timezone.now(),
        )
    except MidanError as error:
        return _holds(request, error)
    messages.success(request, gettext("已生效，记入日志"))
    return redirect("console:holds")


@require_POST
@room(Room.KEEPING)
def end_hold(request: HttpRequest, code: str) -> HttpResponseBase:
    """Ask another person to agree that it ends."""
    form = EndForm(request.POST)
    if not form.is_valid():
        return _holds(request, FormRefused())
    reason = EndReason(form.cleaned_data["reason"])
    try:
        services.request_end(actor=acting(request), code=code, reason=reason, now=timezone.now())
    except MidanError as error:
        return _holds(request, error)
    messages.success(request, gettext("申请已提出，须由另一人审批后才会结束"))
    return redirect("console:holds")


@require_safe
@room(Room.KEEP)
def run(request: HttpRequest, code: str) -> HttpResponseBase:
    page = run_page(acting(request), code, now=timezone.now())
    return render(request, "console/run.html", {"page": page})


@require_safe
@room(Room.KEEP)
def progress(request: HttpRequest, code: str) -> HttpResponseBase:
    """Return the moving part of a run's page; it asks again while there is something to wait for."""
    page = run_page(acting(request), code, now=timezone.now())
    return render(request, "console/_run.html", {"page": page})


@require_safe
@room(Room.KEEP)
def certificate_json(request: HttpRequest, code: str) -> HttpResponseBase:
    return handed_out(request, selectors.certificate(code), "application/json", f"certificate-{code}.json")


@require_safe
@room(Room.KEEP)
def certificate_pdf(request: HttpRequest, code: str) -> HttpResponseBase:
    return handed_out(request, pdf(selectors.certificate(code)), "application/pdf", f"certificate-{code}.pdf")


@require_safe
@room(Room.KEEP)
def drill_json(request: HttpRequest, code: str) -> HttpResponseBase:
    return handed_out(request, selectors.drill_record(code), "application/json", f"drill-{code}.json")
