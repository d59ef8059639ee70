"""One's own security page, and the sessions of the people one answers for."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from midan.catalog.settings import current
from midan.console.doors import acting, person, room
from midan.console.rules import Room
from midan.console.views import devices
from midan.people import factors, sessions
from midan.people.rules import Role

own_sessions = ListUserSessionsView.as_view()


@require_safe
@login_required
def security(request: HttpRequest) -> HttpResponseBase:
    """Show one's second factors, recovery codes and live sessions, and what may be done with each."""
    own = factors.of(person(request).staff_no)
    shown = {
        "passkeys": [factor for factor in own if factor.kind == Authenticator.Type.WEBAUTHN],
        "totp": any(factor.kind == Authenticator.Type.TOTP for factor in own),
        "codes": factors.codes_left(person(request).staff_no),
        "demanded": factors.demanded(request.user),
        "sessions": sessions.live(staff_no=person(request).staff_no),
        "here": sessions.number_of(request),
        "chosen": current().sign_in,
        **devices.of_person(request),
    }
    return render(request, "console/security.html", shown)


@require_safe
@room(Room.SESSIONS)
def staff_sessions(request: HttpRequest) -> HttpResponseBase:
    """List who is signed in: a manager sees the own branch, HR and the administrator all."""
    own = person(request)
    branch = own.branch.code if own.role == Role.BRANCH_MANAGER else ""
    shown = {"sessions": sessions.live(branch=branch), "here": sessions.number_of(request)}
    return render(request, "console/sessions.html", shown)


@require_POST
@room(Room.HOME)
def end_session(request: HttpRequest, number: int) -> HttpResponseBase:
    """End one session; whose it is decides whether this person may."""
    sessions.end(actor=acting(request), number=number)
    messages.success(request, gettext("会话已结束，记入日志；那台设备的下一次请求会被拒绝"))
    back = "console:sessions" if request.POST.get("from") == "staff" else "mfa_index"
    return redirect(back)
