"""A small company whose parcels grow old: the world of the access tests, with what an officer does about them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import pytest

from midan.approval import services as approval
from midan.audit import keys
from midan.audit import services as audit
from midan.core.actor import Actor
from midan.core.certificate import read
from midan.destruction import selectors, services
from midan.vault import selectors as vault
from midan.vault.keeping import selectors as keeping
from midan.vault.keeping.rules import EndReason, HoldKind, HoldReason, Scope
from midan.waybill import selectors as waybills
from tests.access.conftest import world  # noqa: F401  the fixture

JOB = Actor.system("destruction")
ROAD = ("collected", "departed", "arrived", "out_for_delivery")


@dataclass
class Office:
    """`now` is the moment; `days(n)` lets time pass."""

    world: object

    @property
    def now(self):
        return self.world.now

    @property
    def officer(self):
        return self.world.actor("privacy_officer", "HZ001")

    @property
    def second(self):
        return self.world.actor("privacy_officer", "SZ001")

    def days(self, count):
        self.world.now += timedelta(days=count)

    def order(self, *, delivered=True):
        """Take an order in today; return its number."""
        number = self.world.order()
        if delivered:
            self.deliver(number)
        return number

    def deliver(self, number):
        self.world.drive(number, *ROAD, "delivered")

    def hold(self, *numbers, kind=HoldKind.HOLD):
        return services.place_hold(
            actor=self.officer,
            kind=kind,
            scope=Scope.WAYBILL,
            label="",
            reason=HoldReason.LITIGATION,
            waybill_numbers=numbers,
            now=self.now,
        )

    def end(self, hold):
        """Two persons end a hold."""
        code = services.request_end(
            actor=self.officer, code=hold, reason=EndReason.DISPUTE_SETTLED, now=self.now
        )
        approval.approve(actor=self.second, code=code, now=self.now)
        services.end_agreed_holds(actor=JOB, now=self.now)

    def work(self, *, due=True):
        return services.work(actor=JOB, clock=lambda: self.now, due=due)

    def destroy_due(self):
        """Do what a day's job does and return the runs it finished."""
        worked = self.work()
        assert worked.faults == ()
        return [selectors.run(code) for code in worked.finished]

    def seq(self, number):
        return waybills.get(number).seq

    def epoch(self, number):
        (place,) = keeping.places([self.seq(number)])
        return place.epoch

    def opens(self, number):
        """Return the masked order, or None when nothing of it opens any more."""
        return vault.masked([self.seq(number)]).get(self.seq(number))

    def certificate(self, code):
        return read(selectors.certificate(code), trusted=keys.verifier())


@pytest.fixture
def office(world):  # noqa: F811  the fixture
    audit.integrate(now=world.now)
    return Office(world)


@pytest.fixture
def old(office):
    """Three delivered orders and one still on its way, all of one day, and now it is past their day."""
    numbers = [office.order() for _ in range(3)] + [office.order(delivered=False)]
    office.days(211)
    return numbers


def parsed(data):
    return json.loads(data)


def midnight(day):
    return datetime.combine(day, time(), UTC)
