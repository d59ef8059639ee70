"""Reads: clients and the branch they stand for."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from midan.gateway.models import Client

# As django-oauth-toolkit stores it: a token found by another checksum would be no token.
CHECKSUM: Final = "sha256"
_HOLDER: Final = (
    "SELECT a.client_id, c.name, c.branch, c.scopes, t.scope FROM oauth2_provider_accesstoken t"
    " JOIN oauth2_provider_application a ON a.id = t.application_id"
    " JOIN gateway_client c ON c.application_id = a.id"
    " WHERE t.token_checksum = %s AND t.expires > %s AND c.active"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientView:
    """One API client, without its secret."""

    client_id: str
    name: str
    branch: str
    scopes: tuple[str, ...]
    active: bool


def scopes_of(application: int) -> tuple[str, ...]:
    """Return the scopes of an active client; none for a stranger."""
    row = (
        Client.objects.filter(application_id=application, active=True)
        .values_list("scopes", flat=True)
        .first()
    )
    return tuple(row.split()) if row else ()


def is_client(client_id: str) -> bool:
    """Return whether a client, active or revoked, has this id."""
    plain = client_id.isascii() and client_id.isprintable()
    return plain and Client.objects.filter(application__client_id=client_id).exists()


def holder_of(token: str, *, at: datetime) -> tuple[ClientView, frozenset[str]] | None:
    """Return the active client a live access token was given to, and the token's scopes; None for any other token.

    Every call asks: one plain statement takes a twentieth of the library's own check, which builds three models.
    """
    checksum = hashlib.new(CHECKSUM, token.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_HOLDER, [checksum, connection.ops.adapt_datetimefield_value(at)])
        row = cursor.fetchone()
    if row is None:
        return None
    client_id, name, branch, scopes, granted = row
    view = ClientView(
        client_id=client_id, name=name, branch=branch, scopes=tuple(scopes.split()), active=True
    )
    return view, frozenset(granted.split())


def clients() -> tuple[ClientView, ...]:
    """Return every client by name."""
    return tuple(_view(row) for row in Client.objects.select_related("application").order_by("name"))


def readable_tokens() -> int:
    """Return how many access tokens are stored as themselves and not as a checksum."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM oauth2_provider_accesstoken WHERE token <> ''")
        return int(cursor.fetchone()[0])


def _view(row: Client) -> ClientView:
    return ClientView(
        client_id=row.application.client_id,
        name=row.name,
        branch=row.branch,
        scopes=tuple(row.scopes.split()),
        active=row.active,
    )
