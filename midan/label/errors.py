"""What this area refuses.

MidanError
└── LabelError
    ├── ForbiddenOnLabel   the rules do not let this onto a label; names waybill, field and reason, never the value
    ├── PrintDenied        this post prints no labels
    ├── NotPrintable       no such waybill, or not for this actor: the same answer
    ├── NothingToPrint     erased, delivered or returned: no label is needed any more
    ├── ReasonNeeded       a reprint without a reason of the closed list
    ├── BadLabelRequest    a format, size, resolution or reason that does not exist
    └── BatchTooLarge      more labels than one file holds
"""

from typing import ClassVar

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError


class LabelError(MidanError):
    code: ClassVar[str] = "label_error"
    clause: ClassVar[str | None] = "T1"


class ForbiddenOnLabel(LabelError):
    """The whole batch stops here: nothing is printed, nothing is logged as printed."""

    code: ClassVar[str] = "forbidden_on_label"
    status: ClassVar[int] = 409

    def __init__(self, *, field: str, reason: str, waybill: str = "") -> None:
        if waybill:
            said = gettext_noop("运单 %(waybill)s 的 %(field)s 不能这样印在面单上：%(reason)s")
            super().__init__(said, field=field, reason=reason, waybill=waybill)
        else:
            super().__init__(
                gettext_noop("%(field)s 不能这样印在面单上：%(reason)s"), field=field, reason=reason
            )
        self.field = field
        self.reason = reason


class PrintDenied(LabelError):
    code: ClassVar[str] = "denied"
    status: ClassVar[int] = 403

    def __init__(self, *, reason: str) -> None:
        super().__init__(gettext_noop("该岗位不打印面单：%(reason)s"), reason=reason)


class NotPrintable(LabelError):
    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这个运单，或您无权打印它的面单"))


class NothingToPrint(LabelError):
    code: ClassVar[str] = "nothing_to_print"
    status: ClassVar[int] = 410

    def __init__(self, *, reason: str, waybill: str) -> None:
        super().__init__(
            gettext_noop("运单 %(waybill)s 不再需要面单：%(reason)s"), reason=reason, waybill=waybill
        )


class ReasonNeeded(LabelError):
    code: ClassVar[str] = "reprint_reason_needed"
    status: ClassVar[int] = 409

    def __init__(self, *, reprints: int, reasons: tuple[str, ...]) -> None:
        super().__init__(
            gettext_noop("有 %(reprints)d 张是补打，需要补打原因"), reprints=reprints, reasons=list(reasons)
        )


class BadLabelRequest(LabelError):
    code: ClassVar[str] = "bad_label_request"
    exit_code: ClassVar[int] = 2

    def __init__(self, *, field: str, allowed: tuple[str, ...]) -> None:
        super().__init__(
            gettext_noop("%(field)s 不在允许的取值之内：%(choices)s"),
            field=field,
            choices=", ".join(allowed),
        )


class BatchTooLarge(LabelError):
    code: ClassVar[str] = "batch_too_large"
    status: ClassVar[int] = 413

    def __init__(self, *, count: int, most: int) -> None:
        super().__init__(
            gettext_noop("一个文件最多 %(most)d 张面单，收到 %(count)d 张"), count=count, most=most
        )
