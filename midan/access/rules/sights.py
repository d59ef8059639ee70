"""What a decision looked at, written down compactly beside its entry, so that another policy can be asked the same later.

JSON, keys sorted: `all` holds what is the same for every field asked for, `each` what differs by field, `kind` the kind of
principal. Codes, yes and no, and numbers: nothing about a customer; who asked and which waybill stand in the entry. Laws: a
fact is only ever added (policy/access.cedarschema); one written before an attribute existed is not asked of a schema that
demands it, and is counted as older.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from midan.access.rules.facts import ENTITY_TYPES, Facts, context
from midan.access.rules.sweep import favourable
from midan.core.sm import sm3

_ATTRIBUTES: Final = frozenset(context(favourable("", "", "", "")))


def written(facts: Sequence[Facts]) -> str:
    """Return the facts of every field of one question."""
    seen = [context(one) for one in facts]
    same = {name: value for name, value in seen[0].items() if all(one[name] == value for one in seen)}
    each = [{name: value for name, value in one.items() if name not in same} for one in seen]
    plain = {"kind": facts[0].actor.kind, "all": same, "each": each}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))


def digest(sight: str) -> str:
    """Return the SM3 by which the entry vouches for what stands beside it, in hex."""
    return sm3(sight.encode()).hex()


def requests(sight: str, *, actor: str, waybill: str) -> list[dict[str, Any]] | None:
    """Return the questions as the engine takes them, or None where a fact is missing that is demanded today."""
    plain = json.loads(sight)
    contexts = [plain["all"] | one for one in plain["each"]]
    if not all(one.keys() >= _ATTRIBUTES for one in contexts):
        return None
    return [_request(plain["kind"], actor, waybill, one) for one in contexts]


def _request(kind: str, actor: str, waybill: str, facts: Mapping[str, object]) -> dict[str, Any]:
    return {
        "principal": {"type": ENTITY_TYPES[kind], "id": actor},
        "action": {"type": "Action", "id": "reveal"},
        "resource": {"type": "Waybill", "id": waybill},
        "context": {name: value for name, value in facts.items() if name in _ATTRIBUTES},
    }
