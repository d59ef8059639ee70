"""Working hours: which days of the week, from when to when. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from midan.core.actor import Actor
from midan.people.rules import Role

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
DAY: Final = 24 * 60  # minutes
EVERY_DAY: Final = 0b1111111


class HoursOf(StrEnum):
    """Whose hours: a person's own come before their branch's."""

    PERSON = "person"
    BRANCH = "branch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """`days`: bit 0 is Monday. `begins`, `ends`: minutes of the day; an end not after the begin lies on the next day."""

    days: int
    begins: int
    ends: int

    @property
    def is_sound(self) -> bool:
        return 0 < self.days <= EVERY_DAY and 0 <= self.begins < DAY and 0 <= self.ends < DAY

    @property
    def weekdays(self) -> frozenset[int]:
        """Return the days they begin on, 0 for Monday."""
        return frozenset(day for day in range(7) if self._on(day))

    @property
    def from_to(self) -> str:
        """Return them as people write them, such as 07:00-20:00."""
        return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in (self.begins, self.ends))

    def include(self, moment: datetime) -> bool:
        """Return whether a moment lies within, in Shanghai's time; the end itself does not."""
        local = moment.astimezone(SHANGHAI)
        minute, today = local.hour * 60 + local.minute, local.weekday()
        if self.begins < self.ends:
            return self._on(today) and self.begins <= minute < self.ends
        return (self._on(today) and minute >= self.begins) or (self._on(today - 1) and minute < self.ends)

    def _on(self, weekday: int) -> bool:
        return bool(self.days >> (weekday % 7) & 1)


def may_set(actor: Actor, *, of_branch: str, of_staff: str) -> bool:
    """Return whether somebody sets these hours: HR all, a manager their branch and its people, nobody their own (M1)."""
    if actor.kind == "system":
        return True
    if actor.kind != "staff" or actor.name == of_staff:
        return False
    return actor.role == Role.HR or (actor.role == Role.BRANCH_MANAGER and actor.branch == of_branch)
