"""Tables in Markdown, and the English of what the program says in Chinese."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from babel.messages.catalog import Catalog
from messages import load


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar inside a cell is escaped, a line break would end the row and is refused."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        if len(row) != len(head) or any("\n" in cell for cell in row):
            raise ValueError(f"a row that does not fit its head: {row}")
        lines.append("| " + " | ".join(cell.replace("|", "\\|") or "—" for cell in row) + " |")
    return "\n".join(lines)


@cache
def _catalogue() -> Catalog:
    return load()


def english(chinese: str) -> str:
    """Return the translation as committed; LookupError where `tools/messages.py check` would fail anyway."""
    message = _catalogue().get(chinese)
    if message is None or not isinstance(message.string, str) or not message.string:
        raise LookupError(f"no English for {chinese}")
    return message.string


def code(words: Iterable[str]) -> str:
    """Return words as code, separated by commas."""
    return ", ".join(f"`{word}`" for word in words)


def first_sentence(docstring: str | None) -> str:
    """Return the first line of a docstring, without the policy chapter some begin with."""
    return re.sub(r"^[^A-Za-z]+", "", (docstring or "").strip().splitlines()[0])
