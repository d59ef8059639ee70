"""A parcel scanned where nobody sent it: what such a branch may record, and who lets it onto the route.

A parcel really does come down at a wrong branch, and whoever finds it must be able to say so and send it on. But a
scan opens the parcel's data to the branch that makes it, so the word of a branch off the route is written down and
moves nothing: neither status, nor handler, nor route.
"""

from collections.abc import Collection
from typing import Final

from midan.core.actor import Actor
from midan.waybill.rules.records import ScanView, Waybill
from midan.waybill.rules.scans import Event, follows

_WORK: Final = frozenset({Event.ARRIVED, Event.SORTED, Event.DEPARTED, Event.EXCEPTION})


def next_stop(last: ScanView | None) -> str:
    """Return where the last departure sent the parcel, empty when it has come down since or none was named."""
    return last.station if last is not None and last.event == Event.DEPARTED else ""


def records_elsewhere(*, role: str, own: str, event: str) -> bool:
    """Return whether a branch off the route may record the event.

    `own` is the event of its own last scan of this parcel, empty when it has none. Nothing else is looked at: an
    answer that followed the parcel's status would tell a stranger that status, one scan at a time. A courier never
    records one: he would be bringing it into his own hands.
    """
    if role == "courier":
        return False
    return event in _WORK and follows(own, event) if own else event == Event.ARRIVED


def confirm_refusal(
    *, actor: Actor, waybill: Waybill, last_branch: str, strays: Collection[str], branch: str
) -> str | None:
    """Return why this actor may not let `branch` onto the route, or None.

    Only who had the parcel, or waits for it, can know that it really came down elsewhere; never the branch itself.
    """
    if actor.kind != "staff" or actor.role != "branch_manager":
        return "post"
    if actor.branch not in {waybill.branch, waybill.destination, last_branch}:
        return "not_here"
    return None if branch in strays else "not_elsewhere"
