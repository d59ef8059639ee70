"""Replay the decisions of the last days under other policies: what would have been refused, what newly allowed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Final

from midan.access.events import Act
from midan.access.models import Sight
from midan.access.rules.engine import PolicyBook, Verdict
from midan.access.rules.sights import digest, requests
from midan.access.rules.whatif import Tally, WhatIf
from midan.audit import selectors as audit
from midan.audit.selectors import EntryFilter, EntryView
from midan.core.decision import combine
from midan.core.entry import Entry

_BLOCK: Final = 200


def what_if(policies: PolicyBook, *, days: int, now: datetime, most: int) -> WhatIf:
    """Return what these policies would have answered to the newest `most` reveals asked for in the last `days` days.

    A past reveal counts by what the log says came of it; that of a failed opening counts as allowed, for it was.
    """
    refused, allowed = Tally(), Tally()
    asked = replayed = older = damaged = 0
    decisions = _decisions(since=now - timedelta(days=days), until=now)
    while block := [view.entry for view in islice(decisions, min(_BLOCK, most - asked))]:
        asked += len(block)
        kept = dict(
            Sight.objects.filter(entry_id__in=[one.entry_id for one in block]).values_list(
                "entry_id", "facts"
            )
        )
        for entry in block:
            sight = kept.get(entry.entry_id, "")
            if not entry.details.get("facts"):
                older += 1
            elif digest(sight) != entry.details["facts"]:
                damaged += 1
            elif (verdicts := _ask(policies, entry, sight)) is None:
                older += 1
            else:
                replayed += 1
                _count(entry, verdicts, refused=refused, allowed=allowed)
    more = asked == most and next(decisions, None) is not None
    return WhatIf(
        days=days,
        version=policies.version,
        asked=asked,
        replayed=replayed,
        older=older,
        damaged=damaged,
        more=more,
        refused=refused.total(),
        allowed=allowed.total(),
    )


def _decisions(*, since: datetime, until: datetime) -> Iterator[EntryView]:
    """Yield the entries of what was revealed and what was refused, newest first."""
    kinds = [_pages(EntryFilter(act=act, since=since, until=until)) for act in (Act.REVEALED, Act.DENIED)]
    return merge(*kinds, key=lambda view: -view.number)


def _pages(narrow: EntryFilter) -> Iterator[EntryView]:
    cursor = ""
    while True:
        page = audit.entries(narrow, limit=_BLOCK, cursor=cursor)
        yield from page.items
        if not (cursor := page.next):
            return


def _ask(policies: PolicyBook, entry: Entry, sight: str) -> Sequence[Verdict] | None:
    waybill = entry.object.removeprefix("waybill:")
    questions = requests(sight, actor=entry.actor.partition(":")[2], waybill=waybill)
    return None if questions is None else policies.answer(questions)


def _count(entry: Entry, verdicts: Sequence[Verdict], *, refused: Tally, allowed: Tally) -> None:
    was, would = entry.act == Act.REVEALED, all(verdict.allowed for verdict in verdicts)
    if was == would:
        return
    decision = combine(verdict.decision for verdict in verdicts)
    gate = next(
        (
            policy.id
            for verdict in verdicts
            for policy in verdict.fired
            if policy.effect == "forbid" and policy.reason == decision.reason
        ),
        str(decision.reason),
    )
    (refused if was else allowed).add(
        gate=gate if was else str(entry.details.get("why", "")),
        role=str(entry.details.get("role", "")),
        purpose=entry.purpose,
        waybill=entry.object.removeprefix("waybill:"),
    )
