"""docs/reference/events.md: the acts of every area, from events.py, policy/acts.toml and the words of the console."""

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from midan.ui.words import ACT
from refpages.text import code, english, first_sentence, table

ROOT = Path(__file__).resolve().parents[2]
REGISTER = ROOT / "policy" / "acts.toml"
_KEYS = {"object", "details", "who"}


def acts() -> Mapping[str, list[str]]:
    """Return the tags of the code by the area they begin with, in the order they are written in."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "midan").rglob("events.py")):
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for act in module.Act:
            found[act.value.partition(":")[0]].append(act.value)
    return found


def register() -> Mapping[str, Mapping[str, Any]]:
    """Return what policy/acts.toml says of each act; ValueError for a table with other members."""
    found = tomllib.loads(REGISTER.read_text("utf-8"))
    for tag, said in found.items():
        if set(said) != _KEYS:
            raise ValueError(f"policy/acts.toml: {tag} needs {sorted(_KEYS)}")
    return found


def tables() -> dict[str, str]:
    """Return the page's one block."""
    known, said = acts(), register()
    tags = {tag for area in known.values() for tag in area}
    if tags != set(said):
        missing, gone = sorted(tags - set(said)), sorted(set(said) - tags)
        raise ValueError(f"policy/acts.toml lacks {missing} and still names {gone}")
    wordless = sorted(tags - set(ACT))
    if wordless:
        raise ValueError(f"midan/ui/words.py has no word for {wordless}")
    return {"acts": "\n\n".join(_area(area, known[area], said) for area in sorted(known))}


def _area(area: str, tags: list[str], said: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (
            f"`{tag}`",
            english(ACT[tag]),
            said[tag]["object"],
            ", ".join(_detail(name) for name in said[tag]["details"]),
            said[tag]["who"],
        )
        for tag in tags
    ]
    promise = first_sentence(import_module(f"midan.{area}").__doc__)
    return f"## {area}\n{promise}\n\n" + table(("act", "means", "object", "details", "who"), rows)


def _detail(name: str) -> str:
    return code([name.removesuffix("?")]) + ("?" if name.endswith("?") else "")
