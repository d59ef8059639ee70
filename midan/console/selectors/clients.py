"""API clients as the console shows them."""

from dataclasses import dataclass
from datetime import datetime

from midan.approval import selectors as approvals
from midan.approval.rules import Kind, Request
from midan.console.rules import Room, enters
from midan.core.actor import Actor
from midan.gateway import selectors
from midan.gateway.rules import FIELDS, OVERLAPS, PERSONS, SCOPES, ScopeReason
from midan.gateway.selectors import ClientView
from midan.people import selectors as people
from midan.people.rules import BranchView


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a form offers."""

    scopes: tuple[str, ...]
    fields: tuple[str, ...]
    branches: tuple[BranchView, ...]
    overlaps: tuple[int, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRow:
    """One client; `used` of today's quota, None without one; `overlaps` while a former secret counts too."""

    client: ClientView
    used: int | None
    overlaps: bool

    @property
    def unlimited(self) -> bool:
        return self.client.limits.per_minute is None or self.client.limits.per_day is None

    @property
    def for_persons(self) -> bool:
        return not PERSONS.isdisjoint(self.client.scopes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientsPage:
    rows: tuple[ClientRow, ...]
    choices: Choices
    keeps: bool

    @property
    def active(self) -> int:
        return sum(row.client.active for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPage:
    """One client with what waits for a second person, and the scopes that could be asked for."""

    row: ClientRow
    waiting: tuple[Request, ...]
    wanted: tuple[str, ...]
    choices: Choices
    keeps: bool


def clients_page(actor: Actor, *, now: datetime) -> ClientsPage:
    used = selectors.used_today(now=now)
    rows = tuple(_row(client, used, now) for client in selectors.clients())
    # Those in use first; a name finds its place among them.
    ordered = sorted(rows, key=lambda row: (not row.client.active, row.client.name))
    return ClientsPage(rows=tuple(ordered), choices=_choices(), keeps=enters(actor.role, Room.KEEP_CLIENTS))


def client_page(actor: Actor, number: str, *, now: datetime) -> ClientPage:
    """Return one client; UnknownClient."""
    client = selectors.client(number)
    open_ones = approvals.open_requests((Kind.CLIENT_SCOPES,), now=now)
    return ClientPage(
        row=_row(client, selectors.used_today(now=now), now),
        waiting=tuple(request for request in open_ones if request.summary.get("client") == number),
        wanted=tuple(sorted(PERSONS - set(client.scopes))),
        choices=_choices(),
        keeps=enters(actor.role, Room.KEEP_CLIENTS),
    )


def _row(client: ClientView, used: dict[str, int], now: datetime) -> ClientRow:
    return ClientRow(
        client=client,
        used=used.get(client.client_id, 0) if client.limits.per_day is not None else None,
        overlaps=client.former_until is not None and client.former_until > now,
    )


def _choices() -> Choices:
    return Choices(
        scopes=tuple(name for name in SCOPES if name not in PERSONS),
        fields=FIELDS,
        branches=people.branches(),
        overlaps=OVERLAPS,
        reasons=tuple(reason.value for reason in ScopeReason),
    )
