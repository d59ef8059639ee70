"""Cases of lawful disclosure: list, ask for one, read its papers, close it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from midan.access import services
from midan.access.errors import CaseRefused
from midan.access.rules.cases import LIFE, LONGEST, READERS, Ground
from midan.access.selectors import cases as reads
from midan.console.accessforms import OPENED, CaseForm
from midan.console.doors import acting, fresh, person, room
from midan.console.rules import Room, enters
from midan.core.errors import MidanError
from midan.people import selectors as people


@require_safe
@room(Room.CASES)
def cases(request: HttpRequest) -> HttpResponseBase:
    return _list(request)


def _list(request: HttpRequest, fault: MidanError | None = None) -> HttpResponse:
    now = timezone.now()
    found = reads.cases(now=now)
    shown = {
        "cases": found,
        "live": sum(case.state == "live" for case in found),
        "opens": enters(person(request).role, Room.OPEN_CASES),
        "grounds": list(Ground),
        "fields": OPENED,
        "readers": [one for role in sorted(READERS) for one in people.staff_of(role=role)],
        "days": LIFE.days,
        "longest": LONGEST.days,
        "fault": fault,
    }
    return render(request, "console/cases.html", shown, status=fault.status if fault else 200)


@require_POST
@room(Room.OPEN_CASES)
@fresh
def request_case(request: HttpRequest) -> HttpResponseBase:
    """Ask for a case; its papers are read from memory and sealed."""
    form = CaseForm(request.POST, request.FILES)
    try:
        if not form.is_valid():
            raise CaseRefused(next(iter(form.errors)).rstrip("_"))
        asked = form.cleaned_data
        services.request_case(
            actor=acting(request),
            ground=asked["ground"],
            reader=asked["reader"],
            fields=frozenset(asked["fields_"]),
            waybills=tuple(asked["waybills"]),
            days=asked["days"],
            papers=asked["papers"].read(),
            now=timezone.now(),
        )
    except MidanError as error:
        return _list(request, error)
    messages.success(request, gettext("案件已提交，材料已密封；另一人批准后才能查看"))
    return redirect("console:cases")


@require_POST
@room(Room.OPEN_CASES)
def close(request: HttpRequest, code: str) -> HttpResponseBase:
    try:
        services.close_case(actor=acting(request), code=code, now=timezone.now())
    except MidanError as error:
        return _list(request, error)
    messages.success(request, gettext("案件已结束，从现在起不再开放任何信息"))
    return redirect("console:cases")


@require_POST
@room(Room.CASES)
def papers(request: HttpRequest, code: str) -> HttpResponseBase:
    """Hand the papers out as a file: each look is an entry of the log, so it is asked for by a press."""
    data = services.papers(actor=acting(request), code=code, now=timezone.now())
    headers = {"Content-Disposition": 'attachment; filename="papers"'}
    return HttpResponse(data, content_type="application/octet-stream", headers=headers)
