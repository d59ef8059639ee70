"""Five tries, then a lock that grows; the same for a name nobody has."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from midan.people import factors, tries
from midan.people.models import FactorUse, Tries
from midan.people.rules import lock_minutes
from tests.at_once import at_once
from tests.people.conftest import PASSWORD, SYSTEM, entries

LOGIN, CODE = "/accounts/login/", "/accounts/2fa/authenticate/"
pytestmark = pytest.mark.django_db(transaction=True)


def enter(browser, password, name="officer7"):
    return browser.post(LOGIN, {"login": name, "password": password})


def said(answer):
    page = answer.content.decode()
    return page.partition('<div class="note-box danger')[2].partition("</ul>")[0]


def wrong(browser, times, name="officer7"):
    return [enter(browser, "wrong one", name) for _ in range(times)]


def test_the_lock_begins_at_five_minutes_and_grows_to_an_hour():
    assert [lock_minutes(failures) for failures in (0, 4, 5, 6, 7, 8, 9, 50)] == [0, 0, 5, 10, 20, 40, 60, 60]


def test_after_five_wrong_ones_the_right_one_waits_and_each_further_wrong_one_waits_longer(officer, browser):
    begin = timezone.now()
    with time_machine.travel(begin, tick=False) as clock:
        wrong(browser, 5)
        locked = enter(browser, PASSWORD)
        assert (locked.status_code, "5 分钟" in said(locked)) == (200, True)
        clock.shift(timedelta(minutes=4, seconds=59))
        assert enter(browser, PASSWORD).status_code == 200
        clock.shift(timedelta(seconds=2))
        wrong(browser, 1)
        clock.shift(timedelta(minutes=9))
        assert enter(browser, PASSWORD).status_code == 200
        clock.shift(timedelta(minutes=2))
        assert enter(browser, PASSWORD).status_code == 302
        assert not Tries.objects.exists()


def test_a_right_one_in_between_forgets_the_wrong_ones(officer, browser):
    wrong(browser, 4)
    assert enter(browser, PASSWORD).status_code == 302
    browser.logout()
    wrong(browser, 4)
    assert enter(browser, PASSWORD).status_code == 302


def test_a_name_nobody_has_is_answered_and_locked_in_the_same_words(officer, browser):
    known, unknown = wrong(browser, 6), wrong(browser, 6, name="nobody9")
    for one, other in zip(known, unknown, strict=True):
        assert (one.status_code, said(one)) == (other.status_code, said(other))
    assert said(known[0]) != said(known[5])


def test_capitals_and_blanks_make_no_new_name(officer, browser):
    for name in ("officer7", "OFFICER7", " officer7", "Officer7 ", "officer7"):
        wrong(browser, 1, name=name)
    assert enter(browser, PASSWORD).status_code == 200


def test_a_lock_is_written_down_once_with_whose_it_is_and_never_with_what_was_typed(officer, browser):
    wrong(browser, 7)
    wrong(browser, 7, name="nobody9")
    locked = entries("people:session:locked")
    assert [entry.object for entry in locked] == [f"session:{officer.staff_no}", "session:unknown"]
    assert all(b"nobody9" not in entry.to_bytes() for entry in locked)
    assert not Tries.objects.filter(digest__contains="officer7").exists()


def test_of_many_tries_at_the_same_moment_five_are_judged(officer):
    key, now = tries.digest("name", "officer7"), timezone.now()
    let_by = at_once(*[partial(tries.claim, key, now=now)] * 12)
    assert sum(left == timedelta(0) for left in let_by) == 5


def test_wrong_codes_lock_as_wrong_passwords_do(officer, browser):
    secret = factors.enrol_totp(actor=SYSTEM, staff_no=officer.staff_no)
    enter(browser, PASSWORD)
    for _ in range(5):
        browser.post(CODE, {"code": "000000"})
    answer = browser.post(CODE, {"code": factors.code_now(secret)})
    assert "5 分钟" in answer.content.decode()
    assert browser.get("/log/").status_code == 302


def test_a_code_serves_once_as_long_as_any_clock_would_take_it(officer, browser):
    secret = factors.enrol_totp(actor=SYSTEM, staff_no=officer.staff_no)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code = factors.code_now(secret)
        enter(browser, PASSWORD)
        assert browser.post(CODE, {"code": code})["Location"] == "/"
        # The library forgets a code after half a minute and takes it for a minute and a half.
        clock.shift(timedelta(seconds=31))
        cache.clear()
        browser.logout()
        enter(browser, PASSWORD)
        assert browser.post(CODE, {"code": code}).status_code == 200
        assert browser.get("/log/").status_code == 302
        assert browser.post(CODE, {"code": factors.code_now(secret)})["Location"] == "/"


def test_of_one_code_used_twice_at_once_one_passes(officer):
    from allauth.mfa.models import Authenticator

    from midan.people.passkeys import spend_code

    secret = factors.enrol_totp(actor=SYSTEM, staff_no=officer.staff_no)
    row, code = Authenticator.objects.get(type="totp"), factors.code_now(secret)
    assert sorted(at_once(*[partial(spend_code, row, code)] * 6)) == [False] * 5 + [True]
    assert FactorUse.objects.count() == 1
