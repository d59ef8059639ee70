"""Live evidence for the clauses this area carries so far; training, checks and devices come with their issues."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from allauth.mfa import app_settings as mfa
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import Control
from midan.catalog.settings import current
from midan.people import factors, selectors, sessions, tries
from midan.people.errors import MatrixUnsound
from midan.people.leaving.expiry import dormant_count, overdue_count
from midan.people.leaving.selectors import departures, left_without_departure
from midan.people.ownership.rules import AssetKind, wanted
from midan.people.ownership.selectors import without_owner
from midan.people.posts.selectors import matrix, reviews, standing_conflicts, wrong_postings
from midan.people.rules import TRIES, lock_minutes

# 等保 8.1.4.2 c asks that accounts nobody needs any more be closed; a quarter is the company's number.
_UNUSED: Final = timedelta(days=90)
_DOOR: Final = "midan.config.middleware.SecondFactorFirst"
_SESSION_DOOR: Final = "midan.config.sessions.LiveSessions"
# 等保 8.1.4.1 b names no numbers: these minutes are what assessors look for.
_IDLE: Final = 10
_LOCK: Final = 5
# Too short; long and known to everybody: each must be refused.
_WEAK: Final = ("Kq7!x", "password1234", "qwerty123456")
_control = partial(Control.of, "people")


def controls(today: date) -> list[Control]:  # noqa: ARG001  every area has this signature
    """Return what the register of people shows now."""
    now = timezone.now()
    return [_one_post(now), _second_factor(now), _sessions(now), _apart(now), _leavers(now), _owners(now)]


def _one_post(now: datetime) -> Control:
    title = _("一人一岗：每个账号只有一个岗位、一个网点")
    by_role = selectors.active_by_role()
    figures = {
        "people": sum(by_role.values()),
        "roles": len(by_role),
        "closed": selectors.inactive_count(),
        "unused": selectors.unused_count(since=now - _UNUSED),
        "days": _UNUSED.days,
    }
    if not by_role:
        return _control("L2.2", title, ("not_yet", _("尚未登记员工")), now)
    if figures["unused"]:
        text = _(
            "%(people)d 个在用账号中，%(unused)d 个有登录口令却 %(days)d 天没有登录：不再需要的权限没有收回"
        )
        return _control("L2.2", title, ("not_yet", text), now, **figures)
    text = _(
        "%(people)d 个在用账号，%(roles)d 种岗位；已停用 %(closed)d 个；没有闲置超过 %(days)d 天的登录账号"
    )
    return _control("L2.2", title, ("enforced", text), now, **figures)


def _second_factor(now: datetime) -> Control:
    """Hold while the door stands in front of every page, weak passwords are refused, and no secret lies readable."""
    title = _("没有第二因素的登录只能打开设置第二因素的页面；口令 12 位以上，或 10 位且不易猜到")
    people = sum(selectors.active_by_role().values())
    if not people:
        return _control("T3", title, ("not_yet", _("尚未登记员工")), now)
    figures = {
        "people": people,
        "enrolled": factors.enrolled_count(),
        "weak": sum(_accepted(password) for password in _WEAK),
        "readable": selectors.readable_passwords() + factors.readable_secrets(),
        "doors": settings.MIDDLEWARE.count(_DOOR),
    }
    whole = figures["doors"] and not figures["weak"] and not figures["readable"]
    text = _(
        "在用账号 %(people)d 个，已设置第二因素 %(enrolled)d 个；页面前的第二因素关卡 %(doors)d 道；"
        "刚试 3 个弱口令，放行 %(weak)d 个；未按要求加密保存的口令与密钥 %(readable)d 个"
    )
    return _control("T3", title, ("enforced" if whole else "not_yet", text), now, **figures)


def _sessions(now: datetime) -> Control:
    """Hold while every request passes the door of sessions, their limits are those assessors look for, tries lock."""
    title = _("登录会话有时限、每类设备只一处、换设备即断；试错五次即锁定；通行密钥只认本公司网址")
    chosen = current().sign_in
    figures = {
        "live": len(sessions.live()),
        "idle": chosen.idle_minutes,
        "hours": chosen.session_hours,
        "tries": TRIES,
        "minutes": lock_minutes(TRIES),
        "locked": tries.locked_count(now=now),
        "passkeys": factors.passkey_count(),
        "doors": settings.MIDDLEWARE.count(_SESSION_DOOR),
    }
    text = _(
        "会话关卡 %(doors)d 道；现有登录 %(live)d 处，%(idle)d 分钟不操作或满 %(hours)d 小时退出；"
        "试错 %(tries)d 次锁 %(minutes)d 分钟起，现锁定 %(locked)d 个名称；已登记通行密钥 %(passkeys)d 个"
    )
    strict = chosen.idle_minutes <= _IDLE and not mfa.WEBAUTHN_ALLOW_INSECURE_ORIGIN
    whole = figures["doors"] and strict and lock_minutes(TRIES) >= _LOCK
    return _control("T3", title, ("enforced" if whole else "not_yet", text), now, **figures)


def _apart(now: datetime) -> Control:
    """Hold while the matrix can be read, nobody holds two posts it keeps apart, and every post was given by a grant."""
    title = _("岗位分离：冲突的岗位不由一人担任，本网点的岗位授予须两人")
    if not selectors.active_by_role():
        return _control("M1", title, ("not_yet", _("尚未登记员工")), now)
    try:
        rows, standing = len(matrix()), len(standing_conflicts(now=now))
    except MatrixUnsound:
        return _control("M1", title, ("not_yet", _("岗位冲突表有误，暂不授予任何岗位")), now)
    figures = {"rows": rows, "standing": standing, "astray": len(wrong_postings())}
    whole = not standing and not figures["astray"]
    text = _("冲突表 %(rows)d 行，授予时逐行核对；现有冲突 %(standing)d 处，岗位与授予记录不符 %(astray)d 人")
    return _control("M1", title, ("enforced" if whole else "not_yet", text), now, **figures)


def _leavers(now: datetime) -> Control:
    """Hold while the check finds nothing open of anybody who has gone, no account sleeps open, and posts are looked over."""
    title = _("离职清理：一次操作收回全部权限，再逐项核查没有遗留")
    if not selectors.active_by_role():
        return _control("M5", title, ("not_yet", _("尚未登记员工")), now)
    gone = [view for view in departures(now=now) if view.closed_at is not None]
    figures = {
        "gone": len(gone),
        "open": sum(not view.clean for view in gone) + left_without_departure(),
        "overdue": overdue_count(now=now),
        "dormant": dormant_count(now=now),
        "due": sum(row.due for row in reviews(now=now)),
    }
    whole = not (figures["open"] or figures["overdue"] or figures["dormant"] or figures["due"])
    text = _(
        "已离职 %(gone)d 人，刚逐项核查，有遗留 %(open)d 人；最后工作日或合同已过仍未关闭的账号 %(overdue)d 个；"
        "闲置 30 天未休眠的账号 %(dormant)d 个；超过 90 天未复核的权限 %(due)d 人"
    )
    return _control("M5", title, ("enforced" if whole else "not_yet", text), now, **figures)


def _owners(now: datetime) -> Control:
    """Hold while somebody at work answers for every field of the catalogue, every system and every use."""
    title = _("权责一致：每项信息、每个系统、每种用途都有具名责任人")
    missing = without_owner()
    figures = {f"{kind}s": len(wanted(kind)) for kind in AssetKind} | {"missing": len(missing)}
    text = _("信息 %(assets)d 项、系统 %(systems)d 个、用途 %(uses)d 种；没有在岗责任人的 %(missing)d 项")
    return _control("G4", title, ("not_yet" if missing else "enforced", text), now, **figures)


def _accepted(password: str) -> bool:
    try:
        validate_password(password)
    except ValidationError:
        return False
    return True
