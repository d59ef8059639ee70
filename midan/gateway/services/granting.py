"""Scopes by which a client acts for persons: one person asks for them, another agrees (M1)."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from midan.approval import selectors as approvals
from midan.approval import services as approval
from midan.approval.errors import ApprovalMissing
from midan.approval.rules import Kind, Request
from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.merkle.hashing import leaf_hash
from midan.gateway.errors import ClientRefused, UnknownClient
from midan.gateway.events import Act
from midan.gateway.models import Client
from midan.gateway.rules import PERSONS
from midan.gateway.services.clients import keeps, locked


@transaction.atomic
def ask_for_scopes(
    *, actor: Actor, client_id: str, scopes: Collection[str], reason: str, now: datetime
) -> str:
    """Ask another person to agree that a client may act for persons; return the request's code. ClientRefused."""
    keeps(actor)
    row = locked(client_id)
    wanted = frozenset(scopes) - frozenset(row.scopes.split())
    if not wanted or not wanted <= PERSONS:
        raise ClientRefused("client_scopes")
    return approval.request(
        actor=actor,
        kind=Kind.CLIENT_SCOPES,
        subject=_subject(row, wanted),
        summary={"client": client_id, "scopes": " ".join(sorted(wanted))},
        reason=reason,
        now=now,
    )


def grant_agreed(*, now: datetime) -> int:
    """Give clients the scopes a second person agreed to, and return how many; run after a decision and by a job."""
    done = 0
    for request in approvals.approved((Kind.CLIENT_SCOPES,), now=now):
        try:
            _grant(request, now)
        except (UnknownClient, ApprovalMissing):
            # Revoked or given more meanwhile: what was agreed to is another case, and expires.
            continue
        done += 1
    return done


@transaction.atomic
def _grant(request: Request, now: datetime) -> None:
    client_id, wanted = str(request.summary["client"]), frozenset(str(request.summary["scopes"]).split())
    row, actor = locked(client_id), Actor.system("gateway")
    approval.use(
        actor=actor, code=request.code, kind=Kind.CLIENT_SCOPES, subject=_subject(row, wanted), now=now
    )
    Client.objects.filter(pk=row.pk).update(scopes=" ".join([*row.scopes.split(), *sorted(wanted)]))
    record(
        actor=actor,
        act=Act.CLIENT_CHANGED,
        object=f"client:{client_id}",
        clause="M1",
        count=len(wanted),
        details={"approval": request.code},
        at=now,
    )


def _subject(row: Client, wanted: frozenset[str]) -> bytes:
    """Return the digest of what is asked: these scopes, for this client as it stands."""
    return leaf_hash(f"{row.application.client_id}\n{row.scopes}\n{' '.join(sorted(wanted))}".encode())
