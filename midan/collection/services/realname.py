"""At pick-up a courier looks at the sender's document and records it: the number sealed apart, the check in clear.

This is the only way by which an identity number comes in. Nobody is asked twice, and nobody learns from a second call
what the first one said: keyd compares, after reading the entry of the question.
"""

from datetime import datetime
from typing import NoReturn
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from midan.audit.services import commit_read, record
from midan.catalog.rules import Purpose
from midan.collection import models
from midan.collection.errors import RealNameConflict, RealNameDenied
from midan.collection.events import Act
from midan.collection.rules.realname import AT_PICK_UP, RealNameResult, may_check, takes_in
from midan.core.actor import Actor
from midan.core.entry import Outcome
from midan.core.fields.document import DocumentKind, normalise_document
from midan.core.masking.idcard import mask_id
from midan.core.number import is_well_formed
from midan.vault import selectors as vault_read
from midan.vault import services as vault
from midan.waybill import selectors as waybills
from midan.waybill.errors import UnknownWaybill
from midan.waybill.rules import Waybill

_SHANGHAI = ZoneInfo("Asia/Shanghai")


def record_real_name(
    *, actor: Actor, number: str, kind: DocumentKind, id_number: str, now: datetime
) -> RealNameResult:
    """Seal the number of the document and record that it was looked at; the same again is a replay.

    Raise UnknownWaybill, RealNameDenied (both logged where there is such a parcel), InvalidField, RealNameConflict, and
    what the vault refuses. RuntimeError inside a transaction.
    """
    waybill = _at_hand(actor, number, now)
    day = now.astimezone(_SHANGHAI).date()
    clear = normalise_document(kind, id_number, today=day)
    known = models.RealName.objects.filter(seq=waybill.seq).first()
    if known is None:
        lease = vault.reserve_identity(day=day)
        try:
            with transaction.atomic():
                vault.seal_identity(lease=lease, seq=waybill.seq, id_number=clear)
                _keep(actor, waybill, kind, now)
        except IntegrityError:  # somebody was quicker; this record is never used
            known = models.RealName.objects.filter(seq=waybill.seq).first()
            if known is None:
                raise
    if known is not None:
        _compare(actor, waybill, known, kind, clear, now)
    return RealNameResult(waybill=number, kind=str(kind), masked=mask_id(clear), replayed=known is not None)


def _at_hand(actor: Actor, number: str, now: datetime) -> Waybill:
    """Return the parcel, when it is this actor's to take in now."""
    if not is_well_formed(number):
        raise UnknownWaybill
    if not may_check(actor):
        raise RealNameDenied("post", entry_id=_denied(actor, number, "post", now))
    waybill = waybills.get(number)
    if not takes_in(actor, waybill):
        # Whose business the parcel is not learns no more than that the number brought them nothing.
        _denied(actor, number, "other_branch", now)
        raise UnknownWaybill
    state = vault_read.state(waybill.seq)
    for reason, holds in (
        ("status", waybill.status not in AT_PICK_UP),
        ("destroyed", state.destroyed),
        ("restricted", state.restricted),
    ):
        if holds:
            raise RealNameDenied(reason, entry_id=_denied(actor, number, reason, now))
    return waybill


def _keep(actor: Actor, waybill: Waybill, kind: DocumentKind, now: datetime) -> None:
    entry_id = record(
        actor=actor,
        act=Act.REAL_NAME_CHECKED,
        object=f"waybill:{waybill.number}",
        outcome=Outcome.DONE,
        purpose=Purpose.REAL_NAME,
        clause="B1",
        party=(waybill.sender_party,),
        details={"kind": str(kind)},
        at=now,
    )
    models.RealName.objects.create(
        seq=waybill.seq, kind=str(kind), checked_by=actor.reference, at=now, entry_id=entry_id
    )


def _compare(  # noqa: PLR0913, PLR0917  # who, which parcel, with what, when
    actor: Actor, waybill: Waybill, known: models.RealName, kind: DocumentKind, clear: str, now: datetime
) -> None:
    """Return when it is the same document as before; each question has its entry and counts as an opening."""
    if known.kind != kind:
        _conflict(actor, waybill.number, now)
    entry_id = commit_read(
        actor=actor,
        act=Act.REAL_NAME_COMPARED,
        object=f"waybill:{waybill.number}",
        outcome=Outcome.ALLOWED,
        purpose=Purpose.REAL_NAME,
        clause="B1",
        party=(waybill.sender_party,),
        details={"kind": str(kind)},
        at=now,
    )
    if not vault.same_identity(entry_id=entry_id, seq=waybill.seq, id_number=clear, now=now):
        _conflict(actor, waybill.number, now)


def _conflict(actor: Actor, number: str, now: datetime) -> NoReturn:
    _denied(actor, number, "conflict", now)
    raise RealNameConflict


def _denied(actor: Actor, number: str, why: str, now: datetime) -> str:
    return commit_read(
        actor=actor,
        act=Act.REAL_NAME_DENIED,
        object=f"waybill:{number}",
        outcome=Outcome.DENIED,
        purpose=Purpose.REAL_NAME,
        clause="B1",
        details={"why": why},
        at=now,
    )
