"""Verbs: make and revoke API clients, write down who was refused a token or a person to act for."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from oauth2_provider.models import AccessToken, Application

from midan.access import services as access
from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.entry import Outcome
from midan.gateway.errors import UnknownScope
from midan.gateway.events import Act
from midan.gateway.models import Client
from midan.gateway.rules import CALLS, unknown_scopes
from midan.gateway.selectors import is_client


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """A client just made; the secret is shown this once and kept only as a hash.

    `signing_key` in hexadecimal, of a client that sends call events, else ''.
    """

    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...]
    signing_key: str = field(repr=False, default="")


@transaction.atomic
def create_client(*, actor: Actor, name: str, branch: str, scopes: Sequence[str], now: datetime) -> NewClient:
    """Make a client of a branch; raise UnknownScope before anything is written."""
    if unknown_scopes(scopes):
        raise UnknownScope
    secret = secrets.token_urlsafe(32)
    application = Application.objects.create(
        name=name,
        client_id=secrets.token_urlsafe(18),
        client_secret=secret,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
    )
    Client.objects.create(
        application=application, name=name, branch=branch, scopes=" ".join(scopes), created_at=now
    )
    record(actor=actor, act=Act.CLIENT_CREATED, object=f"client:{application.client_id}", count=len(scopes))
    key = access.signing_key(client=application.client_id) if CALLS in scopes else ""
    return NewClient(
        client_id=application.client_id, client_secret=secret, scopes=tuple(scopes), signing_key=key
    )


@transaction.atomic
def revoke_client(*, actor: Actor, name: str) -> None:
    """Stop a client at once: its tokens die with it."""
    row = Client.objects.select_related("application").get(name=name)
    Client.objects.filter(pk=row.pk).update(active=False)
    AccessToken.objects.filter(application=row.application).delete()
    record(actor=actor, act=Act.CLIENT_REVOKED, object=f"client:{row.application.client_id}")


@transaction.atomic
def refuse_token(*, actor: Actor, client_id: str, why: str) -> None:
    """Write that a token was refused. What was sent as a client's name is written only if a client has it."""
    record(
        actor=actor,
        act=Act.TRY_REFUSED,
        object=f"client:{client_id}" if is_client(client_id) else "client:unknown",
        outcome=Outcome.DENIED,
        clause="L4.2",
        details={"why": why},
    )


@transaction.atomic(durable=True)
def refuse_actor(*, actor: Actor, staff_no: str, why: str) -> None:
    """Write that a client may not act for a person. What it named is written only if it is a staff number of ours."""
    record(
        actor=actor,
        act=Act.ACTOR_REFUSED,
        object="staff:unknown" if why == "unknown" else f"staff:{staff_no}",
        outcome=Outcome.DENIED,
        clause="L2.2",
        details={"why": why},
    )
