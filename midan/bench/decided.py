"""What the decision costs: decisions a second with every fact loaded, and a whole reveal beside one without gates."""

from collections.abc import Callable
from functools import partial
from time import process_time
from typing import Any, Final

from midan.bench import web
from midan.bench.ground import Ground, run_leg
from midan.bench.result import Comparison, middle

_TURNS: Final = 3
_WARM: Final = 10  # reveals a client before the clock starts
_DECISIONS: Final = 20_000


def comparisons(ground: Ground, rows: int) -> list[Comparison]:
    """Return both figures; `rows` reveals a round."""
    environ = ground.installation()
    each = max(1, rows // web.CLIENTS)
    managers = web.CLIENTS * (1 + _TURNS * (each + _WARM) // 90)
    made = run_leg(environ, "company", orders=500, managers=managers, branch=web.BRANCH, collected=True)
    rates: dict[str, list[float]] = {"midan": [], "ungated": []}
    for _ in range(_TURNS):
        for name, found in rates.items():
            with web.serving(environ, name) as port:
                send = partial(web.load, port=port, access=web.token(port, made["client"]), made=made)
                send(each=_WARM)
                found.append(send(each=each)["per_second"])
    decided = [run_leg(environ, "decisions", turns=_DECISIONS) for _ in range(_TURNS)]
    return [
        Comparison(
            name="decisions with all facts loaded, one core",
            unit="decisions/s",
            ours=middle([one["per_second"] for one in decided]),
            twin=middle([one["one_gate"] for one in decided]),
            twin_is="the same engine under the same schema with one permit and one gate",
            goal="≥ 5,000/s",
            notes={"gates": decided[0]["gates"], "facts": decided[0]["facts"]},
        ),
        Comparison(
            name="reveal over HTTP with all gates, 8 clients",
            unit="reveals/s",
            ours=middle(rates["midan"]),
            twin=middle(rates["ungated"]),
            twin_is="the same reveal with nothing gathered, decided or counted",
            goal="≥ 0.8",
        ),
    ]


def decisions(*, turns: int) -> dict[str, Any]:
    """Decide questions of every post, one at a time, as reveals do; decisions a second of processor time."""
    from midan.access.rules import PolicyBook
    from midan.access.rules.facts import context
    from midan.access.rules.sweep import favourable
    from midan.access.selectors.policies import POLICY_FOLDER, book

    asked = [
        favourable(*question)
        for question in (
            ("courier", "recipient_address", "deliver", "out_for_delivery"),
            ("clerk", "recipient_name", "deliver", "at_station"),
            ("agent", "sender_phone", "customer_service", "delivered"),
            ("branch_manager", "recipient_name", "complaint", "delivered"),
            ("hr", "recipient_name", "complaint", "delivered"),
        )
    ]
    rules = book()
    small = PolicyBook.load(_ONE_GATE, (POLICY_FOLDER / "access.cedarschema").read_text("utf-8"))

    def rate(decide: Callable[..., Any]) -> float:
        for facts in asked:
            decide(facts)
        began = process_time()
        for turn in range(turns):
            decide(asked[turn % len(asked)])
        return turns / (process_time() - began)

    return {
        "per_second": rate(rules.decide),
        "one_gate": rate(small.decide),
        "gates": sum(policy.effect == "forbid" for policy in rules.policies.values()),
        "facts": len(context(asked[0])),
    }


_ONE_GATE: Final = (
    '@id("open") @clause("L2.2") permit (principal is Staff, action == Action::"reveal", resource);'
    '@id("closed") @clause("M5") @reason("inactive") @order("1") forbid (principal, action, resource)'
    " unless { context.active };"
)
LEGS: dict[str, Callable[..., dict[str, Any]]] = {"decisions": decisions}
