"""Whoever was appointed gets in by one link that HR hands over: once, within three days, and only while they belong here."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone

from midan.people import joining, selectors, services
from midan.people.errors import HasLeft, LinkSpent, NameTaken, NotKeeper, SelfGrant, WeakPassword
from midan.people.leaving.services import close
from midan.people.models import Staff
from tests.at_once import at_once
from tests.people.conftest import PASSWORD, entries
from tests.people.staffing import SYSTEM, appoint, open_branch

pytestmark = pytest.mark.django_db(transaction=True)
SAID = {"password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def hr(keyed_home, now):
    open_branch("HZ001")
    return appoint(timezone.now(), "hr")


@pytest.fixture
def newcomer(hr):
    return services.create_staff(
        actor=hr,
        username="newcomer",
        display_name="测试员工",
        role="clerk",
        branch="HZ001",
        password=None,
        now=timezone.now(),
    )


def link(hr, person):
    return joining.make_link(actor=hr, staff_no=person.staff_no, now=timezone.now())


def test_a_person_without_a_password_chooses_one_and_is_led_to_the_second_factor(browser, hr, newcomer):
    page = f"/accounts/join/{link(hr, newcomer)}/"
    assert "newcomer" in browser.get(page).content.decode()
    assert browser.post(page, SAID)["Location"] == "/accounts/login/"
    browser.post("/accounts/login/", {"login": "newcomer", "password": PASSWORD})
    assert browser.get("/", follow=True).redirect_chain[-1][0].startswith("/accounts/2fa/")
    made, used = entries("people:join_link:issued"), entries("people:join_link:used")
    assert [entry.object for entry in (*made, *used)] == [f"staff:{newcomer.staff_no}"] * 2


def test_it_works_once_and_an_older_one_dies_with_the_next(browser, hr, newcomer):
    first, second = link(hr, newcomer), link(hr, newcomer)
    for token in (first, "guessed"):
        assert browser.get(f"/accounts/join/{token}/").status_code == 404
    browser.post(f"/accounts/join/{second}/", SAID)
    with pytest.raises(LinkSpent):
        joining.use(token=second, password=PASSWORD + "2", address="", now=timezone.now())
    assert Staff.objects.get(staff_no=newcomer.staff_no).check_password(PASSWORD)


def test_of_several_at_once_one_uses_it(hr, newcomer):
    token = link(hr, newcomer)

    def use(place):
        try:
            joining.use(token=token, password=f"{PASSWORD}{place}", address="", now=timezone.now())
        except LinkSpent:
            return False
        return True

    assert sum(at_once(*(partial(use, place) for place in range(4)))) == 1


def test_after_three_days_and_after_leaving_it_opens_nothing(hr, newcomer):
    token = link(hr, newcomer)
    with time_machine.travel(timezone.now() + timedelta(days=3, seconds=1)), pytest.raises(LinkSpent):
        joining.owner(token, now=timezone.now())
    close(actor=hr, staff_no=newcomer.staff_no, reason="resigned", now=timezone.now())
    with pytest.raises(LinkSpent):
        joining.owner(token, now=timezone.now())
    with pytest.raises(HasLeft):
        link(hr, newcomer)


def test_a_weak_password_leaves_the_link_whole(hr, newcomer):
    token = link(hr, newcomer)
    with pytest.raises(WeakPassword):
        joining.use(token=token, password="short", address="", now=timezone.now())
    assert joining.owner(token, now=timezone.now()).staff_no == newcomer.staff_no


def test_sessions_that_were_open_end_with_the_new_password(browser, hr, newcomer):
    browser.post(f"/accounts/join/{link(hr, newcomer)}/", SAID)
    browser.post("/accounts/login/", {"login": "newcomer", "password": PASSWORD})
    assert browser.get("/accounts/2fa/totp/activate/").status_code == 200
    joining.use(token=link(hr, newcomer), password=PASSWORD + "2", address="", now=timezone.now())
    assert browser.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/login/")


def test_only_hr_makes_one_and_not_for_themselves(hr, newcomer):
    with pytest.raises(NotKeeper):
        link(appoint(timezone.now(), "branch_manager"), newcomer)
    with pytest.raises(SelfGrant):
        joining.make_link(actor=hr, staff_no=hr.name, now=timezone.now())
    assert entries("people:join_link:issued") == []


def test_the_token_stands_nowhere_in_the_log(hr, newcomer):
    token = link(hr, newcomer)
    assert all(token.encode() not in entry.to_bytes() for entry in entries("people:join_link:issued"))


def test_two_user_names_never_differ_by_case_alone(hr, newcomer):
    with pytest.raises(NameTaken):
        services.create_staff(
            actor=SYSTEM,
            username="NewComer",
            display_name="测试员工",
            role="clerk",
            branch="HZ001",
            password=None,
            now=timezone.now(),
        )
    assert selectors.number_of("NEWCOMER") == newcomer.staff_no
