"""Clause T2 where staff sign in."""

from base64 import b32encode
from typing import Final

from allauth.mfa.totp.internal.auth import hotp_value
from django.contrib.auth.hashers import get_hasher
from django.core.signing import Signer
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import Algorithm
from midan.people import factors, selectors

# RFC 4226 appendix D: what HMAC-SHA-1 gives for this secret and counter 0, before it is cut to six digits.
_SECRET: Final = b32encode(b"12345678901234567890").decode()
_SHA1: Final = 1_284_755_224
_DIGITS: Final = 10**6


def algorithms() -> list[Algorithm]:
    """Return what sign-in uses: asked of the libraries as they are configured, or tried."""
    return [_passwords(), _codes(), _kept(), _signed()]


def _passwords() -> Algorithm:
    people = sum(selectors.active_by_role().values())
    note = _(
        "按口令散列的通行做法，要足够慢；国密没有这样的算法。%(people)d 个在用账号，%(readable)d 个不是这样保存"
    )
    figures = {"people": people, "readable": selectors.readable_passwords()}
    name = str(get_hasher().algorithm).capitalize()
    return Algorithm.of("people", _("登录口令的散列"), name, "other", note, **figures)


def _codes() -> Algorithm:
    known = hotp_value(_SECRET, 0) % _DIGITS == _SHA1 % _DIGITS
    name, note = (
        "HMAC-SHA-1",
        _("手机验证器通用的标准（RFC 6238）只有 SHA 系列；刚用公开测试向量核对过。%(people)d 人在用"),
    )
    if not known:
        name, note = "", _("动态口令与公开测试向量不符，算法不明")
    people = factors.enrolled_count()
    return Algorithm.of("people", _("动态口令"), name, "other" if known else "unseen", note, people=people)


def _kept() -> Algorithm:
    readable = factors.readable_secrets()
    part = _("第二因素的密钥与登录会话的保存")
    if readable:
        return Algorithm.of("people", part, "", "other", _("有 %(readable)d 项没有加密"), readable=readable)
    return Algorithm.of("people", part, "SM4-GCM", "national", _("密钥在数据库之外的密钥文件里"))


def _signed() -> Algorithm:
    name = f"HMAC-{Signer().algorithm.replace('sha', 'SHA-')}"
    return Algorithm.of(
        "people", _("页面提示与表单标记的签名"), name, "other", _("由网页框架完成，不含客户信息")
    )
