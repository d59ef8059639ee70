"""The first administrator: by one link, once, within a day, while there is nobody."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from midan.approval import services as approval
from midan.core.actor import Actor
from midan.people import first, selectors
from midan.people.errors import LinkSpent
from midan.people.models import FirstLink, Staff
from midan.people.posts.granting import carry_out, grant
from tests.at_once import at_once
from tests.people.conftest import PASSWORD, entries
from tests.people.staffing import appoint

SAID = {"username": "founder", "display_name": "测试员工", "password": PASSWORD, "again": PASSWORD}
pytestmark = pytest.mark.django_db(transaction=True)


def link():
    cache.clear()
    token = first.make_link(now=timezone.now())
    return f"/accounts/first/{token}/"


def test_whoever_holds_the_link_becomes_hr_signs_in_and_sets_up_a_second_factor(browser):
    page = link()
    assert browser.get(page).status_code == 200
    assert browser.post(page, SAID)["Location"] == "/accounts/login/"
    person = selectors.staff("S00001")
    assert (person.role, person.branch, person.username) == ("hr", first.HEAD_OFFICE, "founder")
    browser.post("/accounts/login/", {"login": "founder", "password": PASSWORD})
    assert browser.get("/", follow=True).redirect_chain[-1][0] == "/accounts/2fa/totp/activate/"
    assert [entry.object for entry in entries("people:first_link:used")] == ["staff:S00001"]


def test_it_works_once_and_not_for_another_token(browser):
    page = link()
    assert browser.get("/accounts/first/guessed/").status_code == 404
    browser.post(page, SAID)
    for answer in (browser.get(page), browser.post(page, SAID | {"username": "second"})):
        assert answer.status_code == 404
        assert "link_spent" in answer.content.decode()
    assert Staff.objects.count() == 1
    assert first.make_link(now=timezone.now()) == ""


def test_the_first_person_gives_the_first_officer_alone_and_nothing_else(browser):
    browser.post(link(), SAID)
    now = timezone.now()
    hr = Actor(kind="staff", name="S00001", role="hr", branch=first.HEAD_OFFICE)
    officer, other, clerk = (
        appoint(now, role, first.HEAD_OFFICE, actor=hr, username=f"person{place}")
        for place, role in enumerate(("privacy_officer", "privacy_officer", "clerk"))
    )
    assert {selectors.staff(person.name).state for person in (officer, other, clerk)} == {"joining"}

    def give(person):
        return grant(
            actor=hr,
            staff_no=person.name,
            role=person.role,
            branch=person.branch,
            reason="hired",
            now=now,
        )

    before = give(clerk)
    assert give(officer) == ""
    (entry,) = entries("people:staff:assigned")
    assert (entry.object, entry.details["exception"]) == (f"staff:{officer.name}", "first_officer")
    for person, code in ((clerk, before), (other, give(other))):
        assert selectors.staff(person.name).state == "joining"
        approval.approve(actor=officer, code=code, now=now)
        assert (carry_out(now=now), selectors.staff(person.name).state) == (1, "active")


def test_the_exception_does_not_come_back_when_the_officer_is_away(browser):
    browser.post(link(), SAID)
    now = timezone.now()
    hr = Actor(kind="staff", name="S00001", role="hr", branch=first.HEAD_OFFICE)
    appoint(now, "privacy_officer", first.HEAD_OFFICE)
    Staff.objects.filter(role="privacy_officer").update(state="on_leave")
    second = appoint(now, "privacy_officer", first.HEAD_OFFICE, actor=hr, username="second")
    assert grant(
        actor=hr,
        staff_no=second.name,
        role=second.role,
        branch=second.branch,
        reason="hired",
        now=now,
    )
    assert selectors.staff(second.name).state == "joining"


def test_a_day_later_or_after_a_newer_link_it_is_dead(browser):
    old = link()
    new = link()
    assert (browser.get(old).status_code, browser.get(new).status_code) == (404, 200)
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        assert browser.get(new).status_code == 404
        assert browser.post(new, SAID).status_code == 404
    assert not Staff.objects.exists()


def test_a_weak_password_or_two_that_differ_leave_the_link_alive(browser):
    page = link()
    for wrong in ({"password": "short", "again": "short"}, {"again": "another"}, {"username": "a b"}):
        assert browser.post(page, SAID | wrong).status_code == 400
    assert browser.post(page, SAID).status_code == 302


def test_of_several_who_use_it_at_once_one_is_appointed():
    token = first.make_link(now=timezone.now())

    def use(place):
        try:
            return first.appoint(
                token=token,
                username=f"founder{place}",
                display_name="测试员工",
                password=PASSWORD,
                address="",
                now=timezone.now(),
            ).username
        except LinkSpent:
            return None

    found = at_once(*(partial(use, place) for place in range(4)))
    assert len([name for name in found if name]) == Staff.objects.count() == 1


def test_the_token_is_kept_nowhere():
    token = first.make_link(now=timezone.now())
    assert token not in str(FirstLink.objects.values().get())
    assert all(token.encode() not in entry.to_bytes() for entry in entries("people:first_link:issued"))
