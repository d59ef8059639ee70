"""The list, the search, one waybill, the reveal."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from midan.access import services as access
from midan.access.errors import AccessDenied, AccessError, BadQuestion, BudgetSpent
from midan.access.rules.scope import reach
from midan.catalog.rules import FIELDS
from midan.collection import services as collection
from midan.console.doors import acting, age_of_factor, confirm_address, person, room
from midan.console.forms import ConsentForm, RealNameForm, RevealForm, SearchForm, StopForm
from midan.console.rules import Room
from midan.console.selectors.refusals import Refusal, refusal
from midan.console.selectors.waybills import waybill_list, waybill_page
from midan.core.actor import Actor
from midan.core.errors import MidanError
from midan.core.fields.document import DocumentKind
from midan.waybill import services as waybills


@require_GET
@room(Room.WAYBILLS)
def listing(request: HttpRequest) -> HttpResponseBase:
    page = waybill_list(
        acting(request),
        status=request.GET.get("status", ""),
        span=request.GET.get("span", ""),
        cursor=request.GET.get("after", ""),
        now=timezone.now(),
    )
    return render(request, "console/waybills.html", {"page": page})


@require_GET
@room(Room.WAYBILLS)
def detail(request: HttpRequest, number: str) -> HttpResponseBase:
    lang = "en" if get_language() == "en" else "zh"
    page = waybill_page(acting(request), number, lang=lang, now=timezone.now())
    return render(request, "console/waybill.html", {"page": page})


@sensitive_post_parameters()
@room(Room.SEARCH)
def search(request: HttpRequest) -> HttpResponseBase:
    """Show the form, or the masked answer to a posted key. The key is never part of an address."""
    asked = request.method == "POST"
    form = SearchForm(request.POST if asked else None, role=person(request).role)
    shown: dict[str, Any] = {"form": form}
    status = 200
    if asked and form.is_valid():
        try:
            shown["page"] = _search(acting(request), form)
            shown["reach"] = reach(person(request).role, form.cleaned_data["kind"])
        except AccessDenied as error:
            shown["refusal"], status = refusal_of(error), error.status
        except MidanError as error:
            shown["fault"], status = error, error.status
    return render(request, "console/search.html", shown, status=status)


@sensitive_variables()
def _search(actor: Actor, form: SearchForm) -> object:
    asked = form.cleaned_data
    return access.search(
        actor=actor,
        kind=asked["kind"],
        value=asked["value"],
        name=asked["name"],
        cursor=asked["cursor"],
        now=timezone.now(),
    )


@require_POST
@sensitive_variables()
@room(Room.WAYBILLS)
def reveal(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show one field in place for the seconds it may be seen, or say why not."""
    form = RevealForm(request.POST)
    if not form.is_valid():
        missing = refusal(reason="reason_missing", clause="L3.1", entry_id="", lang=get_language() or "")
        return render(request, "console/_refused.html", {"refusal": missing, "field": ""}, status=400)
    asked = form.cleaned_data
    return open_field(
        request,
        number,
        name=asked["field"],
        purpose=asked["purpose"],
        reason=asked["reason"],
        ticket=asked["ticket"],
        note=asked["note"],
    )


