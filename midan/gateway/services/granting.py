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
from midan.gateway.rules import MOST_BRANCHES, PERSONS
from midan.gateway.services.clients import keeps, locked
from midan.people import selectors as people


@transaction.atomic
def ask_for_scopes(  # noqa: PLR0913  what is asked for
    *,
    actor: Actor,
    client_id: str,
    scopes: Collection[str],
    reason: str,
    now: datetime,
    serves: Collection[str] = (),
) -> str:
    """Ask another person to agree that a client may act for persons, and of which further branches; the request's code.

    ClientRefused, NotKeeper.
    """
    keeps(actor)
    row = locked(client_id)
    wanted = frozenset(scopes) - frozenset(row.scopes.split())
    further = frozenset(serves) - frozenset(row.serves.split()) - {row.branch}
    if not (wanted or further) or not wanted <= PERSONS:
        raise ClientRefused("client_scopes")
    if len(further) > MOST_BRANCHES or not further <= {branch.code for branch in people.branches()}:
        raise ClientRefused("client_branch")
    return approval.request(
        actor=actor,
        kind=Kind.CLIENT_SCOPES,
        subject=_subject(row, wanted, further),
        summary={"client": client_id, "scopes": _listed(wanted), "serves": _listed(further)},
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
    client_id = str(request.summary["client"])
    wanted, further = (_read(request.summary[name]) for name in ("scopes", "serves"))
    row, actor = locked(client_id), Actor.system("gateway")
    subject = _subject(row, wanted, further)
    approval.use(actor=actor, code=request.code, kind=Kind.CLIENT_SCOPES, subject=subject, now=now)
    Client.objects.filter(pk=row.pk).update(
        scopes=" ".join([*row.scopes.split(), *sorted(wanted)]),
        serves=" ".join([*row.serves.split(), *sorted(further)]),
    )
    record(
        actor=actor,
        act=Act.CLIENT_CHANGED,
        object=f"client:{client_id}",
        clause="M1",
        count=len(wanted) + len(further),
        details={"approval": request.code},
        at=now,
    )


def _subject(row: Client, wanted: frozenset[str], further: frozenset[str]) -> bytes:
    """Return the digest of what is asked: these scopes and branches, for this client as it stands."""
    words = (row.application.client_id, row.scopes, row.serves, _listed(wanted), _listed(further))
    return leaf_hash("\n".join(words).encode())


def _listed(words: frozenset[str]) -> str:
    """Return a list as an entry can hold it: without blanks."""
    return ",".join(sorted(words))


def _read(listed: object) -> frozenset[str]:
    return frozenset(filter(None, str(listed).split(",")))
