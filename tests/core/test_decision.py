"""Decisions: the strictest answer wins, and no answer is a no."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core.decision import (
    DEFAULT,
    Allow,
    AskSupervisor,
    Deny,
    Masked,
    Reason,
    StepUp,
    combine,
    strictness,
)

KINDS = (Allow, Masked, StepUp, AskSupervisor, Deny)
decisions = st.builds(
    lambda kind, reason: kind(clause="L2.2", reason=reason), st.sampled_from(KINDS), st.sampled_from(Reason)
)


def test_the_order_of_strictness_is_fixed():
    assert [strictness(kind(clause="L2.2", reason=Reason.NO_PERMIT)) for kind in KINDS] == [0, 1, 2, 3, 4]


def test_no_answer_is_a_denial_by_clause():
    assert combine([]) == DEFAULT == Deny(clause="L2.2", reason=Reason.NO_PERMIT)


def test_what_is_not_a_decision_is_not_an_allowance():
    with pytest.raises(AssertionError):
        strictness("allow")


@given(st.lists(decisions, min_size=1))
def test_the_answer_is_one_of_those_given_and_none_is_stricter(given_decisions):
    answer = combine(given_decisions)
    assert answer in given_decisions
    assert all(strictness(one) <= strictness(answer) for one in given_decisions)


@given(st.lists(decisions), decisions)
def test_another_rule_never_makes_an_answer_looser_once_there_is_one(given_decisions, more):
    if given_decisions:
        assert strictness(combine([*given_decisions, more])) >= strictness(combine(given_decisions))


@given(st.lists(decisions), st.integers(0, 20))
def test_a_deny_anywhere_denies(given_decisions, place):
    given_decisions.insert(place, Deny(clause="M2", reason=Reason.TRAINING_MISSING))
    assert isinstance(combine(given_decisions), Deny)


def test_among_equals_the_first_is_told():
    first, second = (
        Deny(clause="M2", reason=reason) for reason in (Reason.TRAINING_MISSING, Reason.AGREEMENT_MISSING)
    )
    assert combine([Allow(clause="L2.2"), first, second]) is first
    assert combine(iter([second, first])) is second


def test_reasons_are_stable_slugs_without_twins():
    values = [reason.value for reason in Reason]
    assert len(values) == len(set(values))
    assert all(reason.name.lower() == reason.value for reason in Reason)
