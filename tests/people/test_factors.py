"""A second factor before anything else: set up, asked for, sealed at rest, and every change of it in the log."""

import json
import re
import secrets

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse

from midan.audit import selectors as audit
from midan.audit.selectors import EntryFilter
from midan.config.sealing import FactorUnreadable, SealedFactors, SealedSession
from midan.core.actor import Actor
from midan.core.sm import Tampered
from midan.people import factors, services
from midan.people.models import FactorUse, Staff
from tests.signing_in import sign_in

SYSTEM = Actor.system("test")
PASSWORD = "nine purple otters recite a tide table"
SET_UP, CONFIRM = "/accounts/2fa/totp/activate/", "/accounts/2fa/reauthenticate/"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person(now):
    cache.clear()
    services.create_branch(
        actor=SYSTEM, code="HZ001", name="测试网点", kind="own", district_code="330106", city="杭州市"
    )
    return services.create_staff(
        actor=SYSTEM,
        username="officer7",
        display_name="测试员工",
        role="privacy_officer",
        branch="HZ001",
        password=PASSWORD,
        now=now,
    )


@pytest.fixture
def browser():
    return Client(SERVER_NAME="localhost")


def type_password(browser, password=PASSWORD, username="officer7"):
    return browser.post("/accounts/login/", {"login": username, "password": password})


def acts():
    return [
        (
            view.entry.act.removeprefix("people:"),
            {name: said for name, said in view.entry.details.items() if name in {"step", "factor"}},
        )
        for view in reversed(audit.entries(EntryFilter(), limit=50).items)
        if view.entry.act.startswith("people:") and not view.entry.actor.startswith("system")
    ]


def set_up(browser):
    secret = re.search(r"secret-text\">([A-Z2-7]+)<", browser.get(SET_UP).content.decode())[1]
    answer = browser.post(SET_UP, {"code": factors.code_now(secret)})
    assert answer.status_code == 302, answer.content.decode()
    return secret


def spend_nothing():
    """Forget which codes were used: a test is over before the next half minute begins."""
    cache.clear()
    FactorUse.objects.all().delete()


def test_somebody_new_is_led_to_a_second_factor_then_confirms_it_then_works(person, browser):
    type_password(browser)
    assert browser.get("/", follow=True).redirect_chain[-1][0] == SET_UP
    secret = set_up(browser)
    # The password step alone does not become a second factor by setting one up.
    assert browser.get("/overview/")["Location"] == f"{CONFIRM}?next=%2Foverview%2F"
    confirmed = browser.post(f"{CONFIRM}?next=/overview/", {"code": factors.code_now(secret)})
    assert confirmed["Location"] == "/overview/"
    assert browser.get("/log/").status_code == 200
    codes = browser.get("/accounts/2fa/recovery-codes/").content.decode()
    assert len(re.findall(r"\b\d{8}\b", codes)) == 10


def test_next_time_the_code_is_part_of_signing_in_and_a_recovery_code_serves_once(person, browser):
    secret = factors.enrol_totp(actor=SYSTEM, staff_no=person.staff_no)
    assert type_password(browser)["Location"] == "/accounts/2fa/authenticate/"
    assert browser.get("/log/").status_code == 302
    browser.post("/accounts/2fa/authenticate/", {"code": factors.code_now(secret)})
    assert browser.get("/log/").status_code == 200
    spend_nothing()
    browser.post(CONFIRM, {"code": factors.code_now(secret)})
    browser.post("/accounts/2fa/recovery-codes/generate/", {})
    code = re.search(r"\b\d{8}\b", browser.get("/accounts/2fa/recovery-codes/").content.decode())[0]
    for status in (200, 302):
        stranger = Client(SERVER_NAME="localhost")
        type_password(stranger)
        stranger.post("/accounts/2fa/authenticate/", {"code": code})
        assert stranger.get("/log/").status_code == status


