"""Live evidence for the clauses this area carries so far."""

from datetime import date
from types import MappingProxyType

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import Control, Found
from midan.waybill import selectors
from midan.waybill.pickup import selectors as pickup
from midan.waybill.rules import UNROUTED


def controls(today: date) -> list[Control]:  # noqa: ARG001  every area has this signature
    """Return what the waybill table shows now."""
    waybills, unrouted = selectors.routed_counts(UNROUTED.code)
    return [
        Control(
            clause="B2",
            area="waybill",
            # Machines sort by code only while places have one; sites and belts are not this program's to see.
            state="enforced" if waybills and not unrouted else "not_yet",
            title=_("分拣只看三段码：运单表不存姓名、电话、地址"),
            evidence=_(
                "%(waybills)d 个运单，其中 %(unrouted)d 个没有三段码、需人工看地址；场地管理不在系统内"
            ),
            checked_at=timezone.now(),
            figures=MappingProxyType({"waybills": waybills, "unrouted": unrouted}),
        ),
        _shelves(),
    ]


def _shelves() -> Control:
    """Hold while every parcel on a shelf has a code of its own and no code outlives its place there."""
    shelved, bare, stale = pickup.shelf_counts()
    text = _(
        "驿站现存 %(shelved)d 件，其中 %(bare)d 件没有取件码；已离开货架而取件码仍在的 %(stale)d 件。"
        "取件码随机产生，不由姓名、电话推出；输错次数有上限"
    )
    state: Found = ("not_yet" if bare or stale else "enforced", text)
    figures = {"shelved": shelved, "bare": bare, "stale": stale}
    title = _("驿站交件：凭取件码或手机尾号找到，只显示掩码")
    return Control.of("waybill", "B3", title, state, timezone.now(), **figures)
