"""A code for each parcel on a shelf: drawn, unique there, gone with the place; and wrong ones counted."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from midan.waybill import controls, selectors
from midan.waybill.errors import ShelfFull
from midan.waybill.models import PickUpCode, PickUpTry
from midan.waybill.pickup import selectors as codes
from midan.waybill.pickup import services
from midan.waybill.pickup.rules import hour_of, is_code
from midan.waybill.services import scan
from tests.waybill.test_waybill import CLERK, COURIER, TO_DOOR

TO_SHELF = (*TO_DOOR, ("at_station", CLERK, "SZ001S"))


def code_of(number):
    return codes.code_of(selectors.get(number).seq)


def control():
    return next(one for one in controls.controls(None) if one.clause == "B3")


@pytest.fixture
def shelved(branches, register, drive):
    (number,) = register()
    drive(number, *TO_SHELF)
    return number


def test_a_parcel_gets_a_code_when_it_comes_to_a_shelf_and_none_before(branches, register, drive):
    (number,) = register()
    drive(number, *TO_DOOR)
    assert code_of(number) == ""
    drive(number, ("at_station", CLERK, "SZ001S"), start=8)
    code = code_of(number)
    assert is_code(code)
    assert codes.fetched_by(station="SZ001S", code=code) == selectors.get(number).seq
    assert codes.fetched_by(station="SZ001", code=code) is None


@pytest.mark.parametrize(
    ("event", "actor"), [("delivered", CLERK), ("returned", CLERK), ("exception", CLERK)]
)
def test_the_code_goes_when_the_parcel_leaves(shelved, drive, event, actor):
    code = code_of(shelved)
    drive(shelved, (event, actor), start=20)
    assert codes.fetched_by(station="SZ001S", code=code) is None
    assert not PickUpCode.objects.exists()


def test_a_parcel_that_comes_back_gets_another_drawn(shelved, drive, monkeypatch):
    first = code_of(shelved)
    drive(shelved, ("exception", CLERK), start=20)
    monkeypatch.setattr(services.secrets, "randbelow", lambda _: (int(first) + 1) % 10**6)
    drive(shelved, ("at_station", CLERK, "SZ001S"), start=21)
    assert int(code_of(shelved)) == (int(first) + 1) % 10**6


def test_two_parcels_on_one_shelf_never_share_a_code(branches, register, drive, monkeypatch):
    drawn = iter([7, 7, 7, 8])
    monkeypatch.setattr(services.secrets, "randbelow", lambda _: next(drawn))
    numbers = register(2)
    for number in numbers:
        drive(number, *TO_SHELF)
    assert [code_of(number) for number in numbers] == ["000007", "000008"]


def test_the_database_refuses_a_second_parcel_under_one_code(shelved):
    with pytest.raises(IntegrityError), transaction.atomic():
        PickUpCode.objects.create(seq=99, station="SZ001S", code=code_of(shelved))


def test_a_full_shelf_refuses_the_scan_whole(branches, register, drive, monkeypatch):
    monkeypatch.setattr(services.secrets, "randbelow", lambda _: 7)
    first, second = register(2)
    drive(first, *TO_SHELF)
    with pytest.raises(ShelfFull):
        drive(second, *TO_SHELF)
    assert selectors.get(second).status == "out_for_delivery"
    assert code_of(first) == "000007"


def test_a_scan_tells_the_code_once_and_again_to_whoever_repeats_it(branches, register, drive, now):
    (number,) = register()
    drive(number, *TO_DOOR)

    def put(event="at_station", actor=CLERK, station="SZ001S", hours=8):
        at = now + timedelta(hours=hours)
        done = scan(
            actor=actor, number=number, event=event, branch=actor.branch, station=station, at=at, now=at
        )
        return codes.code_given(done)

    assert put() == put() == code_of(number) != ""
    assert put("delivered", station="", hours=9) == ""
    assert codes.code_given(scan(actor=COURIER, number=number, event="delivered", branch="SZ001",
                                 at=now + timedelta(hours=1), now=now + timedelta(hours=9))) == ""  # fmt: skip


def test_wrong_codes_count_by_the_hour_and_the_hours_before_are_forgotten(db, now):
    for minutes in (0, 10, 20):
        services.count_miss(actor=CLERK, now=now + timedelta(minutes=minutes))
    assert codes.misses(staff_no=CLERK.name, now=now) == 3
    later = now + timedelta(hours=1)
    assert codes.misses(staff_no=CLERK.name, now=later) == 0
    services.count_miss(actor=CLERK, now=later)
    assert list(PickUpTry.objects.values_list("hour", "missed")) == [(hour_of(later), 1)]


def test_the_control_holds_and_names_a_parcel_without_a_code_and_a_code_without_a_parcel(shelved):
    assert (control().state, dict(control().figures)) == ("enforced", {"shelved": 1, "bare": 0, "stale": 0})
    PickUpCode.objects.update(seq=99)
    assert (control().state, dict(control().figures)) == ("not_yet", {"shelved": 1, "bare": 1, "stale": 1})
