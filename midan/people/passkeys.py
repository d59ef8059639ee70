"""Passkeys and codes once used: what the sign-in library leaves open is closed here (T3; 等保 8.1.4.1 d).

A passkey is asked for at one address only, the company's own; a counter that does not grow is a copied key; a code
that was used is used, as long as clocks would still take it (RFC 6238 section 5.2, WebAuthn section 7.2 step 22).
"""

from typing import Any, Final
from urllib.parse import urlsplit

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.conf import settings
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from midan.core.errors import MidanError
from midan.people.signin_models import FactorUse

_MALFORMED: Final = (TypeError, ValueError, KeyError, AttributeError)


class PasskeyRefused(MidanError):
    """What a browser sent is no answer to what was asked here; `reason` is origin, counter or malformed."""

    code = "passkey_refused"
    clause = "T3"
    status = 403


def at_home(credential: Any, *, new: bool = False) -> None:
    """Raise PasskeyRefused unless the browser says it was asked at the company's own address."""
    try:
        kind = RegistrationResponse if new else AuthenticationResponse
        origin = str(kind.from_dict(credential).response.client_data.origin)
    except _MALFORMED:
        raise PasskeyRefused("通行密钥的回答无法理解", reason="malformed") from None
    if origin != _home():
        raise PasskeyRefused("通行密钥是在别的网址上出示的", reason="origin")


def count_passkey(factor: Authenticator, credential: Any) -> None:
    """Take the counter of an answer that was verified; raise PasskeyRefused when it did not grow.

    Passkeys that are kept in several devices count nothing and always say 0: those that once counted may not stop.
    """
    said = int(AuthenticationResponse.from_dict(credential).response.authenticator_data.counter)
    registered = int(factor.wrap().authenticator_data.counter)
    kept = FactorUse.objects.filter(factor=factor).values_list("counter", flat=True).first()
    before = registered if kept is None else kept
    if said == 0 and before == 0:
        return
    if said <= before or not _grow(factor, said, before):
        raise PasskeyRefused("通行密钥的计数倒退，可能被复制", reason="counter")


def spend_code(factor: Authenticator, code: str) -> bool:
    """Take a code that was just verified; return False when it, or a later one, was taken before."""
    secret = decrypt(factor.data["secret"])
    counters = [
        counter
        for counter in yield_hotp_counters_from_time()
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter)))
    ]
    return bool(counters) and _grow(factor, max(counters), -1)


def _grow(factor: Authenticator, counter: int, before: int) -> bool:
    """Set the counter where it is smaller: in one statement, so that of two at once one is refused."""
    FactorUse.objects.bulk_create([FactorUse(factor=factor, counter=before)], ignore_conflicts=True)
    return bool(FactorUse.objects.filter(factor=factor, counter__lt=counter).update(counter=counter))


def _home() -> str:
    parts = urlsplit(settings.SITE_BASE_URL)
    return f"{parts.scheme}://{parts.netloc}"
