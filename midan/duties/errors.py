"""What this area refuses.

MidanError
└── DutyError
    ├── DutyDenied         this post does not keep this register, or it is about the actor themselves
    ├── BadDocument        a text in one language only, too long, or of no known kind
    ├── DocumentChanged    another version is in force: what was read is not what would be signed
    ├── BadCourse          the course file cannot be read; names the place, never quotes it
    ├── NoCourse           no course has this name
    ├── NotRead            the exam is taken after the course was read to its end
    ├── AttemptsUsed       as many exams in 24 hours as the course allows
    ├── NoExam             no such exam of this person, or it is over
    ├── BadCheck           a result, a day or a file that cannot be
    ├── NoCheck            no such check, or its result stands already
    └── SignatureRefused   a signed duty that does not hold: what was changed is named
"""

from typing import ClassVar

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError


class DutyError(MidanError):
    code: ClassVar[str] = "duty_error"
    clause: ClassVar[str | None] = "M2"


class DutyDenied(DutyError):
    code: ClassVar[str] = "duty_denied"
    clause: ClassVar[str | None] = "M1"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("这项登记由人事或隐私保护负责人办理，且不能为本人办理"))


class BadDocument(DutyError):
    code: ClassVar[str] = "bad_document"

    def __init__(self) -> None:
        super().__init__(gettext_noop("文本须有中英文两种，每种不超过 2 万字"))


class DocumentChanged(DutyError):
    code: ClassVar[str] = "document_changed"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("文本已有新版本，请阅读后再签署"))


class BadCourse(DutyError):
    """`details['at']` is the table and place in the file; `problem` one stable word."""

    code: ClassVar[str] = "bad_course"

    def __init__(self, problem: str, at: str = "") -> None:
        super().__init__(gettext_noop("课程文件有误：%(at)s %(problem)s"), problem=problem, at=at)


class NoCourse(DutyError):
    code: ClassVar[str] = "no_course"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这门课程"))


class NotRead(DutyError):
    code: ClassVar[str] = "course_not_read"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("请先把课程读到最后一页，再参加考试"))


class AttemptsUsed(DutyError):
    code: ClassVar[str] = "attempts_used"
    status: ClassVar[int] = 429

    def __init__(self, allowed: int) -> None:
        super().__init__(gettext_noop("24 小时内只能考 %(allowed)d 次，请重读课程后再来"), allowed=allowed)


class NoExam(DutyError):
    code: ClassVar[str] = "no_exam"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有进行中的考试，或已经交卷、超时"))


class BadCheck(DutyError):
    """`details['field']` is result, until or evidence."""

    code: ClassVar[str] = "bad_check"
    clause: ClassVar[str | None] = "M3"

    def __init__(self, field: str) -> None:
        super().__init__(
            gettext_noop("背景审查登记有误：%(field)s。材料须是 PDF、JPEG 或 PNG，不超过 2 MB"), field=field
        )


class NoCheck(DutyError):
    code: ClassVar[str] = "no_check"
    clause: ClassVar[str | None] = "M3"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这次背景审查，或已有结果"))


class SignatureRefused(DutyError):
    """`details['problem']` is shape, text, key or signature."""

    code: ClassVar[str] = "signed_duty_refused"

    def __init__(self, problem: str) -> None:
        super().__init__(gettext_noop("签署文件核验不通过：%(problem)s"), problem=problem)
