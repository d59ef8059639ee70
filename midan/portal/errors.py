"""What the customer's pages refuse.

MidanError
├── AskedTooOften    one address asked more than the pages answer in a minute
└── NoSuchLabel      the code names no label; the same answer whatever is wrong with it
"""

from typing import ClassVar

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError


class AskedTooOften(MidanError):
    code: ClassVar[str] = "too_many_requests"
    status: ClassVar[int] = 429

    def __init__(self) -> None:
        super().__init__(gettext_noop("查询太频繁，请一分钟后再试"))


class NoSuchLabel(MidanError):
    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有查到这个快件，请核对运单号"))
