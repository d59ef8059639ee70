"""How long each class of information is kept, why, and how sure the basis is.

No law found fixes a number of days for waybills (the express regulation says "destroy regularly" and no
more), so the numbers are the company's parameters with their basis beside them, never quoted as law.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from django.utils.translation.trans_null import gettext_noop as _


class Certainty(StrEnum):
    """How well a basis is known: the statute's text, a copy of the wording, a summary, or memory alone."""

    STATUTE = "A"
    COPY = "B"
    SUMMARY = "C"
    MEMORY = "M"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """A class: kept `days` from `start`, plus `settle_days` for what is not finished; never above `cap_days`.

    `basis` and `cap_basis` are message ids.
    """

    code: str
    title: str
    days: int
    settle_days: int
    start: Literal["intake", "record"]
    basis: str
    certainty: Certainty
    cap_days: int
    cap_basis: str
    cap_certainty: Certainty


_CLASSES: Final = (
    Retention(
        code="standard",
        title=_("订单中的个人信息"),
        days=180,
        settle_days=30,
        start="intake",
        basis=_(
            "企业参数：覆盖查询、投诉与理赔所需时间。法规只要求定期销毁运单，未规定天数；六个月出自行业惯例，待核对"
        ),
        certainty=Certainty.MEMORY,
        cap_days=1095,
        cap_basis=_(
            "快递业务经营许可条件中“保存快递服务信息不少于3年”的转述，条号未核对；个人信息应更早去标识化或销毁"
        ),
        cap_certainty=Certainty.SUMMARY,
    ),
    Retention(
        code="real_name",
        title=_("实名收寄信息"),
        days=365,
        settle_days=0,
        start="intake",
        basis=_("企业参数：实名收寄管理办法规定保存要求，具体期限待核对；与运单信息分开保存"),
        certainty=Certainty.MEMORY,
        cap_days=1095,
        cap_basis=_("企业参数：不超过运单电子记录的上限"),
        cap_certainty=Certainty.MEMORY,
    ),
    Retention(
        code="tracking",
        title=_("不含个人信息的运单状态"),
        days=1095,
        settle_days=0,
        start="intake",
        basis=_("快递业务经营许可条件中“保存快递服务信息不少于3年”的转述，条号未核对"),
        certainty=Certainty.SUMMARY,
        cap_days=1095,
        cap_basis=_("企业参数：等于保存期限"),
        cap_certainty=Certainty.MEMORY,
    ),
    Retention(
        code="evidence",
        title=_("告知、同意与访问日志"),
        days=1095,
        settle_days=0,
        start="record",
        basis=_(
            "个人信息保护法第六十九条由处理者举证；第五十六条对评估报告和处理情况记录要求至少三年，此处参照执行"
        ),
        certainty=Certainty.STATUTE,
        cap_days=3650,
        cap_basis=_("企业参数：仅存编号与摘要，不含客户信息原文"),
        cap_certainty=Certainty.MEMORY,
    ),
)

RETENTION: Final[Mapping[str, Retention]] = MappingProxyType({kept.code: kept for kept in _CLASSES})


# The classes whose information lies in epochs of the vault; the others are the log and the waybill record.
SEALED: Final = ("standard", "real_name")


class LengthBasis(StrEnum):
    """Why a company set the length it set."""

    SERVICE_NEED = "service_need"
    LEGAL_DUTY = "legal_duty"
    AUTHORITY_ORDER = "authority_order"
    ASSESSMENT = "assessment"


def within_cap(retention: str, *, days: int, settle_days: int) -> bool:
    """Return whether a company may keep this class so long; KeyError for an unknown class."""
    return days >= 1 and settle_days >= 0 and days + settle_days <= RETENTION[retention].cap_days


def last_day(retention: str, day: date) -> date:
    """Return the last day information taken in on `day` may be kept for anything but a legal hold."""
    return day + timedelta(days=RETENTION[retention].cap_days)


def settled_days(retention: str) -> int:
    """Return the days from intake to the day an epoch of this class is due; KeyError for an unknown class."""
    kept = RETENTION[retention]
    return min(kept.days + kept.settle_days, kept.cap_days)


def due_day(retention: str, day: date) -> date:
    """Return the day information of this class taken in on `day` is due for destruction."""
    return day + timedelta(days=settled_days(retention))
