"""The log: entries, one entry, the check, the checkpoint, a proof to take away."""

import json

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from midan.audit import selectors as audit
from midan.audit import services
from midan.audit.errors import EntryNotIntegrated
from midan.console.doors import acting, room
from midan.console.files import handed_out
from midan.console.rules import Room
from midan.console.selectors.log import LogQuery, entry_page, log_page
from midan.label.selectors import departure, traces


@require_safe
@room(Room.LOG)
def log(request: HttpRequest) -> HttpResponseBase:
    asked = {name: request.GET.get(name, "")[:80] for name in ("act", "outcome", "actor", "object", "span")}
    page = log_page(LogQuery(**asked), cursor=request.GET.get("after", ""), now=timezone.now())
    return render(request, "console/log.html", {"page": page})


@require_safe
@room(Room.LOG)
def entry(request: HttpRequest, entry_id: str) -> HttpResponseBase:
    return render(request, "console/entry.html", {"page": entry_page(entry_id)})


@require_POST
@room(Room.VERIFY)
def verify(request: HttpRequest) -> HttpResponseBase:
    """Recompute the whole log and say where it first departs from what was signed, if anywhere."""
    result = services.check(actor=acting(request), now=timezone.now(), workers=1, registers=(departure,))
    return render(request, "console/_verified.html", {"result": result})


@require_safe
@room(Room.HOME)
def checkpoint(request: HttpRequest) -> HttpResponseBase:
    """Return the newest signed checkpoint: made to be shown and compared, it stands open to every post."""
    newest = audit.checkpoint()
    if newest is None:
        raise EntryNotIntegrated("日志还没有检查点，请稍后再试")
    return handed_out(request, newest.text, "text/plain; charset=utf-8", "checkpoint.txt")


@require_safe
@room(Room.LOG)
def proof(request: HttpRequest, entry_id: str) -> HttpResponseBase:
    """Return the proof file of one entry, to be checked without Midan."""
    found = audit.prove(entry_id, traces_of=traces)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    return handed_out(request, text, "application/json", f"proof-{entry_id[:8]}.json")
