"""Second factors of staff, kept by allauth."""

import secrets
import time
from base64 import b32encode

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth import get_user_model


def enrol_totp(staff_no: str) -> str:
    """Give a person a new time-based code (RFC 6238) and return its secret, once; an older one ends."""
    user = get_user_model().objects.get(staff_no=staff_no)
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    secret = b32encode(secrets.token_bytes(20)).decode()
    TOTP.activate(user, secret)
    return secret


def code_now(secret: str) -> str:
    """Return the code an authenticator shows for `secret` at this moment."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD)))
