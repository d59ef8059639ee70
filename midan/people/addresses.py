"""From where a request comes: the one answer for limits, log entries and sign-in."""

from django.http import HttpRequest

from midan.catalog.settings import current
from midan.core import netaddress


def address_of(request: HttpRequest) -> str:
    """Return the network address that asks, as the proxies of MIDAN_TRUSTED_PROXIES saw it; '' if none is known."""
    return netaddress.asking_address(
        nearest=str(request.META.get("REMOTE_ADDR") or ""),
        forwarded=request.headers.get("X-Forwarded-For", ""),
        proxies=current().trusted_proxies,
    )


def network_of(request: HttpRequest) -> str:
    """Return what limits count a request by."""
    return netaddress.network(address_of(request))
