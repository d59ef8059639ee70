"""Reads of the clause register."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from midan.catalog.errors import RegisterUnreadable
from midan.catalog.rules import Clause

REGISTER: Final = Path(__file__).resolve().parents[2] / "policy" / "clauses.toml"
_TEXTS: Final = ("id", "chapter", "zh", "en")
_LISTS: Final = ("areas", "tests")


@cache
def clauses() -> tuple[Clause, ...]:
    """Return every clause of the policy in its own order; raise RegisterUnreadable when it is broken."""
    return read_register(REGISTER)


@cache
def clauses_by_id() -> Mapping[str, Clause]:
    """Return clause id → clause."""
    return {clause.id: clause for clause in clauses()}


def read_register(path: Path) -> tuple[Clause, ...]:
    """Return the clauses written in `path`; raise RegisterUnreadable naming the first entry that is wrong."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RegisterUnreadable("无法读取条款登记册", path=path.name) from error
    entries = document.get("clause")
    if not isinstance(entries, list) or not entries:
        raise RegisterUnreadable("条款登记册中没有条款", path=path.name)
    found = tuple(_clause(number, entry) for number, entry in enumerate(entries, start=1))
    if len({clause.id for clause in found}) != len(found):
        raise RegisterUnreadable("条款登记册中有重复的条款编号", path=path.name)
    return found


def _clause(number: int, entry: object) -> Clause:
    if not isinstance(entry, dict) or set(entry) != {*_TEXTS, *_LISTS}:
        raise RegisterUnreadable("条款登记册第 %(number)d 条字段不全或有多余字段", number=number)
    texts = all(isinstance(entry[name], str) and entry[name] for name in _TEXTS)
    lists = all(
        isinstance(entry[name], list) and all(isinstance(i, str) for i in entry[name]) for name in _LISTS
    )
    if not (texts and lists and entry["areas"]):
        raise RegisterUnreadable("条款登记册第 %(number)d 条内容有误", number=number)
    return Clause(
        **{name: entry[name] for name in _TEXTS}, areas=tuple(entry["areas"]), tests=tuple(entry["tests"])
    )
