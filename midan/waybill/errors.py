"""What this area refuses.

MidanError
└── WaybillError
    ├── UnknownWaybill   no such number; also said of a parcel that is not on the actor's way
    ├── ScanRefused      the event does not follow from the status, or the post does not scan it
    ├── BadScanTime      the scan claims a time that has not come
    ├── ShelfFull        the station has no free pick-up code left
    └── BadCoverage      a coverage row is malformed
"""

from typing import ClassVar

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError


class WaybillError(MidanError):
    code: ClassVar[str] = "waybill_error"


class UnknownWaybill(WaybillError):
    code: ClassVar[str] = "unknown_waybill"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这个运单"))


class ScanRefused(WaybillError):
    code: ClassVar[str] = "scan_refused"
    clause: ClassVar[str | None] = "B2"
    status: ClassVar[int] = 409

    def __init__(self, *, event: str, reason: str) -> None:
        super().__init__(gettext_noop("此次扫描不被接受：%(reason)s"), event=event, reason=reason)


class BadScanTime(WaybillError):
    code: ClassVar[str] = "bad_scan_time"

    def __init__(self) -> None:
        super().__init__(gettext_noop("扫描时间晚于现在"))


class ShelfFull(WaybillError):
    code: ClassVar[str] = "shelf_full"
    clause: ClassVar[str | None] = "B3"
    status: ClassVar[int] = 503

    def __init__(self) -> None:
        super().__init__(gettext_noop("驿站的取件码已用尽，包裹没有入库"))


class BadCoverage(WaybillError):
    code: ClassVar[str] = "bad_coverage"

    def __init__(self, *, row: int, field: str) -> None:
        super().__init__(gettext_noop("第 %(row)d 行的 %(field)s 不正确"), row=row, field=field)
