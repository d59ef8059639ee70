"""The register of acts says what the code writes: objects and details of each area, and no others."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ACTS = tomllib.loads((ROOT / "policy" / "acts.toml").read_text("utf-8"))
AREAS = sorted({tag.split(":")[0] for tag in ACTS})
# Acts of people are also written where people sign in; what a request is about is said where it is made.
ELSEWHERE = {"people": ("console",), "approval": ("destruction",)}


def code(*packages: str) -> Iterator[ast.AST]:
    """Yield everything that stands in the code of packages."""
    for package in packages:
        for path in (ROOT / "midan" / package).rglob("*.py"):
            yield from ast.walk(ast.parse(path.read_text("utf-8")))


def pattern(node: ast.AST | None) -> str:
    """Return a text or f-string as a pattern, '' for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in node.values)
    return ""


def said(call: str, member: str, *packages: str) -> Iterator[ast.AST]:
    """Yield what calls of this name in packages give for a member."""
    for node in code(*packages):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name == call:
                yield from (given.value for given in node.keywords if given.arg == member)


def entries(member: str, area: str) -> Iterator[ast.AST]:
    yield from said("record", member, area)
    yield from said("commit_read", member, area)


def keys(values: Iterator[ast.AST]) -> set[str]:
    dicts = [each for value in values for each in ast.walk(value) if isinstance(each, ast.Dict)]
    return {text for each in dicts for key in each.keys if (text := pattern(key))}


def declared(area: str) -> set[str]:
    names = [name for tag in ACTS if tag.startswith(f"{area}:") for name in ACTS[tag]["details"]]
    return {name.removesuffix("?") for name in names}


@pytest.mark.parametrize("area", AREAS)
def test_every_detail_written_stands_in_the_register(area):
    written = keys(entries("details", area))
    if area == "approval":
        written |= keys(said("request", "summary", "destruction"))
        assert written > {"kind", "subject"}
    names = declared(area)
    assert [text for text in written if not any(re.fullmatch(text, name) for name in names)] == []


@pytest.mark.parametrize("area", AREAS)
def test_every_detail_of_the_register_is_written_by_the_area(area):
    """A helper may name it: any text, f-string or keyword of that name in the area's code counts."""
    known = set()
    for node in code(area, *ELSEWHERE.get(area, ())):
        known |= {node.arg or ""} if isinstance(node, ast.keyword) else {pattern(node)}
    known -= {"", ".+"}
    assert [name for name in declared(area) if not any(re.fullmatch(text, name) for text in known)] == []


@pytest.mark.parametrize("area", AREAS)
def test_every_object_written_is_of_a_kind_the_register_names(area):
    kinds = {
        word
        for tag in ACTS
        if tag.startswith(f"{area}:")
        for word in re.findall(r"([a-z-]+):\w", ACTS[tag]["object"])
    }
    written = [pattern(each) for value in entries("object", area) for each in ast.walk(value)]
    found = {text.replace("\\", "").split(":")[0] for text in written if ":" in text}
    assert found <= kinds
    # What is left is made by a helper, such as the object of a file of labels.
    helped = {"label": {"print"}, "people": {"session"}}
    assert kinds - found <= helped.get(area, set())
