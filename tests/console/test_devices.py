"""Devices on pages: a session lives on one by a cookie, and what carries it elsewhere ends it."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from midan.audit import selectors as log
from midan.audit.selectors import EntryFilter
from midan.core.actor import Actor
from midan.demo.fulfilled import fulfil_all
from midan.devices import services as devices
from midan.devices.browsers import COOKIE
from midan.devices.models import Device
from midan.devices.selectors import devices_of
from midan.people import selectors as people
from midan.people.models import Staff
from tests.devices.computers import UNLOCKED, Computer, at_work
from tests.signing_in import sign_in

PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
SECURITY = "/accounts/2fa/"


def actor(role):
    found = people.staff_of(role=role)[0]
    return Actor(kind="staff", name=found.staff_no, role=role, branch=found.branch)


def enter(role, agent=DESK, cookie="", **how):
    client = Client(SERVER_NAME="localhost", headers={"user-agent": agent})
    sign_in(client, agent=agent, role=role, **how)
    if cookie:
        client.cookies[COOKIE] = cookie
    return client


def ask(company, client):
    """Reveal over the API with a session, and return the status and why not."""
    token = client.get("/waybills/").cookies.get("csrftoken")
    answer = client.post(
        f"/api/v1/waybills/{company.number}/reveal",
        {"fields": ["recipient_name"], "purpose": "customer_service", "reason": "customer_asked"},
        content_type="application/json",
        headers={"X-CSRFToken": (token or client.cookies["csrftoken"]).value},
    )
    return answer.status_code, answer.json().get("details", {}).get("reason", "")


def reveal_on_page(company, client):
    return client.post(
        f"/waybills/{company.number}/reveal",
        {"field": "recipient_name", "purpose": "customer_service", "reason": "customer_asked"},
    )


@pytest.fixture
def computer(company):
    return at_work(actor("branch_manager"), timezone.now())


@pytest.fixture
def bound(computer):
    """A browser at the manager's computer, bound by the address its agent gave."""
    client = enter("branch_manager")
    page = client.get(f"/devices/bind/{computer.token}/")
    assert page.status_code == 200
    answer = client.post(f"/devices/bind/{computer.token}/")
    assert (answer.status_code, answer["Location"]) == (302, f"{SECURITY}#devices")
    return client


def test_a_browser_bound_to_a_healthy_computer_reveals_and_another_does_not(company, bound):
    assert ask(company, bound) == (200, "")
    assert ask(company, enter("branch_manager")) == (403, "device_unknown")
    assert b"T5" in reveal_on_page(company, enter("branch_manager")).content


def test_the_cookie_is_unreadable_for_scripts_and_other_sites_and_its_value_is_kept_nowhere(bound):
    morsel = bound.cookies[COOKIE]
    assert (morsel["httponly"], morsel["samesite"], len(morsel.value) >= 43) == (True, "Lax", True)
    kept = [str(value) for row in Device.objects.values() for value in row.values()]
    assert not any(morsel.value in text for text in kept)


def test_the_next_sign_in_of_the_browser_lives_on_the_computer_again(company, bound):
    cookie = bound.cookies[COOKIE].value
    assert ask(company, enter("branch_manager", cookie=cookie)) == (200, "")


def test_a_session_carried_to_another_browser_ends(company, bound):
    thief = Client(SERVER_NAME="localhost", headers={"user-agent": DESK})
    thief.cookies["sessionid"] = bound.cookies["sessionid"].value
    assert thief.get("/waybills/").status_code == 302
    assert bound.get("/waybills/").status_code == 302
    (entry,) = [view.entry for view in log.entries(EntryFilter(act="people:session:ended")).items]
    assert (entry.outcome, entry.details["why"]) == ("denied", "device")


def test_a_cookie_alone_or_another_persons_is_worth_nothing(company, bound, computer):
    cookie = bound.cookies[COOKIE].value
    stranger = Client(SERVER_NAME="localhost", headers={"user-agent": DESK})
    stranger.cookies[COOKIE] = cookie
    assert stranger.get("/waybills/").status_code == 302
    at_work(actor("agent"), timezone.now())
    client = enter("agent", cookie=cookie)
    client.get("/waybills/")
    assert client.session.get("midan_device") is None


def test_the_cookie_in_a_browser_of_another_class_is_worth_nothing(company, bound):
    client = enter("branch_manager", agent=PHONE, cookie=bound.cookies[COOKIE].value)
    assert ask(company, client) == (403, "device_unknown")


def test_a_device_turned_bad_refuses_the_next_request_of_its_session(company, bound, computer):
    assert ask(company, bound) == (200, "")
    computer.report(timezone.now(), UNLOCKED)
    assert ask(company, bound) == (403, "device_unhealthy")
    assert "不合格" in bound.get(SECURITY).content.decode()


def test_a_device_revoked_ends_its_session(company, bound, computer):
    devices.revoke(actor=actor("sysadmin"), number=computer.number, now=timezone.now())
    assert bound.get("/waybills/").status_code == 302
    (entry,) = [view.entry for view in log.entries(EntryFilter(act="people:session:ended")).items]
    assert (entry.details["why"], entry.clause) == ("revoked", "T5")


def test_what_a_request_says_of_its_device_is_not_asked(company, computer):
    client = enter("branch_manager", cookie=computer.number)
    token = client.get("/waybills/").cookies["csrftoken"].value
    answer = client.post(
        f"/api/v1/waybills/{company.number}/reveal?device={computer.number}",
        {"fields": ["recipient_name"], "purpose": "customer_service", "reason": "customer_asked"},
        content_type="application/json",
        headers={"X-CSRFToken": token, "Midan-Device": computer.number, "Device": computer.number},
    )
    assert answer.json()["details"]["reason"] == "device_unknown"


