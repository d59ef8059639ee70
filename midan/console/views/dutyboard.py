"""Duties of others: who is blocked and why, background checks, texts, courses and results."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from midan.console.doors import acting, person, room
from midan.console.dutyforms import CheckForm, CheckRequestForm, CourseForm, TextForm
from midan.console.files import handed_out
from midan.console.rules import Room, enters
from midan.core.errors import MidanError
from midan.duties import selectors, services
from midan.duties.errors import BadCheck, BadCourse, BadDocument, NoCheck
from midan.duties.rules import Duty, Kind, Light
from midan.people import selectors as people
from midan.people.rules import Role


@require_safe
@room(Room.DUTY_BOARD)
def board(request: HttpRequest) -> HttpResponseBase:
    """Show everybody's duties: managers those of their own branch, the others all or one branch."""
    return _board(request)


def _board(request: HttpRequest, fault: MidanError | None = None) -> HttpResponse:
    who = person(request)
    whole = who.role != Role.BRANCH_MANAGER
    branch = request.GET.get("branch", "") if whole else who.branch.code
    rows = selectors.board(today=timezone.localdate(), branch=branch)
    lights = Counter(row.light for row in rows)
    shown: dict[str, Any] = {
        "rows": rows,
        "blocked": lights[Light.RED],
        "soon": lights[Light.AMBER],
        "good": lights[Light.GREEN],
        "columns": list(Duty),
        "branches": people.branches() if whole else (),
        "branch": branch,
        "keeps": enters(who.role, Room.KEEP_DUTIES),
        "checks": selectors.checks(limit=30) if enters(who.role, Room.KEEP_DUTIES) else (),
        "fault": fault,
    }
    return render(request, "console/duty_board.html", shown, status=fault.status if fault else 200)


@require_POST
@room(Room.KEEP_DUTIES)
def request_check(request: HttpRequest) -> HttpResponseBase:
    form = CheckRequestForm(request.POST)
    try:
        if not form.is_valid():
            raise NoCheck
        code = services.request_check(
            actor=acting(request), staff_no=form.cleaned_data["staff_no"], now=timezone.now()
        )
    except MidanError as error:
        return _board(request, error)
    return redirect("console:duty-check", code=code)


@require_http_methods(["GET", "HEAD", "POST"])
@room(Room.KEEP_DUTIES)
def check(request: HttpRequest, code: str) -> HttpResponseBase:
    """Show one check; take its answer with the evidence, which is read from memory and sealed."""
    fault: MidanError | None = None
    if request.method == "POST":
        form = CheckForm(request.POST, request.FILES)
        try:
            if not form.is_valid():
                raise BadCheck(next(iter(form.errors)))
            services.conclude_check(
                actor=acting(request),
                code=code,
                result=form.cleaned_data["result"],
                until=form.cleaned_data["until"],
                evidence=form.cleaned_data["evidence"].read(),
                now=timezone.now(),
            )
        except MidanError as error:
            fault = error
        else:
            messages.success(request, gettext("结果已登记，材料已密封，记入日志"))
            return redirect("console:duty-check", code=code)
    found = selectors.check(code)
    shown = {
        "check": found,
        "person": people.staff(found.staff_no),
        "own": found.staff_no == person(request).staff_no,
        "fault": fault,
    }
    return render(request, "console/duty_check.html", shown, status=fault.status if fault else 200)


@require_POST
@room(Room.KEEP_DUTIES)
def evidence(request: HttpRequest, code: str) -> HttpResponseBase:
    """Hand the evidence out as a file: each look is an entry of the log, so it is asked for by a press."""
    data = services.evidence(actor=acting(request), code=code, now=timezone.now())
    return handed_out(request, data, "application/octet-stream", "evidence")


@require_http_methods(["GET", "HEAD", "POST"])
@room(Room.KEEP_DUTIES)
def texts(request: HttpRequest) -> HttpResponseBase:
    """Show the texts in force; publish a new version, which everybody signs anew."""
    fault: MidanError | None = None
    if request.method == "POST":
        form = TextForm(request.POST)
        try:
            if not form.is_valid():
                raise BadDocument
            services.publish_document(actor=acting(request), now=timezone.now(), **form.cleaned_data)
        except MidanError as error:
            fault = error
        else:
            messages.success(request, gettext("新版本已生效，每个人都须重新签署"))
            return redirect("console:duty-texts")
    people_now = sum(people.active_by_role().values())
    shown = {
        "texts": [found for kind in Kind if (found := selectors.in_force(kind))],
        "people": people_now,
        "fault": fault,
    }
    return render(request, "console/duty_texts.html", shown, status=fault.status if fault else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@room(Room.KEEP_DUTIES)
def courses(request: HttpRequest) -> HttpResponseBase:
    """Show courses and results; publish an edition, which exams under way do not notice."""
    fault: MidanError | None = None
    if request.method == "POST":
        form = CourseForm(request.POST)
        try:
            if not form.is_valid():
                raise BadCourse("empty")
            services.publish_course(actor=acting(request), text=form.cleaned_data["text"], now=timezone.now())
        except MidanError as error:
            fault = error
        else:
            messages.success(request, gettext("新版课程已生效，进行中的考试不受影响"))
            return redirect("console:courses")
    found = selectors.courses("en" if (get_language() or "").startswith("en") else "zh")
    shown = {
        "courses": [(one, selectors.course_text(one.slug)) for one in found],
        "results": selectors.results(limit=50),
        "fault": fault,
    }
    return render(request, "console/courses.html", shown, status=fault.status if fault else 200)
