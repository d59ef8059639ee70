"""Live evidence for T5: what is on the register, how healthy it is, and that what is not does not count."""

from datetime import date
from functools import partial

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import Control, Found
from midan.core.actor import Actor
from midan.devices.rules import Kind
from midan.devices.selectors import DeviceView, posture, register, standing

_control = partial(Control.of, "devices")


def controls(today: date) -> list[Control]:  # noqa: ARG001  every area has this signature
    """Return the live check; not yet kept while anybody's device only stands in, or an unhealthy one is let through."""
    now = timezone.now()
    rows = register(now=now)
    title = _("终端：未登记或不健康的设备只能看掩码")
    real = [row for row in rows if row.kind != Kind.INVENTED]
    figures = {
        "devices": len(real),
        "healthy": sum(row.healthy for row in real),
        "unhealthy": sum(not row.healthy for row in real),
        "wrong": sum(_let_through(row) for row in real),
        "invented": len(rows) - len(real),
        "version": posture().version,
    }
    if not rows:
        return [_control("T5", title, ("not_yet", _("尚无登记的设备：没有人能查看明文")), now)]
    if figures["invented"]:
        text = _(
            "有 %(invented)d 台演示设备代替真实设备，不检查健康；登记真实设备 %(devices)d 台，健康 %(healthy)d 台"
        )
        return [_control("T5", title, ("not_yet", text), now, **figures)]
    text = _(
        "健康规则第 %(version)d 版；登记设备 %(devices)d 台，健康 %(healthy)d 台，不健康而拦下 %(unhealthy)d 台，"
        "该拦未拦 %(wrong)d 台；结果出自各设备签名的报告，能控制设备的人可以让它说谎"
    )
    found: Found = ("not_yet" if figures["wrong"] else "enforced", text)
    return [_control("T5", title, found, now, **figures)]


def _let_through(row: DeviceView) -> bool:
    """Ask as a decision does, and return whether it finds the device healthier than the register shows it."""
    if row.healthy:
        return False
    owner = Actor(kind="staff", name=row.staff_no, device="" if row.client else row.id, via=row.client)
    return standing(owner, now=timezone.now()).healthy
