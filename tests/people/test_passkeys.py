"""Passkeys: set up, shown, demanded of a post, shown alone at a shared computer; copies and fakes are refused."""

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client

from midan.people import factors
from tests.people.conftest import PASSWORD, SYSTEM, appoint, entries
from tests.people.softkey import SoftKey
from tests.signing_in import sign_in

ADD, ENTER = "/accounts/2fa/webauthn/add/", "/accounts/2fa/webauthn/login/"
AGAIN, SECOND = "/accounts/2fa/webauthn/reauthenticate/", "/accounts/2fa/authenticate/"
pytestmark = pytest.mark.django_db(transaction=True)


def options_of(answer):
    page = answer.content.decode()
    return json.loads(re.search(r'id="passkey-options" type="application/json">(.*?)</script>', page)[1])


def type_password(browser):
    return browser.post("/accounts/login/", {"login": "officer7", "password": PASSWORD})


def set_up(browser, key):
    return browser.post(ADD, {"credential": key.make(options_of(browser.get(ADD))), "name": "指纹"})


def show(browser, key, place=AGAIN, **how):
    return browser.post(place, {"credential": key.show(options_of(browser.get(place)), **how)})


def enter(browser, key, **how):
    wanted = browser.get(ENTER).json()["options"]
    return browser.post(ENTER, {"credential": key.show(wanted, **how)})


def inside(browser):
    return browser.get("/log/").status_code == 200


@pytest.fixture
def key(officer, browser):
    """A passkey of the officer's, who has signed in with it."""
    made = SoftKey()
    type_password(browser)
    assert set_up(browser, made).status_code == 302
    return made


def test_somebody_new_sets_up_a_passkey_then_shows_it_then_works(key, browser):
    assert browser.get("/log/")["Location"] == f"{AGAIN}?next=%2Flog%2F"
    assert show(browser, key).status_code == 302
    assert inside(browser)
    assert [entry.details["factor"] for entry in entries("people:factor:added")] == ["webauthn"]
    page = browser.get("/accounts/2fa/").content.decode()
    assert "指纹" in page
    assert str(Authenticator.objects.filter(type="recovery_codes").count()) == "1"


def test_next_time_it_is_the_second_step_of_signing_in(key, browser):
    browser.logout()
    assert type_password(browser)["Location"] == SECOND
    assert show(browser, key, SECOND)["Location"] == "/"
    assert inside(browser)


def test_alone_it_signs_in_and_ends_whoever_was_signed_in_there(key, browser, now):
    appoint(now, username="clerk1", role="analyst")
    shared = Client(SERVER_NAME="localhost:8000")
    sign_in(shared, username="clerk1")
    before = shared.session.session_key
    assert enter(shared, key)["Location"] == "/"
    assert inside(shared)
    assert shared.session["_auth_user_id"] == str(Authenticator.objects.filter(type="webauthn").get().user_id)
    thief = Client(SERVER_NAME="localhost:8000")
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert not inside(thief)
    assert [entry.details["factor"] for entry in entries("people:session:signed_in")][-1] == "webauthn"
    assert len(entries("people:session:signed_out")) == 1


def test_a_fake_does_not_end_the_session_of_whoever_is_signed_in(key, browser, now):
    appoint(now, username="clerk1", role="analyst")
    shared = Client(SERVER_NAME="localhost:8000")
    sign_in(shared, username="clerk1")
    fake = SoftKey(number=key.number, owner=key.owner, counter=50)
    assert enter(shared, fake)["Location"] == "/accounts/login/"
    assert inside(shared)
    assert [entry.details["step"] for entry in entries("people:session:refused")] == ["passkey"]


def test_a_counter_that_stands_still_or_goes_back_is_a_copy(key, browser):
    assert show(browser, key).status_code == 302
    browser.logout()
    for step in (0, -1):
        assert enter(browser, key, grows=step)["Location"] == "/accounts/login/"
        assert not inside(browser)
    key.counter = 0
    assert enter(browser, key, grows=0)["Location"] == "/accounts/login/"
    assert enter(browser, key, grows=9)["Location"] == "/"


