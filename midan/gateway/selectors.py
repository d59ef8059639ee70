"""Reads: clients and the branch they stand for."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from midan.gateway.errors import UnknownClient
from midan.gateway.models import Client, Use
from midan.gateway.rules import Limits, Period, window

# As django-oauth-toolkit stores it: a token found by another checksum would be no token.
CHECKSUM: Final = "sha256"
_HOLDER: Final = (
    "SELECT c.id, a.client_id, c.branch, c.scopes, t.scope, c.writes, c.sees, c.serves, c.networks, c.certificates,"
    " c.per_minute, c.per_day, b.thumbprint FROM oauth2_provider_accesstoken t"
    " JOIN oauth2_provider_application a ON a.id = t.application_id"
    " JOIN gateway_client c ON c.application_id = a.id"
    " LEFT JOIN gateway_bound b ON b.token_id = t.id"
    " WHERE t.token_checksum = %s AND t.expires > %s AND c.active"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientView:
    """One API client, without its secret."""

    client_id: str
    name: str
    branch: str
    scopes: tuple[str, ...]
    writes: tuple[str, ...]
    sees: tuple[str, ...]
    serves: tuple[str, ...]
    limits: Limits
    active: bool
    created_at: datetime
    rotated_at: datetime | None
    former_until: datetime | None
    last_token_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a token, as one call needs to know it; `scopes` are those of the token the client still has."""

    number: int
    client_id: str
    branch: str
    scopes: frozenset[str]
    writes: frozenset[str]
    sees: frozenset[str]
    serves: frozenset[str]
    networks: str
    certificates: tuple[str, ...]
    per_minute: int | None
    per_day: int | None
    bound: str


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


def former_secret(secret: str, *, at: datetime) -> str:
    """Return the hash of the secret before this one (a hash too) while it still counts; '' otherwise."""
    rows = Client.objects.filter(application__client_secret=secret, active=True, former_until__gt=at)
    return rows.values_list("former_secret", flat=True).first() or ""


def holder_of(token: str, *, at: datetime) -> Holder | None:
    """Return the active client a live access token was given to; None for any other token.

    Every call asks: one plain statement takes a twentieth of the library's own check, which builds three models.
    """
    checksum = hashlib.new(CHECKSUM, token.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_HOLDER, [checksum, connection.ops.adapt_datetimefield_value(at)])
        row = cursor.fetchone()
    if row is None:
        return None
    number, client_id, branch, scopes, granted, writes, sees, serves, networks, certificates, *rest = row
    per_minute, per_day, bound = rest
    return Holder(
        number=number,
        client_id=client_id,
        branch=branch,
        # A token keeps the scopes it was given, but never more than the client still has.
        scopes=frozenset(granted.split()) & frozenset(scopes.split()),
        writes=frozenset(writes.split()),
        sees=frozenset(sees.split()),
        serves=frozenset({branch, *serves.split()}),
        networks=networks,
        certificates=tuple(certificates.split()),
        per_minute=per_minute,
        per_day=per_day,
        bound=bound or "",
    )


def clients() -> tuple[ClientView, ...]:
    """Return every client by name."""
    return tuple(view_of_client(row) for row in Client.objects.select_related("application").order_by("name"))


def client(client_id: str) -> ClientView:
    """Return one client, revoked ones too; UnknownClient."""
    row = Client.objects.select_related("application").filter(application__client_id=client_id).first()
    if row is None:
        raise UnknownClient
    return view_of_client(row)


def used_today(*, now: datetime) -> dict[str, int]:
    """Return client id → calls taken out of today's quota, of clients that have one."""
    today = window(Period.DAY, now)[0]
    rows = Use.objects.filter(period=Period.DAY, start=today, client__per_day__isnull=False)
    found = rows.values_list("client__application__client_id", "taken", "client__per_day")
    return {client_id: min(taken, most) for client_id, taken, most in found if most}


def readable_tokens() -> int:
    """Return how many access tokens are stored as themselves and not as a checksum."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM oauth2_provider_accesstoken WHERE token <> ''")
        return int(cursor.fetchone()[0])


def view_of_client(row: Client) -> ClientView:
    """Return a row, read with its application, as others read it."""
    return ClientView(
        client_id=row.application.client_id,
        name=row.name,
        branch=row.branch,
        scopes=tuple(row.scopes.split()),
        writes=tuple(row.writes.split()),
        sees=tuple(row.sees.split()),
        serves=tuple(row.serves.split()),
        limits=Limits(
            networks=tuple(row.networks.split()),
            certificates=tuple(row.certificates.split()),
            per_minute=row.per_minute,
            per_day=row.per_day,
        ),
        active=row.active,
        created_at=row.created_at,
        rotated_at=row.rotated_at,
        former_until=row.former_until,
        last_token_at=row.last_token_at,
    )
