"""The reader's words for what is kept, held and destroyed, and for what waits for a second person."""

from typing import Final

from django.utils.translation.trans_null import gettext_noop as _

RETENTION: Final = {
    "standard": _("订单中的个人信息"),
    "real_name": _("实名收寄信息"),
    "carried": _("延后的信息"),
    "carried_real_name": _("延后的实名收寄信息"),
}
HOLD: Final = {"held": _("保全"), "restricted": _("限制使用")}
SCOPE: Final = {"waybill": _("运单"), "person": _("个人"), "incident": _("事件")}
CUT: Final = {
    "whole": _("整单"),
    "sender": _("只抹除寄件人"),
    "recipient": _("只抹除收件人"),
    "identity": _("只抹除证件号码"),
}
APPROVAL: Final = {
    "destruction": _("期限之外的销毁"),
    "hold_end": _("结束一项保全"),
    "restriction_end": _("解除使用限制"),
    "key_rotation": _("换一代密钥"),
    "role_grant": _("授予岗位"),
    "policy_change": _("变更访问策略"),
    "lawful_disclosure": _("依法提供客户信息"),
    "client_scopes": _("接口代员工操作"),
    "personnel_number": _("更改人事编号"),
}
DECISION: Final = {
    "waiting": _("待审批"),
    "approved": _("已批准"),
    "refused": _("已驳回"),
    "expired": _("已过期"),
    "used": _("已执行"),
}
STEP: Final = {
    "planned": _("列出销毁对象"),
    "started": _("取得授权条目"),
    "carried": _("移出保全中与未完结的"),
    "destroyed": _("销毁密钥"),
    "ratcheted": _("更换代际密钥"),
    "swept": _("清除密文行与检索摘要"),
    "cleared": _("删除衍生文件"),
    "certified": _("出具证明"),
    "done": _("回执齐全，证明生效"),
}
RUN_BASIS: Final = {"due": _("到期销毁"), "approved": _("期限之外，须双人")}
KEEPER: Final = {"file": _("口令文件"), "split": _("分置两半"), "token": _("密码令牌")}
CERTIFICATE: Final = {"final": _("最终证明"), "pending": _("待回执")}
