"""The register has all 42 clauses, and refuses to be read when it is broken."""

from pathlib import Path

import pytest

from midan.catalog.errors import RegisterUnreadable
from midan.catalog.selectors import REGISTER, clauses, clauses_by_id, read_register

ENTRY = '[[clause]]\nid = "{id}"\nchapter = "principles"\nzh = "一"\nen = "one"\nareas = ["catalog"]\ntests = []\n'


def test_the_policy_has_42_clauses_in_its_own_order():
    found = clauses()
    assert len(found) == 42
    assert found[0].id == "G1"
    assert found[-1].id == "R1"
    assert len(clauses_by_id()) == 42


def test_every_clause_is_said_in_both_languages_and_has_somebody_who_answers_for_it():
    for clause in clauses():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in clause.zh)
        assert clause.en.isascii()
        assert clause.areas


def test_the_tests_a_clause_names_exist():
    root = REGISTER.parents[1]
    missing = [path for clause in clauses() for path in clause.tests if not (root / path).is_file()]
    assert missing == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not toml [",
        ENTRY.format(id="G1") + ENTRY.format(id="G1"),
        ENTRY.format(id="G1").replace("tests = []\n", ""),
        ENTRY.format(id="G1") + 'owner = "x"\n',
        ENTRY.format(id=""),
        ENTRY.format(id="G1").replace('["catalog"]', "[]"),
        ENTRY.format(id="G1").replace('["catalog"]', "[1]"),
    ],
    ids=["empty", "not toml", "twice", "field missing", "field too many", "no id", "no area", "area no text"],
)
def test_a_broken_register_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "clauses.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(RegisterUnreadable):
        read_register(path)


def test_a_missing_register_is_refused(tmp_path: Path):
    with pytest.raises(RegisterUnreadable):
        read_register(tmp_path / "none.toml")
