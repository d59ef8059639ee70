"""The routes of agents: known by the signature in the body alone, and every refusal in the one shape."""

import json
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from midan.agent import talking
from midan.core.actor import Actor
from midan.core.devicereport import LARGEST
from midan.devices import services as devices
from midan.devices.selectors import devices_of
from tests.devices.computers import MINUTE, UNLOCKED, Computer
from tests.gateway.agents import enrol, owner, report
from tests.gateway.test_doors import QUESTIONS


def test_an_agent_enrols_and_reports_without_token_or_session(company):
    computer, answer = enrol(company)
    assert answer.status_code == 201
    place = urlsplit(answer.json()["link"])
    assert place.path.startswith("/devices/bind/")
    said = report(company, computer).json()
    assert said == {"healthy": True, "failing": [], "link": None}
    said = report(company, computer, UNLOCKED, link=True).json()
    assert (said["healthy"], said["failing"]) == (False, ["screen_lock"])
    assert said["link"] != answer.json()["link"]


def test_the_agent_and_the_server_understand_each_other(company, tmp_path, monkeypatch):
    def carried(address, body):
        answer = company.call("POST", urlsplit(address).path.removeprefix("/api/v1"), body, client="")
        assert answer.status_code < 300, answer.content
        return answer.json()

    monkeypatch.setattr(talking, "_send", carried)
    code = tmp_path / "code"
    code.write_text(devices.make_code(actor=owner(company), now=timezone.now()))
    asked = {"place": tmp_path / "agent", "now": timezone.now()}
    enrolled = talking.enrol(server="http://localhost:8000", code_file=code, name="前台电脑", **asked)
    judged = [talking.report(link=link, **asked) for link in (False, True)]
    assert [bool(one["link"]) for one in judged] == [False, True]
    assert "report" not in judged[0]["failing"]
    (view,) = devices_of(company.staff["manager"], now=timezone.now())
    assert (view.id, view.name) == (enrolled["device"], "前台电脑")
    assert tuple(judged[1]["failing"]) == view.failing


def test_each_refusal_has_its_code(company):
    computer, _ = enrol(company)
    body = computer.body(timezone.now())
    path = f"/devices/{computer.number}/reports"
    assert company.call("POST", path, body, client="").status_code == 200
    for changed, status, code in (
        (body, 409, "device_report_replayed"),
        (computer.body(timezone.now() - 11 * MINUTE), 400, "device_clock_off"),
        (computer.body(timezone.now()) | {"signature": "AAAA"}, 400, "device_statement_refused"),
        ({"statement": "{}"}, 400, "device_statement_refused"),
        ([], 422, "malformed_body"),
        (b"{", 422, "malformed_body"),
        (json.dumps({"statement": "x" * LARGEST, "signature": ""}), 422, "malformed_body"),
    ):
        answer = company.call("POST", path, changed, client="")
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    answer = company.call("POST", "/devices/" + "0" * 32 + "/reports", body, client="")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_device")
    devices.revoke(actor=owner(company), number=computer.number, now=timezone.now())
    assert report(company, computer).json()["code"] == "device_revoked"


def test_a_code_that_is_not_one_enrols_nothing(company):
    _, answer = enrol(company, code="guessed")
    assert (answer.status_code, answer.json()["code"]) == (403, "device_code_spent")


def test_an_answer_repeats_nothing_of_what_was_sent(company):
    _, answer = enrol(company, code="13800138000", name="13800138000")
    assert b"13800138000" not in answer.content


@pytest.fixture
def ticket(company):
    """An agent's ticket, with a person's own computer enrolled: what stood in for one has ended."""
    number = company.send()
    method, path, body = QUESTIONS["ticket"]
    opened = company.call(method, path, body | {"waybill": number}, actor="agent").json()["ticket"]
    agent = Actor(kind="staff", name=company.staff["agent"], role="agent", branch="HZ001")
    Computer().enrol(agent, timezone.now()).report(timezone.now())

    def ask():
        method, path, body = QUESTIONS["reveal"]
        answer = company.call(method, path.replace("{no}", number), body | {"ticket": opened}, actor="agent")
        return answer.status_code, answer.json().get("details", {}).get("reason", "")

    return ask


def test_through_a_program_the_named_persons_own_computer_does_not_count(company, ticket):
    assert ticket() == (403, "device_unknown")
    admin = Actor(kind="staff", name="S90000", role="sysadmin", branch="HZ001")
    from midan.gateway.selectors import clients

    (hall,) = [client.client_id for client in clients() if client.name == "hall"]
    kiosk = Computer().enrol(admin, timezone.now(), client=hall)
    assert ticket() == (403, "device_unhealthy")
    kiosk.report(timezone.now())
    assert ticket() == (200, "")
    devices.revoke(actor=admin, number=kiosk.number, now=timezone.now())
    assert ticket() == (403, "device_unknown")
