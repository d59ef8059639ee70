"""Parcels scanned where nobody sent them: written down, moving nothing, telling nothing, until somebody vouches."""

from datetime import timedelta

import pytest

from midan.audit import selectors as audit
from midan.core.actor import Actor
from midan.waybill import selectors, services
from midan.waybill.errors import ScanRefused, UnknownWaybill
from midan.waybill.rules import Event, Filter

ROAD = (
    ("collected", "courier", "HZ001"),
    ("sorted", "sorter", "HZ001"),
    ("departed", "sorter", "HZ001"),
    ("arrived", "sorter", "SZ001"),
    ("out_for_delivery", "courier", "SZ001"),
    ("attempt_failed", "courier", "SZ001"),
)
UNUSED = "MD0000000000000"


def staff(role, branch):
    return Actor(kind="staff", name=f"{role}-{branch}", role=role, branch=branch)


def road(steps):
    return [(event, staff(role, branch)) for event, role, branch in ROAD[:steps]]


def on_route(number):
    waybill = selectors.get(number)
    return selectors.routes([waybill])[waybill.seq]


@pytest.fixture
def say(now):
    """Scan once, a day later; return the answer or the refusal's code."""

    def act(number, event, actor, station="", hours=24):
        at = now + timedelta(hours=hours)
        try:
            done = services.scan(
                actor=actor, number=number, event=event, branch=actor.branch, station=station, at=at, now=at
            )
        except (UnknownWaybill, ScanRefused) as refused:
            return refused.as_dict()
        return (done.status, done.recorded, done.moved)

    return act


@pytest.mark.parametrize("role", ["sorter", "clerk", "branch_manager"])
@pytest.mark.parametrize("steps", [3, 5, 6])
def test_an_arrival_nobody_sent_is_written_down_and_moves_nothing(
    branches, register, drive, say, role, steps
):
    (number,) = register()
    drive(number, *road(steps))
    before = (selectors.get(number), on_route(number), selectors.tracking(number))
    assert say(number, "arrived", staff(role, "BJ001")) == ("arrived", True, False)
    assert (selectors.get(number), on_route(number), selectors.tracking(number)) == before
    assert number not in [row.number for row in selectors.page(narrow=Filter(route="BJ001")).items]
    assert selectors.strays(selectors.get(number)) == {"BJ001"}
    (entry,) = [
        view.entry
        for view in audit.of_object(f"waybill:{number}")
        if view.entry.act == "waybill:scan:elsewhere"
    ]
    assert (entry.details["event"], entry.details["at"], entry.details["moved"]) == ("arrived", "BJ001", 0)


def test_a_stranger_hears_the_same_whatever_the_parcels_status(branches, register, drive, say):
    asked = [(event, role) for role in ("sorter", "clerk", "branch_manager", "courier") for event in Event]
    answers = []
    for steps in range(len(ROAD) + 1):
        (number,) = register()
        drive(number, *road(steps))
        chain = [*asked, ("arrived", "sorter"), ("departed", "branch_manager"), ("arrived", "clerk"), *asked]
        answers.append(
            [
                say(
                    number,
                    event,
                    staff(role, "BJ001"),
                    station="BJ001" if event in {"at_station", "in_locker"} else "",
                )
                for event, role in chain
            ]
        )
    assert all(answer == answers[0] for answer in answers)
    assert ("departed", True, False) in answers[0]


def test_a_foreign_shelf_takes_no_parcel_out_of_a_couriers_hands(branches, register, drive, say):
    (number,) = register()
    drive(number, *road(5))
    nobody = say(UNUSED, "at_station", staff("clerk", "BJ001"), station="BJ001")
    assert nobody["code"] == "unknown_waybill"
    assert say(number, "at_station", staff("clerk", "BJ001"), station="BJ001") == nobody
    assert (selectors.get(number).station, on_route(number)) == ("", {"HZ001", "SZ001"})


def test_a_courier_records_nothing_where_nobody_sent_it(branches, register, drive, say):
    (number,) = register()
    drive(number, *road(3))
    assert say(number, "arrived", staff("courier", "BJ001"))["code"] == "unknown_waybill"
    assert len(selectors.scans(number)) == 3


def test_a_misrouted_parcel_is_sent_on_and_still_arrives(branches, register, drive, say):
    (number,) = register()
    drive(number, *road(3))
    lost = staff("sorter", "BJ001")
    assert say(number, "arrived", lost) == ("arrived", True, False)
    assert say(number, "arrived", lost, hours=25) == ("arrived", False, False)  # a double press
    assert say(number, "departed", lost, hours=26) == ("departed", True, False)
    assert say(number, "arrived", staff("sorter", "SZ001"), hours=48) == ("arrived", True, True)
    # It passed through without ever being Beijing's to read.
    assert on_route(number) == {"HZ001", "SZ001"}


