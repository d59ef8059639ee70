"""What two-person acts can show for clause M1 at this moment."""

from datetime import date
from types import MappingProxyType

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.approval import selectors
from midan.approval.rules import Kind
from midan.catalog.rules import Control


def controls(today: date) -> list[Control]:
    """Return the live check: counted in the table now, which itself refuses a requester who approves."""
    del today  # nothing here depends on the day
    decided, alone = selectors.counts()
    return [
        Control(
            clause="M1",
            area="approval",
            state="not_yet" if alone else "enforced",
            title=_("双人操作：申请人与审批人必须是两个人"),
            evidence=_(
                "%(kinds)d 类操作须另一人审批，数据库约束拒绝自批；已审批 %(decided)d 件，其中自批 %(alone)d 件"
            ),
            checked_at=timezone.now(),
            figures=MappingProxyType({"kinds": len(Kind), "decided": decided, "alone": alone}),
        )
    ]
