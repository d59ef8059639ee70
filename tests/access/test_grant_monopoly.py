"""Only access builds a Grant: whoever could build one could open anything."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "midan"


def builds_a_grant(tree: ast.AST) -> bool:
    """Return whether the module calls Grant(...), under its name, an alias or as an attribute, or copies one."""
    names = {"Grant"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "midan.core.grant":
            names |= {alias.asname or alias.name for alias in node.names if alias.name == "Grant"}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in names:
            return True
        if isinstance(called, ast.Attribute) and called.attr == "Grant":
            return True
    return False


def builders() -> set[str]:
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if builds_a_grant(ast.parse(path.read_text("utf-8")))
    }


def test_only_reveal_builds_a_grant():
    assert builders() == {"access/services/reveal.py"}


def test_the_check_sees_through_aliases():
    for text in (
        "from midan.core.grant import Grant\nGrant(actor='')",
        "from midan.core.grant import Grant as Key\nKey(actor='')",
        "from midan.core import grant\ngrant.Grant(actor='')",
    ):
        assert builds_a_grant(ast.parse(text))
    assert not builds_a_grant(ast.parse("from midan.core.grant import Grant\nx: Grant"))
