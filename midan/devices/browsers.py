"""Which device a session lives on: a browser is bound to one by a random cookie, of which the digest is kept (T5).

The cookie alone opens nothing: it counts within a signed-in session of a person whom the device serves, in a browser
of the class it was bound in. A session that once was on a device and now shows another cookie, or none, has been carried
away: it ends. So does one whose device was revoked.
"""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

from midan.devices.models import Browser, Device
from midan.devices.rules import serves

COOKIE: Final = "midan_device"
_KEPT: Final = "midan_device"  # in the session
_LIVES: Final = 400 * 24 * 3600  # the longest browsers keep a cookie; the register ends it sooner


class Over(StrEnum):
    """Why a session is over on account of its device."""

    CARRIED = "carried"
    REVOKED = "revoked"


def device_of(request: HttpRequest) -> str:
    """Return the device this session was found to live on when the request came; '' for none."""
    return str(request.session.get(_KEPT, ""))


def settle(request: HttpRequest, *, staff_no: str, branch: str, kind: str) -> Over | None:
    """Find the session's device by its cookie and keep it with the session; return why the session is over, or None."""
    held, cookie = device_of(request), request.COOKIES.get(COOKIE, "")
    if not held and not cookie:
        return None
    row = Browser.objects.select_related("device").filter(digest=_digest(cookie)).first()
    device = None if row is None or row.kind != kind else row.device
    usable = device is not None and _usable(device, staff_no=staff_no, branch=branch)
    found = device.id if device is not None and usable else ""
    if held and found != held:
        gone = Device.objects.filter(id=held, revoked_at__isnull=False).exists()
        return Over.REVOKED if gone else Over.CARRIED
    if found and not held:
        request.session[_KEPT] = found
    return None


def _usable(device: Device, *, staff_no: str, branch: str) -> bool:
    return device.revoked_at is None and serves(
        owner=device.staff_no, shared_with=device.shared_with, staff_no=staff_no, branch=branch
    )


def bind(device: Device, *, kind: str, at: datetime) -> str:
    """Bind a browser of this class to a device, in the caller's transaction, and return its cookie, once."""
    token = secrets.token_urlsafe(32)
    Browser.objects.create(digest=_digest(token), device=device, kind=kind, bound_at=at)
    return token


def hand_over(request: HttpRequest, response: HttpResponseBase, *, cookie: str, device: str) -> None:
    """Give the browser its cookie, unreadable for scripts and for other sites, and the session its device."""
    request.session[_KEPT] = device
    response.set_cookie(
        COOKIE, cookie, max_age=_LIVES, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


def _digest(token: str) -> str:
    return salted_hmac("midan.devices.browser", token, algorithm="sha256").hexdigest()
