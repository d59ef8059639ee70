"""What stands before every opening by name: a committed entry that says the same, used once, within the budget."""

from collections.abc import Callable
from datetime import datetime

from midan.core import number
from midan.core.blind import Kind
from midan.core.entry import Entry
from midan.core.grant import Grant
from midan.vault.errors import GrantRefused, OpeningsLimited
from midan.vault.keyd import permission, stored
from midan.vault.keyd.entries import Watch, committed
from midan.vault.keyd.limits import RateBudget, SpentEntries


class Gate:
    """The entries one keyd has let through; `since` is when it began to serve."""

    def __init__(
        self, *, openings: RateBudget, since: datetime | None, watch: Watch, secret: Callable[[str], bytes]
    ) -> None:
        self._openings = openings
        self._since = since
        self._watch = watch
        self._secret = secret
        self._spent = SpentEntries()

    def check_grant(self, grant: Grant, seq: int, now: datetime) -> None:
        """Return when the grant holds for this order, and use it up; GrantRefused, OpeningsLimited."""
        if type(grant) is not Grant:
            raise GrantRefused("type")
        self.ready("a grant is used outside of any transaction")
        entry = committed(grant.entry_id)
        permission.check(grant, entry, now=now, since=self._since)
        self._check_waybill(grant.waybill, seq)
        self._spend(entry, now, values=len(grant.fields))

    def check_comparison(self, entry_id: str, seq: int, now: datetime) -> None:
        """Return when the entry is that of a comparison for this order, and use it up; GrantRefused, OpeningsLimited."""
        self.ready("a comparison is logged and made outside of any transaction")
        entry = committed(entry_id)
        permission.check_comparison(entry, now=now, since=self._since)
        self._check_waybill(entry.object.removeprefix("waybill:"), seq)
        self._spend(entry, now, values=1)

    def check_search(self, kind: Kind, entry_id: str, now: datetime) -> None:
        """Return when the entry is that of a search by this kind, and use it up; GrantRefused, OpeningsLimited."""
        entry = committed(entry_id)
        permission.check_search(kind, entry, now=now, since=self._since)
        self._spend(entry, now, values=1)

    def ready(self, outside: str) -> None:
        """Raise RuntimeError(`outside`) inside a transaction, LogBehind while nobody signs the log."""
        if stored.in_transaction():
            raise RuntimeError(outside)
        self._watch.refuse_backlog()

    def _check_waybill(self, waybill: str, seq: int) -> None:
        try:
            # The waybill number is a permutation of the sequence: keyd itself can tell whose parts these are.
            same = number.decode(self._secret("number"), waybill) == seq
        except number.InvalidNumber:
            same = False
        if not same:
            raise GrantRefused("waybill")

    def _spend(self, entry: Entry, now: datetime, *, values: int) -> None:
        # First the entry: whoever names one again and again uses up nobody's budget.
        if not self._spent.spend(entry.entry_id, written=datetime.fromisoformat(entry.time), now=now):
            raise GrantRefused("spent")
        if not self._openings.take(values):
            raise OpeningsLimited
