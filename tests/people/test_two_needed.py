"""Clause M1: who acts everywhere is appointed by two, no request outlives what it was asked about, and somebody stays."""

from datetime import timedelta

import pytest

from midan.approval import selectors as approvals
from midan.approval import services as approval
from midan.approval.errors import NotAtWork, RequestClosed
from midan.approval.rules import State
from midan.audit import selectors as log
from midan.people import controls, selectors, services
from midan.people.errors import LastOfPost, SecondPerson, WrongState
from midan.people.jobs import one_round
from midan.people.leaving import services as leaving
from midan.people.leaving.expiry import overdue_count, put_to_sleep
from midan.people.models import Departure, Staff
from midan.people.posts import granting
from midan.people.posts.filing import set_file
from tests.people.staffing import SYSTEM, appoint, open_branch

pytestmark = pytest.mark.django_db(transaction=True)
EVERYWHERE = ("branch_manager", "hr", "privacy_officer", "analyst", "auditor", "regulator", "sysadmin")


@pytest.fixture
def company(now):
    for code in ("HZ001", "SH001"):
        open_branch(code)
    return {role: appoint(now, role) for role in ("hr", "privacy_officer", "branch_manager", "courier")}


def grant(now, actor, person, role="clerk", branch="HZ001"):
    return granting.grant(
        actor=actor, staff_no=person.name, role=role, branch=branch, reason="moved", now=now
    )


def agreed(now, company, code):
    approval.approve(actor=company["privacy_officer"], code=code, now=now)
    return granting.carry_out(now=now)


def reasons(code):
    return [view.entry.details.get("why") for view in log.of_object(f"approval:{code}")]


class TestFarBranches:
    @pytest.mark.parametrize("role", EVERYWHERE)
    def test_a_post_beyond_one_branch_takes_two_in_every_branch(self, now, company, role):
        far = appoint(now, "courier", "SH001")
        with pytest.raises(SecondPerson):
            services.assign(actor=company["hr"], staff_no=far.name, role=role, branch="SH001", now=now)
        code = grant(now, company["hr"], far, role=role, branch="SH001")
        assert selectors.staff(far.name).role == "courier"
        assert agreed(now, company, code) == 1
        # And so does taking such a post for another.
        assert grant(now, company["hr"], far, role="sorter", branch="SH001")

    def test_nobody_makes_their_own_second_person(self, now, company):
        ghosts = [
            appoint(now, "privacy_officer", "SH001", username=name, actor=company["hr"])
            for name in ("g1", "g2")
        ]
        code = grant(now, company["hr"], ghosts[0], role="privacy_officer", branch="SH001")
        with pytest.raises(NotAtWork):
            approval.approve(actor=ghosts[1], code=code, now=now)
        assert selectors.staff(ghosts[0].name).state == "joining"


class TestOldRequests:
    @pytest.mark.parametrize(
        "act",
        [
            lambda company, now: granting.revoke(
                actor=company["branch_manager"], staff_no=company["courier"].name, now=now
            ),
            lambda company, now: granting.move(
                actor=company["hr"], staff_no=company["courier"].name, state="on_leave", now=now
            ),
            lambda company, now: put_to_sleep(now=now),
            lambda company, now: services.assign(
                actor=SYSTEM,
                staff_no=company["courier"].name,
                role="courier",
                branch="HZ001",
                now=now,
            ),
        ],
        ids=["taken back", "on leave", "asleep", "given another"],
    )
    @pytest.mark.parametrize("allowed", [False, True])
    def test_what_was_asked_about_somebody_ends_with_the_state_it_was_asked_in(
        self, now, company, act, allowed
    ):
        later = now + timedelta(days=30)
        Staff.objects.filter(staff_no=company["courier"].name).update(password="argon2$x")
        code = grant(later, company["hr"], company["courier"])
        if allowed:
            approval.approve(actor=company["privacy_officer"], code=code, now=later)
        act(company, later)
        assert approvals.request(code, now=later).decided_by == "system:withdrawn"
        with pytest.raises(RequestClosed):
            approval.approve(actor=company["privacy_officer"], code=code, now=later)
        assert granting.carry_out(now=later) == 0
        assert selectors.staff(company["courier"].name).role == "courier"

    def test_what_was_agreed_and_cannot_be_done_is_withdrawn_at_once_and_never_fires_later(
        self, now, company
    ):
        person = appoint(now, "sorter", username="p", hr_no="P-5")
        code = grant(now, company["hr"], person, role="agent")
        other = appoint(now, "courier", username="q", hr_no="P-5")
        assert agreed(now, company, code) == 0
        assert approvals.request(code, now=now).state == State.REFUSED
        assert "post_conflict" in reasons(code)
        granting.revoke(actor=SYSTEM, staff_no=other.name, now=now)
        assert one_round(now + timedelta(days=3))
        assert selectors.staff(person.name).role == "sorter"

    def test_a_request_fits_the_state_of_the_account_as_well_as_the_post(self, now, company):
        code = grant(now, company["hr"], company["courier"])
        Staff.objects.filter(staff_no=company["courier"].name).update(is_active=False)
        assert agreed(now, company, code) == 0
        assert "approval_missing" in reasons(code)
        assert not selectors.staff(company["courier"].name).active


