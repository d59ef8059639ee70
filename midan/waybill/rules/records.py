"""Waybills, scans and pages as others read them."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWaybill:
    """One row to register. Party tokens and batch are 16 bytes."""

    seq: int
    number: str
    client: str
    branch: str
    destination: str
    district_code: str
    sorting_code: str
    goods_kind: str
    quantity: int
    weight_g: int
    retention: str
    sender_party: bytes
    recipient_party: bytes
    notice_version: str
    batch: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waybill:
    """The record as others read it."""

    seq: int
    number: str
    client: str
    branch: str
    destination: str
    district_code: str
    sorting_code: str
    status: str
    handler: str
    station: str
    goods_kind: str
    quantity: int
    weight_g: int
    retention: str
    sender_party: bytes
    recipient_party: bytes
    notice_version: str
    batch: bytes
    created_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanView:
    event: str
    branch: str
    staff_no: str
    station: str
    at: datetime
    moved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """`recorded` is false for a repeat; `moved` is false for a repeat and for a late scan."""

    number: str
    status: str
    recorded: bool
    moved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a page of waybills is narrowed to; an empty field narrows nothing. Days are [since, until)."""

    route: str = ""
    client: str = ""
    status: str = ""
    station: str = ""
    handler: str = ""
    batch: bytes = b""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`next` continues after the last item; empty at the end."""

    items: tuple[Waybill, ...]
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicScan:
    event: str
    city: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicTracking:
    """All a stranger with the number may know: status, times and cities."""

    number: str
    status: str
    created_at: datetime
    events: tuple[PublicScan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    day: date
    status: str
    waybills: int
