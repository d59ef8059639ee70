"""Break the glass for one waybill, and review it: each one transaction with its entry."""

import os
from datetime import datetime

from django.db import IntegrityError, transaction

from midan.access.errors import (
    AccessDenied,
    BadQuestion,
    GlassNotNeeded,
    GlassStillOpen,
    GlassUnknown,
    NoteRefused,
    NotFound,
)
from midan.access.events import Act
from midan.access.models import Glass
from midan.access.rules import notes
from midan.access.rules.breaking import closed
from midan.access.rules.glass import (
    LEAST_NOTE,
    LIFE,
    MOST_FIELDS,
    REVIEW_WITHIN,
    Finding,
    GlassReason,
    GlassView,
    may_review,
)
from midan.access.selectors.asked import known_fields, parties_of
from midan.access.selectors.facts import (
    Asker,
    Question,
    find_waybill,
    gather,
    known_asker,
)
from midan.access.selectors.glass import standing_break, views
from midan.access.selectors.policies import in_force
from midan.access.services.notes import keep, noted
from midan.audit.services import record
from midan.catalog.rules import Purpose
from midan.core.actor import Actor
from midan.core.decision import DEFAULT, Reason, combine
from midan.core.entry import Outcome
from midan.core.number import is_well_formed
from midan.vault.rules import fields_detail
from midan.waybill.rules import Waybill


def break_glass(  # noqa: PLR0913  what a break says
    *,
    actor: Actor,
    waybill: str,
    fields: frozenset[str],
    purpose: str,
    reason: str,
    note: str,
    now: datetime,
) -> GlassView:
    """Open the named fields of one waybill to this person for a quarter of an hour; the alarm stands at once.

    Only where a gate refused that the policies let break (`context.glassBroken`), and no other would refuse. The caller
    has seen a fresh second factor. Raise GlassNotNeeded, GlassStillOpen, AccessDenied (logged), NotFound (logged),
    BadQuestion, NoteRefused.
    """
    note = note.strip()
    _check(waybill=waybill, fields=fields, purpose=purpose, reason=reason, note=note)
    asker = known_asker(actor)
    question = Question(number=waybill, fields=fields, purpose=purpose, reason="", ticket="", now=now)
    found = find_waybill(waybill)
    if found is None or actor.kind != "staff" or actor.via:
        why = Reason.ROLE_NOT_PERMITTED if found is not None else Reason.WAYBILL_UNKNOWN
        error = _refused(asker.actor, question, clause="L2.2", why=why)
        raise error if found is not None else NotFound
    gates = _breakable(asker, question, found)
    try:
        return _break(asker.actor, question, found, gates=gates, reason=reason, note=note)
    except IntegrityError:
        raise GlassStillOpen from None


@transaction.atomic
def review_glass(*, actor: Actor, code: str, finding: str, note: str, now: datetime) -> None:
    """Say whether a break was justified; both answers unfreeze, and an unjustified one ends at once.

    GlassUnknown for one's own, one that is reviewed, or a post that reviews none; BadQuestion, NoteRefused. An
    unjustified one says why.
    """
    note = note.strip()
    if finding not in set(Finding) or (finding == Finding.NOT_JUSTIFIED and len(note) < LEAST_NOTE):
        raise BadQuestion("finding" if finding not in set(Finding) else "note")
    _check_note(note)
    row = Glass.objects.select_for_update().filter(code=code, reviewed_at=None).first()
    if row is None or row.staff == actor.name or not may_review(kind=actor.kind, role=actor.role):
        raise GlassUnknown
    entry_id = record(
        actor=actor,
        act=Act.GLASS_REVIEWED,
        object=f"glass:{code}",
        clause="T4",
        details={"staff": row.staff, "finding": finding, "entry": row.entry_id, **noted(note=note)},
        at=now,
    )
    keep(entry_id=entry_id, note=note, now=now)
    row.finding, row.reviewed_by, row.reviewed_at = finding, actor.reference, now
    if finding == Finding.NOT_JUSTIFIED:
        row.expires_at = max(row.broken_at, min(row.expires_at, now))
    row.save()


def _check(*, waybill: str, fields: frozenset[str], purpose: str, reason: str, note: str) -> None:
    if not is_well_formed(waybill):
        raise NotFound
    if not 0 < len(fields) <= MOST_FIELDS or not known_fields(sorted(fields)):
        raise BadQuestion("fields")
    if purpose not in set(Purpose):
        raise BadQuestion("purpose")
    if reason not in set(GlassReason):
        raise BadQuestion("reason")
    if len(note) < LEAST_NOTE:
        raise BadQuestion("note")
    _check_note(note)


def _check_note(note: str) -> None:
    if not notes.is_sound(note):
        raise BadQuestion("note")
    if notes.names_somebody(note):
        raise NoteRefused


def _breakable(asker: Asker, question: Question, found: Waybill) -> tuple[str, ...]:
    """Return the ids of the gates that close now and would open; raise what stands in the way otherwise."""
    rules = in_force()
    plain = rules.decide_all(gather(asker, question, waybill=found)[0])
    through = rules.decide_all(gather(asker, question, waybill=found, assume_glass=True)[0])
    if all(verdict.allowed for verdict in plain):
        raise GlassNotNeeded
    left = combine(verdict.decision for verdict in through)
    if not all(verdict.allowed for verdict in through):
        raise _refused(asker.actor, question, clause=left.clause, why=left.reason)
    if not closed(plain):
        raise _refused(asker.actor, question, clause=DEFAULT.clause, why=DEFAULT.reason)
    return tuple(sorted({gate.id for verdict in plain if not verdict.allowed for gate in verdict.fired}))


@transaction.atomic(durable=True)
def _break(  # noqa: PLR0913  the row's columns
    actor: Actor, question: Question, found: Waybill, *, gates: tuple[str, ...], reason: str, note: str
) -> GlassView:
    now, code = question.now, os.urandom(8).hex()
    if standing_break(staff_no=actor.name, now=now):
        raise GlassStillOpen
    entry_id = record(
        actor=actor,
        act=Act.GLASS_BROKEN,
        object=f"waybill:{found.number}",
        outcome=Outcome.ALLOWED,
        purpose=question.purpose,
        reason=reason,
        clause="L2.2",
        policy=in_force().version,
        party=parties_of(found, question.fields),
        details={
            "glass": code,
            "fields": fields_detail(question.fields),
            "gates": ",".join(gates)[:128],
            **noted(note=note),
        },
        at=now,
    )
    keep(entry_id=entry_id, note=note, now=now)
    row = Glass.objects.create(
        code=code,
        staff=actor.name,
        seq=found.seq,
        fields=",".join(sorted(question.fields)),
        purpose=question.purpose,
        reason=reason,
        gates=",".join(gates),
        entry_id=entry_id,
        broken_at=now,
        expires_at=now + LIFE,
        review_by=now + REVIEW_WITHIN,
    )
    return views([row], now=now)[0]


@transaction.atomic(durable=True)
def _refused(actor: Actor, question: Question, *, clause: str, why: Reason) -> AccessDenied:
    """Log a break that was refused and return the error; what only resembles a number was turned away before."""
    entry_id = record(
        actor=actor,
        act=Act.GLASS_DENIED,
        object=f"waybill:{question.number}",
        outcome=Outcome.DENIED,
        purpose=question.purpose,
        clause=clause,
        policy=in_force().version,
        details={"fields": fields_detail(question.fields), "why": why},
        at=question.now,
    )
    return AccessDenied(clause=clause, reason=why, entry_id=entry_id)
