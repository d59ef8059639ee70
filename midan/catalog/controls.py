"""Live evidence for the clause the catalogue carries: what customer information is, field by field."""

from collections import Counter
from datetime import date
from types import MappingProxyType
from typing import get_args

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import FIELDS, ORDER_FIELDS, Category, Control


def controls(today: date) -> list[Control]:  # noqa: ARG001  # every area has this signature
    """Return whether every field an order may carry is defined, and all four categories are."""
    counted = Counter(field.category for field in FIELDS.values())
    whole = all(name in FIELDS for name in ORDER_FIELDS) and all(
        counted[category] for category in get_args(Category)
    )
    return [
        Control(
            clause="D1",
            area="catalog",
            state="enforced" if whole else "not_yet",
            title=_("客户信息逐项界定，目录之外的字段一律拒收"),
            evidence=_("身份 %(identity)d 项、地址 %(address)d 项、订单 %(order)d 项、衍生 %(derived)d 项"),
            checked_at=timezone.now(),
            figures=MappingProxyType({category: counted[category] for category in get_args(Category)}),
        ),
    ]
