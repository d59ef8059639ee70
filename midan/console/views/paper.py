"""Paper of a branch: the ledger, counting, sealing, destroying, and the witness's word."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from midan.console.doors import acting, person, room
from midan.console.forms import BagForm, CountForm, DestroyForm
from midan.console.rules import Room, enters
from midan.console.selectors.paper import branches_page
from midan.core.errors import MidanError
from midan.paper import selectors, services
from midan.paper.errors import BadBag
from midan.paper.photos import MOST_BYTES
from midan.paper.rules import BagState, DestructionState
from midan.people.errors import UnknownBranch
from midan.people.selectors import branch as branch_of


@require_safe
@room(Room.PAPER)
def paper(request: HttpRequest) -> HttpResponseBase:
    """Show the own branch's ledger, or to oversight every branch and the one it names."""
    someone = person(request)
    if enters(someone.role, Room.KEEP_PAPER):
        return _page(request, someone.branch.code)
    wanted = request.GET.get("branch", "")
    if wanted:
        try:
            return _page(request, branch_of(wanted).code)
        except UnknownBranch:
            return redirect("console:paper")
    return render(request, "console/paper_branches.html", {"page": branches_page()})


@require_POST
@room(Room.KEEP_PAPER)
def count(request: HttpRequest) -> HttpResponseBase:
    """Take the number of loose sheets."""
    return _act(request, CountForm(request.POST), services.count, gettext("已登记清点数"))


@require_POST
@room(Room.KEEP_PAPER)
def seal(request: HttpRequest) -> HttpResponseBase:
    """Take a sealed bag."""
    return _act(request, BagForm(request.POST), services.seal, gettext("已登记封袋"))


@require_POST
@room(Room.KEEP_PAPER)
def destroy(request: HttpRequest) -> HttpResponseBase:
    """Take the record of a destruction; it counts when the witness confirms."""
    sealed = selectors.bags(person(request).branch.code, state=BagState.SEALED)
    form = DestroyForm(request.POST, bags=[bag.serial for bag in sealed])
    return _act(request, form, services.destroy, gettext("已登记，待见证人本人登录确认后生效"))


@require_safe
@room(Room.PAPER)
def act(request: HttpRequest, destruction: str) -> HttpResponseBase:
    """Show one act of destruction, to its branch and to oversight."""
    return _act_page(request, destruction)


@require_POST
@room(Room.KEEP_PAPER)
def add_photo(request: HttpRequest, destruction: str) -> HttpResponseBase:
    """Take the picture as the request's body: nothing of it is spooled to disk."""
    actor = acting(request)
    try:
        raw = request.read(MOST_BYTES + 1)
        services.add_photo(actor=actor, destruction=destruction, raw=raw, now=timezone.now())
    except MidanError as error:
        return _act_page(request, destruction, fault=error)
    messages.success(request, gettext("照片已登记，以后不能替换"))
    return redirect("console:paper-act", destruction=destruction)


@require_POST
@room(Room.PAPER)
def photo(request: HttpRequest, destruction: str) -> HttpResponseBase:
    """Show the picture in the act's page: each look is an entry of the log, so it is asked for by a press."""
    picture = services.photo(actor=acting(request), destruction=destruction, now=timezone.now())
    shown = {"picture": b64encode(picture).decode()}
    return render(request, "console/_paper_photo.html", shown)


@require_safe
@room(Room.WITNESS)
def waiting(request: HttpRequest) -> HttpResponseBase:
    """Show what waits for the word of who is signed in."""
    return render(
        request, "console/paper_witness.html", {"waiting": selectors.waiting_for(person(request).staff_no)}
    )


@require_POST
@room(Room.WITNESS)
def witness(request: HttpRequest, destruction: str) -> HttpResponseBase:
    """Take the witness's word."""
    confirmed = request.POST.get("word") == "confirmed"
    services.witness(actor=acting(request), destruction=destruction, confirmed=confirmed, now=timezone.now())
    messages.success(
        request, gettext("已确认见证") if confirmed else gettext("已记录您的否认，封袋恢复为已封袋")
    )
    return redirect("console:paper-witness")


def _act(request: HttpRequest, form: forms.Form, verb: Callable[..., object], done: str) -> HttpResponseBase:
    try:
        if not form.is_valid():
            raise BadBag(next(iter(form.errors)))
        verb(actor=acting(request), now=timezone.now(), **form.cleaned_data)
    except MidanError as error:
        return _page(request, person(request).branch.code, fault=error)
    messages.success(request, done)
    return redirect("console:paper")


def _page(request: HttpRequest, branch: str, fault: MidanError | None = None) -> HttpResponseBase:
    keeps = enters(person(request).role, Room.KEEP_PAPER)
    sealed = selectors.bags(branch, state=BagState.SEALED)
    shown: dict[str, Any] = {
        "branch": branch_of(branch),
        "ledger": selectors.ledger(branch),
        "bags": selectors.bags(branch),
        "destructions": selectors.destructions(branch),
        "keeps": keeps,
        "fault": fault,
        "count_form": CountForm(),
        "bag_form": BagForm(),
        "destroy_form": DestroyForm(bags=[bag.serial for bag in sealed]),
        "sealed": sealed,
    }
    return render(request, "console/paper.html", shown, status=fault.status if fault else 200)


def _act_page(request: HttpRequest, destruction: str, fault: MidanError | None = None) -> HttpResponseBase:
    actor = acting(request)
    made, bags = selectors.act(actor, destruction)
    keeps = enters(actor.role, Room.KEEP_PAPER)
    shown: dict[str, Any] = {
        "act": made,
        "bags": bags,
        "branch": branch_of(made.branch),
        "fault": fault,
        "may_add": keeps and made.photo is None and made.state != DestructionState.DISPUTED,
    }
    return render(request, "console/paper_act.html", shown, status=fault.status if fault else 200)
