"""Which scan follows which status, who may make it, and who holds the parcel after it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from midan.core.actor import Actor
from midan.waybill.rules.records import ScanView, Waybill


class Event(StrEnum):
    """What can be scanned."""

    COLLECTED = "collected"
    SORTED = "sorted"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPT_FAILED = "attempt_failed"
    AT_STATION = "at_station"
    IN_LOCKER = "in_locker"
    DELIVERED = "delivered"
    RETURNED = "returned"
    EXCEPTION = "exception"


class Status(StrEnum):
    """The status of a waybill is its last event; before the first scan it is only created."""

    CREATED = "created"
    COLLECTED = Event.COLLECTED
    SORTED = Event.SORTED
    DEPARTED = Event.DEPARTED
    ARRIVED = Event.ARRIVED
    OUT_FOR_DELIVERY = Event.OUT_FOR_DELIVERY
    ATTEMPT_FAILED = Event.ATTEMPT_FAILED
    AT_STATION = Event.AT_STATION
    IN_LOCKER = Event.IN_LOCKER
    DELIVERED = Event.DELIVERED
    RETURNED = Event.RETURNED
    EXCEPTION = Event.EXCEPTION


_E = Event
_ON_THE_ROAD: Final = frozenset({_E.SORTED, _E.DEPARTED, _E.ARRIVED, _E.OUT_FOR_DELIVERY, _E.AT_STATION})
FOLLOWS: Final[Mapping[str, frozenset[Event]]] = MappingProxyType(
    {
        "created": frozenset({_E.COLLECTED, _E.EXCEPTION}),
        "collected": frozenset({_E.SORTED, _E.DEPARTED, _E.RETURNED, _E.EXCEPTION}),
        "sorted": frozenset({_E.DEPARTED, _E.OUT_FOR_DELIVERY, _E.AT_STATION, _E.RETURNED, _E.EXCEPTION}),
        "departed": frozenset({_E.ARRIVED, _E.EXCEPTION}),
        "arrived": _ON_THE_ROAD - {_E.ARRIVED} | {_E.RETURNED, _E.EXCEPTION},
        "out_for_delivery": frozenset(
            {
                _E.DELIVERED,
                _E.ATTEMPT_FAILED,
                _E.AT_STATION,
                _E.IN_LOCKER,
                _E.OUT_FOR_DELIVERY,
                _E.ARRIVED,
                _E.EXCEPTION,
            }
        ),
        "attempt_failed": frozenset(
            {_E.OUT_FOR_DELIVERY, _E.AT_STATION, _E.IN_LOCKER, _E.ARRIVED, _E.RETURNED, _E.EXCEPTION}
        ),
        "at_station": frozenset({_E.DELIVERED, _E.OUT_FOR_DELIVERY, _E.RETURNED, _E.EXCEPTION}),
        "in_locker": frozenset({_E.DELIVERED, _E.OUT_FOR_DELIVERY, _E.AT_STATION, _E.RETURNED, _E.EXCEPTION}),
        "exception": _ON_THE_ROAD | {_E.COLLECTED, _E.RETURNED},
        "delivered": frozenset(),
        "returned": frozenset(),
    }
)
TERMINAL: Final = frozenset({"delivered", "returned"})

# Who holds a scanner for what. Analysts, HR, officers and machines never move a parcel (M1).
_FLOOR: Final = frozenset({"courier", "sorter", "clerk", "branch_manager"})
_DOOR: Final = frozenset({"courier", "branch_manager"})
_SHELF: Final = frozenset({"courier", "clerk", "branch_manager"})
SCANNED_BY: Final[Mapping[Event, frozenset[str]]] = MappingProxyType(
    {
        _E.COLLECTED: _SHELF,
        _E.SORTED: frozenset({"sorter", "branch_manager"}),
        _E.DEPARTED: _FLOOR,
        _E.ARRIVED: _FLOOR,
        _E.OUT_FOR_DELIVERY: frozenset({"courier"}),
        _E.ATTEMPT_FAILED: _DOOR,
        _E.AT_STATION: _SHELF,
        _E.IN_LOCKER: _SHELF,
        _E.DELIVERED: _SHELF,
        _E.RETURNED: _FLOOR,
        _E.EXCEPTION: _FLOOR,
    }
)
_HELD: Final = frozenset({_E.OUT_FOR_DELIVERY, _E.ATTEMPT_FAILED})
SHELVED: Final = frozenset({_E.AT_STATION, _E.IN_LOCKER})
_HAND_OVER: Final = frozenset({_E.DELIVERED, _E.ATTEMPT_FAILED, _E.IN_LOCKER, _E.AT_STATION})
CLOCK_SKEW: Final = timedelta(minutes=5)


def follows(status: str, event: str) -> bool:
    """Return whether `event` may be scanned on a parcel in `status`."""
    return event in FOLLOWS.get(status, frozenset())


def is_repeat(last: ScanView | None, said: ScanView) -> bool:
    """Return whether a scan says again what the last one said: a double press. The time may differ."""
    return last is not None and replace(said, at=last.at, moved=last.moved) == last


def handler_after(event: str, staff_no: str) -> str:
    """Return who holds the parcel after the event: a courier between loading and hand-over, else nobody."""
    return staff_no if event in _HELD else ""


def is_malformed(*, event: str, station: str) -> str | None:
    """Return what is wrong with the scan itself, whoever sends it, or None."""
    if event not in set(Event):
        return "unknown_event"
    return "station_missing" if event in SHELVED and not station else None


def station_after(event: str, station: str) -> str:
    return station if event in SHELVED else ""


def post_refusal(*, actor: Actor, event: str, branch: str) -> str | None:
    """Return why this actor's post may not scan this event, or None."""
    if actor.kind != "staff":
        return "person_needed"
    if actor.role not in SCANNED_BY[Event(event)]:
        return "post"
    return "other_branch" if branch != actor.branch else None


def place_refusal(*, actor: Actor, waybill: Waybill, last_branch: str, event: str) -> str | None:
    """Return why the parcel cannot be in this actor's hands, or None.

    Asked only where the parcel is expected: what a branch off its way may do stands in `elsewhere`. A scan widens who
    may see a parcel, so it must not be a way in: only the courier who carries a parcel hands it over.
    """
    if event == Event.COLLECTED and waybill.status == Status.CREATED:
        return None if actor.branch == waybill.branch else "not_here"
    arriving = event == Event.ARRIVED or (event == Event.AT_STATION and waybill.status in _HELD)
    if not arriving and actor.branch not in {last_branch, waybill.destination, waybill.station}:
        return "not_here"
    # A courier can let a parcel arrive, and carry it out, only where it was sent to: with a number read off
    # somebody's screen he could otherwise bring any parcel of the network into his own hands.
    own_delivery = event in {Event.ARRIVED, Event.OUT_FOR_DELIVERY} and actor.role == "courier"
    if own_delivery and waybill.destination not in {"", actor.branch}:
        return "not_here"
    carried = waybill.handler and actor.role == "courier" and event in _HAND_OVER
    return "not_handler" if carried and waybill.handler != actor.name else None
