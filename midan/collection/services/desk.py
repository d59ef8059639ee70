"""What an intake needs before its first row, read once: secrets, notices in force, who serves which place."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from midan.collection import selectors
from midan.collection.errors import UnknownBranch
from midan.collection.rules.prepare import Slots
from midan.core.actor import Actor
from midan.people.selectors import branches
from midan.vault import services as vault
from midan.vault.rules import LARGEST_BLOCK
from midan.waybill.rules import SortingTable
from midan.waybill.selectors import sorting_table
from midan.waybill.services import reserve_numbers

RETENTION = "standard"
_SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Desk:
    """One intake: who sends, for which branch, when, and the secrets of its digests and numbers."""

    actor: Actor
    client: str
    branch: str
    now: datetime
    notices: frozenset[str]
    secret: bytes
    number_key: bytes
    sorting: SortingTable

    def __repr__(self) -> str:
        return f"<Desk of {self.client} at {self.branch}: ••••>"

    @property
    def day(self) -> date:
        """Return the intake day in Shanghai: the day of the epoch."""
        return self.now.astimezone(_SHANGHAI).date()


def open_desk(*, actor: Actor, client: str, branch: str, now: datetime) -> Desk:
    """Read what the intake needs; raise UnknownBranch, and whatever a locked vault raises."""
    known = {view.code for view in branches()}
    # A company that has named no branch yet may still take orders in; once it has, the branch must be one
    # of them.
    if branch not in known and (branch or known):
        raise UnknownBranch("没有这个网点")
    return Desk(
        actor=actor,
        client=client,
        branch=branch,
        now=now,
        notices=selectors.notice_versions(now),
        secret=vault.reference_secret(),
        number_key=vault.company_key("number"),
        sorting=sorting_table(),
    )


class Blocks:
    """Hands out records and sequences; takes them in blocks, because each block is two small commits.

    What is left of a block when the intake ends is never used by anybody.
    """

    def __init__(self, desk: Desk, *, first: int) -> None:
        self._desk = desk
        self._size = first
        self._slots: Slots | None = None
        self._left = 0

    def take(self, count: int) -> Slots:
        """Return slots for `count` orders."""
        if self._slots is None or count > self._left:
            self._slots, self._left = self._reserve(max(count, self._size))
            self._size = min(self._size * 4, LARGEST_BLOCK)
        given = self._slots
        self._slots = Slots(lease=given.lease, offset=given.offset + count, first_seq=given.first_seq + count)
        self._left -= count
        return given

    def _reserve(self, records: int) -> tuple[Slots, int]:
        lease = vault.reserve(retention=RETENTION, day=self._desk.day, records=records)
        return Slots(lease=lease, offset=0, first_seq=reserve_numbers(records).start), records
