"""Errors of collection: row numbers, field names, counts and codes; never a value a customer wrote.

MidanError
├── FileRefused           a whole file is refused and nothing of it is stored (`reason` says why)
├── FileBroken            a file broke off after some rows were stored; run it again when it is mended
├── NothingAccepted       every row of the file was rejected
├── IntakeInterrupted     stopped between two commits; run the same file again
├── BatchTooLarge         more rows in one call than one transaction should hold
├── UnknownBranch         orders for a branch that does not exist
├── NoticeExists          a published version is never changed
├── NoticeIncomplete      a notice lacks what the law asks for (`fields`)
├── UnknownNotice         no such version
├── ConsentNotOffered     the notice names no such optional purpose for this party
├── ConsentNotFound       nothing to withdraw
├── RealNameDenied        this person may not record a real-name check of this parcel now (`reason`)
└── RealNameConflict      another document was recorded for this parcel before
"""

from typing import ClassVar

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError


class FileRefused(MidanError):
    """`reason` is a code of `rules.FileReason`; `column` names a contract column at most."""

    code: ClassVar[str] = "file_refused"
    clause: ClassVar[str | None] = "L1.3"
    status: ClassVar[int] = 422
    exit_code: ClassVar[int] = 3

    def __init__(self, reason: str, **details: object) -> None:
        super().__init__(gettext_noop("文件被拒收：%(reason)s"), reason=reason, **details)
        self.reason = reason


class FileBroken(MidanError):
    """`accepted`, `replayed`, `rejected` count what came before the break and stays."""

    code: ClassVar[str] = "file_broken"
    clause: ClassVar[str | None] = "L1.3"
    status: ClassVar[int] = 422

    def __init__(self, reason: str, **details: object) -> None:
        super().__init__(
            gettext_noop("文件中途损坏：%(reason)s；之前的行已入库，修复后可重新提交"),
            reason=reason,
            **details,
        )
        self.reason = reason


class NothingAccepted(MidanError):
    code: ClassVar[str] = "nothing_accepted"
    clause: ClassVar[str | None] = "L1.3"
    status: ClassVar[int] = 422
    exit_code: ClassVar[int] = 3


class IntakeInterrupted(MidanError):
    code: ClassVar[str] = "interrupted"
    status: ClassVar[int] = 503
    exit_code: ClassVar[int] = 5


class BatchTooLarge(MidanError):
    code: ClassVar[str] = "batch_too_large"
    status: ClassVar[int] = 413


class UnknownBranch(MidanError):
    code: ClassVar[str] = "unknown_branch"
    status: ClassVar[int] = 422
    exit_code: ClassVar[int] = 2


class NoticeExists(MidanError):
    code: ClassVar[str] = "notice_exists"
    clause: ClassVar[str | None] = "G5"
    status: ClassVar[int] = 409


class NoticeIncomplete(MidanError):
    code: ClassVar[str] = "notice_incomplete"
    clause: ClassVar[str | None] = "G5"
    status: ClassVar[int] = 422


class UnknownNotice(MidanError):
    code: ClassVar[str] = "unknown_notice"
    clause: ClassVar[str | None] = "L1.2"
    status: ClassVar[int] = 404


class ConsentNotOffered(MidanError):
    code: ClassVar[str] = "consent_not_offered"
    clause: ClassVar[str | None] = "L1.2"
    status: ClassVar[int] = 422


class ConsentNotFound(MidanError):
    code: ClassVar[str] = "consent_not_found"
    clause: ClassVar[str | None] = "G6"
    status: ClassVar[int] = 404


class RealNameDenied(MidanError):
    """`reason`: post, status, restricted, destroyed."""

    code: ClassVar[str] = "real_name_denied"
    clause: ClassVar[str | None] = "B1"
    status: ClassVar[int] = 403

    def __init__(self, reason: str, *, entry_id: str) -> None:
        super().__init__(
            gettext_noop("不能登记实名查验：%(reason)s"),
            reason=reason,
            entry_id=entry_id,
        )


class RealNameConflict(MidanError):
    code: ClassVar[str] = "real_name_conflict"
    clause: ClassVar[str | None] = "B1"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("此单已登记过另一份证件，不再更改"))