class TestSomebodyStays:
    @pytest.mark.parametrize(
        "act",
        [
            lambda last, now: granting.revoke(actor=SYSTEM, staff_no=last.name, now=now),
            lambda last, now: granting.move(actor=SYSTEM, staff_no=last.name, state="on_leave"),
            lambda last, now: leaving.close(actor=SYSTEM, staff_no=last.name, reason="resigned", now=now),
            lambda last, now: leaving.announce(
                actor=SYSTEM, staff_no=last.name, reason="resigned", last_day=now.date(), now=now
            ),
        ],
        ids=["taken back", "on leave", "closed", "announced"],
    )
    @pytest.mark.parametrize("role", ["hr", "privacy_officer"])
    def test_the_last_who_gives_posts_goes_only_when_another_is_there(self, now, company, role, act):
        # A third account that is only joining is nobody yet.
        waiting = appoint(now, role, username="waiting", actor=company["hr"])
        with pytest.raises(LastOfPost):
            act(company[role], now)
        assert selectors.staff(company[role].name).at_work
        code = grant(now, company["hr"], waiting, role=role)
        assert agreed(now, company, code) == 1
        act(company[role], now)
        assert not selectors.staff(company[role].name).at_work

    def test_the_last_of_them_is_not_granted_away(self, now, company):
        second = appoint(now, "hr", username="second")
        code = grant(now, second, company["hr"], role="clerk")
        Staff.objects.filter(staff_no=second.name).update(state="on_leave")
        assert agreed(now, company, code) == 0
        assert "last_of_post" in reasons(code)

    def test_a_contract_of_the_last_hr_that_ran_out_turns_the_control_red_and_locks_nobody_out(
        self, now, company
    ):
        set_file(actor=SYSTEM, staff_no=company["hr"].name, hr_no="", contract_ends=now.date(), now=now)
        later = now + timedelta(days=1)
        assert one_round(later)
        assert selectors.staff(company["hr"].name).at_work
        red = controls._leavers(later)
        assert (red.state, red.figures["overdue"]) == ("not_yet", 1)
        appoint(now, "hr", username="second")
        assert one_round(later)
        assert selectors.staff(company["hr"].name).state == "left"
        assert controls._leavers(later).figures["overdue"] == 0


class TestLastDay:
    def test_an_announced_departure_is_carried_out_the_day_after_its_last(self, now, company):
        courier = company["courier"]
        leaving.announce(
            actor=company["hr"], staff_no=courier.name, reason="dismissed", last_day=now.date(), now=now
        )
        assert one_round(now)
        assert (selectors.staff(courier.name).active, overdue_count(now=now)) == (True, 0)
        later = now + timedelta(days=1)
        assert overdue_count(now=later) == 1
        assert controls._leavers(later).state == "not_yet"
        assert one_round(later)
        assert selectors.staff(courier.name).state == "left"
        assert Departure.objects.get().reason == "dismissed"
        assert overdue_count(now=later) == 0

    def test_nobody_becomes_a_leaver_without_a_departure_that_lists_what_was_lent(self, now, company):
        with pytest.raises(WrongState):
            granting.move(actor=company["hr"], staff_no=company["courier"].name, state="leaving")
        assert selectors.staff(company["courier"].name).at_work
