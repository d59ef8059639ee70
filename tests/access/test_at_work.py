"""Only who is at work sees a customer's data: each state closes reveals and searches with clause M5, being back opens them."""

import threading

import pytest
from django.db import connections

from midan.access import selectors, services
from midan.access.errors import AccessDenied, NotFound
from midan.core.actor import Actor
from midan.people.leaving import services as leaving
from midan.people.models import Staff
from midan.people.posts.granting import revoke
from tests.at_once import at_once

SYSTEM = Actor.system("test")


def look(world, parcel, actor):
    return services.reveal(
        actor=actor,
        waybill=parcel,
        fields=frozenset({"recipient_address"}),
        purpose="deliver",
        reason="address_unclear",
        now=world.now,
    )


@pytest.mark.parametrize("state", ["joining", "on_leave", "leaving"])
def test_whoever_is_not_at_work_sees_nothing_and_being_back_opens_it_again(world, parcel, state):
    courier = world.actor("courier", "SZ001")
    assert look(world, parcel, courier).values
    Staff.objects.filter(staff_no=courier.name).update(state=state)
    with pytest.raises(AccessDenied) as refused:
        look(world, parcel, courier)
    assert (refused.value.details["clause"], refused.value.details["reason"]) == ("M5", "not_at_work")
    with pytest.raises(NotFound):
        selectors.masked_waybill(courier, parcel)
    Staff.objects.filter(staff_no=courier.name).update(state="active")
    assert look(world, parcel, courier).values


@pytest.mark.parametrize("state", ["joining", "on_leave", "leaving"])
def test_whoever_is_not_at_work_finds_nothing(world, parcel, state):
    officer = world.actor("privacy_officer")

    def find():
        return services.search(actor=officer, kind="phone", value="17000005678", now=world.now)

    assert find().items
    Staff.objects.filter(staff_no=officer.name).update(state=state)
    with pytest.raises(AccessDenied) as refused:
        find()
    assert (refused.value.details["clause"], refused.value.details["reason"]) == ("M5", "not_at_work")


def close_as_a_leaver(courier, now):
    leaving.close(actor=SYSTEM, staff_no=courier.name, reason="resigned", now=now)


def take_the_post_back(courier, now):
    revoke(actor=SYSTEM, staff_no=courier.name, now=now)


def how_many_open(world, parcel, act, *, tries, workers=4):
    """Let workers look at an address, do the act amid them, let them try so often after it; return how many then opened."""
    courier = world.actor("courier", "SZ001")
    gone, some = threading.Event(), threading.Semaphore(0)

    def refusal():
        try:
            look(world, parcel, courier)
        except AccessDenied as denied:
            return denied.details["reason"]
        return ""

    def keep_trying():
        while not gone.is_set():
            if not refusal():
                some.release()
        # Refused for another reason is not shut: a budget that is used up opens again tomorrow.
        return sum(refusal() not in {"inactive", "not_at_work"} for _ in range(tries // workers))

    def end():
        try:
            for _ in range(2 * workers):
                assert some.acquire(timeout=60)
            act(courier, world.now)
        finally:
            gone.set()
            connections.close_all()
        return 0

    return sum(at_once(*[keep_trying] * workers, end))


@pytest.mark.parametrize("act", [take_the_post_back, close_as_a_leaver])
def test_after_a_post_is_taken_back_no_request_succeeds_however_many_try(world, parcel, act):
    assert how_many_open(world, parcel, act, tries=120) == 0
    assert not Staff.objects.get(role="courier", branch__code="SZ001").is_active


@pytest.mark.soak
@pytest.mark.parametrize("act", [take_the_post_back, close_as_a_leaver])
def test_after_a_post_is_taken_back_none_of_ten_thousand_tries_succeeds(world, parcel, act):
    assert how_many_open(world, parcel, act, tries=10_000) == 0
