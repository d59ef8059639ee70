"""The policies as one table, and the engine's promises: default deny, forbid beats permit, errors deny."""

from dataclasses import fields, replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.access.errors import PoliciesUnsound
from midan.access.rules import Facts, PolicyBook
from midan.access.rules.facts import context
from midan.access.rules.sweep import favourable
from midan.access.selectors.policies import POLICY_FOLDER, book
from midan.catalog.rules import FIELDS, FieldName, Purpose, serves
from midan.core.decision import Allow, AskSupervisor, Deny, Masked, Reason, StepUp
from midan.people.rules import Role
from midan.waybill.rules import Status

POLICIES = (POLICY_FOLDER / "access.cedar").read_text("utf-8")
SCHEMA = (POLICY_FOLDER / "access.cedarschema").read_text("utf-8")

SEALED = sorted(name.value for name in FieldName if FIELDS[name].part is not None)
NAMES_AND_ADDRESSES = {"sender_name", "sender_address", "recipient_name", "recipient_address"}
PEOPLE = NAMES_AND_ADDRESSES | {"sender_phone", "recipient_phone"}
ALL = PEOPLE | {"goods_name", "remark", "order_ref"}

# The whole of who may ever see what, with every circumstance in their favour. What is not here is denied.
MATRIX = {
    ("courier", "pick_up"): {"sender_name", "sender_address"},
    ("courier", "deliver"): {"recipient_name", "recipient_address"},
    ("clerk", "deliver"): {"recipient_name"},
    ("agent", "customer_service"): PEOPLE,
    ("agent", "complaint"): PEOPLE,
    ("agent", "claim"): ALL,
    ("branch_manager", "customer_service"): PEOPLE,
    ("branch_manager", "complaint"): PEOPLE,
    ("branch_manager", "claim"): PEOPLE | {"goods_name", "remark"},
    ("branch_manager", "survey"): {"sender_name", "sender_phone", "recipient_name", "recipient_phone"},
    ("privacy_officer", "rights_request"): ALL,
    ("privacy_officer", "complaint"): ALL,
    ("privacy_officer", "real_name"): {"id_number"},
    # With a live case alone, as every disclosure: see test_cases.
    ("privacy_officer", "lawful_disclosure"): ALL,
    ("analyst", "security_review"): PEOPLE,
    ("regulator", "lawful_disclosure"): ALL,
}
STATUSES = ("created", "out_for_delivery", "at_station", "delivered")

BEST = favourable("courier", "recipient_address", "deliver", "out_for_delivery")


def facts(base=BEST, **changes):
    """Return the facts with the named ones changed, wherever they stand."""
    parts = {}
    for part in ("actor", "parcel", "ask", "work", "lift"):
        old = getattr(base, part)
        mine = {name: changes.pop(name) for name in [f.name for f in fields(old)] if name in changes}
        parts[part] = replace(old, **mine)
    assert not changes
    return Facts(**parts)


def reason(**changes):
    return book().decide(facts(**changes)).decision.reason


class TestMatrix:
    @pytest.mark.parametrize("role", [role.value for role in Role])
    def test_each_post_may_see_exactly_what_the_table_says(self, role):
        asked = list(product(SEALED, [purpose.value for purpose in Purpose], STATUSES))
        verdicts = book().decide_all(
            [
                facts(role=role, field=field, purpose=purpose, status=status, serves=serves(field, purpose))
                for field, purpose, status in asked
            ]
        )
        seen = {
            (field, purpose)
            for (field, purpose, _), verdict in zip(asked, verdicts, strict=True)
            if verdict.allowed
        }
        expected = {
            (f, purpose) for (who, purpose), allowed in MATRIX.items() if who == role for f in allowed
        }
        assert seen == expected

    def test_the_table_stays_within_the_catalogue(self):
        beyond = [
            (role, field, purpose)
            for (role, purpose), allowed in MATRIX.items()
            for field in allowed
            if not serves(field, purpose)
        ]
        assert beyond == []

    @pytest.mark.parametrize("kind", ["client", "system", "public"])
    def test_machines_see_nothing_under_any_role(self, kind):
        asked = product([role.value for role in Role], SEALED, [purpose.value for purpose in Purpose])
        verdicts = book().decide_all([facts(kind=kind, role=r, field=f, purpose=p) for r, f, p in asked])
        assert not any(verdict.allowed for verdict in verdicts)
        assert {verdict.decision.clause for verdict in verdicts} == {"L4.2"}

    def test_a_word_nobody_knows_is_refused_by_default(self):
        for changes in ({"role": "boss"}, {"purpose": "curiosity"}, {"field": "password"}):
            verdict = book().decide(facts(**changes))
            assert verdict.decision in (
                Deny(clause="L2.2", reason=Reason.NO_PERMIT),
                Deny(clause="L3.1", reason=Reason.FIELD_NOT_NEEDED),
            )

    @pytest.mark.parametrize("status", [status.value for status in Status])
    def test_a_courier_reads_the_door_only_while_the_parcel_is_out(self, status):
        allowed = book().decide(facts(status=status)).allowed
        assert allowed == (status in {"out_for_delivery", "attempt_failed"})


