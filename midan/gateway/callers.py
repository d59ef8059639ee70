"""Who calls: a client by its token, perhaps for a named person, or a person in a browser session."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone

from midan.access.rules.scope import SEE_BRANCH
from midan.collection.rules import desk_client
from midan.core.actor import Actor
from midan.core.errors import MidanError
from midan.devices.browsers import device_of
from midan.gateway import services
from midan.gateway.errors import ActorRefused, NotSignedIn, ScopeMissing
from midan.gateway.rules import MAY_SEND, serves, session_scopes
from midan.gateway.selectors import holder_of
from midan.people import factors
from midan.people import selectors as people
from midan.people.addresses import address_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """`actor` is the client itself, or the person when `person` is true; `session` when a browser's cookie says so."""

    actor: Actor
    branch: str
    scopes: frozenset[str]
    person: bool
    session: bool = False


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


def _client(request: HttpRequest) -> Caller:
    scheme, _, token = request.headers["Authorization"].partition(" ")
    holder = holder_of(token.strip(), at=timezone.now()) if scheme.lower() == "bearer" else None
    if holder is None:
        raise NotSignedIn
    client, granted = holder
    actor = Actor(
        kind="client",
        name=client.client_id,
        role="integrator",
        branch=client.branch,
        address=address_of(request),
    )
    # A token keeps the scopes it was given, but never more than the client still has.
    scopes = granted & frozenset(client.scopes)
    staff_no = request.headers.get("Midan-Actor")
    # Named but empty is a fault of the caller's program: the act would be written down as nobody's.
    if staff_no is None:
        return Caller(actor=actor, branch=client.branch, scopes=scopes, person=False)
    person = _named(staff_no, client=actor)
    return Caller(
        actor=replace(person, via=client.client_id), branch=person.branch, scopes=scopes, person=True
    )


def _named(staff_no: str, *, client: Actor) -> Actor:
    """Return the person a client names; a refusal is logged, and its answer does not say what is amiss.

    Numbers follow one another: four answers would tell any client who works where and as what.
    """
    try:
        return _served(_staff(staff_no, address=client.address), client_branch=client.branch)
    except ActorRefused as refusal:
        services.refuse_actor(actor=client, staff_no=staff_no, why=str(refusal.details["reason"]))
        raise ActorRefused("not_served") from None


def _served(person: Actor, *, client_branch: str) -> Actor:
    parent = people.parent_branch(person.branch)
    if not serves(client_branch=client_branch, staff_branch=person.branch, staff_parent=parent):
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
