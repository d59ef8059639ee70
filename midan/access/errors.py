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
    ├── PoliciesUnsound      the policy files do not load, or do not fit the schema
    ├── GlassNotNeeded       the question is answered without breaking anything
    ├── GlassStillOpen       one break at a time: an earlier one is open, or nobody reviewed it
    ├── GlassUnknown         no such break, or one's own, or reviewed already
    ├── CaseRefused          a case that cannot be asked for: names what is wrong with it
    ├── CaseUnknown          no such case, or none for this post
    ├── DraftUnsound         a draft with errors: names each with its line; what is in force stays
    ├── DraftUnknown         no such draft or version of the policies
    ├── DraftStale           the policies in force are no longer those the draft was made from
    └── DraftOpensTooMuch    a draft that would open what no policy of this house may
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


class GlassNotNeeded(AccessError):
    code: ClassVar[str] = "glass_not_needed"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("这些信息现在就可以查看，不需要应急查看"))


class GlassStillOpen(AccessError):
    code: ClassVar[str] = "glass_still_open"
    clause: ClassVar[str | None] = "T4"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("您上一次应急查看还没有结束或还没有复核，每人同时只能有一次"))


class GlassUnknown(AccessError):
    code: ClassVar[str] = "glass_unknown"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这次应急查看，或它不由您复核，或已经复核"))


class CaseRefused(AccessError):
    """`field` names what is wrong: ground, reader, fields, waybills, days, papers."""

    code: ClassVar[str] = "case_refused"
    clause: ClassVar[str | None] = "L5.1"

    def __init__(self, field: str) -> None:
        super().__init__(gettext_noop("案件登记不成：%(field)s 不合要求"), field=field)


class CaseUnknown(AccessError):
    code: ClassVar[str] = "case_unknown"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这个案件，或它不对您的岗位开放"))


class DraftUnsound(AccessError):
    """`problems` names each, line first. What is in force stays in force."""

    code: ClassVar[str] = "draft_unsound"
    clause: ClassVar[str | None] = "L2.2"

    def __init__(self, *problems: str) -> None:
        super().__init__(gettext_noop("策略草稿有错误，现行策略不变"), problems=list(problems))


class DraftUnknown(AccessError):
    code: ClassVar[str] = "draft_unknown"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这个策略草稿或版本"))


class DraftStale(AccessError):
    code: ClassVar[str] = "draft_stale"
    clause: ClassVar[str | None] = "M1"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("草稿之后策略已经变更，请在现行策略上重新修改"))


class DraftOpensTooMuch(AccessError):
    """`opened` names which limits of the house the draft breaks, as the controls count them."""

    code: ClassVar[str] = "draft_opens_too_much"
    clause: ClassVar[str | None] = "L2.2"

    def __init__(self, *opened: str) -> None:
        super().__init__(gettext_noop("草稿放开了任何策略都不能放开的查看：%(opened)s"), opened=list(opened))
