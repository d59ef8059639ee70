"""Every code the areas speak has the reader's word, so that no page shows a bare slug."""

import ast
import re
from importlib import import_module
from pathlib import Path

from django.utils.translation import override

import midan
from midan.access.errors import AccessDenied, BadQuestion
from midan.access.rules.scope import SearchKind
from midan.catalog.rules import FIELDS, LegalBasis, ReasonCode, Surface
from midan.catalog.selectors import clauses
from midan.collection.errors import FileRefused
from midan.collection.files import FileReason
from midan.collection.rules import COLUMNS, RejectCode
from midan.console.selectors.refusals import _REMEDY
from midan.core.decision import Reason
from midan.core.entry import Outcome
from midan.core.fields.errors import InvalidField
from midan.gateway.errors import ActorRefused, MalformedBody
from midan.label.errors import ForbiddenOnLabel, NothingToPrint
from midan.label.rules.content import NEVER
from midan.people.rules import Role
from midan.ui.saying import _REASON, sentence
from midan.ui.whys import FIELD
from midan.ui.words import WORDS
from midan.waybill.errors import ScanRefused
from midan.waybill.rules import Event, Status

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
    for path in _PACKAGE.rglob("events.py"):
        module = import_module(".".join(("midan", *path.relative_to(_PACKAGE).with_suffix("").parts)))
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
    assert given <= set(_REMEDY)
    assert set(_REMEDY) <= set(Reason)
    assert missing("denial", Reason) == []


def codes_given_to(*names, folder):
    """Return the constant codes passed to errors of these names anywhere in a folder of the package."""
    found = set()
    for path in (_PACKAGE / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names:
                given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "reason")]
                found |= {
                    part.value
                    for argument in given
                    for part in ast.walk(argument)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                }
    return found


def codes_returned(path):
    nodes = ast.walk(ast.parse((_PACKAGE / path).read_text("utf-8")))
    return {
        part.value
        for node in nodes
        if isinstance(node, ast.Return) and node.value is not None
        for part in [node.value, getattr(node.value, "body", None), getattr(node.value, "orelse", None)]
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value
    }


def test_every_reason_an_error_names_has_words():
    codes = codes_given_to("MalformedBody", "ActorRefused", folder="gateway")
    codes |= codes_given_to("ForbiddenOnLabel", "NothingToPrint", "PrintDenied", folder="label")
    codes |= set(NEVER.values()) | codes_returned("label/rules/content.py")
    codes |= codes_returned("waybill/rules/scans.py") - set(Event)
    assert {"not_json", "inactive", "erased", "order_reference", "too_long", "not_here", "post"} <= codes
    assert sorted(codes - set(_REASON)) == []


def test_every_field_an_error_names_has_words():
    fields = {str(name) for name, field in FIELDS.items() if field.part is not None} | set(COLUMNS)
    for name in ("BadQuestion", "NameTaken", "BadCoverage", "BadLabelRequest"):
        for folder in ("access", "people", "waybill", "label"):
            fields |= codes_given_to(name, folder=folder)
    assert {"username", "waybill", "order_ref"} <= fields
    assert sorted(fields - set(FIELD)) == []


def test_no_error_ends_in_a_code():
    for error, word in (
        (AccessDenied(clause="L2.2", reason="not_on_route"), "不经过"),
        (MalformedBody("not_json"), "JSON"),
        (ActorRefused("inactive"), "停用"),
        (ScanRefused(event="delivered", reason="wrong_order"), "不符"),
        (FileRefused("empty_file"), "空的"),
        (ForbiddenOnLabel(field="goods_name", reason="goods_name"), "物品名称 不能"),
        (NothingToPrint(reason="delivered", waybill="MD0000000000000"), "已签收"),
        (BadQuestion("purpose"), "用途"),
        (InvalidField("phone", "phone_invalid"), "电话：电话格式不对"),
    ):
        for language in ("zh-hans", "en"):
            with override(language):
                said = sentence(error)
                assert not re.search(r"[a-z]+_[a-z]+", said), said
                assert (word in said) == (language == "zh-hans" or word == "JSON"), said
                assert not (language == "en" and re.search("[\u4e00-\u9fff]", said)), said