class TestGates:
    """One gate closed at a time, everything else in favour."""

    @pytest.mark.parametrize(
        ("changes", "clause", "why"),
        [
            ({"active": False}, "M5", "inactive"),
            *[
                ({"employment": state}, "M5", "not_at_work")
                for state in ("joining", "on_leave", "leaving", "left", "")
            ],
            ({"destroyed": True}, "L6.1", "destroyed"),
            ({"due": True}, "L2.4", "due"),
            ({"due": True, "held": True}, "L2.4", "due"),
            ({"restricted": True}, "G6", "restricted"),
            ({"told": False}, "L3.1", "purpose_not_told"),
            ({"agreed": False}, "L1.2", "consent_missing"),
            ({"serves": False}, "L3.1", "field_not_needed"),
            ({"reason_fits": False}, "L3.1", "reason_missing"),
            ({"on_route": False, "own_stock": False}, "L2.2", "not_on_route"),
            ({"carries": False}, "L2.2", "not_handler"),
            ({"budget_left": 0}, "M4", "budget_spent"),
            ({"budget_left": -3}, "M4", "budget_spent"),
        ],
    )
    def test_each_gate_denies_alone_and_cites_its_clause(self, changes, clause, why):
        verdict = book().decide(facts(**changes))
        assert verdict.decision == Deny(clause=clause, reason=Reason(why))
        assert [policy.reason for policy in verdict.fired] == [Reason(why)]

    @pytest.mark.parametrize(
        ("duty", "clause", "why"),
        [
            ("agreement_signed", "M2", "agreement_missing"),
            ("trained", "M2", "training_missing"),
            ("checked", "M3", "check_missing"),
            ("rules_known", "M4", "rules_missing"),
            ("device_known", "T5", "device_unknown"),
            ("device_healthy", "T5", "device_unhealthy"),
        ],
    )
    def test_a_duty_neglected_leaves_the_mask_and_cites_its_clause(self, duty, clause, why):
        verdict = book().decide(facts(**{duty: False}))
        assert verdict.decision == Masked(clause=clause, reason=Reason(why))
        assert [policy.reason for policy in verdict.fired] == [Reason(why)]
        assert book().decide(facts(**{duty: True})).allowed

    def test_an_identity_number_serves_the_check_of_real_names_and_only_the_officer_examines_that(self):
        for role, purpose in (
            *(("privacy_officer", why) for why in ("lawful_disclosure", "rights_request", "complaint")),
            *((who, "real_name") for who in ("courier", "branch_manager", "agent", "regulator", "analyst")),
        ):
            asked = facts(role=role, field="id_number", purpose=purpose, told=False)
            assert book().decide(asked).decision == Deny(clause="L3.1", reason=Reason.FIELD_NOT_OPENED_HERE)
        asked = facts(role="privacy_officer", field="id_number", purpose="real_name")
        assert book().decide(asked).allowed
        assert (
            reason(role="privacy_officer", field="id_number", purpose="real_name", restricted=True)
            == "restricted"
        )

    def test_a_ticket_opens_for_the_purpose_of_its_own_reason_only(self):
        asked = {"role": "agent", "purpose": "complaint", "field": "sender_name"}
        assert book().decide(facts(**asked)).allowed
        assert book().decide(facts(ticket_fits=False, **asked)).decision == Deny(
            clause="L3.1", reason=Reason.TICKET_FOR_OTHER_PURPOSE
        )
        assert reason(ticket=False, ticket_fits=False, **asked) == "ticket_missing"

    def test_what_is_enough_instead_is_said(self):
        agent = {"role": "agent", "purpose": "customer_service", "field": "sender_name"}
        assert book().decide(facts(field="recipient_phone")).decision == Masked(
            clause="B3", reason=Reason.VIRTUAL_NUMBER_SUFFICES
        )
        assert book().decide(facts(days_since_delivery=91, **agent)).decision == Masked(
            clause="L3.1", reason=Reason.STATUS_CLOSED
        )
        assert book().decide(facts(days_since_delivery=90, **agent)).allowed

    def test_the_strictest_answer_wins_and_the_first_among_equals(self):
        assert reason(field="recipient_phone", active=False) == "inactive"
        assert reason(budget_left=0, active=False, destroyed=True) == "inactive"
        assert reason(budget_left=0, destroyed=True) == "destroyed"

    def test_a_hold_opens_for_its_dispute_only(self):
        held = {"due": True, "held": True, "role": "privacy_officer", "field": "sender_name"}
        assert book().decide(facts(purpose="complaint", **held)).allowed
        assert reason(purpose="complaint", **held | {"held": False}) == "due"

    @pytest.mark.parametrize("purpose", ["rights_request", "complaint"])
    def test_a_restriction_leaves_storage_and_protection_alone(self, purpose):
        officer = {"role": "privacy_officer", "field": "sender_name", "purpose": purpose}
        assert book().decide(facts(**officer)).allowed
        assert reason(restricted=True, **officer) == "restricted"
        assert reason(restricted=True, held=True, **officer) == "restricted"

    def test_an_optional_use_without_consent(self):
        manager = {"role": "branch_manager", "purpose": "survey", "field": "recipient_phone"}
        assert book().decide(facts(**manager)).allowed
        assert reason(agreed=False, **manager) == "consent_missing"
        assert reason(purpose="marketing", role="branch_manager", field="recipient_phone") == "no_permit"

    def test_an_agent_without_ticket(self):
        agent = {"role": "agent", "purpose": "customer_service", "field": "sender_name"}
        assert reason(ticket=False, **agent) == "ticket_missing"
        assert book().decide(facts(on_route=False, own_stock=False, **agent)).allowed


