"""What this area refuses.

MidanError
└── PeopleError
    ├── UnknownBranch    no branch has this code
    ├── UnknownStaff     no staff member has this number
    ├── NameTaken        code, user name or staff number is in use
    ├── BadPost          role or kind is not one of ours
    ├── WeakPassword     the password rules of the settings refuse it
    ├── NotKeeper        the actor's post does not keep this register (M1)
    ├── SelfGrant        nobody gives themselves a post, or takes part in it (M1)
    ├── SecondPerson     a grant in the keeper's own branch, or of a post beyond one branch, takes another person (M1)
    ├── PostConflict     the post does not go with another one of the same person (M1)
    ├── LastOfPost       without this person nobody at work could give posts (M1)
    ├── MatrixUnsound    the conflict matrix cannot be read: no post is given (M1)
    ├── WrongState       the person's state does not allow it
    ├── HasLeft          who has left does not come back under the old account (M5)
    ├── UnknownDeparture nobody is leaving under this number
    ├── CarrierSettled   that carrier was received, or was never listed
    ├── UnknownAsset     no asset, system or use has this name
    ├── RosterUnreadable a staff list is no list: `reason` says why
    ├── RosterRefused    a staff list is not taken in; rows and reasons in `rows`
    ├── UnknownSession   no session has this number
    ├── BadHours         working hours are none: no day, or no time of the day
    ├── LastFactor       the only second factor is not taken off
    └── LinkSpent        a one-time link was used, has run out, or never was
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


class SelfGrant(PeopleError):
    code = "self_grant"
    clause = "M1"
    status = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("不能给自己授予或变更岗位"))


class SecondPerson(PeopleError):
    code = "second_person_needed"
    clause = "M1"
    status = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("在本人所在网点授予岗位，或授予不限于一个网点的岗位，须由另一人审批"))


class PostConflict(PeopleError):
    """`conflict` is the id of the row in policy/conflicts.toml."""

    code = "post_conflict"
    clause = "M1"
    status = 409

    def __init__(self, *, conflict: str, post: str, other: str) -> None:
        message = gettext_noop("岗位冲突（%(conflict)s）：%(post)s 与此人现任或不久前的岗位不能由一人担任")
        super().__init__(message, conflict=conflict, post=post, other=other)


class LastOfPost(PeopleError):
    code = "last_of_post"
    clause = "M1"
    status = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("这是最后一位在岗的人事或隐私保护负责人：须先授予接任者岗位"))


class MatrixUnsound(PeopleError):
    code = "conflicts_unsound"
    clause = "M1"
    status = 500

    def __init__(self, row: int) -> None:
        super().__init__(gettext_noop("岗位冲突表第 %(row)d 行有误，暂不授予任何岗位"), row=row)


class WrongState(PeopleError):
    code = "wrong_employment_state"
    clause = "M5"
    status = 409

    def __init__(self, state: str) -> None:
        super().__init__(gettext_noop("此人现在的状态不能这样做"), state=state)


class HasLeft(PeopleError):
    code = "person_has_left"
    clause = "M5"
    status = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("此人已离职，账号不再启用；再次入职须登记新账号"))


class UnknownDeparture(PeopleError):
    code = "unknown_departure"
    clause = "M5"
    status = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("此人没有在办的离职"))


class CarrierSettled(PeopleError):
    code = "carrier_settled"
    clause = "M5"
    status = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("这件载体已经交接，或不在清单上"))


class UnknownAsset(PeopleError):
    code = "unknown_asset"
    clause = "G4"
    status = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这项资产、系统或用途"))


class RosterUnreadable(PeopleError):
    code = "roster_unreadable"
    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(gettext_noop("名册无法读取：%(reason)s"), reason=reason)


class RosterRefused(PeopleError):
    """`rows` holds [row, column, code] of each fault: a code, never what stood there."""

    code = "roster_refused"
    status = 400

    def __init__(self, rows: tuple[tuple[int, str, str], ...]) -> None:
        super().__init__(gettext_noop("名册有误，没有任何人被登记"), rows=[list(row) for row in rows])


class NotKeeper(PeopleError):
    code = "not_keeper"
    clause = "M1"
    status = 403

    def __init__(self, register: str) -> None:
        super().__init__(gettext_noop("您的岗位不负责维护%(register)s"), register=register)


class BadHours(PeopleError):
    code = "bad_hours"
    status = 400

    def __init__(self) -> None:
        super().__init__(gettext_noop("工作时间不对：至少选一天，写明开始和结束"))


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
        super().__init__(
            gettext_noop(
                "这个链接已经用过或已过期。首位管理员请在服务器上再运行一次 midan init，其他人请向人事另要一个"
            )
        )
