"""A refusal in the reader's words: what, which clause, why, what would change it, whom to ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.selectors import clauses_by_id
from midan.ui.whys import DENIAL

_OFFICER: Final = _("隐私保护负责人")
_MANAGER: Final = _("网点负责人")
_HR: Final = _("人事")
_ADMIN: Final = _("系统管理员")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """`clause_text` is the policy's own sentence; `entry_id` the log entry that keeps the refusal."""

    why: str
    change: str
    ask: str
    clause: str
    clause_text: str
    entry_id: str
    duty: bool = False
    glass: str = ""
    device: bool = False


# reason: (what would change it, whom to ask)
_REMEDY: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "no_permit": (_("换成您工作确实需要的用途或信息项"), _OFFICER),
        "role_not_permitted": (_("由需要这项信息的岗位来查看"), _OFFICER),
        "not_at_work": (_("由人事登记在岗（授予岗位）后才能查看。"), _HR),
        "inactive": (_("人事部门重新启用账号"), _HR),
        "destroyed": (_("没有办法改变"), _OFFICER),
        "due": (_("投诉、理赔或依法调取期间另行保全"), _OFFICER),
        "restricted": (_("客户解除限制"), _OFFICER),
        "purpose_unknown": (_("选择目录内的用途"), _OFFICER),
        "purpose_not_told": (_("换成已告知的用途"), _OFFICER),
        "purpose_not_permitted": (_("换成您工作对应的用途"), _OFFICER),
        "consent_missing": (_("客户来电同意后，由客服登记"), _("客服")),
        "field_not_needed": (_("只查看这个用途需要的信息项"), _OFFICER),
        "reason_missing": (_("选择与用途相符的理由"), _MANAGER),
        "ticket_missing": (_("客户来电后先登记来电工单"), _MANAGER),
        "status_closed": (_("投诉或理赔使用各自的用途"), _OFFICER),
        "not_on_route": (_("由运单经过的网点处理"), _MANAGER),
        "not_handler": (_("扫描出仓派送后再查看"), _MANAGER),
        "virtual_number_suffices": (_("用虚拟号码拨打"), _MANAGER),
        "mask_suffices": (_("没有必要查看明文"), _OFFICER),
        "budget_spent": (_("明天零点后恢复"), _MANAGER),
        "search_not_for_post": (_("换成对您的岗位开放的查找方式"), _OFFICER),
        "field_not_opened_here": (_("证件号码只在实名查验时使用"), _OFFICER),
        "ticket_for_other_purpose": (_("按来电的事由登记工单，再按相应用途查看"), _MANAGER),
        "agreement_missing": (_("在「我的义务」签署保密协议，签完立即恢复"), _HR),
        "training_missing": (_("在「我的义务」学完课程并通过考试，立即恢复"), _HR),
        "check_missing": (_("人事登记背景审查的结果"), _HR),
        "rules_missing": (_("在「我的义务」确认行为规范，立即恢复"), _HR),
        "device_unknown": (_("登记正在用的电脑或手机：「账号安全」里的「设备」"), _ADMIN),
        "device_unhealthy": (_("看「账号安全」里这台设备哪一项不合格，改好后再报告一次，立即恢复"), _ADMIN),
        "waybill_unknown": (_("核对运单号"), _MANAGER),
        "off_shift": (_("在工作时间内查看，或请网点负责人调整您的工作时间"), _MANAGER),
        "factor_old": (_("重新确认身份后再查看"), _OFFICER),
        "factor_missing": (_("在管理台登录并确认身份后查看，程序不能代替"), _OFFICER),
        "asks_outside": (_("明天零点后恢复；今天还需要的，由网点负责人查看"), _MANAGER),
        "not_explained": (_("先完成扫描或登记来电工单，对应上的查看随即计入"), _MANAGER),
        "glass_unreviewed": (_("隐私保护负责人复核后立即恢复"), _OFFICER),
        "case_missing": (_("先申请依法提供案件，由另一人批准"), _OFFICER),
    }
)
# What the person can do themselves, at once.
_DUTIES: Final = frozenset({"agreement_missing", "training_missing", "check_missing", "rules_missing"})
_DEVICES: Final = frozenset({"device_unknown", "device_unhealthy"})
_UNKNOWN: Final = (_("说明用途后请负责人判断"), _OFFICER)


def refusal(*, reason: str, clause: str, entry_id: str, lang: str, glass: str = "") -> Refusal:
    """Return the refusal in the reader's language; `glass` is where it can be broken, '' where it cannot."""
    why = DENIAL.get(reason, _("规则不允许这次查看"))
    change, ask = _REMEDY.get(reason, _UNKNOWN)
    known = clauses_by_id().get(clause)
    text = "" if known is None else (known.en if lang == "en" else known.zh)
    return Refusal(
        why=gettext(why),
        change=gettext(change),
        ask=gettext(ask),
        clause=clause,
        clause_text=text,
        entry_id=entry_id,
        duty=reason in _DUTIES,
        glass=glass,
        device=reason in _DEVICES,
    )
