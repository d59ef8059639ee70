"""What this area refuses.

MidanError
└── PaperError
    ├── PaperDenied      this post does not keep paper, or not of that branch
    ├── BadBag           a serial, count or weight that cannot be
    ├── BagTaken         a bag with this serial was sealed before
    ├── BagUnavailable   no such bag of this branch, or it is not sealed any more
    ├── BadWitness       the witness is the operator, or nobody who works here
    ├── NoDestruction    no destruction waits for this person's word
    ├── ActUnknown       no such act of destruction, or not of a branch for these eyes
    ├── BadPhoto         no JPEG or PNG, or too large
    └── PhotoTaken       the act has its photo, or was denied by its witness: neither changes
"""

from typing import ClassVar

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError


class PaperError(MidanError):
    code: ClassVar[str] = "paper_error"
    clause: ClassVar[str | None] = "L6.1"


class PaperDenied(PaperError):
    code: ClassVar[str] = "paper_denied"
    clause: ClassVar[str | None] = "L2.2"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("纸质面单由本网点负责人和店员登记，您的岗位不能办理"))


class BadBag(PaperError):
    """`details['field']` names what cannot be."""

    code: ClassVar[str] = "bad_bag"

    def __init__(self, field: str) -> None:
        super().__init__(gettext_noop("封袋登记有误：%(field)s 不合理"), field=field)


class BagTaken(PaperError):
    code: ClassVar[str] = "bag_taken"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("这个封袋编号已经登记过"))


class BagUnavailable(PaperError):
    code: ClassVar[str] = "bag_unavailable"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("所选封袋不在本网点，或已进入销毁"))


class BadWitness(PaperError):
    code: ClassVar[str] = "bad_witness"
    clause: ClassVar[str | None] = "M1"

    def __init__(self) -> None:
        super().__init__(gettext_noop("见证人须是另一名在职员工，并由其本人登录确认"))


class NoDestruction(PaperError):
    code: ClassVar[str] = "no_destruction"
    clause: ClassVar[str | None] = "L6.2"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有等待您确认的纸质销毁记录"))


class ActUnknown(PaperError):
    code: ClassVar[str] = "paper_act_unknown"
    clause: ClassVar[str | None] = "L6.2"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这次纸质销毁，或不属于您能查看的网点"))


class BadPhoto(PaperError):
    """`details['problem']` is size, pixels or kind."""

    code: ClassVar[str] = "bad_photo"
    clause: ClassVar[str | None] = "L6.2"

    def __init__(self, problem: str) -> None:
        super().__init__(
            gettext_noop("照片须是 JPEG 或 PNG，不超过 8 MB；请换一张，或先缩小尺寸"), problem=problem
        )


class PhotoTaken(PaperError):
    code: ClassVar[str] = "photo_taken"
    clause: ClassVar[str | None] = "L6.2"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("这次销毁已有照片，或见证人已否认：不能再加，也不能替换"))