any_facts = st.builds(
    facts,
    kind=st.sampled_from(["staff", "client", "system", "public"]),
    role=st.sampled_from([*(role.value for role in Role), "boss"]),
    active=st.booleans(),
    employment=st.sampled_from(["active", "joining", "on_leave", "leaving", "left", "", "Active"]),
    agreement_signed=st.booleans(),
    trained=st.booleans(),
    checked=st.booleans(),
    rules_known=st.booleans(),
    device_known=st.booleans(),
    device_healthy=st.booleans(),
    on_route=st.booleans(),
    at_origin=st.booleans(),
    own_stock=st.booleans(),
    carries=st.booleans(),
    ticket=st.booleans(),
    glass_broken=st.booleans(),
    glass_overdue=st.booleans(),
    case_covers=st.booleans(),
    budget_left=st.integers(-2, 400),
    looks=st.integers(0, 60),
    explained_percent=st.integers(0, 100),
    asks_outside=st.integers(0, 12),
    on_shift=st.booleans(),
    factor_age=st.integers(-1, 900),
    by_client=st.booleans(),
    status=st.sampled_from([status.value for status in Status]),
    days_since_delivery=st.integers(-1, 200),
    held=st.booleans(),
    restricted=st.booleans(),
    due=st.booleans(),
    destroyed=st.booleans(),
    field=st.sampled_from([*SEALED, "password"]),
    purpose=st.sampled_from([purpose.value for purpose in Purpose]),
    told=st.booleans(),
    agreed=st.booleans(),
    serves=st.booleans(),
    reason_fits=st.booleans(),
)
CONDITIONS = (
    "true",
    "context.active",
    "!context.told",
    'context.role == "courier"',
    "context.budgetLeft > 3",
    "context.explainedPercent < 50",
    "!context.onShift || context.byClient",
    "context.factorAge < 0",
    "principal is Staff",
    "context.status != context.purpose",
)


