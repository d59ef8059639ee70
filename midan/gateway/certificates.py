"""Where a client calls from and with which certificate (RFC 8705): what our proxy saw is believed, nobody else.

The proxy ends TLS, checks the certificate against the companies' own authorities and hands it over in a header. The
header counts only where the server listens at a Unix socket: there nobody but the proxy can ask.
"""

import base64
import hashlib
import re
from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.http import HttpRequest

from midan.catalog.settings import current
from midan.gateway.errors import AddressRefused, CertificateRefused
from midan.gateway.rules import within
from midan.gateway.selectors import Holder
from midan.people.addresses import address_of

HEADER: Final = "Midan-Client-Cert"
_LONGEST: Final = 16_384
_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----")


def at_the_door(request: HttpRequest, client: Holder, *, bound: str | None, now: datetime) -> str:
    """Return the thumbprint a request of this client shows, '' for none; AddressRefused, CertificateRefused.

    `bound` is what the token is bound to; None where a token is only being made.
    """
    if not within(address_of(request), client.networks):
        raise AddressRefused
    seen = shown(request, now=now)
    hold(shown=seen, bound=bound, known=client.certificates)
    return seen


def shown(request: HttpRequest, *, now: datetime) -> str:
    """Return the thumbprint of the certificate a request came with, '' for none; CertificateRefused."""
    escaped = request.headers.get(HEADER, "")
    if not escaped:
        return ""
    if current().socket is None:
        # Whoever reaches the port itself writes what they like.
        raise CertificateRefused("certificate_unproved")
    if len(escaped) > _LONGEST:
        raise CertificateRefused("certificate_unreadable")
    thumbprint, begins, ends = _read(escaped)
    # The proxy looked when the connection began; a connection may outlive its certificate.
    if not begins <= now <= ends:
        raise CertificateRefused("certificate_expired")
    return thumbprint


def hold(*, shown: str, bound: str | None, known: tuple[str, ...]) -> None:
    """Raise CertificateRefused unless a call shows the certificate its token is bound to, and the client still has it.

    A token without one (`bound` '') is good only for a client without certificates.
    """
    if not bound and not known:
        return
    if not shown:
        raise CertificateRefused("certificate_needed")
    if bound is not None and shown != bound:
        raise CertificateRefused("certificate_other")
    if shown not in known:
        raise CertificateRefused("certificate_other" if bound is None else "certificate_withdrawn")


def thumbprints_in(text: str) -> tuple[str, ...]:
    """Return the thumbprints a text gives: of each certificate in PEM, or as themselves; CertificateRefused."""
    pems = _PEM.findall(text)
    rest = _PEM.sub(" ", text).split()
    return tuple(dict.fromkeys([_read(pem)[0] for pem in pems] + rest))


@lru_cache(maxsize=256)
def _read(escaped: str) -> tuple[str, datetime, datetime]:
    """Return thumbprint, first and last moment of a certificate in PEM, URL-encoded or not."""
    try:
        read = x509.load_pem_x509_certificate(unquote(escaped).encode())
    except ValueError:
        raise CertificateRefused("certificate_unreadable") from None
    der = read.public_bytes(Encoding.DER)
    digest = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    return digest, read.not_valid_before_utc, read.not_valid_after_utc