def test_behind_a_proxy_failed_sign_ins_are_logged_with_and_counted_by_the_visitors_address(
    person, browser, monkeypatch, settings
):
    monkeypatch.setenv("MIDAN_TRUSTED_PROXIES", "1")
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/5m/ip"}

    def judged(address, name):
        """Try to sign in and return the addresses of all tries that were looked at so far: too many are not."""
        browser.post(
            "/accounts/login/",
            {"login": name, "password": "wrong"},
            headers={"X-Forwarded-For": f"203.0.113.5, {address}"},
        )
        found = audit.entries(EntryFilter(act="people:session:refused")).items
        return [view.entry.address for view in reversed(found)]

    tries = [judged(f"2001:db8::{place}", f"name{place}") for place in range(4)]
    assert tries[3] == tries[2] == ["2001:db8::", "2001:db8::1", "2001:db8::2"]
    assert judged("198.51.100.7", "name9")[3:] == ["198.51.100.7"]


PAGES = ["/", "/overview/", "/log/", "/accounts/sessions/", "/accounts/password/change/", "/accounts/2fa/"]


@pytest.mark.parametrize("page", [*PAGES, "/accounts/2fa/recovery-codes/", "/accounts/email/", "/log/verify"])
def test_a_session_without_a_second_factor_opens_nothing_else(person, browser, page):
    sign_in(browser, second_factor=False, username="officer7")
    assert browser.get(page)["Location"] == SET_UP
    assert browser.post(page)["Location"] == SET_UP
    factors.enrol_totp(actor=SYSTEM, staff_no=person.staff_no)
    assert browser.get(page)["Location"].startswith(CONFIRM)
    assert browser.post(page)["Location"] == CONFIRM


