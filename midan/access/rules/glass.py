"""Breaking the glass: how long it opens, by when it is reviewed, which reasons there are. Pure.

Numbers of the company, not of the law: nothing that was read names them. One break at a time: whoever has one open, or one
that nobody reviewed, gets no second.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

LIFE: Final = timedelta(minutes=15)
REVIEW_WITHIN: Final = timedelta(days=1)
MOST_FIELDS: Final = 6
# A code says which kind of emergency; two words say nothing about this one.
LEAST_NOTE: Final = 6
REVIEWERS: Final = frozenset({"privacy_officer"})


class GlassReason(StrEnum):
    """What kind of emergency. Stable: the codes stand in the log for ever."""

    PERSON_AT_RISK = "person_at_risk"
    GOODS_AT_RISK = "goods_at_risk"
    CUSTOMER_WAITS = "customer_waits"
    SYSTEM_FAULT = "system_fault"


class Finding(StrEnum):
    """What the review found."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassView:
    """One break as pages show it. `gates` are the ids of the gates it opened; `finding` is '' until it is reviewed."""

    code: str
    staff: str
    waybill: str
    fields: tuple[str, ...]
    purpose: str
    reason: str
    gates: tuple[str, ...]
    broken_at: datetime
    expires_at: datetime
    review_by: datetime
    entry_id: str
    finding: str
    reviewed_by: str
    reviewed_at: datetime | None
    live: bool
    overdue: bool


def may_review(*, kind: str, role: str) -> bool:
    return kind == "staff" and role in REVIEWERS
