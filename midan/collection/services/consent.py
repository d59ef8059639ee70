"""Consent to optional purposes: given as one notice puts it, withdrawn as easily, never a condition of service."""

from datetime import datetime

from django.db import transaction

from midan.audit.services import record
from midan.catalog.rules import LegalBasis
from midan.collection import models, selectors
from midan.collection.errors import ConsentNotFound, ConsentNotOffered
from midan.collection.events import Act
from midan.collection.rules import Party
from midan.core.actor import Actor
from midan.waybill.rules import Waybill


@transaction.atomic
def record_consent(  # noqa: PLR0913 -- who, which parcel, which side, what for, told by what, when
    *, actor: Actor, waybill: Waybill, side: Party, purpose: str, notice_version: str, now: datetime
) -> str:
    """Record a yes and return its log entry; a yes that still stands is not recorded twice ('' is returned).

    Only the notice in force can be agreed to, and only what it names as optional for this side: what the
    contract or the law needs is not put up for consent. Raise ConsentNotOffered.
    """
    party = _token(waybill, side)
    told = _offered(side=side, purpose=purpose, notice_version=notice_version)
    live = models.Consent.objects.select_for_update().filter(
        party=party, purpose=purpose, withdrawn_at__isnull=True
    )
    standing = live.first()
    if standing is not None:
        if (standing.method, standing.fields) == (told.method, told.fields):
            return ""
        # The terms changed since: the new yes replaces the old one from this moment.
        live.update(withdrawn_at=now, withdrawn_entry="")
    entry_id = record(
        actor=actor,
        act=Act.CONSENT_GIVEN,
        object=f"waybill:{waybill.number}",
        purpose=purpose,
        clause="L1.2",
        party=(party,),
        details={"notice": notice_version, "side": side},
        at=now,
    )
    models.Consent.objects.create(
        party=party,
        side=side,
        purpose=purpose,
        method=told.method,
        fields=told.fields,
        notice_version=notice_version,
        given_at=now,
        given_entry=entry_id,
        withdrawn_at=None,
        withdrawn_entry="",
    )
    return entry_id


def _offered(*, side: Party, purpose: str, notice_version: str) -> models.Basis:
    told = models.Basis.objects.filter(version=notice_version, party=side, purpose=purpose).first()
    current = notice_version == selectors.current_version()
    if told is None or told.basis != LegalBasis.CONSENT or not current:
        raise ConsentNotOffered(
            "现行告知未就该用途征求同意", purpose=purpose if told else "", version_current=current
        )
    return told


@transaction.atomic
def withdraw_consent(*, actor: Actor, waybill: Waybill, side: Party, purpose: str, now: datetime) -> str:
    """End a consent from now on and return the log entry; what was done before stays lawful (PIPL 15)."""
    party = _token(waybill, side)
    live = (
        models.Consent.objects.select_for_update()
        .filter(party=party, purpose=purpose, withdrawn_at__isnull=True)
        .first()
    )
    if live is None:
        raise ConsentNotFound("没有可撤回的同意")
    entry_id = record(
        actor=actor,
        act=Act.CONSENT_WITHDRAWN,
        object=f"waybill:{waybill.number}",
        purpose=purpose,
        clause="G6",
        party=(party,),
        details={"notice": live.notice_version, "side": side},
        at=now,
    )
    models.Consent.objects.filter(pk=live.pk).update(withdrawn_at=now, withdrawn_entry=entry_id)
    return entry_id


def _token(waybill: Waybill, side: Party) -> bytes:
    return waybill.sender_party if side == "sender" else waybill.recipient_party
