"""Every code the areas speak has the reader's word, so that no page shows a bare slug."""

import ast
from importlib import import_module
from pathlib import Path

import midan
from midan.access.rules.scope import SearchKind
from midan.catalog.rules import FIELDS, LegalBasis, ReasonCode, Surface
from midan.catalog.selectors import clauses
from midan.collection.files import FileReason
from midan.collection.rules import RejectCode
from midan.console.selectors.refusals import _WHY
from midan.core.decision import Reason
from midan.core.entry import Outcome
from midan.people.rules import Role
from midan.ui.words import WORDS
from midan.waybill.rules import Status

_PACKAGE = Path(midan.__file__).parent


def missing(book, codes):
    return sorted({str(code) for code in codes} - set(WORDS[book]))


def test_statuses_posts_reasons_and_outcomes_have_words():
    assert missing("status", Status) == []
    assert missing("next", Status) == []
    assert missing("role", Role) == []
    assert missing("reason", ReasonCode) == []
    assert missing("outcome", Outcome) == []
    assert missing("kind", SearchKind) == []
    assert missing("basis", LegalBasis) == []
    assert missing("surface", Surface) == []
    assert missing("category", {field.category for field in FIELDS.values()}) == []
    assert missing("area", {area for clause in clauses() for area in clause.areas}) == []
    assert missing("chapter", {clause.chapter for clause in clauses()}) == []


def test_every_act_of_the_log_has_a_word():
    acts = []
    for path in _PACKAGE.glob("*/events.py"):
        module = import_module(f"midan.{path.parent.name}.events")
        acts += list(module.Act)
    assert len(acts) > 20
    assert missing("act", acts) == []


def test_every_reason_for_refusing_a_row_or_a_file_has_a_word():
    assert missing("reject", RejectCode) == []
    assert missing("file", FileReason) == []


def test_every_slug_of_a_malformed_field_has_a_word():
    slugs = {"phone_invalid", "phone_empty", "phone_two_numbers", "phone_too_long", "phone_too_short"}
    for path in (_PACKAGE / "core" / "fields").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "InvalidField"
                and len(node.args) == 2
            ):
                slug = node.args[1]
                if isinstance(slug, ast.Constant):
                    slugs.add(slug.value)
    assert slugs
    assert missing("reject", slugs) == []


def test_every_reason_the_policies_give_is_explained():
    policies = (_PACKAGE.parent / "policy" / "access.cedar").read_text("utf-8")
    given = {line.split('"')[1] for line in policies.splitlines() if line.startswith("@reason(")}
    assert given
    assert given <= set(_WHY)
    assert set(_WHY) <= set(Reason)
