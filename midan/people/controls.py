"""Live evidence for the clauses this area carries so far; training, checks and devices come with their issues."""

from datetime import date
from types import MappingProxyType

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import Control
from midan.people import factors, selectors


def controls(today: date) -> list[Control]:  # noqa: ARG001  every area has this signature
    """Return what the register of people shows now."""
    by_role = selectors.active_by_role()
    people = sum(by_role.values())
    return [
        Control(
            clause="L2.2",
            area="people",
            state="enforced" if people else "not_yet",
            title=_("一人一岗：每个账号只有一个岗位、一个网点"),
            evidence=_("%(people)d 个在用账号，%(roles)d 种岗位；已停用 %(closed)d 个"),
            checked_at=timezone.now(),
            figures=MappingProxyType(
                {"people": people, "roles": len(by_role), "closed": selectors.inactive_count()}
            ),
        ),
        Control(
            clause="T3",
            area="people",
            state="enforced" if people else "not_yet",
            title=_("没有第二因素的登录只能打开设置第二因素的页面；口令至少 12 位且不常见"),
            evidence=_(
                "在用账号 %(people)d 个，已设置第二因素 %(enrolled)d 个；密钥加密保存，密钥文件在数据库之外"
            ),
            checked_at=timezone.now(),
            figures=MappingProxyType({"people": people, "enrolled": factors.enrolled_count()}),
        ),
    ]
