"""The reader's words for what a person owes before they see a customer's information."""

from typing import Final

from django.utils.translation.trans_null import gettext_noop as _

DUTY: Final = {
    "agreement": _("保密协议"),
    "training": _("培训与考试"),
    "check": _("背景审查"),
    "rules": _("行为规范"),
}
LIGHT: Final = {"green": _("已完成"), "amber": _("即将到期"), "red": _("未完成")}
RESULT: Final = {"": _("等待结果"), "passed": _("通过"), "failed": _("不通过")}
