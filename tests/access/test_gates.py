"""Every gate of the policy file by itself: one fact taken away closes exactly it, the fact given back opens."""

import pytest

from midan.access.rules.sweep import favourable
from midan.access.selectors.policies import book
from tests.access.test_policies import facts

COURIER = favourable("courier", "recipient_address", "deliver", "out_for_delivery")
AGENT = favourable("agent", "sender_name", "customer_service", "delivered")
OFFICER = favourable("privacy_officer", "id_number", "real_name", "delivered")
ANALYST = favourable("analyst", "sender_name", "security_review", "delivered")
REGULATOR = favourable("regulator", "sender_name", "lawful_disclosure", "delivered")

# gate: (a question that is answered yes, the one fact that closes the gate and no other)
CASES = {
    "machines_never": (COURIER, {"kind": "client"}),
    "account_closed": (COURIER, {"active": False}),
    "not_at_work": (COURIER, {"employment": "on_leave"}),
    "off_shift": (COURIER, {"on_shift": False}),
    "factor_not_fresh": (ANALYST, {"factor_age": 301}),
    "programs_show_no_factor": (ANALYST, {"by_client": True}),
    "posts_without_need": (COURIER, {"role": "hr"}),
    "agreement_not_signed": (COURIER, {"agreement_signed": False}),
    "not_trained": (COURIER, {"trained": False}),
    "not_checked": (COURIER, {"checked": False}),
    "rules_not_acknowledged": (COURIER, {"rules_known": False}),
    "device_not_known": (COURIER, {"device_known": False, "device_healthy": False}),
    "device_not_healthy": (COURIER, {"device_healthy": False}),
    "break_glass_unreviewed": (COURIER, {"glass_overdue": True}),
    "already_destroyed": (COURIER, {"destroyed": True}),
    "kept_too_long": (COURIER, {"due": True}),
    "use_restricted": (COURIER, {"restricted": True}),
    "not_opened_here": (OFFICER, {"purpose": "complaint"}),
    "purpose_not_told": (COURIER, {"told": False}),
    "not_agreed_to": (COURIER, {"agreed": False}),
    "field_not_needed": (COURIER, {"serves": False}),
    "no_reason_given": (COURIER, {"reason_fits": False}),
    "service_is_over": (AGENT, {"days_since_delivery": 91}),
    "other_branch": (COURIER, {"on_route": False, "own_stock": False}),
    "not_in_hands": (COURIER, {"carries": False}),
    "no_ticket": (AGENT, {"ticket": False, "ticket_fits": False}),
    "ticket_for_other_purpose": (AGENT, {"ticket_fits": False}),
    "no_live_case": (REGULATOR, {"case_covers": False}),
    "call_do_not_read": (COURIER, {"field": "recipient_phone"}),
    "budget_spent": (COURIER, {"budget_left": 0}),
    "asks_outside": (COURIER, {"asks_outside": 6}),
    "not_explained": (COURIER, {"looks": 20, "explained_percent": 29}),
}
GATES = sorted(policy.id for policy in book().policies.values() if policy.effect == "forbid")


@pytest.mark.parametrize("gate", GATES)
def test_one_fact_taken_away_closes_exactly_this_gate_and_given_back_opens(gate):
    question, taken = CASES[gate]
    policy = next(one for one in book().policies.values() if one.id == gate)
    refused = book().decide(facts(question, **taken))
    assert [one.id for one in refused.fired] == [gate]
    assert refused.decision == policy.answer()
    assert (refused.decision.clause, refused.decision.reason) == (policy.clause, policy.reason)
    assert book().decide(question).allowed


def test_no_case_is_left_of_a_gate_that_is_gone():
    assert sorted(CASES) == GATES


@pytest.mark.parametrize(
    ("work", "opens"),
    [
        ({"asks_outside": 5}, True),
        ({"looks": 19, "explained_percent": 0}, True),
        ({"looks": 500, "explained_percent": 30}, True),
        ({"looks": 500, "explained_percent": 29}, False),
    ],
)
def test_a_few_mistakes_of_honest_work_close_nothing(work, opens):
    assert book().decide(facts(COURIER, **work)).allowed == opens


@pytest.mark.parametrize(("age", "opens"), [(0, True), (300, True), (301, False), (-1, False)])
def test_a_factor_is_fresh_for_five_minutes_and_never_shown_is_not_fresh(age, opens):
    verdict = book().decide(facts(OFFICER, factor_age=age))
    assert verdict.allowed == opens
    if not opens:
        assert (type(verdict.decision).__name__, verdict.decision.clause) == ("StepUp", "T3")


def test_what_is_not_sensitive_asks_for_no_factor_anew():
    for question in (COURIER, AGENT):
        assert book().decide(facts(question, factor_age=-1)).allowed
        assert book().decide(facts(question, factor_age=7_200, by_client=True)).allowed


def test_who_answers_for_the_whole_network_is_not_weighed_by_branches():
    for question in (OFFICER, ANALYST):
        assert book().decide(facts(question, asks_outside=99, looks=99, explained_percent=0)).allowed
