"""What this area refuses.

MidanError
└── PeopleError
    ├── UnknownBranch    no branch has this code
    ├── UnknownStaff     no staff member has this number
    ├── NameTaken        code, user name or staff number is in use
    ├── BadPost          role or kind is not one of ours
    ├── WeakPassword     the password rules of the settings refuse it
    ├── NotKeeper        the actor's post does not keep this register (M1)
    ├── UnknownSession   no session has this number
    ├── LastFactor       the only second factor is not taken off
    └── LinkSpent        the first administrator's link was used, has run out, or never was
"""

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError


class PeopleError(MidanError):
    code = "people_error"


class UnknownBranch(PeopleError):
    code = "unknown_branch"
    status = 404

    def __init__(self) -> None:
        # What was typed may be anything, perhaps a customer's number: it is not repeated.
        super().__init__(gettext_noop("没有这个代码的网点"))


class UnknownStaff(PeopleError):
    code = "unknown_staff"
    status = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这个工号的员工"))


class NameTaken(PeopleError):
    code = "name_taken"
    status = 409

    def __init__(self, field: str) -> None:
        super().__init__(gettext_noop("%(field)s 已被使用"), field=field)


class BadPost(PeopleError):
    code = "bad_post"

    def __init__(self, field: str) -> None:
        super().__init__(gettext_noop("%(field)s 不在允许的取值之内"), field=field)


class WeakPassword(PeopleError):
    code = "weak_password"
    clause = "T3"

    def __init__(self, rules: tuple[str, ...]) -> None:
        super().__init__(gettext_noop("口令不符合强度要求"), rules=list(rules))


class NotKeeper(PeopleError):
    code = "not_keeper"
    clause = "M1"
    status = 403

    def __init__(self, register: str) -> None:
        super().__init__(gettext_noop("您的岗位不负责维护%(register)s"), register=register)


class UnknownSession(PeopleError):
    code = "unknown_session"
    status = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这个登录会话，或已经结束"))


class LastFactor(PeopleError):
    code = "last_factor"
    clause = "T3"
    status = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("这是唯一的第二因素，不能移除；先登记另一个"))


class LinkSpent(PeopleError):
    code = "link_spent"
    clause = "T3"
    status = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("这个链接已经用过或已过期。需要时请在服务器上再运行一次 midan init"))
