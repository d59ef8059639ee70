"""What this area refuses.

MidanError
└── DeviceError
    ├── DeviceDenied      this post does not keep the register, or the device is somebody else's
    ├── CodeSpent         the one-time code was used, has run out, or never was
    ├── AddressSpent      so of the one-time address that binds a browser
    ├── UnknownDevice     no device has this number
    ├── DeviceRevoked     it was taken off the register; it never comes back
    ├── KeyKnown          the key belongs to a device already
    ├── ClockOff          the report's time is more than ten minutes off
    ├── Replayed          the counter did not rise
    ├── TooManyReports    more reports in an hour than a computer has to say
    ├── PhoneNeedsPasskey the session was not opened with a passkey a moment ago, or is on no phone
    ├── BadDevice         a name or branch that cannot be
    └── PostureUnsound    policy/posture.toml is wrong; `at` says where
"""

from typing import ClassVar

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError


class DeviceError(MidanError):
    code: ClassVar[str] = "device_error"
    clause: ClassVar[str | None] = "T5"


class DeviceDenied(DeviceError):
    code: ClassVar[str] = "device_denied"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("这台设备不归您管理；设备名册由系统管理员和人事部门维护"))


class CodeSpent(DeviceError):
    code: ClassVar[str] = "device_code_spent"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("登记码已用过或已过期，请在账号安全页重新生成"))


class AddressSpent(DeviceError):
    code: ClassVar[str] = "device_address_spent"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("绑定地址已用过或已过期，请运行 midan device report --link 取得新地址"))


class UnknownDevice(DeviceError):
    code: ClassVar[str] = "unknown_device"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这台设备"))


class DeviceRevoked(DeviceError):
    code: ClassVar[str] = "device_revoked"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("这台设备已注销，需要重新登记"))


class KeyKnown(DeviceError):
    code: ClassVar[str] = "device_key_known"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("这个设备密钥已登记过，请重新生成"))


class ClockOff(DeviceError):
    code: ClassVar[str] = "device_clock_off"

    def __init__(self) -> None:
        super().__init__(gettext_noop("这台电脑的时间与服务器相差超过 10 分钟，请先校准"))


class Replayed(DeviceError):
    code: ClassVar[str] = "device_report_replayed"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("这份设备报告已收到过，或比已收到的更旧"))


class TooManyReports(DeviceError):
    code: ClassVar[str] = "device_reports_too_many"
    status: ClassVar[int] = 429

    def __init__(self, most: int) -> None:
        super().__init__(gettext_noop("一小时内最多 %(most)d 份设备报告，请稍后再试"), most=most)


class PhoneNeedsPasskey(DeviceError):
    code: ClassVar[str] = "device_needs_passkey"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("请在手机或平板上用通行密钥确认身份，然后登记这部手机"))


class BadDevice(DeviceError):
    """`details['field']` is name or branch."""

    code: ClassVar[str] = "bad_device"

    def __init__(self, field: str) -> None:
        super().__init__(gettext_noop("设备登记有误：%(field)s"), field=field)


class PostureUnsound(DeviceError):
    code: ClassVar[str] = "posture_unsound"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 4

    def __init__(self, at: str) -> None:
        super().__init__(gettext_noop("设备健康规则有误：%(at)s"), at=at)