class TestEngine:
    @given(any_facts, st.sampled_from(CONDITIONS), st.sampled_from(["", "masked", "step_up", "supervisor"]))
    def test_a_gate_more_never_turns_a_no_into_a_yes(self, question, condition, otherwise):
        note = f'@otherwise("{otherwise}")' if otherwise else ""
        gate = (
            f'@id("extra") @clause("L2.2") @reason("sensitive_field") @order("5") {note}'
            f" forbid (principal, action, resource) when {{ {condition} }};"
        )
        before, after = book().decide(question), PolicyBook.load(POLICIES + gate, SCHEMA).decide(question)
        assert before.allowed or not after.allowed

    @given(any_facts)
    def test_a_yes_always_names_a_permit_and_a_no_never_lacks_a_clause(self, question):
        verdict = book().decide(question)
        assert verdict.decision.clause
        if verdict.allowed:
            assert {policy.effect for policy in verdict.fired} == {"permit"}
            assert question.actor.kind == "staff"
            assert question.actor.active
            assert question.actor.employment == "active"
        else:
            assert {policy.effect for policy in verdict.fired} <= {"forbid"}

    @pytest.mark.parametrize("missing", sorted(context(BEST)))
    def test_a_missing_fact_never_allows(self, missing):
        """Without the schema the engine skips a gate whose fact is missing: that is the trap this closes."""
        sound = book()
        request = {
            "principal": {"type": "Staff", "id": "S1"},
            "action": {"type": "Action", "id": "reveal"},
            "resource": {"type": "Waybill", "id": "MD1"},
        }
        whole = context(BEST)
        assert sound._verdict(sound.ask([request | {"context": whole}])[0]).allowed
        partial = {name: fact for name, fact in whole.items() if name != missing}
        verdict = sound._verdict(sound.ask([request | {"context": partial}])[0])
        assert verdict.decision == Deny(clause="L2.2", reason=Reason.ENGINE_ERROR)

    def test_a_fact_of_the_wrong_type_and_an_unknown_action_never_allow(self):
        sound = book()
        request = {
            "principal": {"type": "Staff", "id": "S1"},
            "action": {"type": "Action", "id": "reveal"},
            "resource": {"type": "Waybill", "id": "MD1"},
            "context": context(BEST) | {"budgetLeft": "many"},
        }
        other = request | {"action": {"type": "Action", "id": "export"}, "context": context(BEST)}
        for answer in sound.ask([request]) + sound.ask([other]):
            assert not sound._verdict(answer).allowed

    def test_the_other_answers_are_values_too(self):
        for otherwise, kind in (
            ("", Deny),
            ("masked", Masked),
            ("step_up", StepUp),
            ("supervisor", AskSupervisor),
        ):
            note = f'@otherwise("{otherwise}")' if otherwise else ""
            gate = (
                f'@id("extra") @clause("T3") @reason("factor_old") @order("1") {note}'
                " forbid (principal, action, resource);"
            )
            decision = PolicyBook.load(POLICIES + gate, SCHEMA).decide(facts()).decision
            assert decision == kind(clause="T3", reason=Reason.FACTOR_OLD)

    def test_the_version_changes_with_either_file(self):
        versions = {
            PolicyBook.load(POLICIES, SCHEMA).version,
            PolicyBook.load(POLICIES + "\n// a word", SCHEMA).version,
            PolicyBook.load(POLICIES, SCHEMA + "\n// a word").version,
        }
        assert len(versions) == 3

    def test_explaining_finds_the_permit_behind_a_closed_gate(self):
        question = facts(budget_left=0)
        assert [policy.id for policy in book().permits_for(question)] == ["courier_delivers"]
        assert book().permits_for(facts(role="hr")) == ()

    def test_permits_cite_their_clause(self):
        assert book().decide(facts()).decision == Allow(clause="B3")


class TestLoading:
    @pytest.mark.parametrize(
        "text",
        [
            "permit (",
            '@id("x") @clause("L2.2") permit (principal, action, resource) when { context.mood };',
            '@clause("L2.2") permit (principal, action, resource);',
            '@id("x") permit (principal, action, resource);',
            '@id("x") @clause("L2.2") forbid (principal, action, resource);',
            '@id("x") @clause("L2.2") @reason("mood") @order("1") forbid (principal, action, resource);',
            '@id("x") @clause("L2.2") @reason("due") @order("first") forbid (principal, action, resource);',
            '@id("x") @clause("L2.2") @reason("due") @order("1") @otherwise("maybe") forbid (principal, action, resource);',
            '@id("x") @clause("L2.2") @colour("red") permit (principal, action, resource);',
            '@id("budget_spent") @clause("L2.2") permit (principal, action, resource);',
            '@id("x") @clause("L2.2") permit (principal == ?principal, action, resource);',
        ],
    )
    def test_what_is_unsound_does_not_load(self, text):
        with pytest.raises(PoliciesUnsound) as unsound:
            PolicyBook.load(POLICIES + text, SCHEMA)
        assert unsound.value.details["problems"]

    def test_a_broken_schema_does_not_load(self):
        with pytest.raises(PoliciesUnsound):
            PolicyBook.load(POLICIES, SCHEMA.replace("told: Bool,", ""))

    def test_policies_that_cannot_be_read_decide_nothing(self, tmp_path: Path):
        from midan.access.selectors.policies import read_book

        with pytest.raises(PoliciesUnsound):
            read_book(tmp_path)

    def test_every_gate_and_permit_says_so_in_the_file_once(self):
        policies = book().policies.values()
        gates = [policy for policy in policies if policy.effect == "forbid"]
        assert len({policy.order for policy in gates}) == len(gates)
        assert len(gates) == POLICIES.count("forbid (")
