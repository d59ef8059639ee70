"""One-time words: only their digest is kept."""

import secrets
from datetime import datetime

from django.utils.crypto import salted_hmac

from midan.devices.models import Address, Code, Device
from midan.devices.rules import CODE_LIFE


def new_code(*, staff_no: str, client: str, now: datetime) -> str:
    """Return a new code for an enrolment, in the caller's transaction; an older one of the same ends."""
    code = secrets.token_urlsafe(15)
    Code.objects.filter(staff_no=staff_no, client=client).delete()
    Code.objects.create(
        digest=digest(what="code", token=code), staff_no=staff_no, client=client, expires_at=now + CODE_LIFE
    )
    return code


def new_address(*, row: Device, now: datetime) -> str:
    """Return a new token for the address that binds a browser, in the caller's transaction; an older one ends."""
    token = secrets.token_urlsafe(32)
    Address.objects.filter(device=row).delete()
    Address.objects.create(digest=digest(what="address", token=token), device=row, expires_at=now + CODE_LIFE)
    return token


def digest(*, what: str, token: str) -> str:
    """Return what is kept of a one-time word, 64 hex digits, under the installation's secret key."""
    return salted_hmac(f"midan.devices.{what}", token, algorithm="sha256").hexdigest()
