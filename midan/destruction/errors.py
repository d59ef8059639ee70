"""What this area refuses.

MidanError
└── DestructionError
    ├── PostMayNotDestroy     this post neither keeps nor destroys
    ├── NothingToDestroy      nothing of what was named is stored, or nothing is due
    ├── RecordsHeld           what was named is under a legal hold
    ├── RunUnknown            no such run
    ├── RunBusy               another process carries out runs at this moment
    ├── DrillUnknown          no such resurrection drill, or its record is not signed yet
    └── CertificateNotReady   the run has not come so far
CertificateRefused comes from midan.core.certificate.
"""

from typing import ClassVar

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError


class DestructionError(MidanError):
    code: ClassVar[str] = "destruction_error"
    clause: ClassVar[str | None] = "L6.1"


class DrillUnknown(DestructionError):
    code: ClassVar[str] = "drill_unknown"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这次复活演练的记录"))


class PostMayNotDestroy(DestructionError):
    code: ClassVar[str] = "destruction_not_for_post"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("您的岗位不管理保存与销毁"))


class NothingToDestroy(DestructionError):
    code: ClassVar[str] = "nothing_to_destroy"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有可销毁的信息：已经销毁，或没有这些运单"))


class RecordsHeld(DestructionError):
    """`count` of the records named are held; nothing is destroyed."""

    code: ClassVar[str] = "records_held"
    clause: ClassVar[str | None] = "L2.4"
    status: ClassVar[int] = 409

    def __init__(self, count: int) -> None:
        super().__init__(gettext_noop("其中 %(count)s 单正在保全，保全结束前不能销毁"), count=count)


class RunUnknown(DestructionError):
    code: ClassVar[str] = "run_unknown"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这次销毁"))


class RunBusy(DestructionError):
    code: ClassVar[str] = "run_busy"
    status: ClassVar[int] = 409
    exit_code: ClassVar[int] = 4

    def __init__(self) -> None:
        super().__init__(gettext_noop("另一个进程正在执行销毁，请稍后再试"))


class CertificateNotReady(DestructionError):
    code: ClassVar[str] = "certificate_not_ready"
    clause: ClassVar[str | None] = "L6.2"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("这次销毁还没有证明"))
