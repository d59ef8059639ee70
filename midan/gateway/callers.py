"""Who calls: a client by its token, perhaps for a named person, or a person in a browser session."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone

from midan.access.rules.scope import SEE_BRANCH
from midan.collection.rules import desk_client
from midan.core.actor import Actor
from midan.core.errors import MidanError
from midan.devices.browsers import device_of
from midan.gateway import certificates, limits, services
from midan.gateway.errors import (
    ActorRefused,
    AddressRefused,
    CertificateRefused,
    FieldNotGranted,
    NotSignedIn,
    ScopeMissing,
    TooManyCalls,
)
from midan.gateway.rules import FIELDS, MAY_SEND, serves, session_scopes
from midan.gateway.selectors import Holder, holder_of
from midan.people import factors
from midan.people import selectors as people
from midan.people.addresses import address_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """`actor` is the client itself, or the person when `person` is true; `session` when a browser's cookie says so.

    `writes` and `sees` name the fields of an order the client may send, and may see masked or ask for in clear.
    """

    actor: Actor
    branch: str
    scopes: frozenset[str]
    person: bool
    session: bool = False
    writes: frozenset[str] = frozenset(FIELDS)
    sees: frozenset[str] = frozenset(FIELDS)


def _nothing(_request: HttpRequest) -> HttpResponse:
    """Stand in for the view the middleware would protect."""
    return HttpResponse()


class _CsrfCheck(CsrfViewMiddleware):
    """Django's check, answering with the reason instead of a page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:  # noqa: ARG002  # Django's signature
        return reason


def caller_of(request: HttpRequest) -> Caller:
    """Return who calls; raise NotSignedIn or ActorRefused."""
    if request.headers.get("Authorization"):
        return _client(request)
    if request.user.is_authenticated and factors.passed(request):
        return _session(request)
    raise NotSignedIn


def person_of(request: HttpRequest, scope: str) -> Caller:
    """Return the person who calls; a client alone is refused even when it has the scope."""
    caller = with_scope(request, scope)
    if not caller.person:
        raise ActorRefused("missing")
    return caller


def factor_age(request: HttpRequest, caller: Caller) -> int:
    """Return how many seconds ago a browser's session showed a second factor; -1 for a program: it cannot show one."""
    age = factors.factor_age(request) if caller.session else None
    return -1 if age is None else age


def sender_of(request: HttpRequest) -> Caller:
    """Return the caller of an order; raise ActorRefused for a person whose post takes no parcels in."""
    caller = with_scope(request, "waybills:write")
    if caller.person and caller.actor.role not in MAY_SEND:
        raise ActorRefused("role")
    return caller


def orders_of(caller: Caller) -> str:
    """Return the client under whose name an order reference counts."""
    if caller.actor.kind == "client":
        return caller.actor.name
    return caller.actor.via or desk_client(caller.branch)


def with_scope(request: HttpRequest, scope: str) -> Caller:
    """Return the caller; raise ScopeMissing when it may not do this."""
    caller = caller_of(request)
    if scope not in caller.scopes:
        raise ScopeMissing(scope)
    return caller


def shows(caller: Caller, fields: Iterable[str]) -> None:
    """Raise FieldNotGranted for fields the client is not to see; a number of a document has its own rules."""
    if kept := sorted(set(fields) & set(FIELDS) - caller.sees):
        raise FieldNotGranted(kept)


def _client(request: HttpRequest) -> Caller:
    scheme, _, token = request.headers["Authorization"].partition(" ")
    now = timezone.now()
    client = holder_of(token.strip(), at=now) if scheme.lower() == "bearer" else None
    if client is None:
        raise NotSignedIn
    actor = Actor(
        kind="client",
        name=client.client_id,
        role="integrator",
        branch=client.branch,
        address=address_of(request),
    )
    _hold_to_limits(request, client, actor, now)
    alone = Caller(
        actor=actor,
        branch=client.branch,
        scopes=client.scopes,
        person=False,
        writes=client.writes,
        sees=client.sees,
    )
    staff_no = request.headers.get("Midan-Actor")
    # Named but empty is a fault of the caller's program: the act would be written down as nobody's.
    if staff_no is None:
        return alone
    person = _named(staff_no, client=actor, serves_branches=client.serves)
    return replace(alone, actor=replace(person, via=client.client_id), branch=person.branch, person=True)


def _hold_to_limits(request: HttpRequest, client: Holder, actor: Actor, now: datetime) -> None:
    """Raise unless the call comes from where the client may call, with its certificate, and is not one too many.

    Each refusal is logged; of too many calls the first of a period, by each process.
    """
    try:
        certificates.at_the_door(request, client, bound=client.bound, now=now)
        limits.count(client=client.number, per_minute=client.per_minute, per_day=client.per_day, now=now)
    except CertificateRefused as refusal:
        services.refuse_call(actor=actor, why=str(refusal.details["reason"]))
        raise
    except AddressRefused as refusal:
        services.refuse_call(actor=actor, why=refusal.code)
        raise
    except TooManyCalls as refusal:
        if refusal.first:
            services.refuse_call(actor=actor, why=f"{refusal.code}_{refusal.details['period']}")
        raise


def _named(staff_no: str, *, client: Actor, serves_branches: frozenset[str]) -> Actor:
    """Return the person a client names; a refusal is logged, and its answer does not say what is amiss.

    Numbers follow one another: four answers would tell any client who works where and as what.
    """
    try:
        return _served(_staff(staff_no, address=client.address), client_branches=serves_branches)
    except ActorRefused as refusal:
        services.refuse_actor(actor=client, staff_no=staff_no, why=str(refusal.details["reason"]))
        raise ActorRefused("not_served") from None


def _served(person: Actor, *, client_branches: frozenset[str]) -> Actor:
    parent = people.parent_branch(person.branch)
    if not serves(client_branches=client_branches, staff_branch=person.branch, staff_parent=parent):
        raise ActorRefused("branch")
    # Posts that see beyond one branch sign in themselves, with their own second factor: a secret kept in a program
    # must not be worth the whole network.
    if person.role not in SEE_BRANCH:
        raise ActorRefused("post")
    return person


def _session(request: HttpRequest) -> Caller:
    check = _CsrfCheck(_nothing)
    check.process_request(request)
    if (
        request.method not in ("GET", "HEAD", "OPTIONS")
        and check.process_view(request, _nothing, (), {}) is not None
    ):
        raise NotSignedIn
    found = _staff(request.user.staff_no, address=address_of(request))  # type: ignore[union-attr]
    person = replace(found, device=device_of(request))
    return Caller(
        actor=person, branch=person.branch, scopes=session_scopes(person.role), person=True, session=True
    )


def _staff(staff_no: str, *, address: str) -> Actor:
    try:
        found = people.staff(staff_no)
    except MidanError as error:
        raise ActorRefused("unknown") from error
    if not found.at_work:
        raise ActorRefused("inactive")
    return Actor(kind="staff", name=found.staff_no, role=found.role, branch=found.branch, address=address)
