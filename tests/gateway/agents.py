"""What agents ask the API, and every answer its page promises them."""

from base64 import b64encode
from importlib import import_module
from urllib.parse import quote

from django.db import DatabaseError
from django.utils import timezone

from midan.core.actor import Actor
from midan.devices import services as devices
from midan.devices.rules import MOST_AN_HOUR
from tests.devices.computers import MINUTE, Computer

ENROL, REPORT = "/devices", "/devices/{number}/reports"


def owner(company):
    return Actor(kind="staff", name=company.staff["manager"], role="branch_manager", branch="HZ001")


def send(company, signed):
    body = {"statement": signed.statement, "signature": b64encode(signed.signature).decode()}
    return company.call("POST", ENROL, body, client="")


def enrol(company, code="", computer=None, **changes):
    """Enrol a computer by a code of the manager's; return it and the answer."""
    computer, now = computer or Computer(), timezone.now()
    code = code or devices.make_code(actor=owner(company), now=now)
    answer = send(company, computer.enrolment(code, now, **changes))
    if answer.status_code == 201:
        computer.number = answer.json()["device"]
    return computer, answer


def report(company, computer, facts=None, at=None, **changes):
    body = computer.body(at or timezone.now(), *([facts] if facts else []), **changes)
    return report_body(company, computer, body)


def report_body(company, computer, body):
    return company.call("POST", f"/devices/{quote(computer.number)}/reports", body, client="")


def _full(asker):
    def full(**_):
        raise DatabaseError("database or disk is full")

    for module in ("reporting", "entries"):
        asker.patch.setattr(import_module(f"midan.devices.services.{module}"), "record", full)


def _enrolled_again(asker, _path):
    computer, _ = enrol(asker.company)
    return enrol(asker.company, computer=computer)[1]


def _nowhere_to_enrol(asker, _path):
    code = devices.make_code(actor=owner(asker.company), now=timezone.now())
    _full(asker)
    return enrol(asker.company, code)[1]


def _after(act):
    """Enrol a computer, do something to it, and let it report."""

    def ask(asker, _path):
        computer, _ = enrol(asker.company)
        act(asker, computer)
        return report(asker.company, computer)

    return ask


def _revoke(asker, computer):
    devices.revoke(actor=owner(asker.company), number=computer.number, now=timezone.now())


def _forget(_asker, computer):
    computer.number = "0" * 32


def _count_back(asker, computer):
    report(asker.company, computer)
    computer.counter = 0


def _report_without_end(asker, computer):
    for _ in range(MOST_AN_HOUR):
        computer.report(timezone.now())


def _with_body(body):
    return lambda asker, _path: report_body(asker.company, enrol(asker.company)[0], body)


ASKED = {
    ENROL: {
        201: lambda asker, _path: enrol(asker.company)[1],
        400: lambda asker, _path: enrol(asker.company, at=timezone.now() - 11 * MINUTE)[1],
        403: lambda asker, _path: enrol(asker.company, "guessed")[1],
        409: _enrolled_again,
        422: lambda asker, _path: asker.company.call("POST", ENROL, b"{", client=""),
        503: _nowhere_to_enrol,
    },
    REPORT: {
        200: _after(lambda _asker, _computer: None),
        400: _with_body({"statement": "{}", "signature": ""}),
        403: _after(_revoke),
        404: _after(_forget),
        409: _after(_count_back),
        422: _with_body([]),
        429: _after(_report_without_end),
        503: _after(lambda asker, _computer: _full(asker)),
    },
}
