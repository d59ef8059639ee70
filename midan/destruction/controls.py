"""What destruction can show for clauses L2.4, L6.1 and L6.2 at this moment. Never green without something done."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.audit import keys
from midan.catalog.rules import Control, State
from midan.catalog.settings import current
from midan.core.certificate import read
from midan.core.errors import MidanError
from midan.destruction import selectors
from midan.destruction.rules.runs import RunView
from midan.vault.keeping import selectors as keeping
from midan.vault.selectors import epochs, parts_of

# The daily run has a day; what is still there after two is a failure.
_GRACE: Final = timedelta(days=2)
_CHECKED: Final = 20
_HALF_A_DAY: Final = timedelta(hours=12)


def controls(today: date) -> list[Control]:
    """Return the live checks: counted and verified now, from the tables and the newest certificates."""
    return [_necessary(today), _destroyed(), _recorded(), _drilled("L6.1"), _drilled("L2.3")]


def _necessary(today: date) -> Control:
    """L2.4: lengths below the cap, and nothing that is past its day and may go is still there."""
    plan = selectors.due_plan(today)
    late = [epoch for epoch in plan.epochs if today - epoch.due > _GRACE and epoch.destroyable]
    over = [kept for kept in keeping.lengths() if kept.days + kept.settle_days > kept.cap_days]
    live = [epoch for epoch in epochs() if not epoch.destroyed]
    figures: dict[str, str | int] = {
        "live": len(live),
        "due": len(plan.epochs),
        "late": len(late),
        "held": sum(epoch.held for epoch in (*plan.epochs, *plan.waiting)),
        "stragglers": sum(epoch.stragglers for epoch in (*plan.epochs, *plan.waiting)),
        "lengths": "、".join(f"{kept.days}+{kept.settle_days}/{kept.cap_days}" for kept in keeping.lengths()),
    }
    state: State = "not_yet" if late or over or not live else "enforced"
    return _control(
        "L2.4",
        state,
        _("存限必要：每类信息有期限和上限，期满次日自动销毁，保全须双人结束"),
        _(
            "现行期限（天数+了结期/上限）%(lengths)s；%(live)d 个有效密钥期，已到期待销毁 %(due)d 个，"
            "逾期两天以上 %(late)d 个；到期信息中保全 %(held)d 单、未完结 %(stragglers)d 单"
        ),
        figures,
    )


def _destroyed() -> Control:
    """L6.1: of the newest finished run nothing opens and no row is left."""
    title = _("规范销毁：销毁密钥并更换上一代密钥，密文行与检索摘要随后清除")
    last = selectors.last_finished()
    if last is None:
        return _control("L6.1", "not_yet", title, _("尚未销毁过任何信息，没有可验证的证据"), {})
    left = _left(last)
    figures: dict[str, str | int] = {
        "run": last.code,
        "records": last.destroyed,
        "left": left,
        "classes": "、".join(sorted({one.kind for one in keeping.receipts(below=last.generation)})) or "—",
    }
    evidence = _(
        "最近一次销毁 %(run)s：%(records)d 单，刚查得残留密文 %(left)d 项；密钥保管处类别 %(classes)s"
    )
    return _control("L6.1", "not_yet" if left else "enforced", title, evidence, figures)


def _left(run: RunView) -> int:
    """Return how many of a run's targets still have a sealed row."""
    numbers = [epoch.number for epoch in run.epochs]
    rows = sum(keeping.record_counts(numbers).values())
    cut = {(one.epoch, one.record_no): one.part for one in run.erased}
    for epoch, leaf, part in parts_of([one.seq for one in run.erased]):
        erased = cut.get((epoch, leaf // 4))
        rows += erased is not None and erased in {"whole", part.name.lower()}
    return rows


def _recorded() -> Control:
    """L6.2: the newest certificates verify now, offline, and every finished run has one."""
    title = _("销毁记录：每次销毁出具签名证明，写明时间、方式、责任人")
    finished, final, pending = selectors.totals()
    newest = selectors.certificates(limit=_CHECKED)
    bad = sum(not _holds(view.number) for view in newest)
    figures: dict[str, str | int] = {
        "finished": finished,
        "final": final,
        "pending": pending,
        "checked": len(newest),
        "bad": bad,
    }
    if not newest:
        return _control("L6.2", "not_yet", title, _("尚未销毁过任何信息，没有证明可核对"), figures)
    evidence = _(
        "已完成 %(finished)d 次销毁，最终证明 %(final)d 份，待回执 %(pending)d 份；刚离线核对最近 %(checked)d 份"
        "（签名、日志条目、检查点），不成立 %(bad)d 份"
    )
    state: State = "not_yet" if bad or final < finished else "proved"
    return _control("L6.2", state, title, evidence, figures)


def _drilled(clause: str) -> Control:
    """L6.1 and L2.3: old backups with every key of today bring back what lives, and nothing that was destroyed."""
    title = _("复活演练：用旧备份和现行全部密钥，已销毁的一条也恢复不出，在用的全部可读")
    last = selectors.last_drill()
    if last is None:
        return _control(clause, "not_yet", title, _("还没有做过复活演练"), {})
    totals, now = last.totals, timezone.now()
    figures: dict[str, str | int] = {
        "drill": last.code,
        "at": timezone.localtime(last.at).strftime("%Y-%m-%d %H:%M"),
        "reason": last.reason,
        "certificates": len(last.tried),
        "days": current().drill_days,
        "guesses": totals.get("guesses", 0),
        "shredded": totals.get("shredded", 0),
        "opened": totals.get("shredded_opened", 0),
        "live": totals.get("live", 0),
        "live_opened": totals.get("live_opened", 0),
        "found": totals.get("found", 0),
    }
    if not last.ok:
        return _control(
            clause, "not_yet", title, _("%(at)s 的复活演练 %(drill)s 未通过：%(reason)s"), figures
        )
    evidence = _(
        "%(at)s 演练 %(drill)s，涉及销毁证明 %(certificates)d 份：已销毁分项试开 %(shredded)d 个，打开 %(opened)d 个；"
        "在用分项 %(live)d 个，打开 %(live_opened)d 个；猜号 %(guesses)d 次；全部原始字节中找到 %(found)d 处。"
        "应每 %(days)d 天一次"
    )
    # Without anything destroyed in the sets nothing was shown about destruction.
    shown = clause == "L2.3" or totals.get("shredded", 0) > 0
    lately = now - last.at <= timedelta(days=current().drill_days) + _HALF_A_DAY
    return _control(clause, "proved" if lately and shown else "not_yet", title, evidence, figures)


def _holds(number: str) -> bool:
    try:
        read(selectors.certificate(number), trusted=keys.verifier())
    except MidanError:
        return False
    return True


def _control(
    clause: str, state: State, title: str, evidence: str, figures: Mapping[str, str | int]
) -> Control:
    return Control.of("destruction", clause, title, (state, evidence), timezone.now(), **figures)