def test_a_part_of_a_page_sends_the_whole_page_to_the_second_factor(person, browser):
    sign_in(browser, second_factor=False, username="officer7")
    answer = browser.post("/log/verify", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (401, SET_UP)


def test_public_pages_and_signing_out_stay_open(person, browser):
    sign_in(browser, second_factor=False, username="officer7")
    assert browser.get("/track").status_code == 200
    assert browser.post("/i18n/setlang/", {"language": "en", "next": "/track"}).status_code == 302
    assert browser.post("/accounts/logout/").status_code == 302
    assert browser.get("/log/")["Location"].startswith("/accounts/login/")


def test_a_factor_recorded_for_somebody_else_does_not_count(person, browser):
    user = sign_in(browser, username="officer7")
    request = RequestFactory().get("/")
    request.user, request.session = user, browser.session
    assert factors.passed(request)
    request.session["account_authentication_methods_user"] = str(user.pk + 1)
    assert not factors.passed(request)


def test_the_password_alone_confirms_no_second_factor(person, browser):
    factors.enrol_totp(actor=SYSTEM, staff_no=person.staff_no)
    sign_in(browser, second_factor=False, username="officer7")
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert browser.get("/log/").status_code == 302


def test_every_change_is_in_the_log_and_nothing_typed_is(person, browser):
    type_password(browser, username="a password typed as a name", password="x")
    type_password(browser, password="wrong one")
    type_password(browser)
    secret = set_up(browser)
    browser.post(CONFIRM, {"code": "000000"})
    browser.post(CONFIRM, {"code": factors.code_now(secret)})
    browser.post("/accounts/2fa/recovery-codes/generate/", {})
    new = "eleven grey herons count the ferries"
    changed = browser.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert changed.status_code == 302
    browser.post("/accounts/sessions/", {})
    browser.post("/accounts/logout/")
    assert acts() == [
        ("session:refused", {"step": "password"}),
        ("session:refused", {"step": "password"}),
        ("session:signed_in", {"factor": "none"}),
        ("factor:added", {"factor": "totp"}),
        ("recovery_codes:issued", {}),
        ("session:refused", {"step": "factor"}),
        ("session:confirmed", {"factor": "totp"}),
        ("recovery_codes:issued", {}),
        ("password:changed", {}),
        ("session:others_ended", {}),
        ("session:signed_out", {}),
    ]
    spend_nothing()
    type_password(browser, password=new)
    browser.post("/accounts/2fa/authenticate/", {"code": "000000"})
    browser.post("/accounts/2fa/authenticate/", {"code": factors.code_now(secret)})
    assert acts()[-2:] == [
        ("session:refused", {"step": "factor"}),
        ("session:signed_in", {"factor": "totp"}),
    ]
    written = b"".join(view.entry.to_bytes() for view in audit.entries(EntryFilter(), limit=50).items)
    for typed in ("typed as a name", "officer7", "wrong one", secret, "herons", "000000"):
        assert typed.encode() not in written


def test_a_closed_account_tried_with_its_right_password_is_refused_and_logged(person, browser):
    Staff.objects.filter(staff_no=person.staff_no).update(is_active=False)
    type_password(browser)
    assert browser.get("/log/")["Location"].startswith("/accounts/login/")
    assert acts() == [("session:refused", {"step": "closed_account"})]


def test_no_secret_of_a_second_factor_lies_readable_in_the_database(person, browser):
    type_password(browser)
    page = browser.get(SET_UP).content.decode()
    secret = re.search(r"secret-text\">([A-Z2-7]+)<", page)[1]
    (session,) = Session.objects.all()
    assert secret not in str(session.get_decoded) + session.session_data
    assert session.get_decoded()["mfa.totp.secret"] == secret
    browser.post(SET_UP, {"code": factors.code_now(secret)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, data FROM mfa_authenticator ORDER BY type")
        kept = {
            kind: data if isinstance(data, dict) else json.loads(data) for kind, data in cursor.fetchall()
        }
    assert kept["totp"]["secret"].startswith("sm4.")
    assert kept["recovery_codes"]["seed"].startswith("sm4.")
    assert secret not in str(kept)


@pytest.mark.parametrize("change", ["flip", "plain", "cut", "foreign"])
def test_a_stored_factor_that_was_changed_lets_nobody_in(person, browser, change, settings):
    secret = factors.enrol_totp(actor=SYSTEM, staff_no=person.staff_no)
    row = Authenticator.objects.get(type="totp")
    sealed = row.data["secret"]
    if change == "foreign":
        settings.SECRET_KEY = secrets.token_urlsafe(64)
    else:
        other = "A" if sealed[20] != "A" else "B"
        wrong = {"flip": sealed[:20] + other + sealed[21:], "plain": secret, "cut": sealed[:12]}[change]
        row.data["secret"] = wrong
        row.save()
    type_password(browser)
    answer = browser.post("/accounts/2fa/authenticate/", {"code": factors.code_now(secret)})
    assert answer.status_code == 503
    assert "factor_unreadable" in answer.content.decode()
    assert browser.get("/log/").status_code == 302


def test_sealing_opens_only_what_it_sealed():
    adapter = SealedFactors()
    assert adapter.decrypt(adapter.encrypt("JBSWY3DP")) == "JBSWY3DP"
    assert adapter.encrypt("JBSWY3DP") != adapter.encrypt("JBSWY3DP")
    with pytest.raises(FactorUnreadable):
        adapter.decrypt("sm4.不是")
    session = SealedSession()
    assert session.loads(session.dumps({"a": 1})) == {"a": 1}
    with pytest.raises(Tampered):
        session.loads(b"short")
    # A session's bytes are not a factor's: each purpose has a key of its own.
    import base64

    with pytest.raises(FactorUnreadable):
        adapter.decrypt("sm4." + base64.urlsafe_b64encode(session.dumps("JBSWY3DP")).decode())


def test_factors_set_up_before_sealing_are_sealed_by_the_migration(person):
    from importlib import import_module

    from django.apps import apps

    secret = factors.enrol_totp(actor=SYSTEM, staff_no=person.staff_no)
    Authenticator.objects.update(data={"secret": secret})
    migration = import_module("midan.people.migrations.0002_sealed_factors")
    for _ in range(2):
        migration.seal(apps, None)
        row = Authenticator.objects.get()
        assert SealedFactors().decrypt(row.data["secret"]) == secret


def test_lookups_of_enrolment_count_people_not_devices(person):
    assert factors.enrolled_count() == 0
    factors.enrol_totp(actor=SYSTEM, staff_no=person.staff_no)
    assert factors.enrolled_count() == 1
    Staff.objects.filter(staff_no=person.staff_no).update(is_active=False)
    assert factors.enrolled_count() == 0


def test_the_sign_in_page_says_whom_to_ask_and_links_no_closed_page(browser):
    page = browser.get("/accounts/login/").content.decode()
    assert reverse("account_reset_password") not in page
    assert "人事" in page.split("忘记密码")[1][:40]
