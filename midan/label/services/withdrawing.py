"""Withdraw one printed copy: from then on its QR code opens nothing."""

from datetime import datetime

from django.db import transaction

from midan.audit.services import record
from midan.catalog.rules import Purpose
from midan.core.actor import Actor
from midan.label.errors import NotPrintable
from midan.label.events import Act
from midan.label.models import Print, Withdrawal
from midan.label.rules import copy_object
from midan.label.services.drafts import printable, registered
from midan.waybill import selectors as waybills


@transaction.atomic
def withdraw(*, actor: Actor, print_id: int, now: datetime) -> None:
    """Make a copy's code invalid, for instance of a label that was lost; NotPrintable if it is not this actor's to print.

    Withdrawing it again changes nothing.
    """
    row = Print.objects.select_for_update().filter(print_id=print_id).first()
    waybill = waybills.by_seqs([row.seq]).get(row.seq) if row else None
    if row is None or waybill is None:
        raise NotPrintable
    printable(actor=registered(actor), numbers=[waybill.number])
    _, fresh = Withdrawal.objects.get_or_create(print_id=print_id, defaults={"at": now})
    if not fresh:
        return
    record(
        actor=actor,
        act=Act.WITHDRAWN,
        object=copy_object(print_id),
        purpose=Purpose.LABEL,
        clause="T1",
        at=now,
    )
