"""Words for what a browser says of itself."""

from typing import Final

from django.utils.translation.trans_null import gettext_noop as _

DEVICE: Final = {"phone": _("手机"), "tablet": _("平板"), "desk": _("电脑")}
SYSTEM: Final = {
    "harmony": "HarmonyOS",
    "android": "Android",
    "ios": "iOS",
    "windows": "Windows",
    "macos": "macOS",
    "linux": "Linux",
    "other": _("未知系统"),
}
BROWSER: Final = {
    "wechat": _("微信"),
    "edge": "Edge",
    "opera": "Opera",
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
    "other": _("未知浏览器"),
}
