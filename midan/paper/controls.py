"""What paper can show for clauses L6.1 and L6.2 at this moment."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import Control
from midan.catalog.rules.control import State
from midan.paper import selectors

# A sheet in a thousand may stick to another; more is a matter for the branch manager.
_TOLERATED: Final = 1_000
_OVERDUE: Final = timedelta(days=3)


def controls(today: date) -> list[Control]:  # noqa: ARG001  (every area's signature: these checks are of this moment)
    """Return the live checks."""
    now = timezone.now()
    return [_reconciled(now), _recorded(now)]


def _reconciled(now: datetime) -> Control:
    ledgers = selectors.ledgers()
    printed = sum(one.received for one in ledgers)
    open_ = [one for one in ledgers if abs(one.unexplained) * _TOLERATED > one.received]
    figures: dict[str, str | int] = {
        "branches": len(ledgers),
        "printed": printed,
        "open": len(open_),
        "difference": sum(abs(one.unexplained) for one in open_),
        "destroyed": sum(one.destroyed for one in ledgers),
    }
    if not printed:
        return _control("L6.1", "not_yet", _("尚未打印过面单，无纸可对账"), figures, now)
    if open_:
        evidence = _("%(branches)d 个网点中 %(open)d 个有差额，共 %(difference)d 张去向不明")
        return _control("L6.1", "not_yet", evidence, figures, now)
    evidence = _("%(branches)d 个网点共 %(printed)d 张面单与回单，逐张有去向；已粉碎或焚烧 %(destroyed)d 张")
    return _control("L6.1", "enforced", evidence, figures, now)


def _recorded(now: datetime) -> Control:
    witnessed, waiting, sheets = selectors.totals()
    overdue = selectors.waiting_since(now - _OVERDUE)
    figures: dict[str, str | int] = {
        "acts": witnessed,
        "waiting": waiting,
        "sheets": sheets,
        "overdue": overdue,
        "days": _OVERDUE.days,
    }
    if not witnessed:
        return _control("L6.2", "not_yet", _("尚无经见证的纸质销毁记录"), figures, now)
    if overdue:
        evidence = _("%(overdue)d 次纸质销毁超过 %(days)d 天未经见证人确认")
        return _control("L6.2", "not_yet", evidence, figures, now)
    evidence = _(
        "%(acts)d 次纸质销毁共 %(sheets)d 张，均有时间、方式、操作人和另一名见证人；%(waiting)d 次待见证"
    )
    return _control("L6.2", "enforced", evidence, figures, now)


_TITLES: Final[Mapping[str, str]] = {
    "L6.1": _("纸质面单：逐网点对账，封袋后粉碎或焚烧"),
    "L6.2": _("纸质销毁记录：两人到场，见证人本人确认"),
}


def _control(
    clause: str, state: State, evidence: str, figures: Mapping[str, str | int], now: datetime
) -> Control:
    return Control.of("paper", clause, _TITLES[clause], (state, evidence), now, **figures)
