"""Devices: one's own on the security page, a browser bound to one, the register."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from midan.catalog.settings import current
from midan.console.deviceforms import ClientForm, NameForm
from midan.console.doors import acting, fresh, person, room
from midan.console.rules import Room
from midan.core.errors import MidanError
from midan.devices import selectors, services
from midan.devices.browsers import device_of, hand_over
from midan.devices.errors import BadDevice
from midan.devices.rules import CODE_LIFE, KEEPERS
from midan.people import factors
from midan.people import selectors as people
from midan.people.browsers import Browser, browser_of

_MINUTES = int(CODE_LIFE.total_seconds() // 60)


def of_person(request: HttpRequest) -> dict[str, Any]:
    """Return what the security page shows of one's devices."""
    return {
        "devices": selectors.devices_of(person(request).staff_no, now=timezone.now()),
        "device_here": device_of(request),
        "report_days": current().device_report_days,
        "on_phone": _browser(request).kind != "desk",
        "name_form": NameForm(),
    }


@require_POST
@room(Room.OWN_DEVICES)
@fresh
def make_code(request: HttpRequest) -> HttpResponseBase:
    """Show a one-time code for a computer, once, with the commands to type there."""
    code = services.make_code(actor=acting(request), now=timezone.now())
    return _code_page(request, code)


@require_POST
@room(Room.DEVICES)
@fresh
def make_client_code(request: HttpRequest) -> HttpResponseBase:
    """Show a one-time code for the computer a program of the API runs on."""
    form = ClientForm(request.POST)
    if not form.is_valid():
        raise BadDevice("client")
    client = form.cleaned_data["client"]
    code = services.make_code(actor=acting(request), client=client, now=timezone.now())
    return _code_page(request, code)


def _code_page(request: HttpRequest, code: str) -> HttpResponse:
    shown = {"code": code, "minutes": _MINUTES, "server": settings.SITE_BASE_URL}
    return render(request, "console/device_code.html", shown)


@require_POST
@room(Room.OWN_DEVICES)
def register_phone(request: HttpRequest) -> HttpResponseBase:
    """Register the phone at hand by the passkey just shown on it; who has not shown one is led there first."""
    passkey, browser = factors.passkey_of(request), _browser(request)
    if not passkey and factors.has_passkey(request.user):
        messages.info(request, gettext("请用这部手机上的通行密钥确认身份，然后再点一次"))
        back = urlencode({"next": reverse("mfa_index")})
        return redirect(f"{reverse('mfa_reauthenticate_webauthn')}?{back}")
    form = NameForm(request.POST)
    if not form.is_valid():
        raise BadDevice("name")
    bound = services.register_phone(
        actor=acting(request),
        passkey=passkey,
        name=form.cleaned_data["name"],
        kind=browser.kind,
        system=browser.system,
        now=timezone.now(),
    )
    return _home(request, bound, gettext("这部手机已登记，可以用来工作"))


@require_http_methods(["GET", "HEAD", "POST"])
@room(Room.OWN_DEVICES)
@fresh
def bind(request: HttpRequest, token: str) -> HttpResponseBase:
    """Bind the browser at hand to the computer whose agent gave this address. Opening it alone changes nothing."""
    if request.method != "POST":
        return render(request, "console/bind_device.html")
    bound = services.bind(actor=acting(request), token=token, kind=_browser(request).kind, now=timezone.now())
    return _home(request, bound, gettext("这个浏览器已绑定到这台电脑"))


def _home(request: HttpRequest, bound: services.Bound, said: str) -> HttpResponse:
    messages.success(request, said)
    answer = redirect(reverse("mfa_index") + "#devices")
    hand_over(request, answer, cookie=bound.cookie, device=bound.device)
    return answer


@require_POST
@room(Room.OWN_DEVICES)
def rename(request: HttpRequest, number: str) -> HttpResponseBase:
    form = NameForm(request.POST)
    if not form.is_valid():
        raise BadDevice("name")
    name = form.cleaned_data["name"]
    services.rename(actor=acting(request), number=number, name=name, now=timezone.now())
    messages.success(request, gettext("设备已改名"))
    return redirect(reverse("mfa_index") + "#devices")


@require_POST
@room(Room.OWN_DEVICES)
def revoke(request: HttpRequest, number: str) -> HttpResponseBase:
    """Take a device off the register: one's own, or any by those who keep it; the area decides."""
    services.revoke(actor=acting(request), number=number, now=timezone.now())
    messages.success(request, gettext("设备已注销并记入日志；在它上面的会话下一次请求即结束"))
    kept = request.POST.get("from") == "register" and person(request).role in KEEPERS
    return redirect("console:devices") if kept else redirect(reverse("mfa_index") + "#devices")


@require_safe
@room(Room.DEVICES)
def register(request: HttpRequest) -> HttpResponseBase:
    """List every device that stands, the unhealthy ones first, or these alone."""
    rows = selectors.register(now=timezone.now())
    unhealthy = [row for row in rows if not row.healthy]
    only = request.GET.get("health") == "bad"
    named = {one.staff_no: one for one in people.staff_of()}
    shown = {
        "rows": [(row, named.get(row.staff_no)) for row in (unhealthy if only else rows)],
        "only": only,
        "total": len(rows),
        "unhealthy": len(unhealthy),
        "report_days": current().device_report_days,
        "posture": selectors.posture(),
        "client_form": ClientForm(),
    }
    return render(request, "console/devices.html", shown)


@require_POST
@room(Room.DEVICES)
def share(request: HttpRequest, number: str) -> HttpResponseBase:
    """Let everybody of the owner's branch use a computer, or its owner alone again."""
    now = timezone.now()
    try:
        owner = people.staff(selectors.device(number, now=now).staff_no)
    except MidanError:
        raise BadDevice("branch") from None
    branch = owner.branch if request.POST.get("to") == "branch" else ""
    services.share(actor=acting(request), number=number, branch=branch, now=now)
    messages.success(
        request, gettext("本网点的人都可以用这台电脑") if branch else gettext("这台电脑只供本人使用")
    )
    return redirect("console:devices")


def _browser(request: HttpRequest) -> Browser:
    return browser_of(request.headers.get("User-Agent", ""))
