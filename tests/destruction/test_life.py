"""Retention → due → held → carried → shredded, in any order: what must stay opens, what is gone never comes back."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from midan.audit.selectors import verify
from midan.catalog.rules import last_day
from midan.core.errors import MidanError
from midan.destruction import selectors
from midan.vault import models

DUE_AFTER = 210


def machine(office):
    """Return the machine over one company; each example goes on from the day the last one ended."""

    class Life(RuleBasedStateMachine):
        orders, holds = Bundle("orders"), Bundle("holds")

        def __init__(self):
            super().__init__()
            self.taken = {}  # number → day
            self.unfinished = set()
            self.held = {}  # number → how many holds
            self.worked_on = None
            self.gone = set()

        @property
        def today(self):
            return office.now.date()

        def passed(self, number):
            return self.today > self.taken[number] + timedelta(days=DUE_AFTER)

        def must_stay(self, number):
            on_its_way = number in self.unfinished and self.today <= last_day("standard", self.taken[number])
            return bool(self.held.get(number)) or on_its_way

        @rule(target=orders, delivered=st.booleans())
        def order(self, delivered):
            number = office.order(delivered=delivered)
            self.taken[number] = self.today
            if not delivered:
                self.unfinished.add(number)
            return number

        @rule(number=orders)
        def deliver(self, number):
            if number in self.unfinished:
                office.deliver(number)
                self.unfinished.discard(number)

        @rule(target=holds, number=orders)
        def hold(self, number):
            try:
                code = office.hold(number)
            except MidanError as refused:
                assert refused.code == "nothing_to_hold"  # noqa: PT017  only what is gone cannot be held
                assert number in self.gone
                return multiple()
            self.held[number] = self.held.get(number, 0) + 1
            return number, code

        @rule(pair=consumes(holds))
        def end(self, pair):
            number, code = pair
            office.end(code)
            self.held[number] -= 1

        @rule(days=st.sampled_from([1, 30, 150, 211, 900]))
        def wait(self, days):
            office.days(days)

        @rule()
        def work(self):
            worked = office.work()
            assert worked.faults == ()
            assert worked.waiting == ()
            for code in worked.finished:
                assert office.certificate(code).status == "final"
            self.gone |= {
                number for number in self.taken if self.passed(number) and not self.must_stay(number)
            }

        @invariant()
        def what_is_gone_stays_gone_and_the_rest_opens(self):
            for number in self.taken:
                assert (office.opens(number) is None) == (number in self.gone), number

        @invariant()
        def no_destroyed_epoch_has_a_state(self):
            dead = models.Epoch.objects.filter(state="destroyed").values("number")
            assert not models.State.objects.filter(epoch__in=dead).exists()

        def teardown(self):
            for number, count in self.held.items():
                assert count >= 0, number
            office.days(1)

    return Life


def test_the_life_of_information(office):
    run_state_machine_as_test(
        machine(office), settings=settings(max_examples=12, stateful_step_count=14, deadline=None)
    )
    assert verify(workers=1).ok
    assert all(run.finished for run in selectors.runs(limit=500))


@pytest.mark.parametrize("clause", ["L2.4", "L6.1", "L6.2"])
def test_the_register_names_tests_of_destruction(clause):
    from midan.catalog.selectors import clauses_by_id

    assert any(path.startswith("tests/destruction/") for path in clauses_by_id()[clause].tests)
