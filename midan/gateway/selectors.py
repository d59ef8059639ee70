"""Reads: clients and the branch they stand for."""

from dataclasses import dataclass

from django.db import connection

from midan.gateway.models import Client

_CLIENT = (
    "SELECT a.client_id, c.name, c.branch, c.scopes, c.active FROM gateway_client c"
    " JOIN oauth2_provider_application a ON a.id = c.application_id WHERE c.application_id = %s"
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


def client_of(application: int) -> ClientView | None:
    """Return the active client behind an OAuth2 application, or None. Every call asks: plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute(_CLIENT, [application])
        row = cursor.fetchone()
    if row is None or not row[4]:
        return None
    client_id, name, branch, scopes, _ = row
    return ClientView(
        client_id=client_id, name=name, branch=branch, scopes=tuple(scopes.split()), active=True
    )


def clients() -> tuple[ClientView, ...]:
    """Return every client by name."""
    return tuple(_view(row) for row in Client.objects.select_related("application").order_by("name"))


def _view(row: Client) -> ClientView:
    return ClientView(
        client_id=row.application.client_id,
        name=row.name,
        branch=row.branch,
        scopes=tuple(row.scopes.split()),
        active=row.active,
    )
