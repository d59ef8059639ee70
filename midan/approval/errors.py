"""What this area refuses.

MidanError
└── ApprovalError
    ├── PostMayNotAsk        this post asks for no such act, or decides on none
    ├── NotAtWork            whoever is joining, on leave or leaving neither asks nor decides
    ├── OwnRequest           who asked may not allow
    ├── ConcernsSelf         nor may the person the act concerns
    ├── RequestUnknown       no such request
    ├── RequestClosed        decided, expired or used already
    └── ApprovalMissing      the act has no approval by a second person that fits it
"""

from typing import ClassVar

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError


class ApprovalError(MidanError):
    code: ClassVar[str] = "approval_error"
    clause: ClassVar[str | None] = "M1"


class PostMayNotAsk(ApprovalError):
    code: ClassVar[str] = "approval_not_for_post"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("您的岗位不提出或审批这类操作"))


class NotAtWork(ApprovalError):
    """The same code as where data is refused: it is the same rule."""

    code: ClassVar[str] = "not_at_work"
    clause: ClassVar[str | None] = "M5"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("您不在岗（待入职、休假或离职中）"))


class OwnRequest(ApprovalError):
    code: ClassVar[str] = "approval_own_request"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("申请人不能审批自己的申请，须由另一人审批"))


class ConcernsSelf(ApprovalError):
    code: ClassVar[str] = "approval_concerns_self"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("这个申请与您本人有关，须由另一人审批"))


class RequestUnknown(ApprovalError):
    code: ClassVar[str] = "approval_unknown"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这个申请"))


class RequestClosed(ApprovalError):
    """`state` says how it ended: approved, refused, expired, used."""

    code: ClassVar[str] = "approval_closed"
    status: ClassVar[int] = 409

    def __init__(self, state: str) -> None:
        super().__init__(gettext_noop("这个申请已经结束，不能再审批"), state=state)


class ApprovalMissing(ApprovalError):
    code: ClassVar[str] = "approval_missing"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("这项操作须先由另一人审批"))
