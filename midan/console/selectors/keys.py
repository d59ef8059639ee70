"""The page of keys and their keepers, as of now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext

from midan.approval import selectors as approvals
from midan.approval.rules import Kind, Request, may_decide
from midan.console.rules import Room, enters
from midan.console.selectors.charts import Chart, PairChart
from midan.core.actor import Actor
from midan.vault import keybook
from midan.vault import selectors as vault
from midan.vault.keybook import GenerationView, ShareView
from midan.vault.keyd.interface import KeeperStatus, KeyStatus
from midan.vault.keyd.statebook import StateBook

_DAYS: Final = 60
_SHOWN: Final = 30
_GENERATIONS: Final = 12
# The unit in which the longest life of a generation is still worth reading: seconds, and the chart's title.
_UNITS: Final = ((86_400, 3 * 86_400), (3_600, 3 * 3_600), (60, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperRow:
    """One keeper as it answers now, what it last erased, and whether it owes an erasure.

    `places` are the folders or the file its name says, none for the folder of the installation.
    """

    status: KeeperStatus
    places: tuple[str, ...]
    last: ShareView | None
    last_generation: int
    owes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysPage:
    """`waiting` is the open request to rotate. `sound` is when nothing destroyed opens with an old copy any more."""

    status: KeyStatus
    keepers: tuple[KeeperRow, ...]
    warnings: int
    generations: tuple[GenerationView, ...]
    states: StateBook
    by_day: PairChart
    ages: Chart
    waiting: Request | None
    own: bool
    may_ask: bool
    may_decide: bool

    @property
    def sound(self) -> bool:
        """Return whether every destruction so far has been followed by a ratchet that every keeper has finished."""
        return not self.status.pending and not self.status.unratcheted

    @property
    def began(self) -> datetime | None:
        """Return when the present generation began."""
        return self.generations[0].began if self.generations else None


def keys_page(actor: Actor, *, now: datetime) -> KeysPage:
    """Return the room as of now; VaultNotInitialised."""
    status = vault.key_status()
    found = keybook.generations(limit=_GENERATIONS)
    states = keybook.states(since=timezone.localdate(now) - timedelta(days=_DAYS), limit=_SHOWN)
    request = _request(now)
    keepers = tuple(_keeper(one, found, status) for one in status.keepers)
    return KeysPage(
        status=status,
        keepers=keepers,
        warnings=sum(len(row.status.warnings) for row in keepers),
        generations=found,
        states=states,
        by_day=_by_day(states),
        ages=_ages(found, now),
        waiting=request,
        own=request is not None and request.requester == actor.reference,
        may_ask=enters(actor.role, Room.KEEPING) and request is None,
        may_decide=request is not None
        and may_decide(actor.role, Kind.KEY_ROTATION)
        and request.requester != actor.reference,
    )


def _request(now: datetime) -> Request | None:
    kinds = (Kind.KEY_ROTATION,)
    found = (*approvals.open_requests(kinds, now=now), *approvals.approved(kinds, now=now))
    return found[0] if found else None


def _keeper(status: KeeperStatus, generations: tuple[GenerationView, ...], keys: KeyStatus) -> KeeperRow:
    erased = [
        (share.erased_at, generation.number, share)
        for generation in generations
        for share in generation.shares
        if share.keeper == status.name and share.erased_at
    ]
    _, number, last = max(erased, key=lambda row: row[:2], default=(None, 0, None))
    return KeeperRow(
        status=status,
        places=tuple(status.name.split(":")[1:]),
        last=last,
        last_generation=number,
        owes=status.name in keys.pending,
    )


def _by_day(states: StateBook) -> PairChart:
    return PairChart(
        title=gettext("各收集日的存活密钥期与剔除次数"),
        first=gettext("存活密钥期"),
        second=gettext("剔除次数"),
        rows=tuple((f"{day:%m-%d}", live, cut) for day, live, cut in states.days),
    )


def _ages(generations: tuple[GenerationView, ...], now: datetime) -> Chart:
    lives = [(one.number, ((one.ended or now) - one.began).total_seconds()) for one in generations]
    longest = max((seconds for _, seconds in lives), default=0)
    unit = next(size for size, least in _UNITS if longest >= least)
    titles = {
        86_400: gettext("每代密钥用了多少天"),
        3_600: gettext("每代密钥用了多少小时"),
        60: gettext("每代密钥用了多少分钟"),
    }
    rows = [
        (gettext("第 %(number)d 代") % {"number": number}, round(seconds / unit))
        for number, seconds in lives[::-1]
    ]
    return Chart(title=titles[unit], rows=tuple(rows))
