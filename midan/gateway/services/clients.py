"""Verbs: make, change, rotate and revoke API clients."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation.trans_null import gettext_noop
from oauth2_provider.models import AccessToken, Application

from midan.access import services as access
from midan.audit.services import record
from midan.core.actor import Actor
from midan.gateway.errors import ClientRefused, UnknownClient, UnknownScope
from midan.gateway.events import Act
from midan.gateway.models import Bound, Client
from midan.gateway.rules import (
    CALLS,
    FIELDS,
    KEEPERS,
    LONGEST_NAME,
    OVERLAPS,
    PERSONS,
    Limits,
    unknown_scopes,
    wrong_limits,
)
from midan.gateway.selectors import CHECKSUM
from midan.people import selectors as people
from midan.people.errors import NotKeeper


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """A client just made, or its secret just changed; the secret is shown this once and kept only as a hash.

    `signing_key` in hexadecimal, of a client that sends call events, else ''.
    """

    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...]
    signing_key: str = field(repr=False, default="")


@transaction.atomic
def create_client(  # noqa: PLR0913  what a client is
    *,
    actor: Actor,
    name: str,
    branch: str,
    scopes: Sequence[str],
    now: datetime,
    writes: Collection[str] = FIELDS,
    sees: Collection[str] = FIELDS,
    serves: Collection[str] = (),
    limits: Limits | None = None,
) -> NewClient:
    """Make a client of a branch; UnknownScope, ClientRefused, NotKeeper before anything is written.

    Scopes by which a client asks for persons two people give: who keeps the clients makes one without them.
    """
    keeps(actor)
    kept = limits or Limits()
    if unknown_scopes(scopes):
        raise UnknownScope
    if wrong := _wrong(actor, name, (branch, *serves), scopes) or wrong_limits(kept):
        raise ClientRefused(wrong)
    if not {*writes, *sees} <= set(FIELDS):
        raise ClientRefused("client_fields")
    secret = secrets.token_urlsafe(32)
    application = _application(name, secret)
    Client.objects.create(
        application=application,
        name=name,
        branch=branch,
        scopes=" ".join(scopes),
        writes=_in_order(writes),
        sees=_in_order(sees),
        serves=" ".join(serves),
        created_at=now,
        **_columns(kept),
    )
    record(
        actor=actor,
        act=Act.CLIENT_CREATED,
        object=f"client:{application.client_id}",
        clause="L4.2",
        count=len(scopes),
    )
    return _made(application.client_id, secret, scopes)


def _application(name: str, secret: str) -> Application:
    return Application.objects.create(
        name=name,
        client_id=secrets.token_urlsafe(18),
        client_secret=secret,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
    )


def _made(client_id: str, secret: str, scopes: Sequence[str]) -> NewClient:
    key = access.signing_key(client=client_id) if CALLS in scopes else ""
    return NewClient(client_id=client_id, client_secret=secret, scopes=tuple(scopes), signing_key=key)


@transaction.atomic
def rotate_secret(*, actor: Actor, client_id: str, hours: int, now: datetime) -> NewClient:
    """Give a client a new secret; the former counts for `hours` more. With 0 it and the tokens it got end at once."""
    keeps(actor)
    if hours not in OVERLAPS:
        raise ClientRefused("client_hours")
    row, secret = locked(client_id), secrets.token_urlsafe(32)
    row.former_secret = row.application.client_secret if hours else ""
    row.former_until = now + timedelta(hours=hours) if hours else None
    row.rotated_at = now
    row.application.client_secret = secret
    row.application.save()
    row.save(update_fields=["former_secret", "former_until", "rotated_at"])
    if not hours:
        AccessToken.objects.filter(application=row.application).delete()
    record(
        actor=actor,
        act=Act.CLIENT_ROTATED,
        object=f"client:{client_id}",
        clause="L4.2",
        details={"hours": hours},
        at=now,
    )
    return _made(client_id, secret, row.scopes.split())


@transaction.atomic
def change_client(  # noqa: PLR0913  what can be changed
    *,
    actor: Actor,
    client_id: str,
    limits: Limits,
    writes: Collection[str],
    sees: Collection[str],
    now: datetime,
) -> None:
    """Set what a client may send and see, from where, with which certificates and how often; ClientRefused, NotKeeper.

    It counts from the next call on, for tokens handed out before too.
    """
    keeps(actor)
    if wrong := wrong_limits(limits):
        raise ClientRefused(wrong)
    if not {*writes, *sees} <= set(FIELDS):
        raise ClientRefused("client_fields")
    row = locked(client_id)
    changed = {"writes": _in_order(writes), "sees": _in_order(sees), **_columns(limits)}
    Client.objects.filter(pk=row.pk).update(**changed)
    record(
        actor=actor,
        act=Act.CLIENT_CHANGED,
        object=f"client:{client_id}",
        clause="L4.2",
        details={
            "networks": len(limits.networks),
            "certificates": len(limits.certificates),
            "per_minute": limits.per_minute or 0,
            "per_day": limits.per_day or 0,
            "writes": len(set(writes)),
            "sees": len(set(sees)),
        },
        at=now,
    )


@transaction.atomic
def revoke_client(*, actor: Actor, name: str) -> None:
    """Stop a client at once: its tokens die with it. UnknownClient, NotKeeper."""
    keeps(actor)
    row = Client.objects.select_related("application").filter(name=name, active=True).first()
    if row is None:
        raise UnknownClient
    Client.objects.filter(pk=row.pk).update(active=False, former_secret="", former_until=None)
    AccessToken.objects.filter(application=row.application).delete()
    record(actor=actor, act=Act.CLIENT_REVOKED, object=f"client:{row.application.client_id}", clause="L4.2")


@transaction.atomic
def note_token(*, number: int, token: str, thumbprint: str, now: datetime) -> None:
    """Write when a client last got a token, and bind that token to the certificate it was asked for with, if any."""
    Client.objects.filter(pk=number).update(last_token_at=now)
    if thumbprint:
        Bound.objects.create(token=_tokens(token).get(), thumbprint=thumbprint)


@transaction.atomic
def drop_token(*, token: str) -> None:
    """End a token before anybody has it."""
    _tokens(token).delete()


def _tokens(token: str) -> QuerySet[AccessToken]:
    found: QuerySet[AccessToken] = AccessToken.objects.filter(
        token_checksum=hashlib.new(CHECKSUM, token.encode()).hexdigest()
    )
    return found


def keeps(actor: Actor) -> None:
    if actor.kind == "staff" and not (actor.role in KEEPERS and people.holds_post(actor)):
        raise NotKeeper(gettext_noop("接口客户端"))
    if actor.kind in {"client", "public"}:
        raise NotKeeper(gettext_noop("接口客户端"))


def _wrong(actor: Actor, name: str, branches: Collection[str], scopes: Collection[str]) -> str:
    """Return what is wrong with a new client, '' when nothing is."""
    if not name.strip() or len(name) > LONGEST_NAME or Client.objects.filter(name=name).exists():
        return "client_name"
    if not set(branches) <= {branch.code for branch in people.branches()}:
        return "client_branch"
    alone = actor.kind == "staff" and (PERSONS & set(scopes) or len(branches) > 1)
    return "client_two_persons" if alone else ""


def _in_order(fields: Collection[str]) -> str:
    return " ".join(name for name in FIELDS if name in fields)


def _columns(limits: Limits) -> dict[str, str | int | None]:
    return {
        "networks": " ".join(limits.networks),
        "certificates": " ".join(limits.certificates),
        "per_minute": limits.per_minute,
        "per_day": limits.per_day,
    }


def locked(client_id: str) -> Client:
    rows = Client.objects.select_for_update(of=("self",)).select_related("application")
    row = rows.filter(application__client_id=client_id, active=True).first()
    if row is None:
        raise UnknownClient
    return row
