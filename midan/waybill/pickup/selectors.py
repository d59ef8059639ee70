"""Which parcel a code fetches, and how many codes somebody tried that fetch none."""

from datetime import datetime

from midan.waybill import selectors as waybills
from midan.waybill.models import PickUpCode, PickUpTry, Waybill
from midan.waybill.pickup.rules import hour_of
from midan.waybill.rules import SHELVED, ScanResult


def fetched_by(*, station: str, code: str) -> int | None:
    """Return the sequence of the parcel that lies at the station under this code."""
    return PickUpCode.objects.filter(station=station, code=code).values_list("seq", flat=True).first()


def code_of(seq: int) -> str:
    """Return the parcel's code while it lies on a shelf, else ''."""
    return PickUpCode.objects.filter(seq=seq).values_list("code", flat=True).first() or ""


def code_given(done: ScanResult) -> str:
    """Return the code of the parcel that a scan put on a shelf, also when the scan says it again; else ''."""
    if done.status not in SHELVED or (done.recorded and not done.moved):
        return ""
    return code_of(waybills.get(done.number).seq)


def shelf_counts() -> tuple[int, int, int]:
    """Return how many parcels lie on shelves, how many of them without a code, and how many codes lie nowhere."""
    shelved = Waybill.objects.exclude(station="")
    held = shelved.values("seq")
    bare = shelved.exclude(seq__in=PickUpCode.objects.values("seq")).count()
    return shelved.count(), bare, PickUpCode.objects.exclude(seq__in=held).count()


def misses(*, staff_no: str, now: datetime) -> int:
    rows = PickUpTry.objects.filter(staff_no=staff_no, hour=hour_of(now))
    return rows.values_list("missed", flat=True).first() or 0
