"""The reader's words for people: states, reasons, carriers, what is left open."""

from typing import Final

from django.utils.translation.trans_null import gettext_noop as _

EMPLOYMENT: Final = {
    "joining": _("待入职"),
    "active": _("在岗"),
    "on_leave": _("休假"),
    "leaving": _("离职中"),
    "left": _("已离职"),
}
GRANT: Final = {
    "hired": _("新入职"),
    "moved": _("调岗"),
    "returned": _("休假归来"),
    "woken": _("唤醒休眠账号"),
    "post_corrected": _("更正岗位"),
}
PERSONNEL: Final = {"file_corrected": _("更正人事档案")}
LEAVING: Final = {
    "resigned": _("辞职"),
    "dismissed": _("解除合同"),
    "contract_ended": _("合同到期"),
    "retired": _("退休"),
}
REMINDER: Final = {"signed": _("本人在系统内签署"), "on_paper": _("纸质签署"), "refused": _("拒绝签署")}
CARRIER: Final = {
    "paper": _("纸质面单与单据"),
    "scanner": _("手持扫描终端"),
    "phone": _("工作手机"),
    "computer": _("工作电脑"),
    "storage": _("U 盘等存储介质"),
    "keys": _("钥匙与门禁卡"),
}
CARRIER_STATE: Final = {"out": _("未交回"), "back": _("已交回"), "never_lent": _("从未领用")}
LEFT_OPEN: Final = {
    "account": _("账号未关闭"),
    "password": _("口令仍可用"),
    "sessions": _("登录会话"),
    "tokens": _("接口令牌"),
    "factors": _("第二因素"),
    "devices": _("登记的设备"),
    "post": _("岗位未收回"),
    "requests": _("待批申请"),
    "ownership": _("名下的资产责任"),
    "carriers": _("载体未交回"),
    "reminder": _("保密提醒未签"),
}
WEEKDAY: Final = {
    "0": _("周一"),
    "1": _("周二"),
    "2": _("周三"),
    "3": _("周四"),
    "4": _("周五"),
    "5": _("周六"),
    "6": _("周日"),
}
BRANCH_KIND: Final = {"own": _("直营"), "franchise": _("加盟"), "station": _("驿站")}
ASSET_KIND: Final = {"asset": _("信息"), "system": _("系统"), "use": _("用途")}
# Why a row of a staff list is refused.
ROSTER: Final = {
    "row_duplicate": _("文件内重复"),
    "name_taken": _("用户名已被使用"),
    "unknown_branch": _("没有这个网点"),
    "unknown_role": _("没有这个岗位"),
    "missing_value": _("没有填写"),
    "too_long": _("太长"),
    "bad_date": _("不是日期（写成 2027-06-30）"),
    "bad_value": _("含不能用的字符"),
    "post_conflict": _("与此人的另一岗位冲突"),
}
ROSTER_COLUMN: Final = {
    "username": _("用户名"),
    "display_name": _("姓名"),
    "role": _("岗位"),
    "branch": _("网点"),
    "hr_no": _("人事编号"),
    "contract_ends": _("合同到期日"),
}
