"""What every page shares at the outermost edge: one host name, and refusals said plainly."""

import logging
import secrets
import sys
from collections.abc import Callable
from typing import Final
from urllib.parse import urlunsplit

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from midan.catalog.rules import FIELDS
from midan.console.doors import to_second_factor
from midan.core.errors import MidanError
from midan.people import factors, passwords
from midan.store.disk import disk_error
from midan.ui.templatetags.ui import said

_LOG = logging.getLogger("midan.pages")
_MACHINES: Final = ("/api/", "/static/")
# What a session without a second factor may still reach: signing in and out, setting one up, the public pages.
_OPEN_VIEWS: Final = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reauthenticate",
        "mfa_authenticate",
        "mfa_login_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "first_administrator",
        "join",
        "set_language",
        "token",
    }
)
_ENROLMENTS: Final = frozenset({"mfa_activate_totp", "mfa_add_webauthn"})
# The API answers for itself, in its own shape.
_OPEN_AREAS: Final = frozenset({"portal", "gateway"})
_ADDRESSES: Final = frozenset({"127.0.0.1", "[::1]"})
# What a search and a ticket post, and every field that is sealed.
_KEYS: Final = frozenset({"value", "name", "phone"}) | {name for name, field in FIELDS.items() if field.part}
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class NamedHost:
    """Send pages asked for at 127.0.0.1 to localhost: a passkey belongs to a name, never to an address."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        host, _, port = (
            request.get_host().rpartition(":") if ":" in request.get_host() else (request.get_host(), "", "")
        )
        asks_page = request.method in {"GET", "HEAD"} and not request.path.startswith(_MACHINES)
        if host in _ADDRESSES and asks_page:
            name = f"localhost:{port}" if port else "localhost"
            query = request.META.get("QUERY_STRING", "")
            return HttpResponseRedirect(urlunsplit((request.scheme, name, request.path, query, "")))
        return self._get_response(request)


class KeysUnsaid:
    """Ask again without them for an address that carries a customer's phone or name: both are posted only.

    An address is kept where nothing personal may be: in browsers, in proxies, in the way back after a sign-in.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asks_page = request.method in {"GET", "HEAD"} and not request.path.startswith(_MACHINES)
        if not asks_page or _KEYS.isdisjoint(request.GET):
            return self._get_response(request)
        kept = request.GET.copy()
        for name in _KEYS & kept.keys():
            del kept[name]
        return HttpResponseRedirect(urlunsplit(("", "", request.path, kept.urlencode(), "")))


class NotKept:
    """Tell browsers and proxies to keep nothing of answers that may carry a value, a code or a session."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if not request.path.startswith("/static/") and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        return response


class OneShape:
    """Give a program every refusal in the API's one shape, also where a library answered with a page or nothing."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        status = response.status_code
        shaped = response.get("Content-Type", "").startswith("application/json")
        if status < 400 or shaped or not request.path.startswith("/api/"):
            return response
        code, message = {
            404: ("not_found", gettext("没有这个对象")),
            405: ("method_not_allowed", gettext("这个地址不接受这种请求方法")),
        }.get(status, ("bad_request", gettext("请求无法理解")))
        answer = page(request, status=status, code=code, message=message)
        for name in ("Allow", "WWW-Authenticate"):
            if response.has_header(name):
                answer[name] = response[name]
        return answer


class SecondFactorFirst:
    """Open nothing to a session that proved no second factor, save what it needs to do so (T3)."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        """Return the way to the second factor, or None where the page may be asked for."""
        match = request.resolver_match
        if match is None or match.namespace in _OPEN_AREAS:
            return None
        if match.view_name in _OPEN_VIEWS or not request.user.is_authenticated:
            return None
        if match.view_name in _ENROLMENTS:
            passkey = match.view_name == "mfa_add_webauthn"
            return None if factors.may_enrol(request, passkey=passkey) else redirect("mfa_index")
        if not factors.passed(request):
            return to_second_factor(request)
        if match.view_name != "account_change_password" and passwords.outlived(
            request.user.pk, now=timezone.now()
        ):
            messages.info(request, gettext("密码已到更换期限，更换后继续"))
            return redirect("account_change_password")
        return None


class PlainRefusals:
    """Show a MidanError raised by a page as a page: what happened, the clause, a code; never a value."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Return the page for an expected refusal; the API speaks for itself."""
        refusal = error if isinstance(error, MidanError) else disk_error(error)
        if refusal is None or request.path.startswith(_MACHINES):
            return None
        return _refused(request, refusal)


def _refused(request: HttpRequest, error: MidanError) -> HttpResponse:
    return page(request, status=error.status, code=error.code, message=said(error), clause=error.clause or "")


def page(  # noqa: PLR0913  the parts of the page
    request: HttpRequest, *, status: int, code: str, message: str, clause: str = "", reference: str = ""
) -> HttpResponse:
    """Return one error page; to a machine, the one error shape of the API."""
    if request.path.startswith("/api/"):
        shape: dict[str, object] = {"code": code, "message": message, "clause": clause or None, "details": {}}
        return JsonResponse(shape, status=status, json_dumps_params={"ensure_ascii": False})
    titles = {
        400: gettext("请求有误"),
        403: gettext("不允许"),
        404: gettext("没有找到"),
        409: gettext("与现有内容冲突"),
        429: gettext("太频繁"),
        500: gettext("系统出错"),
        503: gettext("暂时不能用"),
    }
    context = {
        "status": status,
        "title": titles.get(status, gettext("没有完成")),
        "code": code,
        "message": message,
        "clause": clause,
        "reference": reference,
        # The address may be what somebody typed in place of a number: the page does not repeat it.
        "address_unsaid": True,
        "hint": gettext("没有内容因此改变。") if status < 500 else gettext("已提交的内容不丢。"),
    }
    return render(request, "error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return page(request, status=413, code="body_too_large", message=gettext("提交的内容太大"))
    return page(request, status=400, code="bad_request", message=gettext("请求无法理解"))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django's signature
    return page(request, status=403, code="forbidden", message=gettext("您不能做这件事"))


def not_found(request: HttpRequest, exception: Http404) -> HttpResponse:  # noqa: ARG001  Django's signature
    return page(request, status=404, code="not_found", message=gettext("这个地址没有页面，或您无权查看"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  Django's signature
    message = gettext("页面打开太久或来自别处，请回到原页面刷新后重试")
    return page(request, status=403, code="csrf_failed", message=message)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it failed and give a reference; log the error's type under it, never its text."""
    kind, error, _trace = sys.exc_info()
    if full := disk_error(error):
        _LOG.error("page failed: %s", full.code)
        return _refused(request, full)
    reference = secrets.token_hex(4)
    _LOG.error("page failed, reference %s: %s", reference, kind.__name__ if kind else "unknown")
    message = gettext("这次操作没有完成。请把代码告诉系统管理员")
    return page(request, status=500, code="internal_error", message=message, reference=reference)
