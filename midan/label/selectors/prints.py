"""Reads of printed labels: how many copies, what a QR code names, figures for charts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from midan.core.labeltoken import InvalidToken, decode
from midan.label.models import Print, Withdrawal
from midan.store import bulk
from midan.vault.services import company_key
from midan.waybill import selectors as waybills

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_COPIES: Final = "SELECT p.seq, MAX(p.copy_no) FROM {keys} JOIN label_print p ON p.seq = k.c1 GROUP BY p.seq"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What a scanned label is: which waybill, and which of its copies."""

    number: str
    print_id: int
    copy_no: int
    printed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPrints:
    """Labels printed on one day (Asia/Shanghai), and how many of them were reprints."""

    day: date
    labels: int
    reprints: int


def resolve_token(text: str) -> Resolved:
    """Return what the QR text after /L/ names; InvalidToken, the same for every cause."""
    token = decode(company_key("label-token"), text)
    row = Print.objects.filter(print_id=token.print_id, seq=token.sequence).first()
    if row is not None and Withdrawal.objects.filter(print_id=row.print_id).exists():
        row = None
    waybill = waybills.by_seqs([token.sequence]).get(token.sequence) if row else None
    if row is None or waybill is None:
        raise InvalidToken("面单码无效")
    return Resolved(number=waybill.number, print_id=row.print_id, copy_no=row.copy_no, printed_at=row.at)


def copies(seqs: Sequence[int]) -> Mapping[int, int]:
    """Return seq → how many copies there are, for those that have any."""
    return dict(bulk.select_keys(_COPIES, ("int8",), [(seq,) for seq in seqs]))


def newest(limit: int) -> tuple[int, ...]:
    """Return the sequences of the labels printed last, each once, newest first."""
    rows = Print.objects.order_by("-print_id").values_list("seq", flat=True)[:limit]
    return tuple(dict.fromkeys(rows))


def totals() -> tuple[int, int]:
    """Return how many labels were ever printed, and how many of them were reprints."""
    row = Print.objects.aggregate(
        labels=Count("print_id"), reprints=Count("print_id", filter=Q(copy_no__gt=1))
    )
    return row["labels"], row["reprints"]


def counts(*, since: datetime, until: datetime, branch: str = "") -> tuple[DayPrints, ...]:
    """Return the labels printed each day in [since, until)."""
    rows = Print.objects.filter(at__gte=since, at__lt=until)
    if branch:
        rows = rows.filter(branch=branch)
    counted = (
        rows.annotate(day=TruncDate("at", tzinfo=SHANGHAI))
        .values("day")
        .annotate(labels=Count("print_id"), reprints=Count("print_id", filter=Q(copy_no__gt=1)))
        .order_by("day")
    )
    return tuple(DayPrints(day=row["day"], labels=row["labels"], reprints=row["reprints"]) for row in counted)


def printed_at(branch: str) -> int:
    """Return how many copies a branch ever printed."""
    return Print.objects.filter(branch=branch).count()


def current_copies(*, of: QuerySet[Any, Any], branch: str = "", sizes: Collection[str] = ()) -> int:
    """Return how many of the waybills in the query `of` wear a label, printed at `branch` and of these sizes if named.

    Only a waybill's newest copy is on the parcel.
    """
    newer = Print.objects.filter(seq=OuterRef("seq"), copy_no__gt=OuterRef("copy_no"))
    rows = Print.objects.filter(seq__in=of).filter(~Exists(newer))
    if branch:
        rows = rows.filter(branch=branch)
    return (rows.filter(size__in=sizes) if sizes else rows).count()
