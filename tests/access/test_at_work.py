"""Only who is at work sees a customer's data: each state closes reveals and searches with clause M5, being back opens them."""

import threading

import pytest
from django.db import connections

from midan.access import selectors, services
from midan.access.errors import AccessDenied, NotFound
from midan.core.actor import Actor
from midan.people.models import Staff
from midan.people.posts.granting import revoke
from midan.people.rules import Employment
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


def test_after_a_post_is_taken_back_no_request_succeeds_however_many_try(world, parcel):
    courier = world.actor("courier", "SZ001")
    gone = threading.Event()
    some = threading.Semaphore(0)

    def keep_trying():
        """Look at the address again and again; return how often it opened in a request that began after the act."""
        late = refused = 0
        while refused < 30:
            began_after = gone.is_set()
            try:
                look(world, parcel, courier)
            except AccessDenied as denied:
                refused += denied.details["reason"] == "inactive"
            else:
                late += began_after
                some.release()
        return late

    def take_back():
        for _ in range(8):
            some.acquire(timeout=60)
        revoke(actor=SYSTEM, staff_no=courier.name, now=world.now)
        gone.set()
        connections.close_all()
        return 0

    assert at_once(keep_trying, keep_trying, keep_trying, take_back) == [0, 0, 0, 0]
    assert Staff.objects.get(staff_no=courier.name).state == Employment.ACTIVE