@sensitive_variables()
def open_field(  # noqa: PLR0913  the question, as access asks it
    request: HttpRequest,
    number: str,
    *,
    name: str,
    purpose: str,
    reason: str,
    ticket: str = "",
    note: str = "",
) -> HttpResponseBase:
    """Answer with one field in clear, as a part of a page, or with why not; only behind a door."""
    now = timezone.now()
    try:
        shown = access.reveal(
            actor=acting(request),
            waybill=number,
            fields=frozenset({name}),
            purpose=purpose,
            reason=reason,
            ticket=ticket,
            note=note,
            factor_age=age_of_factor(request),
            now=now,
        )
    except (AccessDenied, BudgetSpent) as error:
        broken = _glass(error, number, name=name, purpose=purpose)
        context = {"refusal": refusal_of(error, glass=broken), "field": name}
        if error.details.get("otherwise") == "stepup":
            context["confirm"] = confirm_address(request, then=reverse("console:waybill", args=[number]))
        return render(request, "console/_refused.html", context, status=error.status)
    except AccessError as error:
        return render(request, "console/_refused.html", {"fault": error, "field": name}, status=error.status)
    seconds = int((shown.expires_at - now).total_seconds())
    context = {
        "field": name,
        "title": FIELDS[name].title,
        "value": shown.values[name].reveal(shown.grant),
        "seconds": seconds,
        "entry_id": shown.entry_id,
    }
    return render(request, "console/_revealed.html", context)


@require_POST
@room(Room.TICKETS)
def consent(request: HttpRequest, number: str) -> HttpResponseBase:
    """Write down the yes or no of a customer on the phone to one optional use."""
    form = ConsentForm(request.POST)
    if not form.is_valid():
        raise BadQuestion(next(iter(form.errors)))
    asked, actor, now = form.cleaned_data, acting(request), timezone.now()
    side, purpose = asked["side"], asked["purpose"]
    if asked["answer"] == "yes":
        version = asked["notice_version"]
        access.give_consent(
            actor=actor, waybill=number, side=side, purpose=purpose, notice_version=version, now=now
        )
        messages.success(request, gettext("已登记客户的同意，记入日志"))
    else:
        access.take_back_consent(actor=actor, waybill=number, side=side, purpose=purpose, now=now)
        messages.success(request, gettext("已登记客户撤回同意，从现在起不再用于这个用途"))
    return redirect("console:waybill", number=number)


@require_POST
@sensitive_post_parameters()
@sensitive_variables()
@room(Room.REAL_NAME)
def real_name(request: HttpRequest, number: str) -> HttpResponseBase:
    """Record the document the sender shows. What was typed is in no answer."""
    form = RealNameForm(request.POST)
    if not form.is_valid():
        raise BadQuestion(next(iter(form.errors)))
    done = collection.record_real_name(
        actor=acting(request),
        number=number,
        kind=DocumentKind(form.cleaned_data["kind"]),
        id_number=form.cleaned_data["id_number"],
        now=timezone.now(),
    )
    said = gettext("这份证件已经登记过") if done.replayed else gettext("已登记实名查验，号码已加密保存")
    messages.success(request, said)
    return redirect("console:waybill", number=number)


@require_POST
@room(Room.STOPS)
def confirm_stop(request: HttpRequest, number: str) -> HttpResponseBase:
    """Let a branch that found the parcel onto its route: it may then see it."""
    form = StopForm(request.POST)
    if not form.is_valid():
        raise BadQuestion("branch")
    waybills.confirm_stop(actor=acting(request), number=number, branch=form.cleaned_data["branch"])
    messages.success(request, gettext("已确认包裹到过这个网点，记入日志"))
    return redirect("console:waybill", number=number)


def _glass(error: AccessDenied | BudgetSpent, number: str, *, name: str, purpose: str) -> str:
    """Return where this refusal can be broken: only codes go into an address, never what was typed."""
    if not (isinstance(error, BudgetSpent) or error.details.get("breakable")):
        return ""
    said = {"waybill": number, "fields_": name, "purpose": purpose}
    return f"{reverse('console:glass')}?{urlencode(said)}"


def refusal_of(error: AccessDenied | BudgetSpent, *, glass: str = "") -> Refusal:
    """Return what the page says of a refusal, in the reader's language."""
    clause = error.denied_by if isinstance(error, AccessDenied) else (error.clause or "")
    return refusal(
        reason=str(error.details.get("reason", "")),
        clause=clause,
        entry_id=str(error.details.get("entry_id", "")),
        lang=get_language() or "",
        glass=glass,
    )
