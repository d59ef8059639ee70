"""What I owe: sign, learn, sit the exam. Made for a phone."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from midan.console.doors import acting, person, room
from midan.console.dutyforms import SignForm
from midan.console.rules import Room
from midan.core.errors import MidanError
from midan.duties import selectors, services
from midan.people import factors
from midan.people import selectors as people


def _lang() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


@require_safe
@room(Room.DUTIES)
def mine(request: HttpRequest) -> HttpResponseBase:
    """Show each duty, its state, and the one thing to do about it."""
    who, today = person(request), timezone.localdate()
    duties = selectors.duties_of(people.staff(who.staff_no), today=today)
    shown = {
        "owed": duties,
        "undone": [one for one in duties if not one.done],
        "reminded": selectors.reminders_of(who.staff_no, today=today),
        "courses": selectors.courses(_lang()),
        "results": selectors.results(staff_no=who.staff_no, limit=10),
    }
    return render(request, "console/duties.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@room(Room.DUTIES)
def sign(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Read the text in force and sign it, after showing anew who one is."""
    text = selectors.in_force(kind)
    if text is None:
        raise Http404
    if not factors.fresh(request):
        # Back to the text, whichever way it was asked for: what was typed before is typed again.
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.path})}")
    fault: MidanError | None = None
    form = SignForm(request.POST)
    if request.method == "POST" and form.is_valid():
        try:
            services.sign_document(
                actor=acting(request),
                kind=kind,
                number=form.cleaned_data["number"],
                language=_lang(),
                now=timezone.now(),
            )
        except MidanError as error:
            fault = error
        else:
            messages.success(request, gettext("已签署，记入日志；可下载带签名的文件"))
            return redirect("console:duties")
    paragraphs = [part for part in text.text(_lang()).split("\n") if part.strip()]
    shown = {"text": text, "title": paragraphs[0], "paragraphs": paragraphs[1:], "fault": fault}
    return render(request, "console/duty_sign.html", shown, status=fault.status if fault else 200)


@require_safe
@room(Room.DUTIES)
def signed(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out one's own newest signature, for checking without the database."""
    file = selectors.signed_file(staff_no=person(request).staff_no, kind=kind)
    if file is None:
        raise Http404
    name = f"{kind}-{person(request).staff_no}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(file, content_type="application/json", headers=headers)


@require_safe
@room(Room.DUTIES)
def course(request: HttpRequest, slug: str, page: int) -> HttpResponseBase:
    """Show one page; what was seen is kept in the session, so that nobody jumps to the exam."""
    found = selectors.course_page(slug, page, _lang())
    seen = _seen(request, slug) | {page}
    request.session[_key(slug)] = sorted(seen)
    shown = {
        "slug": slug,
        "page": found,
        "whole": len(seen) >= found.pages,
        "before": page - 1,
        "after": page + 1,
    }
    return render(request, "console/course_page.html", shown)


@require_POST
@room(Room.DUTIES)
def begin(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Begin the exam, or go on with the one that runs; who left out a page is led to it."""
    pages = selectors.course_page(slug, 1, _lang()).pages
    unread = sorted(set(range(1, pages + 1)) - _seen(request, slug))
    actor, now = acting(request), timezone.now()
    if not unread:
        services.finish_reading(actor=actor, slug=slug, now=now)
    elif not selectors.has_read(staff_no=actor.name, slug=slug):
        messages.success(request, gettext("还有没读过的页，从这里继续"))
        return redirect("console:course-page", slug=slug, page=unread[0])
    try:
        code = services.begin_exam(actor=actor, slug=slug, now=now)
    except MidanError as error:
        return render(
            request, "console/exam_refused.html", {"fault": error, "slug": slug}, status=error.status
        )
    return redirect("console:exam", code=code)


@require_http_methods(["GET", "HEAD", "POST"])
@room(Room.DUTIES)
def exam(request: HttpRequest, code: str) -> HttpResponseBase:
    """Show the questions, take the answers, show what came of it."""
    actor, now = acting(request), timezone.now()
    found = selectors.exam(staff_no=actor.name, code=code)
    if request.method == "POST" and found.ended_at is None:
        answers = [_answer(request.POST.get(f"q{place}", "")) for place in range(found.draw)]
        services.answer_exam(actor=actor, code=code, answers=answers, now=now)
        return redirect("console:exam", code=code)
    shown: dict[str, Any] = {"exam": found}
    if found.ended_at is None:
        shown["sheet"] = selectors.question_sheet(staff_no=actor.name, code=code, lang=_lang())
    return render(request, "console/exam.html", shown)


def _answer(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 2 else -1


def _key(slug: str) -> str:
    return f"course-{slug}"


def _seen(request: HttpRequest, slug: str) -> set[int]:
    return set(request.session.get(_key(slug), ()))
