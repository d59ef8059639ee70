"""Clause T2 at the doors: tokens, client secrets, and the way there."""

from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import Algorithm
from midan.gateway import once, selectors


def algorithms() -> list[Algorithm]:
    """Return what guards tokens and secrets of clients, and what is known of the transport."""
    tokens = _("表中只有令牌的校验值，没有令牌；由 OAuth 组件规定")
    secrets = _("与登录口令相同；国密没有这样的算法")
    return [
        Algorithm.of(
            "gateway", _("接口令牌的校验值"), selectors.CHECKSUM.replace("sha", "SHA-"), "other", tokens
        ),
        Algorithm.of(
            "gateway", _("接口客户端密钥的散列"), str(get_hasher().algorithm).capitalize(), "other", secrets
        ),
        Algorithm.of(
            "gateway",
            _("幂等键与请求体的校验值"),
            f"HMAC-{once.ALGORITHM.replace('sha', 'SHA-')}",
            "other",
            _("表中只有带密钥的校验值，24 小时后删除；由 Web 框架规定"),
        ),
        Algorithm.of(
            "gateway", _("客户端证书的指纹"), "SHA-256", "other", _("由 RFC 8705 规定，令牌据此绑定证书")
        ),
        _transport(),
    ]


def _transport() -> Algorithm:
    part = _("浏览器与接口的传输")
    if not settings.SITE_BASE_URL.startswith("https://"):
        return Algorithm.of(
            "gateway", part, "", "other", _("本系统的地址不是 HTTPS：没有加密，只适合在本机试用")
        )
    note = _("由前置代理完成，本系统看不到其算法；请另行出具代理的国密 TLS 配置")
    return Algorithm.of("gateway", part, "TLS", "unseen", note)
