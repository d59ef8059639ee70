"""Policies as text: what is wrong with a draft and in which line, and what no draft may open. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import cedarpy

from midan.access.errors import PoliciesUnsound
from midan.access.rules.engine import PolicyBook
from midan.access.rules.sweep import sweep
from midan.core.sm import sm3

MOST_BYTES: Final = 256 * 1024
# What closes one statement, and what must not be read for it: comments and strings.
_TOKEN: Final = re.compile(r'//[^\n]*|"(?:[^"\\\n]|\\.)*"|;|\n')
_NAME: Final = re.compile(r"`([A-Za-z_][A-Za-z0-9_]*)`")
_PLACE: Final = re.compile(r"\bpolicy(\d+)\b")
# Each names the figure of the sweep that must stay 0: what the live controls show of the policies in force.
LIMITS: Final = ("strangers", "outsiders", "unlimited", "untold", "unagreed", "uncovered", "machines")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with a draft; `line` counts from 1, 0 where no line is to blame."""

    line: int
    policy: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """A draft as pages show it. `approval` is the code of the request to publish it, '' before there is one."""

    code: str
    text: str
    version: str
    digest: str
    base: str
    restores: int | None
    made_by: str
    made_at: datetime
    approval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """A version that came into force. `restores` is the number of the one it brought back, None for a new text."""

    number: int
    version: str
    digest: str
    restores: int | None
    requested_by: str
    approved_by: str
    published_at: datetime
    entry_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    line: int
    text: str


def digest(text: str) -> str:
    """Return the SM3 of a policy text, in hex."""
    return sm3(text.encode()).hex()


def problems(text: str, schema: str) -> tuple[Problem, ...]:
    """Return everything wrong with a draft, by line; nothing for a sound one."""
    if len(text.encode()) > MOST_BYTES:
        return (Problem(line=0, policy="", text=f"> {MOST_BYTES} bytes"),)
    statements = tuple(_statements(text))
    if syntax := tuple(_syntax(statements)):
        return syntax
    checked = cedarpy.validate_policies(text, cedarpy.Schema.from_str(schema))
    if not checked.validation_passed:
        return tuple(_invalid(statements, str(error)) for error in checked.errors)
    try:
        PolicyBook.load(text, schema)
    except PoliciesUnsound as error:
        found = error.details.get("problems")
        said = [str(one) for one in found] if isinstance(found, list) else [error.code]
        return tuple(_unsound(statements, one) for one in said)
    return ()


def opened(book: PolicyBook) -> tuple[str, ...]:
    """Return which limits of the house these policies break, in the words of the sweep."""
    found = sweep(book)
    return tuple(limit for limit in LIMITS if getattr(found, limit))


def _statements(text: str) -> Iterator[_Statement]:
    """Cut a text at the semicolons outside of comments and strings; a statement's line is that of its first word."""
    line, start, began = 1, 0, 1
    for token in _TOKEN.finditer(text):
        if token.group() == "\n":
            line += 1
        elif token.group() == ";":
            yield _statement(text[start : token.end()], began)
            start, began = token.end(), line
    if _bare(text[start:]):
        yield _statement(text[start:], began)


def _statement(text: str, line: int) -> _Statement:
    lines = text.split("\n")
    blank = next((place for place, one in enumerate(lines) if _bare(one)), 0)
    return _Statement(line=line + blank, text="\n".join(lines[blank:]))


def _bare(text: str) -> str:
    return re.sub(r"//[^\n]*", "", text).strip()


def _syntax(statements: tuple[_Statement, ...]) -> Iterator[Problem]:
    for one in statements:
        try:
            cedarpy.PolicySet.from_str(one.text)
        except ValueError as error:
            yield Problem(line=_line(one, str(error)), policy=_id(one), text=str(error))


def _invalid(statements: tuple[_Statement, ...], said: str) -> Problem:
    """Say where: the engine numbers statements from 0 and names what it did not find."""
    place = _PLACE.search(said)
    if place is None or int(place.group(1)) >= len(statements):
        return Problem(line=0, policy="", text=said)
    one = statements[int(place.group(1))]
    reason = said.rpartition(f"`{place.group()}`, ")[2]
    return Problem(line=_line(one, reason), policy=_id(one), text=reason)


def _unsound(statements: tuple[_Statement, ...], said: str) -> Problem:
    named = said.partition(":")[0]
    one = next((one for one in statements if _id(one) == named), None)
    return Problem(line=one.line if one else 0, policy=named if one else "", text=said)


def _line(one: _Statement, said: str) -> int:
    """Return the line that holds the word the engine complains of, else that of the statement."""
    for word in _NAME.findall(said):
        for place, line in enumerate(one.text.split("\n")):
            if re.search(rf"\b{word}\b", line.partition("//")[0]):
                return one.line + place
    return one.line


def _id(one: _Statement) -> str:
    found = re.search(r'@id\("([^"\\]*)"\)', one.text)
    return found.group(1) if found else ""
