"""What this area refuses.

MidanError
├── NotSignedIn        no token, an expired one, or one of a revoked client
├── TokenNeeded        a browser session asked for what only a program may fetch
├── ScopeMissing       the client may not do this
├── ActorRefused       Midan-Actor is missing, unknown, inactive or of a branch the client does not serve
├── MalformedBody      not JSON, too large, or not an object
├── Missing            no such thing
├── Internal           something broke; what was being done did not happen
├── UnknownScope       a client asks for a scope that does not exist
└── OrderRefused / OrderConflict
"""

from typing import ClassVar

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError


class NotSignedIn(MidanError):
    code: ClassVar[str] = "not_signed_in"
    clause: ClassVar[str | None] = "L4.2"
    status: ClassVar[int] = 401

    def __init__(self) -> None:
        super().__init__(gettext_noop("需要有效的访问令牌或登录会话"))


class TokenNeeded(MidanError):
    code: ClassVar[str] = "token_needed"
    clause: ClassVar[str | None] = "L4.2"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("这个地址只接受程序的访问令牌；在页面上请用打印按钮"))


class ScopeMissing(MidanError):
    code: ClassVar[str] = "scope_missing"
    clause: ClassVar[str | None] = "L4.2"
    status: ClassVar[int] = 403

    def __init__(self, scope: str) -> None:
        super().__init__(gettext_noop("缺少授权范围 %(scope)s"), scope=scope)


class ActorRefused(MidanError):
    code: ClassVar[str] = "actor_refused"
    clause: ClassVar[str | None] = "L2.2"
    status: ClassVar[int] = 403

    def __init__(self, reason: str) -> None:
        super().__init__(
            gettext_noop("此操作须由在职人员发起（请求头 Midan-Actor）：%(reason)s"), reason=reason
        )


class MalformedBody(MidanError):
    code: ClassVar[str] = "malformed_body"
    status: ClassVar[int] = 422

    def __init__(self, reason: str) -> None:
        super().__init__(gettext_noop("请求体不符合要求：%(reason)s"), reason=reason)


class UnknownScope(MidanError):
    code: ClassVar[str] = "unknown_scope"

    def __init__(self) -> None:
        super().__init__(gettext_noop("未知的授权范围"))


class OrderRefused(MidanError):
    """`fields` maps each field to its reason code."""

    code: ClassVar[str] = "order_rejected"
    clause: ClassVar[str | None] = "L1.3"
    status: ClassVar[int] = 422

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(gettext_noop("订单未通过校验"), fields=fields)


class OrderConflict(MidanError):
    code: ClassVar[str] = "order_conflict"
    clause: ClassVar[str | None] = "L1.3"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("同一订单号已有不同内容的订单"))


class Missing(MidanError):
    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class Internal(MidanError):
    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
