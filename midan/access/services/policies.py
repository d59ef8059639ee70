"""Change the policies: write a draft, ask for it, and put into force what a second person agreed to."""

import os
from datetime import datetime

from django.db import DatabaseError, transaction

from midan.access.errors import AccessDenied, DraftOpensTooMuch, DraftStale, DraftUnsound
from midan.access.events import Act
from midan.access.models import PolicyDraft, PolicyVersion
from midan.access.rules.drafts import DraftView, digest, opened, problems
from midan.access.rules.engine import PolicyBook
from midan.access.rules.whatif import WhatIf
from midan.access.selectors.policies import draft, in_force, newest, schema_text, version_text
from midan.approval import selectors as approvals
from midan.approval import services as approval
from midan.approval.errors import ApprovalError
from midan.approval.rules import Approval, Kind, Request, may_ask
from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.decision import Reason


@transaction.atomic
def save_draft(*, actor: Actor, text: str, now: datetime, restores: int | None = None) -> DraftView:
    """Keep a sound draft beside the policies in force; nothing is decided by it. `restores` brings a version back.

    AccessDenied, DraftUnsound (its details name every problem by line), DraftUnknown for a version there never was.
    """
    if actor.kind != "staff" or not may_ask(actor.role, Kind.POLICY_CHANGE):
        raise AccessDenied(clause="M1", reason=Reason.ROLE_NOT_PERMITTED)
    text = (version_text(restores) if restores is not None else text).replace("\r\n", "\n")
    if wrong := problems(text, schema_text()):
        raise DraftUnsound(*(f"{one.line}: {one.policy} {one.text}".strip() for one in wrong))
    book = PolicyBook.load(text, schema_text())
    row = PolicyDraft.objects.create(
        code=os.urandom(8).hex(),
        text=text,
        version=book.version,
        digest=bytes.fromhex(digest(text)),
        base=in_force().version,
        restores=restores,
        made_by=actor.reference,
        made_at=now,
    )
    record(
        actor=actor,
        act=Act.POLICY_DRAFTED,
        object=f"policy:{row.code}",
        clause="L2.2",
        policy=row.base,
        details={"version": row.version, "digest": digest(text)},
        at=now,
    )
    return draft(row.code)


@transaction.atomic
def request_publication(*, actor: Actor, code: str, found: WhatIf, now: datetime) -> str:
    """Ask another person for a draft, with what its replay found; return the request's code.

    PostMayNotAsk, DraftUnknown, DraftStale, and DraftOpensTooMuch for one under which a live control would fail.
    """
    wanted = draft(code)
    row = PolicyDraft.objects.select_for_update().get(code=code)
    if wanted.base != in_force().version:
        raise DraftStale
    if too_much := opened(PolicyBook.load(wanted.text, schema_text())):
        raise DraftOpensTooMuch(*too_much)
    row.approval = approval.request(
        actor=actor,
        kind=Kind.POLICY_CHANGE,
        subject=_subject(wanted),
        summary={
            "policy": wanted.code,
            "version": wanted.version,
            "base": wanted.base,
            "days": found.days,
            "replayed": found.replayed,
            "refused": found.refused.count,
            "allowed": found.allowed.count,
        },
        reason="policy_change",
        now=now,
    )
    row.save(update_fields=["approval"])
    return row.approval


def publish_agreed(*, now: datetime) -> int:
    """Put into force what two persons agreed to, each in a transaction of its own; return how many came into force."""
    done = 0
    for request in approvals.approved((Kind.POLICY_CHANGE,), now=now):
        try:
            done += _publish(request, now)
        except (ApprovalError, DatabaseError):
            # Somebody else was faster, or the base has changed: what is in force stays, and the request says so.
            continue
    return done


@transaction.atomic
def _publish(request: Request, now: datetime) -> bool:
    found = draft(str(request.summary.get("policy", "")))
    if found.base != in_force().version:
        return False
    system = Actor.system("policies")
    agreed: Approval = approval.use(
        actor=system, code=request.code, kind=Kind.POLICY_CHANGE, subject=_subject(found), now=now
    )
    number, _ = newest()
    number += 1
    details: dict[str, str | int] = {
        "number": number,
        "digest": found.digest,
        "base": found.base,
        "requester": agreed.requester,
        "approver": agreed.approver,
    }
    entry_id = record(
        actor=system,
        act=Act.POLICY_PUBLISHED,
        object=f"policy:{found.code}",
        clause="M1",
        policy=found.version,
        details=details | ({} if found.restores is None else {"restores": found.restores}),
        at=now,
    )
    PolicyVersion.objects.create(
        number=number,
        text=found.text,
        version=found.version,
        digest=bytes.fromhex(found.digest),
        restores=found.restores,
        requested_by=agreed.requester,
        approved_by=agreed.approver,
        published_at=now,
        entry_id=entry_id,
    )
    return True


def _subject(found: DraftView) -> bytes:
    return bytes.fromhex(digest(f"{found.code} {found.digest}"))