def test_a_passkey_that_never_counts_keeps_working(officer, browser):
    synced = SoftKey(counter=0)
    type_password(browser)
    set_up(browser, synced)
    for _ in range(2):
        assert show(browser, synced, grows=0).status_code == 302
    assert inside(browser)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:8001",
        "https://localhost:8000",
        "https://login.localhost",
        "https://midan.example",
        "http://localhost:8000.evil.example",
    ],
)
def test_a_passkey_shown_at_another_address_opens_nothing(key, browser, origin):
    key.origin = origin
    assert show(browser, key).status_code == 200
    assert not inside(browser)
    assert enter(Client(SERVER_NAME="localhost:8000"), key)["Location"] == "/accounts/login/"
    fresh = SoftKey(origin=origin)
    key.origin = "http://localhost:8000"
    show(browser, key)
    assert set_up(browser, fresh).status_code == 200
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def test_one_made_for_another_domain_or_without_a_finger_is_refused(key, browser):
    key.domain = "midan.example"
    assert show(browser, key).status_code == 200
    key.domain, key.verified = "localhost", False
    assert show(browser, key).status_code == 200
    assert not inside(browser)
    key.verified = True
    assert show(browser, key).status_code == 302


def test_an_answer_serves_once(key, browser):
    wanted = options_of(browser.get(AGAIN))
    answer = key.show(wanted)
    assert browser.post(AGAIN, {"credential": answer}).status_code == 302
    browser.logout()
    browser.get(ENTER)
    assert browser.post(ENTER, {"credential": answer})["Location"] == "/accounts/login/"


@pytest.mark.parametrize(
    "junk", ["", "{}", "[]", "null", "7", '{"response": []}', '{"id": "x", "response": {}}']
)
def test_junk_is_refused_as_such(key, browser, junk):
    for place, status in ((AGAIN, 200), (ENTER, 302)):
        assert browser.post(place, {"credential": junk}).status_code == status
    assert not inside(browser)


def test_the_domain_is_that_of_the_settings_whatever_a_request_says(officer, browser, monkeypatch):
    monkeypatch.setenv("MIDAN_BASE_URL", "https://desk.midan.example")
    monkeypatch.setenv("MIDAN_PASSKEY_DOMAIN", "midan.example")
    type_password(browser)
    said = options_of(browser.get(ADD, headers={"x-forwarded-host": "evil.example"}))
    assert said["publicKey"]["rp"]["id"] == "midan.example"
    wanted = said["publicKey"]["authenticatorSelection"]
    assert (wanted["residentKey"], wanted["userVerification"]) == ("required", "required")


def test_a_stolen_password_does_not_bring_a_passkey_of_its_own(officer, browser):
    factors.enrol_totp(actor=SYSTEM, staff_no=officer.staff_no)
    sign_in(browser, second_factor=False, username="officer7")
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert browser.get(ADD)["Location"] == browser.post(ADD)["Location"] == "/accounts/2fa/"
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_the_only_factor_stays_and_one_of_two_goes(key, browser):
    show(browser, key)
    number = Authenticator.objects.get(type="webauthn").pk
    remove = f"/accounts/2fa/webauthn/keys/{number}/remove/"
    assert browser.post(remove).status_code == 409
    assert set_up(browser, SoftKey()).status_code == 302
    assert browser.post(remove).status_code == 302
    assert [entry.details["factor"] for entry in entries("people:factor:removed")] == ["webauthn"]
    assert not Authenticator.objects.filter(pk=number).exists()


class TestDemandedOfAPost:
    @pytest.fixture(autouse=True)
    def _demand(self, monkeypatch):
        monkeypatch.setenv("MIDAN_PASSKEY_POSTS", "privacy_officer,analyst")

    def test_a_code_is_not_enough_and_leads_to_setting_one_up(self, officer, browser):
        factors.enrol_totp(actor=SYSTEM, staff_no=officer.staff_no)
        sign_in(browser, username="officer7")
        assert browser.get("/log/")["Location"] == ADD
        assert browser.get("/api/v1/audit/checkpoint").status_code == 401
        key = SoftKey()
        assert set_up(browser, key).status_code == 302
        assert browser.get("/log/")["Location"].startswith(AGAIN)
        show(browser, key)
        assert inside(browser)

    def test_a_recovery_code_is_not_enough_either(self, key, browser):
        show(browser, key)
        code = re.search(r"\b\d{8}\b", browser.get("/accounts/2fa/recovery-codes/").content.decode())[0]
        browser.logout()
        type_password(browser)
        assert browser.post(SECOND, {"code": code})["Location"] == "/"
        assert not inside(browser)

    def test_other_posts_do_with_a_code(self, officer, browser, now):
        appoint(now, username="auditor1", role="auditor")
        sign_in(browser, username="auditor1")
        assert inside(browser)
