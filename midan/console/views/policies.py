"""The policies: what is in force, drafts, what a draft would have changed, asking for it, going back."""

from difflib import unified_diff
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from midan.access import selectors, services
from midan.access.errors import DraftUnsound
from midan.access.rules.drafts import DraftView, problems
from midan.access.rules.engine import PolicyBook
from midan.access.rules.whatif import WhatIf
from midan.access.selectors import policies as reads
from midan.approval import selectors as approvals
from midan.approval.errors import RequestUnknown
from midan.approval.rules import Request
from midan.console.accessforms import DaysForm, DraftForm
from midan.console.doors import acting, fresh, person, room
from midan.console.rules import Room, enters
from midan.core.errors import MidanError

_DAYS: Final = 7
# A page answers within seconds; the command line replays everything.
MOST: Final = 5_000


@require_safe
@room(Room.POLICIES)
def policies(request: HttpRequest) -> HttpResponseBase:
    return _page(request)


def _page(
    request: HttpRequest, *, fault: MidanError | None = None, text: str = "", wrong: Any = ()
) -> HttpResponse:
    book = selectors.in_force()
    gates = sorted(
        (one for one in book.policies.values() if one.effect == "forbid"), key=lambda one: one.order
    )
    shown = {
        "version": book.version,
        "gates": gates,
        "permits": len(book.policies) - len(gates),
        "versions": reads.versions(),
        "drafts": reads.drafts(),
        "broken": reads.broken_version(),
        "text": text or reads.text_in_force(),
        "edits": enters(person(request).role, Room.WRITE_POLICIES),
        "problems": wrong,
        "fault": fault,
    }
    return render(request, "console/policies.html", shown, status=fault.status if fault else 200)


@require_POST
@room(Room.WRITE_POLICIES)
def save(request: HttpRequest) -> HttpResponseBase:
    """Keep a draft, typed, uploaded or brought back; one with errors is shown with its lines and kept nowhere."""
    form = DraftForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, fault=DraftUnsound(*form.errors))
    text, restores = form.cleaned_data["text"], form.cleaned_data["restores"]
    if upload := form.cleaned_data["file"]:
        text = upload.read().decode("utf-8", "replace")
    try:
        kept = services.save_draft(actor=acting(request), text=text, restores=restores, now=timezone.now())
    except DraftUnsound as error:
        wrong = problems(text.replace("\r\n", "\n"), reads.schema_text())
        return _page(request, fault=error, text=text, wrong=wrong)
    except MidanError as error:
        return _page(request, fault=error, text=text)
    messages.success(request, gettext("草稿已保存，现行策略不变；请看它会改变什么"))
    return redirect("console:policy-draft", code=kept.code)


@require_safe
@room(Room.POLICIES)
def draft(request: HttpRequest, code: str) -> HttpResponseBase:
    return _draft(request, code)


def _draft(request: HttpRequest, code: str, fault: MidanError | None = None) -> HttpResponse:
    found, days = reads.draft(code), _days(request)
    changed = _replay(found, days) if days else None
    shown = {
        "draft": found,
        "base": selectors.in_force().version,
        "publication": _request(found),
        "changed": changed,
        "days": days or _DAYS,
        "edits": enters(person(request).role, Room.WRITE_POLICIES),
        "lines": _difference(found),
        "fault": fault,
    }
    return render(request, "console/policy_draft.html", shown, status=fault.status if fault else 200)


@require_POST
@room(Room.WRITE_POLICIES)
@fresh
def request_publication(request: HttpRequest, code: str) -> HttpResponseBase:
    """Ask another person, with the replay made anew: what they read is what the log says now."""
    found = reads.draft(code)
    try:
        services.request_publication(
            actor=acting(request),
            code=code,
            found=_replay(found, _days(request) or _DAYS),
            now=timezone.now(),
        )
    except MidanError as error:
        return _draft(request, code, error)
    messages.success(request, gettext("已提交，另一人批准后立即生效"))
    return redirect("console:policy-draft", code=code)


def _days(request: HttpRequest) -> int:
    form = DaysForm(request.POST if request.method == "POST" else request.GET)
    return int(form.cleaned_data["days"]) if form.is_valid() else 0


def _replay(found: DraftView, days: int) -> WhatIf:
    book = PolicyBook.load(found.text, reads.schema_text())
    return selectors.what_if(book, days=days, now=timezone.now(), most=MOST)


def _request(found: DraftView) -> Request | None:
    if not found.approval:
        return None
    try:
        return approvals.request(found.approval, now=timezone.now())
    except RequestUnknown:
        return None


def _difference(found: DraftView) -> tuple[tuple[str, str], ...]:
    """Return the lines a draft takes away (-) and adds (+) against what is in force now."""
    old, new = reads.text_in_force().splitlines(), found.text.splitlines()
    lines = [line for line in unified_diff(old, new, lineterm="", n=1) if not line.startswith(("---", "+++"))]
    return tuple((line[:1], line[1:]) for line in lines)
