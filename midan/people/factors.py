"""Second factors of staff: kept by allauth, asked for here. Without one nobody gets past the page that sets it up (T3)."""

import secrets
import time
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from allauth.account.authentication import get_authentication_records
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import is_mfa_enabled
from django.db import transaction
from django.http import HttpRequest

from midan.audit.services import record
from midan.catalog.settings import current
from midan.core.actor import Actor
from midan.people.events import Act
from midan.people.models import Staff
from midan.people.rules import SEALED

if TYPE_CHECKING:
    from collections.abc import Sequence

_PASSKEY: Final = str(Authenticator.Type.WEBAUTHN)
# The standards give no number; five minutes is one sitting at a desk.
FRESH_SECONDS: Final = 300
# Recovery codes stand in for a device that is not at hand; alone they are no second factor.
_DEVICES: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def passed(request: HttpRequest) -> bool:
    """Return whether this session proved a second factor that does for the post of the person it belongs to.

    allauth writes each step of a sign-in into the session, together with whom it was for. A session without such
    a record, whatever made it, has not passed.
    """
    kinds = {str(step.get("type", "")) for step in _steps(request)}
    return bool(kinds & {_PASSKEY} if demanded(request.user) else kinds)


def proved_any(request: HttpRequest) -> bool:
    """Return whether the session proved some second factor, also one that does not do for the post."""
    return bool(_steps(request))


def demanded(user: object) -> bool:
    """Return whether the company asks the post of this person for a passkey (等保 8.1.4.1 d): a code does not do."""
    return getattr(user, "role", "") in current().sign_in.passkey_posts


def factor_of(request: HttpRequest) -> str:
    """Return the kind of second factor the session proved last: totp, recovery_codes, webauthn, or ''."""
    steps = _steps(request)
    return str(steps[-1].get("type", "")) if steps else ""


def factor_age(request: HttpRequest) -> int | None:
    """Return how many seconds ago the session last proved a second factor that does; None when it never did.

    A time that lies ahead, from a clock that was set back since, is no proof.
    """
    steps = _steps(request)
    return _age([step for step in steps if not demanded(request.user) or step.get("type") == _PASSKEY])


def fresh(request: HttpRequest) -> bool:
    """Return whether the second factor was proved within the last five minutes, as sensitive acts ask."""
    return _recent(factor_age(request))


def passkey_of(request: HttpRequest) -> int:
    """Return the number of the passkey this session proved within the last five minutes; 0 where the last proof was none."""
    steps = _steps(request)
    if not steps or steps[-1].get("type") != _PASSKEY or not _recent(_age(steps)):
        return 0
    return int(steps[-1].get("id") or 0)


def fresh_any(request: HttpRequest) -> bool:
    """Return whether some second factor was, also one that does not do for the post: enough to set one up that does."""
    return _recent(_age(_steps(request)))


def _age(steps: "Sequence[dict[str, Any]]") -> int | None:
    age = int(time.time() - float(steps[-1]["at"])) if steps else -1
    return age if age >= 0 else None


def _recent(age: int | None) -> bool:
    return age is not None and age <= FRESH_SECONDS


def enrolled(user: object) -> bool:
    """Return whether a signed-in person has set up a second factor."""
    return bool(is_mfa_enabled(user, _DEVICES))


def has_passkey(user: object) -> bool:
    """Return whether a signed-in person has set up a passkey."""
    return bool(is_mfa_enabled(user, [Authenticator.Type.WEBAUTHN]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One second factor as its owner sees it."""

    number: int
    kind: str
    name: str
    since: datetime
    used: datetime | None


def of(staff_no: str) -> tuple[Factor, ...]:
    """Return the second factors of a person, oldest first."""
    rows = Authenticator.objects.filter(user__staff_no=staff_no, type__in=_DEVICES).order_by("id")
    return tuple(
        Factor(
            number=row.id,
            kind=str(row.type),
            name=str(row.data.get("name", "")),
            since=row.created_at,
            used=row.last_used_at,
        )
        for row in rows
    )


def codes_left(staff_no: str) -> int:
    """Return how many recovery codes of a person are unused."""
    row = Authenticator.objects.filter(
        user__staff_no=staff_no, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    return len(row.wrap().get_unused_codes()) if row else 0


def may_enrol(request: HttpRequest, *, passkey: bool) -> bool:
    """Return whether this session may set up a factor: the first one, or a further one after showing one it has.

    A password alone must not do for a second passkey: whoever stole it would bring a key of their own.
    """
    if not enrolled(request.user):
        return True
    return proved_any(request) and (passkey or not is_mfa_enabled(request.user, [Authenticator.Type.TOTP]))


def _steps(request: HttpRequest) -> "Sequence[dict[str, Any]]":
    records: Sequence[dict[str, Any]] = get_authentication_records(request, request.user)
    return [step for step in records if step.get("method") == "mfa"]


def enrolled_count() -> int:
    """Return how many active people have set up a second factor."""
    devices = Authenticator.objects.filter(type__in=_DEVICES, user__is_active=True)
    return int(devices.values("user_id").distinct().count())


def passkey_count() -> int:
    """Return how many passkeys active people have set up."""
    return int(Authenticator.objects.filter(type=_PASSKEY, user__is_active=True).count())


def readable_secrets() -> int:
    """Return how many stored second factors are not sealed."""
    # A passkey leaves a public key here and a name: neither is a secret.
    secret = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
    kept = [value for data in secret.values_list("data", flat=True) for value in data.values()]
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