def test_the_next_stop_a_departure_names_is_on_the_way(branches, register, drive, say):
    (number,) = register()
    drive(number, *road(2))
    assert say(number, "departed", staff("sorter", "HZ001"), station="BJ001", hours=3) == (
        "departed",
        True,
        True,
    )
    assert say(number, "arrived", staff("sorter", "BJ001"), hours=4) == ("arrived", True, True)
    assert on_route(number) == {"HZ001", "BJ001", "SZ001"}
    assert selectors.get(number).station == ""


def test_a_departure_names_only_places_of_the_register(branches, register, drive, say):
    (number,) = register()
    drive(number, *road(2))
    refused = say(number, "departed", staff("sorter", "HZ001"), station="欧阳小禾")
    assert refused["details"]["reason"] == "station_unknown"


def test_a_station_under_the_destination_is_on_the_way(branches, register, drive, say):
    (number,) = register()
    drive(number, *road(3))
    assert say(number, "arrived", staff("clerk", "SZ001S")) == ("arrived", True, True)


@pytest.mark.parametrize("voucher", ["HZ001", "SZ001"])
def test_who_had_it_or_waits_for_it_lets_the_finder_onto_the_route(branches, register, drive, say, voucher):
    (number,) = register()
    drive(number, *road(3))
    for event, hours in (("arrived", 24), ("sorted", 25)):
        say(number, event, staff("sorter", "BJ001"), hours=hours)
    services.confirm_stop(actor=staff("branch_manager", voucher), number=number, branch="BJ001")
    assert (selectors.get(number).status, on_route(number)) == ("sorted", {"HZ001", "BJ001", "SZ001"})
    assert selectors.strays(selectors.get(number)) == frozenset()
    newest = audit.of_object(f"waybill:{number}")[-1].entry
    assert (newest.act, newest.actor, newest.details["at"]) == (
        "waybill:stop:confirmed",
        f"staff:branch_manager-{voucher}",
        "BJ001",
    )
    assert say(number, "departed", staff("sorter", "BJ001"), hours=26) == ("departed", True, True)


def test_a_parcel_found_elsewhere_leaves_the_couriers_hands_once_confirmed(branches, register, drive, say):
    (number,) = register()
    drive(number, *road(5))
    say(number, "arrived", staff("clerk", "BJ001"))
    assert selectors.get(number).handler == "courier-SZ001"
    services.confirm_stop(actor=staff("branch_manager", "SZ001"), number=number, branch="BJ001")
    assert (selectors.get(number).status, selectors.get(number).handler) == ("arrived", "")


@pytest.mark.parametrize(
    ("actor", "answer"),
    [
        (staff("branch_manager", "BJ001"), "unknown_waybill"),
        (staff("branch_manager", "SZ001S"), "unknown_waybill"),
        (staff("sorter", "HZ001"), "scan_refused"),
        (staff("privacy_officer", "HZ001"), "scan_refused"),
        (Actor(kind="client", name="shop", role="branch_manager", branch="HZ001"), "scan_refused"),
    ],
)
def test_nobody_else_vouches_least_of_all_the_finder(branches, register, drive, say, actor, answer):
    (number,) = register()
    drive(number, *road(3))
    say(number, "arrived", staff("branch_manager", "BJ001"))
    with pytest.raises((UnknownWaybill, ScanRefused)) as refused:
        services.confirm_stop(actor=actor, number=number, branch="BJ001")
    assert refused.value.code == answer
    assert "BJ001" not in on_route(number)


def test_nothing_is_confirmed_that_was_not_seen_or_is_past(branches, register, drive, say):
    (number,) = register()
    drive(number, *road(3))
    manager = staff("branch_manager", "HZ001")
    for asked, reason in ((number, "not_elsewhere"), (UNUSED, "")):
        with pytest.raises((UnknownWaybill, ScanRefused)) as refused:
            services.confirm_stop(actor=manager, number=asked, branch="BJ001")
        assert refused.value.details.get("reason", "") == reason
    say(number, "arrived", staff("sorter", "BJ001"))
    say(number, "arrived", staff("sorter", "SZ001"), hours=48)
    with pytest.raises(ScanRefused) as past:
        services.confirm_stop(actor=manager, number=number, branch="BJ001")
    assert past.value.details["reason"] == "wrong_order"
