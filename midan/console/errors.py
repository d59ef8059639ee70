"""What the console itself refuses.

MidanError
└── NoRoom    the post does not use this part of the console
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
