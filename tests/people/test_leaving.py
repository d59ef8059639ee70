"""Clause M5: one act closes everything, the check counts what is left, contracts and unused accounts end by themselves."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from midan.approval import selectors as approvals
from midan.audit import selectors as log
from midan.core.actor import Actor
from midan.people import factors, selectors, services
from midan.people.errors import BadPost, CarrierSettled, HasLeft, NotKeeper, SelfGrant, WrongState
from midan.people.jobs import one_round
from midan.people.leaving import services as leaving
from midan.people.leaving.expiry import dormant_count, put_to_sleep
from midan.people.leaving.rules import Left
from midan.people.leaving.selectors import departure, departures, left_without_departure
from midan.people.models import Departure, Staff
from midan.people.ownership.rules import wanted
from midan.people.ownership.services import name_owner
from midan.people.posts import filing, granting
from midan.people.posts.rules import GrantReason
from tests.devices.computers import at_work
from tests.people.staffing import PASSWORD, SYSTEM, appoint, open_branch
from tests.signing_in import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(now):
    for code in ("HZ001", "SH001"):
        open_branch(code)
    posts = ("hr", "privacy_officer", "branch_manager", "courier")
    return {role: appoint(now, role, password=PASSWORD) for role in posts}


def announce(now, company, person):
    leaving.announce(
        actor=company["hr"],
        staff_no=person.name,
        reason="resigned",
        last_day=(now + timedelta(days=7)).date(),
        now=now,
    )


def close(now, company, person, successor=""):
    return leaving.close(
        actor=company["hr"], staff_no=person.name, reason="dismissed", successor=successor, now=now
    )


def open_of(now, person):
    return {item.what: item.count for item in departure(person.name, now=now).open}


def give_back_everything(now, company, person):
    for carrier in departure(person.name, now=now).carriers:
        leaving.receive_carrier(
            actor=company["hr"], staff_no=person.name, kind=carrier.kind, state="back", now=now
        )


def enter_in_every_way(company, person):
    """Give a person two sessions, a second factor, a token, a request, something they answer for."""
    browsers = [Client(SERVER_NAME="localhost") for _ in range(2)]
    for browser in browsers:
        sign_in(browser, staff_no=person.name)
    factors.enrol_totp(actor=SYSTEM, staff_no=person.name)
    at_work(person, timezone.now())
    get_access_token_model().objects.create(
        user=Staff.objects.get(staff_no=person.name),
        token="a-token-of-theirs",
        expires=timezone.now() + timedelta(hours=1),
    )
    return browsers


def test_one_act_closes_everything_and_the_check_then_finds_nothing(now, company):
    manager = company["branch_manager"]
    browsers = enter_in_every_way(company, manager)
    name_owner(
        actor=company["privacy_officer"], kind="system", names=("console",), staff_no=manager.name, now=now
    )
    request = granting.grant(
        actor=manager,
        staff_no=company["courier"].name,
        role="clerk",
        branch="HZ001",
        reason=GrantReason.MOVED,
        now=now,
    )
    announce(now, company, manager)
    before = open_of(now, manager)
    assert before.keys() == set(Left)
    assert (before[Left.SESSIONS], before[Left.CARRIERS]) == (2, 5)
    leaving.sign_reminder(actor=manager, now=now)
    give_back_everything(now, company, manager)
    close(now, company, manager, successor=company["hr"].name)
    assert departure(manager.name, now=now).clean
    assert all(browser.get("/overview/").status_code == 302 for browser in browsers)
    assert not selectors.staff(manager.name).active
    # What they had asked for is the successor's now, who so does not decide on it.
    assert approvals.request(request, now=now).requester == company["hr"].reference
    (entry,) = (
        view.entry
        for view in log.of_object(f"staff:{manager.name}")
        if view.entry.act == "people:departure:closed"
    )
    counts = {
        name: entry.details[name]
        for name in ("sessions", "tokens", "factors", "devices", "owned", "handed_over")
    }
    assert counts == {
        "sessions": 2,
        "tokens": 1,
        "factors": 2 - 1,
        "devices": 1,
        "owned": 1,
        "handed_over": 1,
    }


@pytest.mark.parametrize(
    ("what", "reopen"),
    [
        (Left.PASSWORD, lambda row: (row.set_password(PASSWORD), row.save())),
        (Left.SESSIONS, lambda row: sign_in(Client(SERVER_NAME="localhost"), staff_no=row.staff_no)),
        (
            Left.FACTORS,
            lambda row: Authenticator.objects.create(user=row, type="totp", data={"secret": "sm4.x"}),
        ),
        (
            Left.TOKENS,
            lambda row: get_access_token_model().objects.create(
                user=row, token="another", expires=timezone.now()
            ),
        ),
        (
            Left.DEVICES,
            lambda row: at_work(Actor(kind="staff", name=row.staff_no), timezone.now()),
        ),
    ],
)
def test_the_check_sees_each_way_in_that_is_open_again(now, company, what, reopen):
    courier = company["courier"]
    announce(now, company, courier)
    leaving.sign_reminder(actor=courier, now=now)
    give_back_everything(now, company, courier)
    close(now, company, courier)
    assert departure(courier.name, now=now).clean
    reopen(Staff.objects.get(staff_no=courier.name))
    assert open_of(now, courier) == {what: 1}


def test_the_account_itself_is_kept_shut_by_the_database(now, company):
    close(now, company, company["courier"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Staff.objects.filter(staff_no=company["courier"].name).update(is_active=True)


def test_carriers_and_the_reminder_stay_open_until_there_is_a_receipt(now, company):
    courier = company["courier"]
    close(now, company, courier)
    assert open_of(now, courier) == {Left.CARRIERS: 5, Left.REMINDER: 1}
    receipt = leaving.receive_carrier(
        actor=company["hr"], staff_no=courier.name, kind="scanner", state="back", now=now
    )
    assert log.entry(receipt).entry.details["carrier"] == "scanner"
    with pytest.raises(CarrierSettled):
        leaving.receive_carrier(
            actor=company["hr"], staff_no=courier.name, kind="scanner", state="back", now=now
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Departure.objects.get().carriers.filter(state="out").update(state="back")
    leaving.record_reminder(actor=company["hr"], staff_no=courier.name, how="refused", now=now)
    with pytest.raises(WrongState):
        leaving.record_reminder(actor=company["hr"], staff_no=courier.name, how="on_paper", now=now)
    assert open_of(now, courier) == {Left.CARRIERS: 4}


def test_what_they_asked_for_and_what_was_asked_for_them_is_withdrawn_without_a_successor(now, company):
    manager, courier = company["branch_manager"], company["courier"]
    code = granting.grant(
        actor=manager, staff_no=courier.name, role="clerk", branch="HZ001", reason=GrantReason.MOVED, now=now
    )
    close(now, company, courier)
    assert approvals.request(code, now=now).decided_by == "system:withdrawn"
    assert granting.carry_out(now=now) == 0


def test_nobody_closes_themselves_and_only_the_keeper_closes(now, company):
    with pytest.raises(SelfGrant):
        close(now, company, company["hr"])
    with pytest.raises(NotKeeper):
        leaving.close(
            actor=company["branch_manager"], staff_no=company["courier"].name, reason="resigned", now=now
        )
    assert selectors.staff(company["courier"].name).active


def test_nothing_is_half_done_when_the_successor_does_not_fit(now, company):
    courier = company["courier"]
    for successor in (courier.name, "S99999"):
        with pytest.raises(BadPost):
            close(now, company, courier, successor=successor)
    assert selectors.staff(courier.name).at_work
    assert departures(now=now) == ()


def test_who_has_left_does_not_come_back(now, company):
    courier = company["courier"]
    close(now, company, courier)
    for act in (
        lambda: services.activate(actor=SYSTEM, staff_no=courier.name),
        lambda: services.assign(actor=SYSTEM, staff_no=courier.name, role="courier", branch="HZ001"),
        lambda: announce(now, company, courier),
        lambda: close(now, company, courier),
    ):
        with pytest.raises(HasLeft):
            act()
    assert left_without_departure() == 0
    Staff.objects.filter(role="hr").update(state="left", is_active=False)
    assert left_without_departure() == 1


def test_a_contract_ends_by_itself_the_day_after_its_last(now, company):
    courier = company["courier"]
    today = timezone.localdate(now)
    filing.set_file(actor=company["hr"], staff_no=courier.name, hr_no="", contract_ends=today, now=now)
    assert one_round(now)
    assert selectors.staff(courier.name).at_work
    assert one_round(now + timedelta(days=1))
    assert selectors.staff(courier.name).state == "left"
    assert departure(courier.name, now=now).reason == "contract_ended"
    assert one_round(now + timedelta(days=1))


def test_an_account_sleeps_after_thirty_days_and_wakes_by_a_grant(now, company):
    courier, second = company["courier"], appoint(now, "hr", username="hr2", password=PASSWORD)
    later = now + timedelta(days=30)
    assert put_to_sleep(now=later - timedelta(seconds=1)) == 0
    Staff.objects.filter(role="branch_manager").update(last_login=later)
    # Two people have to be awake to wake anybody: the last hr and the last officer are left.
    assert put_to_sleep(now=later) == 2
    assert dormant_count(now=later) == 0
    asleep = [
        person for person in (courier, second, company["hr"]) if not selectors.staff(person.name).active
    ]
    assert courier in asleep
    assert len(asleep) == 2
    services.activate(actor=SYSTEM, staff_no=courier.name, now=later)
    assert put_to_sleep(now=later) == 0
    assert selectors.staff(courier.name).at_work


def test_who_never_signs_in_because_a_program_acts_for_them_does_not_sleep(now, company):
    appoint(now, "sorter")
    put_to_sleep(now=now + timedelta(days=60))
    assert all(person.active for person in selectors.staff_of(role="sorter"))


def test_what_passes_to_the_successor_has_an_entry_for_each_thing(now, company):
    manager, hr = company["branch_manager"], company["hr"]
    names = wanted("system")[:2]
    name_owner(actor=company["privacy_officer"], kind="system", names=names, staff_no=manager.name, now=now)
    close(now, company, manager, successor=hr.name)
    for name in names:
        entries = [view.entry for view in log.of_object(f"owner:system-{name}")]
        said = [
            (one.details["owner"], one.details["owner_before"])
            for one in entries
            if one.actor == hr.reference
        ]
        assert said == [(hr.reference, manager.reference)]


def test_the_check_of_many_leavers_asks_no_more_often_than_that_of_few(now, company):
    asked = []
    for place in range(6):
        close(now, company, appoint(now, "courier", username=f"leaver{place}"))
        with CaptureQueriesContext(connection) as queries:
            assert len(departures(now=now)) == place + 1
        asked.append(len(queries))
    assert asked[0] == asked[-1]
