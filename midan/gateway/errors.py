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
├── ClientRefused      a client cannot be made or changed like that
├── UnknownClient      no such client, or it was revoked
├── AddressRefused     the client is not called from the networks it is kept to
├── CertificateRefused the token belongs to another certificate, or none was shown
├── FieldNotGranted    the client may not see this field
├── TooManyCalls       the client's calls of this minute or day are used up
├── KeyConflict        the same Idempotency-Key came before with something else
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


class ClientRefused(MidanError):
    code: ClassVar[str] = "client_refused"
    clause: ClassVar[str | None] = "L4.2"
    status: ClassVar[int] = 422

    def __init__(self, what: str) -> None:
        super().__init__(gettext_noop("接口客户端的设置不对：%(reason)s"), reason=what)


class UnknownClient(MidanError):
    code: ClassVar[str] = "unknown_client"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这个接口客户端，或已撤销"))


class AddressRefused(MidanError):
    code: ClassVar[str] = "address_refused"
    clause: ClassVar[str | None] = "L4.2"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("这个接口客户端不能从此网络地址调用"))


class CertificateRefused(MidanError):
    """`reason` is `certificate_` with needed, other, withdrawn, expired, unproved or unreadable; RFC 8705 answers 401."""

    code: ClassVar[str] = "client_certificate_refused"
    clause: ClassVar[str | None] = "L4.2"
    status: ClassVar[int] = 401

    def __init__(self, reason: str) -> None:
        super().__init__(gettext_noop("客户端证书不能通过：%(reason)s"), reason=reason)


class FieldNotGranted(MidanError):
    code: ClassVar[str] = "field_not_granted"
    clause: ClassVar[str | None] = "L4.2"
    status: ClassVar[int] = 403

    def __init__(self, fields: list[str]) -> None:
        super().__init__(gettext_noop("这个接口客户端没有这些字段的权限"), fields=fields)


class TooManyCalls(MidanError):
    """`retry_after` is in seconds; the answer carries it as `Retry-After` too. `first` of its period in this process."""

    code: ClassVar[str] = "too_many_calls"
    clause: ClassVar[str | None] = "L4.2"
    status: ClassVar[int] = 429

    def __init__(self, *, period: str, limit: int, retry_after: int, first: bool) -> None:
        self.first = first
        super().__init__(
            gettext_noop("调用次数已达上限，请在 %(retry_after)s 秒后重试"),
            period=period,
            limit=limit,
            retry_after=retry_after,
        )


class KeyConflict(MidanError):
    code: ClassVar[str] = "idempotency_conflict"
    clause: ClassVar[str | None] = "L4.2"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("同一幂等键此前用于不同的内容"))
