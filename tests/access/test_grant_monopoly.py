"""Only access builds a Grant: whoever could build one could open anything."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "midan"


def builds_a_grant(tree: ast.AST) -> bool:
    """Return whether the module calls Grant(...), under its name, an alias or as an attribute, or changes a copy of one.

    A copy is made by `replace` or `__replace__`: of something called a grant, or of anything where Grant is at hand.
    """
    names, copiers, at_hand = {"Grant"}, {"replace"}, False
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if node.module == "midan.core.grant" and alias.name == "Grant":
                    names.add(alias.asname or alias.name)
                if node.module in {"dataclasses", "copy"} and alias.name == "replace":
                    copiers.add(alias.asname or alias.name)
            imported = {f"{node.module}.{alias.name}" for alias in node.names}
            at_hand |= bool(imported & {"midan.core.grant", "midan.core.grant.Grant"})
        elif isinstance(node, ast.Import):
            at_hand |= any(alias.name == "midan.core.grant" for alias in node.names)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in names:
            return True
        if isinstance(called, ast.Attribute) and called.attr in {"Grant", "__replace__"}:
            return True
        if copies(called, copiers) and (at_hand or any(names_a_grant(each) for each in node.args[:1])):
            return True
    return False


def copies(called: ast.expr, copiers: set[str]) -> bool:
    if isinstance(called, ast.Name):
        return called.id in copiers
    # A date, a text or a path replaces a part of itself; these two modules replace fields of somebody else's value.
    owner = called.value if isinstance(called, ast.Attribute) and called.attr == "replace" else None
    return isinstance(owner, ast.Name) and owner.id in {"dataclasses", "copy"}


def names_a_grant(value: ast.expr) -> bool:
    name = value.id if isinstance(value, ast.Name) else getattr(value, "attr", "")
    return "grant" in name.lower()


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
        "from dataclasses import replace\nreplace(grant, waybill='')",
        "from dataclasses import replace as other\nother(shown.grant, waybill='')",
        "import dataclasses\ndataclasses.replace(grant, waybill='')",
        "import copy\nfrom midan.core.grant import Grant\ndef f(x: Grant):\n    return copy.replace(x, waybill='')",
        "grant.__replace__(waybill='')",
    ):
        assert builds_a_grant(ast.parse(text))
    for text in (
        "from midan.core.grant import Grant\nx: Grant",
        "from midan.core.grant import Grant\nnow.replace(hour=1)",
        "from dataclasses import replace\nreplace(waybill, number='')",
    ):
        assert not builds_a_grant(ast.parse(text))
