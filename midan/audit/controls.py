"""What the log can show for clauses L2.3 and T4 at this moment."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.audit import selectors
from midan.catalog.rules import Control, Found

_ZONE = ZoneInfo("Asia/Shanghai")
_FRESH = timedelta(days=1)
_Figures = Mapping[str, str | int]
_control = partial(Control.of, "audit")


def controls(today: date) -> list[Control]:
    """Return the live checks; 'proved' only while the newest full check is good and younger than a day."""
    now = timezone.now()
    # Reports for a past or a planned day judge freshness at that day's end, never by a later check.
    moment = min(now, datetime.combine(today + timedelta(days=1), datetime.min.time(), _ZONE))
    return [_logged(moment), _provable(moment)]


def _logged(moment: datetime) -> Control:
    title = _("访问日志与审计：每次查看、检索与变更都先入日志")
    count = selectors.total()
    checked = selectors.last_verification()
    if not count:
        return _control("L2.3", title, ("not_yet", _("日志中还没有条目")), moment)
    if checked is None:
        found: Found = ("enforced", _("已记录 %(entries)d 条，尚未做过全量校验"))
        return _control("L2.3", title, found, moment, entries=count)
    return _control("L2.3", title, _by_verification(checked, moment), moment, **_figures(count, checked))


def _provable(moment: datetime) -> Control:
    title = _("安全审计：只增不改、可由外部核验的审计日志")
    head = selectors.checkpoint()
    checked = selectors.last_verification()
    if head is None:
        return _control("T4", title, ("not_yet", _("日志还没有签名的检查点")), moment)
    if checked is None:
        found: Found = ("enforced", _("检查点覆盖 %(signed)d 条，尚未做过全量校验"))
        return _control("T4", title, found, moment, signed=head.size)
    figures = _figures(selectors.total(), checked)
    return _control("T4", title, _by_verification(checked, moment), moment, **figures)


def _by_verification(checked: selectors.VerificationView, moment: datetime) -> Found:
    if not checked.ok:
        return "not_yet", _("最近一次全量校验（%(at)s）不通过：%(reason)s，首个异常序号 %(first_bad)s")
    if not timedelta(0) <= moment - checked.at <= _FRESH:
        return "enforced", _("已记录 %(entries)d 条；最近一次全量校验通过于 %(at)s，不在一天之内")
    return "proved", _("已记录 %(entries)d 条；%(at)s 全量校验 %(size)d 条，全部相符")


def _figures(count: int, checked: selectors.VerificationView) -> _Figures:
    return {
        "entries": count,
        "size": checked.size,
        "at": checked.at.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M"),
        "reason": checked.reason,
        "first_bad": "-" if checked.first_bad is None else checked.first_bad,
    }
