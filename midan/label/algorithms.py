"""Clause T2 on labels."""

from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import Algorithm


def algorithms() -> list[Algorithm]:
    """Return what makes waybill numbers and the codes on labels unguessable."""
    note = _("单个分组的置换，防止猜号；码中没有个人信息")
    return [Algorithm.of("label", _("运单号与面单码"), "SM4", "national", note)]
