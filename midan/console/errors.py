"""What the console itself refuses.

MidanError
├── NoRoom         the post does not use this part of the console
├── NotAtWork      joining, on leave or leaving: only one's own duties and one's own departure are open
├── FormRefused    what was typed is no number, no code, or too long
├── StaffFormRefused  what was typed of somebody on the staff is no post, branch, number or day
└── ClientFormRefused  what was typed of an API client is no name, branch, range, certificate or number
"""

from typing import ClassVar

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError


class NoRoom(MidanError):
    code: ClassVar[str] = "room_not_for_post"
    clause: ClassVar[str | None] = "L2.2"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("您的岗位不使用这个页面。需要时请向隐私保护负责人说明用途"))


class NotAtWork(MidanError):
    """The same code as where data is refused: it is the same rule."""

    code: ClassVar[str] = "not_at_work"
    clause: ClassVar[str | None] = "M5"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("您不在岗（待入职、休假或离职中）"))


class FormRefused(MidanError):
    code: ClassVar[str] = "form_refused"
    status: ClassVar[int] = 400

    def __init__(self) -> None:
        super().__init__(gettext_noop("填写有误：请核对运单号、天数与文件编号（不含中文），一次至多 1000 单"))


class StaffFormRefused(MidanError):
    code: ClassVar[str] = "staff_form_refused"
    status: ClassVar[int] = 400

    def __init__(self) -> None:
        super().__init__(gettext_noop("填写有误：请核对岗位、网点、工号、理由与日期（写成 2027-06-30）"))


class ClientFormRefused(MidanError):
    code: ClassVar[str] = "client_form_refused"
    status: ClassVar[int] = 400

    def __init__(self) -> None:
        super().__init__(gettext_noop("填写有误：请核对名称、网点、地址段（如 203.0.113.0/24）、证书与次数"))
