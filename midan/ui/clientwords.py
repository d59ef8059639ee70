"""The reader's words for what an API client may do, and for what is wrong with one."""

from typing import Final

from django.utils.translation.trans_null import gettext_noop as _

CLIENT_SCOPE: Final = {
    "waybills:write": _("提交订单"),
    "waybills:read": _("读取运单（已遮盖）"),
    "waybills:search": _("代员工查找运单"),
    "waybills:scan": _("代员工记录扫描"),
    "waybills:contact": _("代员工拨打虚拟号"),
    "waybills:label": _("打印面单"),
    "waybills:reveal": _("代员工查看明文"),
    "waybills:real-name": _("代员工登记实名查验"),
    "audit:read": _("读取日志校验块"),
}
# Why a client is not made or changed, or a certificate does not pass.
CLIENT: Final = {
    "client_name": _("名称为空、过长或已被使用"),
    "client_branch": _("没有这个网点"),
    "client_networks": _("地址段写法不对，或超过 32 个"),
    "client_certificates": _("证书不是 PEM，指纹不对，或超过 8 份"),
    "client_per_minute": _("每分钟次数不对"),
    "client_per_day": _("每天次数不对"),
    "client_fields": _("没有这样的字段"),
    "client_hours": _("并行时长不在可选之列"),
    "client_scopes": _("没有可申请的权限"),
    "client_two_persons": _("代员工操作的权限须另一人批准"),
    "certificate_needed": _("没有出示证书"),
    "certificate_other": _("令牌绑定的是另一份证书"),
    "certificate_withdrawn": _("这份证书已被移除"),
    "certificate_unproved": _("证书不是由本公司的代理转来"),
    "certificate_unreadable": _("证书无法读取"),
    "certificate_expired": _("证书不在有效期内"),
}
