"""On which device somebody asks (T5): each fact alone closes the door by its clause, and opens it again once mended."""

from dataclasses import replace
from datetime import timedelta

import pytest

from midan.access.errors import AccessDenied
from midan.access.selectors import explain
from midan.audit import selectors as audit
from midan.audit.models import Entry
from midan.core.actor import Actor
from midan.devices import services as devices
from tests.access.test_duties import ask, find
from tests.at_once import at_once
from tests.devices.computers import UNLOCKED, at_work


@pytest.fixture
def manager(world):
    return world.actor("branch_manager", "SZ001")


@pytest.fixture
def admin(world):
    return world.actor("sysadmin", "SZ001")


@pytest.fixture
def computer(world, manager):
    """A computer of the manager's own: what stood in for one ends with it."""
    return at_work(manager, world.now)


@pytest.fixture
def seated(manager, computer):
    """The manager as a session on that computer gives them."""
    return replace(manager, device=computer.number)


def refused(world, parcel, actor):
    with pytest.raises(AccessDenied) as denied:
        ask(world, parcel, actor)
    shown = denied.value.as_dict()
    assert Entry.objects.order_by("id").last().clause == "T5"
    assert shown["details"]["otherwise"] == "masked"
    return shown["clause"], shown["details"]["reason"]


def test_from_a_healthy_device_the_door_is_open_and_the_log_names_the_device(world, parcel, seated):
    entry_id = ask(world, parcel, seated).entry_id
    assert audit.entry(entry_id).entry.device == seated.device


def test_without_a_device_the_same_person_sees_masks_and_may_still_search(world, parcel, manager, seated):
    assert refused(world, parcel, manager) == ("T5", "device_unknown")
    assert find(world, manager).items
    assert ask(world, parcel, seated).entry_id


def test_on_somebody_elses_device_a_person_is_unknown_until_it_is_shared(
    world, parcel, manager, seated, admin, computer
):
    colleague = replace(world.actor("branch_manager", "HZ001"), device=computer.number)
    at_work(colleague, world.now)
    assert refused(world, parcel, colleague) == ("T5", "device_unknown")
    devices.share(actor=admin, number=computer.number, branch="HZ001", now=world.now)
    assert ask(world, parcel, colleague).entry_id


def test_a_device_turned_bad_closes_the_door_at_the_next_request_and_mended_opens_it(
    world, parcel, seated, computer
):
    assert ask(world, parcel, seated).entry_id
    computer.report(world.now, UNLOCKED)
    assert refused(world, parcel, seated) == ("T5", "device_unhealthy")
    computer.report(world.now)
    assert ask(world, parcel, seated).entry_id


def test_a_device_that_no_longer_reports_closes_the_door(world, parcel, seated, computer):
    world.now += timedelta(days=7, minutes=1)
    assert refused(world, parcel, seated) == ("T5", "device_unhealthy")
    computer.report(world.now)
    assert ask(world, parcel, seated).entry_id


def test_a_device_revoked_closes_the_door_and_a_new_one_opens_it(world, parcel, manager, seated, computer):
    devices.revoke(actor=manager, number=computer.number, now=world.now)
    assert refused(world, parcel, seated) == ("T5", "device_unknown")
    another = at_work(manager, world.now)
    assert ask(world, parcel, replace(manager, device=another.number)).entry_id


def test_after_it_turned_bad_nobody_gets_through_who_asks_at_once(world, parcel, seated, computer):
    computer.report(world.now, UNLOCKED)

    def attempt():
        try:
            ask(world, parcel, seated)
        except AccessDenied:
            return 0
        return 1

    assert sum(at_once(*[attempt] * 8)) == 0


def test_through_a_program_the_computer_counts_that_it_runs_on(world, parcel, manager, admin, seated):
    through = replace(manager, via="hall")
    assert refused(world, parcel, through) == ("T5", "device_unknown")
    kiosk = at_work(admin, world.now, client="hall")
    assert ask(world, parcel, through).entry_id
    kiosk.report(world.now, UNLOCKED)
    assert refused(world, parcel, through) == ("T5", "device_unhealthy")
    assert refused(world, parcel, replace(manager, via="another")) == ("T5", "device_unknown")


def test_the_explanation_shows_both_facts_and_the_gate(world, parcel, manager, seated):
    said = explain(manager, parcel, "recipient_name", "customer_service", now=world.now)
    assert (said.facts.actor.device_known, said.facts.actor.device_healthy) == (False, False)
    assert [policy.id for policy in said.verdict.fired] == ["device_not_known"]
    said = explain(seated, parcel, "recipient_name", "customer_service", now=world.now)
    assert said.verdict.allowed


def test_a_client_for_itself_has_no_device(world, parcel):
    said = explain(Actor(kind="client", name="shop-1"), parcel, "recipient_name", "customer_service")
    assert not said.facts.actor.device_known
