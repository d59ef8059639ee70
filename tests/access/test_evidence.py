"""What access shows of itself: explanations, controls, the command."""

import json
import shutil

import pytest

from midan.access import controls, selectors, services
from midan.access.errors import AccessDenied, BadQuestion
from midan.access.selectors import policies
from midan.audit import selectors as audit
from midan.cli import app as cli


class TestExplain:
    def test_a_yes_names_its_permit_and_every_fact(self, world, parcel):
        courier = world.actor("courier", "SZ001")
        explanation = selectors.explain(courier, parcel, "recipient_address", "deliver", now=world.now)
        assert explanation.verdict.allowed
        assert [policy.id for policy in explanation.verdict.fired] == ["courier_delivers"]
        assert (explanation.facts.actor.carries, explanation.facts.actor.budget_left) == (True, 43)

    def test_a_no_names_every_closed_gate_and_leaves_no_trace(self, world, parcel):
        before = audit.total()
        explanation = selectors.explain(
            world.actor("courier", "BJ001"), parcel, "recipient_phone", "deliver", now=world.now
        )
        assert [policy.id for policy in explanation.verdict.fired] == [
            "other_branch",
            "not_in_hands",
            "call_do_not_read",
        ]
        assert explanation.permits == ()
        assert audit.total() == before

    def test_it_agrees_with_what_happens(self, world, parcel):
        for role, branch in world.people:
            actor = world.actor(role, branch)
            explanation = selectors.explain(actor, parcel, "recipient_name", "complaint", now=world.now)
            try:
                services.reveal(
                    actor=actor,
                    waybill=parcel,
                    fields=frozenset({"recipient_name"}),
                    purpose="complaint",
                    reason="complaint_handling",
                    now=world.now,
                )
                happened = (True, "permitted")
            except AccessDenied as denied:
                happened = (False, denied.details["reason"])
            decision = explanation.verdict.decision
            assert (explanation.verdict.allowed, decision.reason) == happened

    def test_a_field_that_is_not_sealed_is_no_question(self, world, parcel):
        with pytest.raises(BadQuestion):
            selectors.explain(world.actor("courier"), parcel, "quantity", "deliver", now=world.now)


class TestCommand:
    def test_it_prints_the_decision_as_json(self, world, parcel, monkeypatch, capsys):
        monkeypatch.setattr("midan.cli.access.ready", lambda: None)
        courier = world.actor("courier", "SZ001").name
        code = cli.run(["access", "explain", courier, parcel, "recipient_phone", "deliver", "--json"])
        answer = json.loads(capsys.readouterr().out)
        assert code == 0
        assert (answer["decision"], answer["clause"], answer["reason"]) == (
            "masked",
            "B3",
            "virtual_number_suffices",
        )
        assert answer["facts"]["role"] == "courier"
        assert "call_do_not_read" in [policy["id"] for policy in answer["fired"]]

    def test_it_prints_it_for_people_and_refuses_strangers(self, world, parcel, monkeypatch, capsys):
        monkeypatch.setattr("midan.cli.access.ready", lambda: None)
        courier = world.actor("courier", "SZ001").name
        assert cli.run(["access", "explain", courier, parcel, "recipient_phone", "deliver"]) == 0
        assert "virtual_number_suffices" in capsys.readouterr().out
        assert cli.run(["access", "explain", "S99999", parcel, "recipient_phone", "deliver"]) == 1
        assert json.loads(capsys.readouterr().err)["code"] == "unknown_staff"


class TestControls:
    def by_clause(self, now):
        """Return one control a clause: where it has several, one that does not hold counts."""
        found = sorted(controls.controls(now.date()), key=lambda control: control.state == "not_yet")
        return {control.clause: control for control in found}

    def test_they_hold_and_count_the_refusals(self, world, parcel):
        before = self.by_clause(world.now)
        assert {control.state for control in before.values()} == {"enforced"}
        assert set(before) == {"L1.2", "L2.2", "L3.1", "L4.2", "L5.1", "M1", "M4", "T4"}
        with pytest.raises(AccessDenied):
            services.reveal(
                actor=world.actor("courier", "SZ001"),
                waybill=parcel,
                fields=frozenset({"recipient_address"}),
                purpose="deliver",
                reason="leak_tracing",
                now=world.now,
            )
        after = self.by_clause(world.now)
        assert after["L3.1"].figures["denied"] == before["L3.1"].figures["denied"] + 1
        assert after["L2.2"].figures["denied"] == before["L2.2"].figures["denied"] + 1
        assert all(control.evidence % control.figures for control in after.values())

    @pytest.mark.parametrize(
        ("text", "clauses"),
        [
            ("broken(", {"L1.2", "L2.2", "L3.1", "L4.2", "L5.1", "M1", "M4", "T4"}),
            (
                '@id("x") @clause("L2.2") permit (principal, action, resource) when { context.role == "hr" };',
                set(),
            ),
            ('@id("x") @clause("L2.2") permit (principal, action, resource);', {"L2.2"}),
        ],
    )
    def test_they_read_the_files_as_they_stand(self, world, tmp_path, monkeypatch, text, clauses):
        shutil.copytree(policies.POLICY_FOLDER, tmp_path / "policy")
        with (tmp_path / "policy" / "access.cedar").open("a") as file:
            file.write(text)
        monkeypatch.setattr(controls, "POLICY_FOLDER", tmp_path / "policy")
        failing = {
            clause for clause, control in self.by_clause(world.now).items() if control.state == "not_yet"
        }
        assert failing == clauses

    @pytest.mark.parametrize(
        ("clause", "gate", "opened", "more"),
        [
            ("L1.2", "unless { context.agreed };", "unless { true };", ""),
            (
                "L2.2",
                "unless { context.onRoute || context.ownStock || context.glassBroken };",
                "unless { true };",
                "courier",
            ),
            ("L3.1", "unless { context.told };", "unless { true };", ""),
            ("L4.2", "unless { principal is Staff };", "unless { true };", "integrator"),
            ("M1", '["hr", "sysadmin", "sorter",', '["sysadmin", "sorter",', "hr"),
            ("M4", "when { context.budgetLeft < 1 }", "when { false }", ""),
            ("L5.1", "unless { context.caseCovers };", "unless { true };", ""),
            ("T4", '@reason("glass_unreviewed")', '@reason("inactive")', ""),
        ],
    )
    def test_a_gate_that_was_opened_shows_under_its_clause(
        self, world, tmp_path, monkeypatch, clause, gate, opened, more
    ):
        shutil.copytree(policies.POLICY_FOLDER, tmp_path / "policy")
        path = tmp_path / "policy" / "access.cedar"
        text = path.read_text("utf-8")
        assert text.count(gate) == 1
        text = text.replace(gate, opened)
        if more:
            text += (
                f'@id("x") @clause("{clause}") permit (principal, action, resource) '
                f'when {{ context.role == "{more}" || principal is Client }};'
            )
        path.write_text(text, "utf-8")
        assert self.by_clause(world.now)[clause].state == "enforced"
        monkeypatch.setattr(controls, "POLICY_FOLDER", tmp_path / "policy")
        found = self.by_clause(world.now)[clause]
        assert found.state == "not_yet"
        assert found.evidence % found.figures

    def test_the_words_for_machines_say_that_a_named_person_may_ask_through_them(self, world):
        found = self.by_clause(world.now)["L4.2"]
        assert "永远" not in found.title
        assert "代具名员工" in found.evidence
