"""Which refusals an emergency may break: asked of the policies themselves, so that there is no second list."""

from collections.abc import Sequence
from dataclasses import replace

from midan.access.rules.engine import PolicyBook, Verdict
from midan.access.rules.facts import Facts


def closed(verdicts: Sequence[Verdict]) -> bool:
    """Return whether every refusal is some gate's: what no permit fits is no emergency's business."""
    return all(
        verdict.allowed or any(one.effect == "forbid" for one in verdict.fired) for verdict in verdicts
    )


def offered(rules: PolicyBook, facts: Sequence[Facts], verdicts: Sequence[Verdict]) -> bool:
    """Return whether what refused could be broken: gates closed, and with the glass broken none would.

    As far as the facts at hand say: of a waybill that may not be seen they say little, and the break itself looks again.
    """
    through = [replace(one, lift=replace(one.lift, glass_broken=True)) for one in facts]
    return closed(verdicts) and all(verdict.allowed for verdict in rules.decide_all(through))
