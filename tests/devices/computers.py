"""Computers in software: a key, and what it would send."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from midan.core.actor import Actor
from midan.core.devicereport import (
    Enrolment,
    Facts,
    Report,
    Switch,
    System,
    read_signed,
    write_enrolment,
    write_report,
)
from midan.core.sm import SigningKey
from midan.devices import services

HEALTHY = Facts(
    system=System.LINUX,
    name="Debian GNU/Linux",
    version="13",
    patch_days=9,
    disk=Switch.ON,
    antivirus=Switch.ON,
    antivirus_days=1,
    screen_lock=Switch.ON,
    firewall=Switch.ON,
    agent="0.1.0",
    agent_days=12,
)
UNLOCKED = replace(HEALTHY, screen_lock=Switch.OFF)
PERSON = Actor(kind="staff", name="S00001", role="branch_manager", branch="HZ001")
COLLEAGUE = replace(PERSON, name="S00002")
STRANGER = replace(PERSON, name="S00003", branch="SZ001")
ADMIN = Actor(kind="staff", name="S00009", role="sysadmin", branch="HQ001")


@dataclass
class Computer:
    number: str = ""
    token: str = ""
    counter: int = 0
    key: SigningKey = field(default_factory=SigningKey.generate)

    def enrolment(self, code, now, **changes):
        said = Enrolment(code=code, name="前台电脑", public=self.key.public, system=System.LINUX, at=now)
        return read_signed(write_enrolment(replace(said, **changes), self.key))

    def enrol(self, owner, now, *, client=""):
        code = services.make_code(actor=owner, client=client, now=now)
        done = services.enrol(signed=self.enrolment(code, now), address="10.0.0.7", now=now)
        self.number, self.token = done.device, done.token
        return self

    def body(self, now, facts=HEALTHY, **changes):
        self.counter += 1
        said = Report(device=self.number, counter=self.counter, at=now, link=False, facts=facts)
        return write_report(replace(said, **changes), self.key)

    def report(self, now, facts=HEALTHY, **changes):
        return self.send(self.body(now, facts, **changes), now)

    def send(self, body, now):
        return services.report(number=self.number, signed=read_signed(body), address="10.0.0.7", now=now)


def at_work(owner, now, facts=HEALTHY, *, client=""):
    """Return a computer of the owner that has reported."""
    computer = Computer().enrol(owner, now, client=client)
    computer.report(now, facts)
    return computer


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
