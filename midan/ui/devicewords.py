"""The reader's words for devices and for each point of their health."""

from typing import Final

from django.utils.translation.trans_null import gettext_noop as _

DEVICE_KIND: Final = {
    "computer": _("电脑"),
    "phone": _("手机或平板"),
    "invented": _("演示设备"),
}
POINT: Final = {
    "report": _("健康报告"),
    "passkey": _("登记时的通行密钥"),
    "patches": _("系统补丁"),
    "disk": _("磁盘加密"),
    "antivirus": _("防病毒"),
    "antivirus_data": _("病毒库"),
    "screen_lock": _("自动锁屏"),
    "firewall": _("防火墙"),
    "agent": _("检查程序"),
}
HEALTH: Final = {"green": _("合格"), "amber": _("快到期"), "red": _("不合格")}
SWITCH: Final = {"on": _("已开启"), "off": _("没有开启"), "unknown": _("查不到（没有安装，或权限不足）")}
# What would mend it.
MEND: Final = {
    "report": _("运行 midan device report"),
    "passkey": _("登记时的通行密钥已移除：注销后重新登记"),
    "patches": _("安装系统更新"),
    "disk": _("开启 LUKS、BitLocker 或 FileVault"),
    "antivirus": _("开启 ClamAV 守护进程、Windows Defender 或 Gatekeeper"),
    "antivirus_data": _("更新病毒库"),
    "screen_lock": _("设置 15 分钟内自动锁屏并要求密码"),
    "firewall": _("开启防火墙"),
    "agent": _("更新检查程序"),
}
