"""The control meter: what stands under a clause is what its areas say now, and never better than its weakest part."""

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from midan.catalog.rules import Clause, Control
from midan.cli.app import run
from midan.review import selectors
from midan.review.oscal import assessment_results
from midan.review.selectors import ClauseState, clause_states, totals, weakest

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def control(state: str, *, area: str = "audit", clause: str = "T4") -> Control:
    return Control(
        clause=clause,
        area=area,
        state=state,
        title="标题",
        evidence="共 %(count)d 条",
        checked_at=NOON,
        figures={"count": 7},
    )


def state_of(*controls: Control, areas: tuple[str, ...] = ("audit",)) -> ClauseState:
    clause = Clause(id="T4", chapter="technology", zh="审计", en="Audit", areas=areas, tests=())
    return selectors._state(clause, controls)


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        ((), "not_yet"),
        (("proved",), "proved"),
        (("proved", "proved"), "proved"),
        (("proved", "enforced"), "enforced"),
        (("enforced", "not_yet", "proved"), "not_yet"),
    ],
)
def test_a_clause_is_as_good_as_its_weakest_control(states, worst):
    assert weakest([control(state) for state in states]) == worst


def test_an_area_that_shows_nothing_keeps_its_clause_open():
    assert state_of(control("proved")).state == "proved"
    built = state_of(control("proved"), areas=("audit", "vault"))
    assert (built.state, built.silent) == ("not_yet", ("vault",))
    unbuilt = state_of(control("proved"), areas=("audit", "detection"))
    assert (unbuilt.state, unbuilt.silent) == ("not_yet", ("detection",))


@pytest.mark.django_db
def test_every_clause_is_there_once_and_counted_once(midan_home):
    states = clause_states(TODAY)
    assert len({state.clause.id for state in states}) == len(states) == 42
    counted = totals(states)
    assert sum(counted.values()) == 42
    assert counted == Counter(
        {"proved": 0, "enforced": 0, "not_yet": 0} | Counter(state.state for state in states)
    )


@pytest.mark.django_db
def test_every_clause_that_anybody_reports_on_names_tests_that_exist(midan_home):
    reported = [state.clause for state in clause_states(TODAY) if state.controls]
    assert len(reported) > 15
    assert [clause.id for clause in reported if not clause.tests] == []
    assert [path for clause in reported for path in clause.tests if not (ROOT / path).is_file()] == []


@pytest.mark.django_db
def test_no_control_names_a_clause_that_the_register_lacks(midan_home):
    known = {state.clause.id for state in clause_states(TODAY)}
    for room in selectors.ROOMS:
        for found in selectors.import_module(f"midan.{room}.controls").controls(TODAY):
            assert found.clause in known
            assert found.area == room
            assert found.evidence % found.figures


def test_oscal_keeps_what_the_table_says():
    states = [state_of(control("proved"), control("enforced")), state_of()]
    document = assessment_results(states, now=NOON)["assessment-results"]
    result = document["results"][0]
    assert document["metadata"]["oscal-version"] == "1.1.2"
    assert [finding["target"]["status"]["state"] for finding in result["findings"]] == [
        "satisfied",
        "not-satisfied",
    ]
    assert result["observations"][0]["description"] == "共 7 条"
    named = {observation["uuid"] for observation in result["observations"]}
    used = {
        related["observation-uuid"]
        for finding in result["findings"]
        for related in finding["related-observations"]
    }
    assert used == named
    assert UUID(document["uuid"]).version == 5
    assert document["import-ap"]["href"][1:] == document["back-matter"]["resources"][0]["uuid"]


@pytest.mark.django_db
def test_the_command_prints_the_same_42_clauses_in_every_form(midan_home, monkeypatch, capsys):
    monkeypatch.setattr("midan.cli.controls.ready", lambda: None)
    assert run(["controls", "--format", "json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert run(["controls", "--format", "oscal"]) == 0
    findings = json.loads(capsys.readouterr().out)["assessment-results"]["results"][0]["findings"]
    assert [finding["target"]["target-id"] for finding in findings] == [clause["clause"] for clause in plain]
    assert run(["controls"]) == 0
    table = capsys.readouterr().out
    assert all(clause["clause"] in table for clause in plain)
    assert "%(" not in table
    assert run(["controls", "--format", "xml"]) == 2
