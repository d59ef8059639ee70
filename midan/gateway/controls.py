"""What the API can show for clauses L4.1, L4.2 and T2 at this moment: its doors are tried, its clients counted."""

from datetime import date, datetime
from functools import partial
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import Control
from midan.gateway import selectors
from midan.review.stranger import addresses, status_of

_PREFIX: Final = "api/v1/"
# The description of the API, and the door at which tokens are given out for a client's secret.
_PUBLIC: Final = frozenset({"openapi-json", "api-root"})
_METHODS: Final = ("GET", "POST")
_control = partial(Control.of, "gateway")


def controls(today: date) -> list[Control]:  # noqa: ARG001  every area has this signature
    """Return the live checks."""
    now = timezone.now()
    return [_authenticated(now), _limited(now), _encrypted(now), _algorithms(now)]


def _authenticated(now: datetime) -> Control:
    title = _("接口认证：没有有效令牌或登录的请求一律拒绝")
    paths = [path for name, path in addresses(_PREFIX) if name not in _PUBLIC]
    opened = sum(status_of(path, method=method) < 400 for path in paths for method in _METHODS)
    clients = [client for client in selectors.clients() if client.active]
    figures = {
        "paths": len(paths),
        "opened": opened,
        "clients": len(clients),
        "reveal": sum("waybills:reveal" in client.scopes for client in clients),
        "readable": selectors.readable_tokens(),
    }
    text = _(
        "刚以陌生人身份试探 %(paths)d 个接口地址，放行 %(opened)d 个；明文保存的令牌 %(readable)d 个；"
        "在用客户端 %(clients)d 个，其中 %(reveal)d 个可以代具名员工申请查看明文（网点岗位，按该员工的权限判断并记在其名下）"
    )
    whole = not opened and not figures["readable"]
    return _control("L4.2", title, ("enforced" if whole else "not_yet", text), now, **figures)


def _limited(now: datetime) -> Control:
    title = _("接口授权：每个客户端限定权限、字段、来处与次数")
    clients = [client for client in selectors.clients() if client.active]
    unlimited = sum(client.limits.per_minute is None or client.limits.per_day is None for client in clients)
    figures = {
        "clients": len(clients),
        "unlimited": unlimited,
        "ranges": sum(bool(client.limits.networks) for client in clients),
        "certificates": sum(bool(client.limits.certificates) for client in clients),
        "overlapping": sum(
            client.former_until is not None and client.former_until > now for client in clients
        ),
    }
    text = _(
        "在用客户端 %(clients)d 个：没有调用限额的 %(unlimited)d 个，限定地址段的 %(ranges)d 个，"
        "令牌绑定证书的 %(certificates)d 个，新旧密钥并行的 %(overlapping)d 个"
    )
    return _control("L4.2", title, ("not_yet" if unlimited else "enforced", text), now, **figures)


def _encrypted(now: datetime) -> Control:
    title = _("加密传输：只接受 HTTPS")
    secure = settings.SITE_BASE_URL.startswith("https://") and settings.SESSION_COOKIE_SECURE
    if not secure:
        text = _("本系统的地址不是 HTTPS：只适合在本机试用")
        return _control("L4.1", title, ("not_yet", text), now)
    if not (settings.SECURE_SSL_REDIRECT and settings.SECURE_HSTS_SECONDS):
        text = _("本系统的地址是 HTTPS，会话标识只经 HTTPS 发送；拒绝明文请求由前置代理配置，本系统看不到")
        return _control("L4.1", title, ("not_yet", text), now)
    text = _("本系统的地址是 HTTPS，明文请求一律转到 HTTPS，浏览器被要求只用 HTTPS")
    return _control("L4.1", title, ("enforced", text), now)


def _algorithms(now: datetime) -> Control:
    """Tell what cannot be seen from here: whose ciphers the connections use."""
    title = _("传输用国密算法")
    text = _("浏览器与接口的传输加密由前置代理完成，本系统看不到其算法；请另行出具代理的国密 TLS 配置")
    return _control("T2", title, ("not_yet", text), now)
