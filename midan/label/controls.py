"""What labels can show for clauses T1 and B2 at this moment: the rule is tried anew on labels printed last."""

from datetime import date
from functools import partial

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import Control
from midan.core.errors import MidanError
from midan.label import selectors
from midan.label.services import self_check

_SAMPLE = 100
_masked = partial(
    Control.of, "label", "T1", _("隐私面单：姓名、电话、地址隐藏后才能打印，证件号码与物品名称不上面单")
)
_sorted = partial(Control.of, "label", "B2", _("分拣依面单上的分拣码与条码，不接触客户信息"))


def controls(today: date) -> list[Control]:  # noqa: ARG001  (every area's signature: these checks are of this moment)
    """Return the live checks. A vault that is locked cannot be checked: then the evidence says so."""
    now = timezone.now()
    labels, reprints = selectors.totals()
    if not labels:
        nothing = _("尚未打印过面单")
        return [_masked(("not_yet", nothing), now), _sorted(("not_yet", nothing), now)]
    figures: dict[str, str | int] = {"labels": labels, "reprints": reprints}
    try:
        found = self_check(sample=_SAMPLE, now=now)
    except MidanError as error:
        unseen = _("已打印 %(labels)d 张；此刻无法自查：%(code)s")
        figures["code"] = error.code
        return [_masked(("not_yet", unseen), now, **figures), _sorted(("not_yet", unseen), now, **figures)]
    figures |= {"checked": found.checked, "refused": found.refused, "sortable": found.sortable}
    bad = _("已打印 %(labels)d 张；抽查最近 %(checked)d 张，有 %(refused)d 张不符合规则")
    good = _(
        "已打印 %(labels)d 张（补打 %(reprints)d 张，均有原因）；刚抽查最近 %(checked)d 张，全部符合隐私面单规则"
    )
    routed = _("抽查最近 %(checked)d 张面单，%(sortable)d 张带有分拣码，分拣时不需要阅读地址")
    return [
        _masked(("not_yet", bad), now, **figures)
        if found.refused
        else _masked(("enforced", good), now, **figures),
        _sorted(("enforced" if found.sortable else "not_yet", routed), now, **figures),
    ]
