"""Each duty alone closes the door, names its clause, and opens it again once fulfilled: over the whole path of a reveal."""

from datetime import timedelta

import pytest

from midan.access.errors import AccessDenied
from midan.access.services import reveal, search
from midan.audit.models import Entry
from midan.core.actor import Actor
from midan.demo.fulfilled import fulfil_all
from midan.duties import services as duties
from midan.duties.models import Check, Exam, Signature
from midan.duties.services.starters import read
from midan.people import selectors as people
from tests.access.conftest import RECIPIENT, SYSTEM

YEAR = timedelta(days=365)


def ask(world, parcel, actor, **changes):
    asked = {
        "fields": frozenset({"recipient_name"}),
        "purpose": "customer_service",
        "reason": "customer_asked",
    } | changes
    return reveal(actor=actor, waybill=parcel, now=world.now, **asked)


def find(world, actor):
    return search(actor=actor, kind="phone", value=RECIPIENT.phone, now=world.now)


def new_agreement(world, who):
    text = read("agreement.zh.txt"), read("agreement.en.txt")
    duties.publish_document(
        actor=SYSTEM, kind="agreement", zh=text[0] + "\n八、补充。", en=text[1], now=world.now
    )


def pass_lapsed(world, who):
    Exam.objects.filter(staff_no=who.name).update(until=world.now.date() - timedelta(days=1))


def check_lapsed(world, who):
    Check.objects.filter(staff_no=who.name).update(until=world.now.date() - timedelta(days=1))


def check_failed_later(world, who):
    later = world.now + timedelta(minutes=1)
    code = duties.request_check(actor=SYSTEM, staff_no=who.name, now=later)
    duties.conclude_check(
        actor=SYSTEM, code=code, result="failed", until=None, evidence=b"%PDF-1.4", now=later
    )


def rules_lapsed(world, who):
    Signature.objects.filter(staff_no=who.name, document__kind="rules").update(
        until=world.now.date() - timedelta(days=1)
    )


GATES = [
    (new_agreement, "M2", "agreement_missing"),
    (pass_lapsed, "M2", "training_missing"),
    (check_lapsed, "M3", "check_missing"),
    (check_failed_later, "M3", "check_missing"),
    (rules_lapsed, "M4", "rules_missing"),
]


@pytest.mark.parametrize(("neglect", "clause", "why"), GATES)
def test_one_duty_neglected_refuses_reveal_and_search_by_its_clause_and_fulfilled_opens_them(
    world, parcel, neglect, clause, why
):
    manager = world.actor("branch_manager", "SZ001")
    assert ask(world, parcel, manager).entry_id
    neglect(world, manager)
    for attempt in (lambda: ask(world, parcel, manager), lambda: find(world, manager)):
        with pytest.raises(AccessDenied) as denied:
            attempt()
        shown = denied.value.as_dict()
        assert (shown["clause"], shown["details"]["reason"]) == (clause, why)
        assert Entry.objects.order_by("id").last().clause == clause
    world.now += timedelta(minutes=2)
    fulfil_all(staff=[people.staff(manager.name)], now=world.now)
    assert ask(world, parcel, manager).entry_id
    assert find(world, manager).items


def test_a_duty_of_somebody_else_closes_nothing(world, parcel):
    pass_lapsed(world, world.actor("branch_manager", "HZ001"))
    assert ask(world, parcel, world.actor("branch_manager", "SZ001")).entry_id


def test_a_post_that_needs_no_check_reveals_without_one(world, parcel):
    courier = world.actor("courier", "SZ001")
    assert not Check.objects.filter(staff_no=courier.name).exists()
    door = {"purpose": "deliver", "reason": "door_delivery", "fields": frozenset({"recipient_address"})}
    assert ask(world, parcel, courier, **door).entry_id


def test_the_last_day_still_opens_and_the_day_after_does_not(world, parcel):
    manager = world.actor("branch_manager", "SZ001")
    Exam.objects.filter(staff_no=manager.name).update(until=world.now.date())
    assert ask(world, parcel, manager).entry_id
    pass_lapsed(world, manager)
    with pytest.raises(AccessDenied):
        ask(world, parcel, manager)


def test_a_client_for_itself_has_fulfilled_nothing(world, parcel):
    with pytest.raises(AccessDenied) as denied:
        ask(world, parcel, Actor(kind="client", name="shop-1"))
    assert denied.value.as_dict()["clause"] == "L4.2"
