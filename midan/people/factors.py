"""Second factors of staff: kept by allauth, asked for here. Without one nobody gets past the page that sets it up (T3)."""

import secrets
import time
from base64 import b32encode
from typing import TYPE_CHECKING, Any, Final

from allauth.account.authentication import get_authentication_records
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import is_mfa_enabled
from django.db import transaction
from django.http import HttpRequest

from midan.audit.services import record
from midan.core.actor import Actor
from midan.people.events import Act
from midan.people.models import Staff
from midan.people.rules import SEALED

if TYPE_CHECKING:
    from collections.abc import Sequence

_FRESH: Final = 300  # seconds
# Recovery codes stand in for a device that is not at hand; alone they are no second factor.
_DEVICES: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def passed(request: HttpRequest) -> bool:
    """Return whether this session proved a second factor of the person it belongs to.

    allauth writes each step of a sign-in into the session, together with whom it was for. A session without such
    a record, whatever made it, has not passed.
    """
    return bool(factor_of(request))


def factor_of(request: HttpRequest) -> str:
    """Return the kind of second factor the session proved last: totp, recovery_codes, webauthn, or ''."""
    records: Sequence[dict[str, Any]] = get_authentication_records(request, request.user)
    kinds = [str(step.get("type", "")) for step in records if step.get("method") == "mfa"]
    return kinds[-1] if kinds else ""


def fresh(request: HttpRequest) -> bool:
    """Return whether the session proved a second factor within the last five minutes: asked before what binds a person."""
    records: Sequence[dict[str, Any]] = get_authentication_records(request, request.user)
    return any(step.get("method") == "mfa" and time.time() - step["at"] < _FRESH for step in records)


def enrolled(user: object) -> bool:
    """Return whether a signed-in person has set up a second factor."""
    return bool(is_mfa_enabled(user, _DEVICES))


def enrolled_count() -> int:
    """Return how many active people have set up a second factor."""
    devices = Authenticator.objects.filter(type__in=_DEVICES, user__is_active=True)
    return int(devices.values("user_id").distinct().count())


def readable_secrets() -> int:
    """Return how many stored second factors are not sealed."""
    kept = [value for data in Authenticator.objects.values_list("data", flat=True) for value in data.values()]
    return sum(isinstance(value, str) and not value.startswith(SEALED) for value in kept)


@transaction.atomic
def enrol_totp(*, actor: Actor, staff_no: str) -> str:
    """Give a person a new time-based code (RFC 6238) and return its secret, once; an older one ends."""
    user = Staff.objects.get(staff_no=staff_no)
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    secret = b32encode(secrets.token_bytes(20)).decode()
    TOTP.activate(user, secret)
    record(
        actor=actor,
        act=Act.FACTOR_ADDED,
        object=f"staff:{staff_no}",
        clause="T3",
        details={"factor": str(Authenticator.Type.TOTP)},
    )
    return secret


def code_now(secret: str) -> str:
    """Return the code an authenticator shows for `secret` at this moment."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD)))
