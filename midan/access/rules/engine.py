"""Cedar policies, loaded once and checked against their schema; every decision is a value with a clause.

Three traps of the engine are closed here and nowhere else:
- a `forbid` whose attribute is missing errors and then does not forbid: the schema goes with every request,
  and any diagnostic error is a denial;
- only positions come back: annotations are read at load, and a policy without them does not load;
- parsing policies or schema for each request costs ten times the decision: handles are kept.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import cedarpy

from midan.access.errors import PoliciesUnsound
from midan.access.rules.facts import ENTITY_TYPES, Facts, context
from midan.core.decision import DEFAULT, Allow, AskSupervisor, Decision, Deny, Masked, Reason, StepUp, combine
from midan.core.merkle.hashing import leaf_hash

_Gate = type[Deny | Masked | StepUp | AskSupervisor]
_OTHERWISE: Final[Mapping[str, _Gate]] = {
    "": Deny,
    "masked": Masked,
    "step_up": StepUp,
    "supervisor": AskSupervisor,
}
_ENGINE_ERROR: Final = Deny(clause="L2.2", reason=Reason.ENGINE_ERROR)
_LAST: Final = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One statement of the file: its annotations, not its condition."""

    id: str
    effect: str
    clause: str
    reason: Reason
    order: int
    otherwise: str

    def answer(self) -> Decision:
        """Return what this gate answers when it closes."""
        return _OTHERWISE[self.otherwise](clause=self.clause, reason=self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The decision and the policies that made it, in order."""

    decision: Decision
    fired: tuple[Policy, ...]

    @property
    def allowed(self) -> bool:
        return isinstance(self.decision, Allow)


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """The policies in force. `version` is the first 16 hex digits of a hash of both files."""

    version: str
    policies: Mapping[str, Policy]
    _set: Any
    _permits: "PolicyBook | None"
    _schema: Any
    _entities: Any

    @classmethod
    def load(cls, policies: str, schema: str) -> Self:
        """Read and validate; raise PoliciesUnsound naming every problem. A book that loads is sound."""
        try:
            handle, rules = cedarpy.PolicySet.from_str(policies), cedarpy.Schema.from_str(schema)
            statements = json.loads(cedarpy.policies_to_json_str(policies))
        except ValueError as error:
            raise PoliciesUnsound(str(error)) from error
        checked = cedarpy.validate_policies(policies, rules)
        if not checked.validation_passed:
            raise PoliciesUnsound(*(str(problem) for problem in checked.errors))
        if statements.get("templates") or statements.get("templateLinks"):
            raise PoliciesUnsound("templates are not used")
        known = {place: _policy(statement) for place, statement in statements["staticPolicies"].items()}
        if len({policy.id for policy in known.values()}) != len(known):
            raise PoliciesUnsound("an @id is used twice")
        version = leaf_hash(policies.encode() + b"\x00" + schema.encode()).hex()[:16]
        nobody = cedarpy.Entities.from_json_str("[]")
        permits = cls(version, known, _permits_of(statements), None, rules, nobody)
        return cls(version, known, handle, permits, rules, nobody)

    def decide(self, facts: Facts) -> Verdict:
        """Decide one question."""
        return self.decide_all([facts])[0]

    def decide_all(self, questions: Sequence[Facts]) -> list[Verdict]:
        """Decide several questions, in order; a question the engine cannot answer is denied."""
        return self.answer([_request(facts) for facts in questions])

    def answer(self, requests: list[dict[str, Any]]) -> list[Verdict]:
        """Decide raw requests, as a replay has them; the same law holds: what the engine cannot answer is denied."""
        answers = self.ask(requests)
        if len(answers) != len(requests):
            return [Verdict(decision=_ENGINE_ERROR, fired=())] * len(requests)
        return [self._verdict(answer) for answer in answers]

    def permits_for(self, facts: Facts) -> tuple[Policy, ...]:
        """Return the permits that fit, whatever the gates say: for explaining, never for deciding."""
        return () if self._permits is None else self._permits.decide(facts).fired

    def ask(self, requests: list[dict[str, Any]]) -> list[Any]:
        """Put raw requests to the engine, always under the schema."""
        return cedarpy.is_authorized_batch(requests, self._set, self._entities, self._schema)

    def _verdict(self, answer: Any) -> Verdict:
        if answer.diagnostics.errors or answer.decision is cedarpy.Decision.NoDecision:
            return Verdict(decision=_ENGINE_ERROR, fired=())
        fired = tuple(sorted((self.policies[place] for place in answer.diagnostics.reasons), key=_by_order))
        if answer.decision is cedarpy.Decision.Allow and fired:
            return Verdict(decision=Allow(clause=fired[0].clause), fired=fired)
        gates = [policy.answer() for policy in fired if policy.effect == "forbid"]
        return Verdict(decision=combine(gates) if gates else DEFAULT, fired=fired)


def _permits_of(statements: Mapping[str, Any]) -> Any:
    kept = {place: one for place, one in statements["staticPolicies"].items() if one["effect"] == "permit"}
    whole = {"templates": {}, "staticPolicies": kept, "templateLinks": []}
    return cedarpy.PolicySet.from_json_str(json.dumps(whole))


def _by_order(policy: Policy) -> tuple[int, str]:
    return policy.order, policy.id


def _request(facts: Facts) -> dict[str, Any]:
    return {
        "principal": {"type": ENTITY_TYPES[facts.actor.kind], "id": facts.actor.name},
        "action": {"type": "Action", "id": "reveal"},
        "resource": {"type": "Waybill", "id": facts.parcel.number},
        "context": context(facts),
    }


def _policy(statement: Mapping[str, Any]) -> Policy:
    """Read the annotations of one statement; raise PoliciesUnsound for one that could not explain itself."""
    notes: Mapping[str, str] = statement.get("annotations") or {}
    name, effect = notes.get("id") or "", statement["effect"]
    needed = {"id", "clause"} | ({"reason", "order"} if effect == "forbid" else set())
    missing = sorted(note for note in needed if not notes.get(note))
    unknown = sorted(set(notes) - needed - {"otherwise"})
    if missing or unknown:
        raise PoliciesUnsound(f"{name or '?'}: annotations {', '.join(missing + unknown)}")
    otherwise, reason, order = (
        notes.get("otherwise", ""),
        notes.get("reason", "permitted"),
        notes.get("order", ""),
    )
    if otherwise not in _OTHERWISE or reason not in set(Reason) or not (order or "0").isdigit():
        raise PoliciesUnsound(f"{name}: @otherwise, @reason or @order")
    return Policy(
        id=name,
        effect=effect,
        clause=notes["clause"],
        reason=Reason(reason),
        order=int(order or _LAST),
        otherwise=otherwise,
    )
