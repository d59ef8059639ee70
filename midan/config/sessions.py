"""Before anything else: whether the session of this request is still one."""

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext

from midan.audit.services import record
from midan.catalog.settings import current
from midan.console.doors import acting
from midan.devices.browsers import Over, settle
from midan.people.browsers import browser_of
from midan.people.events import Act
from midan.people.sessions import End, ended

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_FILES: Final = "/static/"


class LiveSessions:
    """End a session that was idle, is too old, was ended elsewhere or comes from another device (T3).

    The request goes on as a stranger's: its page leads to sign-in, its API call is refused.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(_FILES) and request.user.is_authenticated:
            over = ended(request, now=timezone.now()) or _off_device(request)
            if over is not None:
                _end(request, over)
        return self._get_response(request)


def _off_device(request: HttpRequest) -> End | None:
    """Find the device the session lives on (T5); return why the session is over on its account, or None."""
    who = acting(request)
    kind = browser_of(request.headers.get("User-Agent", "")).kind
    over = settle(request, staff_no=who.name, branch=who.branch, kind=kind)
    return {Over.CARRIED: End.DEVICE, Over.REVOKED: End.REVOKED}[over] if over else None


def _end(request: HttpRequest, over: End) -> None:
    """End it and write why, both or neither. A session that is gone was written down by whoever ended it."""
    with transaction.atomic():
        if over is not End.GONE:
            who = acting(request)
            record(
                actor=who,
                act=Act.SESSION_ENDED,
                object=f"session:{who.name}",
                outcome="denied" if over is End.DEVICE else "done",
                clause="T5" if over is End.REVOKED else "T3",
                details={"why": over.value},
            )
        logout(request)
    chosen = current().sign_in
    said = {
        End.GONE: gettext("这个会话已在别处结束，请重新登录"),
        End.IDLE: gettext("%(minutes)d 分钟没有操作，已自动退出") % {"minutes": chosen.idle_minutes},
        End.LONG: gettext("登录已满 %(hours)d 小时，请重新登录") % {"hours": chosen.session_hours},
        End.REVOKED: gettext("这台设备已注销，会话随即结束。登录后请重新登记设备"),
        End.DEVICE: gettext("会话换了设备，已经结束并记入日志。如非本人操作，请立即告知信息安全人员"),
    }
    messages.info(request, said[over])
