"""Reads: clients and the branch they stand for."""

from dataclasses import dataclass

from midan.gateway.models import Client


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
    """Return the active client behind an OAuth2 application, or None."""
    row = Client.objects.select_related("application").filter(application_id=application, active=True).first()
    return None if row is None else _view(row)


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
