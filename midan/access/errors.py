"""What this area refuses.

MidanError
└── AccessError
    ├── AccessDenied         a gate, or the lack of a permit; names clause and reason
    │   └── SearchClosed     the post does not search this way; names the ways that are open to it
    ├── BudgetSpent          the day's reveals, searches or tickets are used up
    ├── CallRefused          a call event whose signature or time does not hold
    ├── CallReplayed         a call event that was taken before
    ├── CodesSpent           too many pick-up codes that fetch nothing within the hour
    ├── NotFound             no such waybill, or not for these eyes: the same answer
    ├── BadQuestion          a field, a purpose, a kind or a value that cannot be asked for
    ├── NoteRefused          the free-text note carries personal data
    └── PoliciesUnsound      the policy files do not load, or do not fit the schema
"""

from typing import ClassVar

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError


class AccessError(MidanError):
    code: ClassVar[str] = "access_error"


class AccessDenied(AccessError):
    """`clause` is that of the gate which closed; details: reason, field, otherwise, entry_id."""

    code: ClassVar[str] = "denied"
    clause: ClassVar[str | None] = "L2.2"
    status: ClassVar[int] = 403

    def __init__(self, *, clause: str, reason: str, **details: object) -> None:
        super().__init__(
            gettext_noop("不允许：%(reason)s（条款 %(clause)s）"), clause=clause, reason=reason, **details
        )
        self.denied_by = clause

    def as_dict(self) -> dict[str, object]:
        """Return the one error shape, with the clause of the gate that closed."""
        return {**MidanError.as_dict(self), "clause": self.denied_by}


class SearchClosed(AccessDenied):
    """`kinds` are the ways of searching that are open to the post; none for a post that searches nothing."""

    def __init__(self, *, kinds: tuple[str, ...], clause: str, reason: str, **details: object) -> None:
        super().__init__(clause=clause, reason=reason, kinds=list(kinds), **details)
        if kinds:
            self.message = gettext_noop("不允许：%(reason)s，可以用：%(kinds)s（条款 %(clause)s）")


class BudgetSpent(AccessError):
    code: ClassVar[str] = "budget_spent"
    clause: ClassVar[str | None] = "M4"
    status: ClassVar[int] = 429

    def __init__(self, *, kind: str, allowed: int) -> None:
        super().__init__(gettext_noop("今日次数已用完"), kind=kind, allowed=allowed, reason="budget_spent")


class CallRefused(AccessError):
    code: ClassVar[str] = "call_refused"
    clause: ClassVar[str | None] = "L4.2"
    status: ClassVar[int] = 403

    def __init__(self, reason: str) -> None:
        super().__init__(gettext_noop("来电事件的签名或时间不成立：%(reason)s"), reason=reason)


class CallReplayed(AccessError):
    code: ClassVar[str] = "call_replayed"
    clause: ClassVar[str | None] = "L4.2"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("这个来电事件已经收到过"))


class CodesSpent(AccessError):
    code: ClassVar[str] = "pickup_codes_spent"
    clause: ClassVar[str | None] = "M4"
    status: ClassVar[int] = 429

    def __init__(self, *, allowed: int) -> None:
        super().__init__(
            gettext_noop("这一小时内输错的取件码已达 %(allowed)d 次，请按手机后四位查找"), allowed=allowed
        )


class NotFound(AccessError):
    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这个运单，或您无权查看"))


class BadQuestion(AccessError):
    code: ClassVar[str] = "bad_question"

    def __init__(self, field: str) -> None:
        super().__init__(gettext_noop("%(field)s 不在允许的取值之内"), field=field)


class NoteRefused(AccessError):
    code: ClassVar[str] = "note_has_personal_data"
    clause: ClassVar[str | None] = "L2.3"

    def __init__(self) -> None:
        super().__init__(gettext_noop("备注中不能写入姓名、电话、地址等客户信息"))


class PoliciesUnsound(AccessError):
    """Nothing is decided on policies nobody can trust: every reveal fails until they are mended."""

    code: ClassVar[str] = "policies_unsound"
    clause: ClassVar[str | None] = "L2.2"
    status: ClassVar[int] = 503
    exit_code: ClassVar[int] = 4

    def __init__(self, *problems: str) -> None:
        super().__init__(gettext_noop("访问策略文件不可用"), problems=list(problems))
