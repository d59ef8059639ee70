"""Give codes to parcels that come to a shelf, take them back, and count the wrong ones."""

import secrets
from datetime import datetime
from typing import Final

from django.db.models import F

from midan.core.actor import Actor
from midan.waybill.errors import ShelfFull
from midan.waybill.models import PickUpCode, PickUpTry
from midan.waybill.pickup.rules import CODE_LENGTH, CODES, hour_of

# A shelf of ten thousand would have to be hit this often in a row by chance.
_TURNS: Final = 50


def shelve(*, seq: int, station: str) -> None:
    """Give the parcel a code of its own at `station`, or none where it lies at none; in the scan's transaction.

    A code is drawn, never made of the parcel: who knows a number, a name or a phone knows no code by it. Raise ShelfFull.
    """
    PickUpCode.objects.filter(seq=seq).delete()
    if not station:
        return
    for _ in range(_TURNS):
        code = f"{secrets.randbelow(CODES):0{CODE_LENGTH}d}"
        PickUpCode.objects.bulk_create(
            [PickUpCode(seq=seq, station=station, code=code)], ignore_conflicts=True
        )
        if PickUpCode.objects.filter(seq=seq).exists():
            return
    raise ShelfFull


def count_miss(*, actor: Actor, now: datetime) -> None:
    """Count one code that fetches nothing, in the transaction of its entry; hours gone by are forgotten."""
    hour = hour_of(now)
    PickUpTry.objects.filter(staff_no=actor.name, hour__lt=hour).delete()
    PickUpTry.objects.bulk_create(
        [PickUpTry(staff_no=actor.name, hour=hour, missed=0)], ignore_conflicts=True
    )
    PickUpTry.objects.filter(staff_no=actor.name, hour=hour).update(missed=F("missed") + 1)
