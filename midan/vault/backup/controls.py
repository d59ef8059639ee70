"""What backup can show for clause L2.3 at this moment: the newest set and the last drill, by their dates."""

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import Control
from midan.catalog.rules.control import State
from midan.catalog.settings import current
from midan.vault.backup import selectors

_LATE: Final = timedelta(hours=12)


def controls() -> list[Control]:
    """Return the live checks of backup and restore."""
    now = timezone.now()
    return [_made(now), _drilled(now)]


def drilled_lately(now: datetime) -> bool:
    """Return whether the last drill went well and is not older than drills may be."""
    last = selectors.last_drill()
    return bool(last and last.ok and now - last.at <= timedelta(days=current().drill_days) + _LATE)


def _made(now: datetime) -> Control:
    title = _("定期备份：密封的备份集按期生成，到期移除")
    found = [view for view in selectors.sets() if view.path.is_dir()]
    figures: dict[str, str | int] = {"sets": len(found), "days": current().backup_days}
    if not found:
        return _control("not_yet", title, _("还没有可用的备份"), figures)
    newest = found[0]
    figures |= {
        "made": _day(newest.created_at),
        "rows": newest.rows,
        "megabytes": round(newest.bytes / 1e6),
        "until": _day(min(view.life_until for view in found)),
    }
    evidence = _(
        "最新备份 %(made)s，%(rows)d 行，%(megabytes)d MB；在册 %(sets)d 套，最早一套保存到 %(until)s；"
        "应每 %(days)d 天一次。备份中没有密钥状态与检索摘要"
    )
    lately = now - newest.created_at <= timedelta(days=current().backup_days) + _LATE
    return _control("enforced" if lately else "not_yet", title, evidence, figures)


def _drilled(now: datetime) -> Control:
    title = _("恢复演练：把最新备份恢复到隔离处并逐项核对")
    last = selectors.last_drill()
    if last is None:
        return _control("not_yet", title, _("还没有做过恢复演练"), {})
    figures: dict[str, str | int] = {
        "at": _day(last.at),
        "rows": last.rows,
        "destroyed": last.destroyed,
        "sample": last.sample,
        "seconds": round(last.seconds),
        "days": current().drill_days,
        "reason": last.reason,
    }
    if not last.ok:
        return _control("not_yet", title, _("%(at)s 的恢复演练未通过：%(reason)s"), figures)
    evidence = _(
        "%(at)s 演练：%(rows)d 行与清单一致，日志核验通过，抽开 %(sample)d 个分项；"
        "密钥已销毁而不再恢复的记录 %(destroyed)d 条；用时 %(seconds)d 秒。应每 %(days)d 天一次"
    )
    return _control("proved" if drilled_lately(now) else "not_yet", title, evidence, figures)


def _day(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


def _control(state: State, title: str, evidence: str, figures: dict[str, str | int]) -> Control:
    return Control.of("vault", "L2.3", title, (state, evidence), timezone.now(), **figures)