class TestEnrolling:
    def test_a_code_is_made_with_a_fresh_factor_and_enrols_the_agents_computer(self, company):
        stale = enter("courier", ago=400).post("/devices/code")
        assert stale.status_code == 302
        page = enter("courier").post("/devices/code").content.decode()
        code = re.search(r'id="code">([^<]+)<', page)[1]
        computer, now = Computer(), timezone.now()
        devices.enrol(signed=computer.enrolment(code, now), address="", now=now)
        (view,) = devices_of(actor("courier").name, now=now)
        assert view.name == "前台电脑"

    def test_opening_the_address_alone_binds_nothing_and_asks_for_a_fresh_factor(self, company, computer):
        client = enter("branch_manager")
        client.get(f"/devices/bind/{computer.token}/")
        assert COOKIE not in client.cookies
        stale = enter("branch_manager", ago=400).get(f"/devices/bind/{computer.token}/")
        assert stale.status_code == 302

    def test_somebody_else_binds_nothing_by_the_address(self, company, computer):
        answer = enter("courier").post(f"/devices/bind/{computer.token}/")
        assert answer.status_code == 403
        assert COOKIE not in answer.cookies


class TestPhones:
    @pytest.fixture
    def passkey(self, company):
        person = Staff.objects.get(staff_no=actor("branch_manager").name)
        return Authenticator.objects.create(user=person, type="webauthn", data={"name": "Pixel"})

    def shown(self, passkey, agent=PHONE, kind="webauthn"):
        client = enter("branch_manager", agent=agent)
        session = client.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time()},
            {"method": "mfa", "at": time.time(), "id": passkey.pk, "type": kind},
        ]
        session.save()
        return client

    def test_a_phone_is_registered_by_its_passkey_and_taken_off_with_it(self, company, passkey):
        client = self.shown(passkey)
        answer = client.post("/devices/phone", {"name": "我的手机"})
        assert answer.status_code == 302
        assert ask(company, client) == (200, "")
        passkey.delete()
        assert ask(company, client) == (403, "device_unhealthy")

    def test_a_code_instead_of_a_passkey_leads_to_the_passkey_and_registers_nothing(self, company, passkey):
        answer = self.shown(passkey, kind="totp").post("/devices/phone", {"name": "我的手机"})
        assert "webauthn/reauthenticate" in answer["Location"]
        assert not Device.objects.filter(kind="phone").exists()

    def test_a_desk_is_no_phone(self, company, passkey):
        answer = self.shown(passkey, agent=DESK).post("/devices/phone", {"name": "我的手机"})
        assert answer.status_code == 403


class TestTheRegister:
    def test_keepers_see_every_device_filter_share_and_revoke(self, company, computer):
        admin = enter("sysadmin")
        page = admin.get("/people/devices/").content.decode()
        assert "前台电脑" in page
        assert "演示设备" in page
        computer.report(timezone.now(), UNLOCKED)
        bad = admin.get("/people/devices/?health=bad").content.decode()
        assert "前台电脑" in bad
        assert "演示公司的人物" not in bad
        admin.post(f"/people/devices/{computer.number}/share", {"to": "branch"})
        assert Device.objects.get(id=computer.number).shared_with == "HZ001"
        admin.post(f"/devices/{computer.number}/revoke", {"from": "register"})
        assert Device.objects.get(id=computer.number).revoked_at

    @pytest.mark.parametrize("role", ["courier", "branch_manager", "agent", "privacy_officer"])
    def test_others_do_not(self, company, computer, role):
        client = enter(role)
        assert client.get("/people/devices/").status_code == 403
        assert client.post(f"/people/devices/{computer.number}/share", {"to": "branch"}).status_code == 403
        if role != "branch_manager":
            assert client.post(f"/devices/{computer.number}/revoke").status_code == 403

    def test_a_program_gets_its_code_from_a_keeper(self, company):
        page = enter("hr").post("/people/devices/code", {"client": "abc-1"})
        assert 'id="code"' in page.content.decode()
        assert enter("hr").post("/people/devices/code", {"client": "a b"}).status_code == 400
        assert enter("courier").post("/people/devices/code", {"client": "abc-1"}).status_code == 403


def test_in_english_the_pages_have_no_chinese_left(company, computer):
    for role, path in (("branch_manager", SECURITY), ("sysadmin", "/people/devices/")):
        client = company.client(role, language="en")
        page = re.sub(r"<script.*?</script>", "", client.get(path).content.decode(), flags=re.DOTALL)
        found = set(re.findall(r"[一-鿿]+", re.sub(r"<[^>]+>", " ", page)))
        assert not found - {"测试员工", "前台电脑", "演示", "简体中文", "中文", "密单"}


def test_the_invented_company_keeps_working_until_somebody_enrols_a_real_device(company):
    assert ask(company, enter("branch_manager")) == (200, "")
    Computer().enrol(actor("branch_manager"), timezone.now())
    assert ask(company, enter("branch_manager")) == (403, "device_unknown")
    devices.revoke_all(actor=actor("sysadmin"), staff_no=actor("branch_manager").name, now=timezone.now())
    fulfil_all(staff=[people.staff(actor("branch_manager").name)], now=timezone.now())
    assert ask(company, enter("branch_manager")) == (200, "")
