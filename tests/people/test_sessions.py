"""Sessions end: idle, too old, on another device, elsewhere; one a person and class of device."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from midan.core.actor import Actor
from midan.people import sessions
from midan.people.browsers import browser_of
from midan.people.errors import NotKeeper, UnknownSession
from tests.people.conftest import PASSWORD, appoint, entries
from tests.signing_in import sign_in

DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
NEWER = DESK.replace("140.0", "141.2")
PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
FOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
TABLET = "Mozilla/5.0 (Linux; Android 15; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
pytestmark = pytest.mark.django_db(transaction=True)


def at(agent):
    return Client(SERVER_NAME="localhost", headers={"user-agent": agent})


def signed_in(agent=DESK, username="officer7"):
    client = at(agent)
    sign_in(client, agent=agent, username=username)
    return client


def enter(agent):
    client = at(agent)
    client.post("/accounts/login/", {"login": "officer7", "password": PASSWORD})
    return client


def inside(client):
    """Return whether the client's session still opens pages and, both or neither, the API."""
    page, api = client.get("/overview/").status_code, client.get("/api/v1/audit/checkpoint").status_code
    # With no checkpoint yet the log answers 404 to whoever may ask.
    assert (page, api) in {(200, 404), (302, 401)}
    return page == 200


def why():
    return [(entry.outcome, entry.details["why"]) for entry in entries("people:session:ended")]


@pytest.mark.parametrize(
    ("agent", "kind", "system", "name"),
    [
        (DESK, "desk", "windows", "chrome"),
        (FOX, "desk", "windows", "firefox"),
        (PHONE, "phone", "android", "chrome"),
        (TABLET, "tablet", "android", "chrome"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 MicroMessenger/8.0",
            "phone",
            "ios",
            "wechat",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15",
            "desk",
            "macos",
            "safari",
        ),
        ("", "desk", "other", "other"),
    ],
)
def test_a_browser_is_told_by_what_it_says(agent, kind, system, name):
    found = browser_of(agent)
    assert (found.kind, found.system, found.name) == (kind, system, name)


def test_ten_idle_minutes_end_it_and_work_keeps_it(officer):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = signed_in()
        for _ in range(4):
            clock.shift(timedelta(minutes=9))
            assert inside(client)
        clock.shift(timedelta(minutes=10, seconds=1))
        assert not inside(client)
    assert why() == [("done", "idle")]


def test_twelve_hours_end_it_whatever_happens_in_it(officer, monkeypatch):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = signed_in()
        for _ in range(12 * 60 // 9):
            clock.shift(timedelta(minutes=9))
            assert inside(client)
        clock.shift(timedelta(minutes=1))
        assert not inside(client)
    assert why() == [("done", "long")]


@pytest.mark.parametrize("thief", [PHONE, FOX, TABLET, "", "curl/8.0"])
def test_a_cookie_on_another_device_ends_the_session_for_both_and_is_written_down(officer, thief):
    client = signed_in()
    stolen = at(thief)
    stolen.cookies = client.cookies
    assert not inside(stolen)
    assert not inside(client)
    assert why() == [("denied", "device")]


def test_an_update_of_the_browser_ends_nothing(officer):
    client = signed_in()
    updated = at(NEWER)
    updated.cookies = client.cookies
    assert inside(updated)


def test_a_second_sign_in_on_the_same_kind_of_device_ends_the_first_and_on_another_kind_does_not(officer):
    desk, phone, again = enter(DESK), enter(PHONE), enter(FOX)
    # Without a second factor the overview leads to setting one up, which a stranger is not led to.
    ways = [client.get("/overview/")["Location"] for client in (desk, phone, again)]
    assert ways == [
        "/accounts/login/?next=/overview/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/totp/activate/",
    ]
    assert [entry.count for entry in entries("people:session:others_ended")] == [1]


def test_a_session_without_a_row_is_none(officer):
    client = signed_in()
    UserSession.objects.all().delete()
    assert not inside(client)


def test_one_ends_a_session_of_ones_own_and_the_next_request_is_refused(officer):
    desk, phone = signed_in(), signed_in(PHONE)
    number = next(
        row.number for row in sessions.live(staff_no=officer.staff_no) if row.browser.kind == "phone"
    )
    assert str(number) in desk.get("/accounts/2fa/").content.decode()
    assert desk.post(f"/sessions/{number}/end")["Location"] == "/accounts/2fa/"
    assert not inside(phone)
    assert inside(desk)
    assert why() == [("done", "own")]


@pytest.mark.parametrize(
    ("role", "branch", "may"),
    [
        ("branch_manager", "HZ001", True),
        ("branch_manager", "BJ001", False),
        ("sysadmin", "BJ001", True),
        ("hr", "BJ001", True),
        ("courier", "HZ001", False),
        ("analyst", "HZ001", False),
    ],
)
def test_whose_session_a_post_may_end(officer, role, branch, may):
    signed_in()
    (row,) = sessions.live()
    other = Actor(kind="staff", name="S99999", role=role, branch=branch)
    if may:
        sessions.end(actor=other, number=row.number)
        assert sessions.live() == ()
        with pytest.raises(UnknownSession):
            sessions.end(actor=other, number=row.number)
        return
    with pytest.raises(NotKeeper):
        sessions.end(actor=other, number=row.number)
    assert sessions.live() == (row,)


def test_a_manager_sees_the_sessions_of_the_own_branch_only(officer, now):
    from midan.people import services
    from tests.people.conftest import SYSTEM

    services.create_branch(
        actor=SYSTEM, code="BJ001", name="北京店", kind="own", district_code="110101", city="北京市"
    )
    appoint(now, username="boss", role="branch_manager", branch="BJ001")
    signed_in()
    page = signed_in(username="boss").get("/sessions/").content.decode()
    assert officer.staff_no not in page
    appoint(now, username="personnel", role="hr", branch="BJ001")
    page = signed_in(username="personnel").get("/sessions/").content.decode()
    assert officer.staff_no in page
