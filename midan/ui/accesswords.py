"""The reader's words for broken glass, cases of lawful disclosure, and changes of the policies."""

from typing import Final

from django.utils.translation.trans_null import gettext_noop as _

GLASS: Final = {
    "person_at_risk": _("有人身安全之虞"),
    "goods_at_risk": _("危险品或急需物品"),
    "customer_waits": _("客户正在等，来不及走正常手续"),
    "system_fault": _("扫描或工单系统故障"),
}
FINDING: Final = {"justified": _("有正当理由"), "not_justified": _("没有正当理由")}
CASE: Final = {
    "waiting": _("待另一人批准"),
    "live": _("有效"),
    "ended": _("已结束"),
    "refused": _("未获批准"),
}
LIMIT: Final = {
    "strangers": _("未登记的岗位也能查看"),
    "outsiders": _("与运单无关的网点人员也能查看"),
    "unlimited": _("额度用完仍能查看"),
    "untold": _("没有告知的用途也能查看"),
    "unagreed": _("没有同意的可选用途也能查看"),
    "uncovered": _("没有案件也能依法提供"),
    "machines": _("客户端自身也能查看"),
}
