"""Gather what a decision looks at of the person's work (rules/work.py)."""

from dataclasses import replace
from datetime import datetime

from midan.access.rules import scope
from midan.access.rules.facts import ActorFacts
from midan.access.rules.sweep import DILIGENT
from midan.access.rules.work import WorkFacts
from midan.access.selectors.looks import explains, tally
from midan.core.actor import Actor
from midan.people.hours.selectors import on_shift
from midan.waybill.rules import Waybill


def work_facts(  # noqa: PLR0913  what was gathered before
    actor: Actor,
    who: ActorFacts,
    waybill: Waybill | None,
    *,
    visible: bool,
    allowance: int,
    factor_age: int,
    now: datetime,
) -> WorkFacts:
    """Return how the person's work stands to what they look at. A program has no work: its questions end elsewhere."""
    if actor.kind != "staff":
        return replace(DILIGENT, allowance=allowance, factor_age=factor_age, by_client=True)
    sum_of = tally(actor, now=now)
    return WorkFacts(
        allowance=allowance,
        looks=sum_of.shown,
        explained_percent=sum_of.percent,
        asks_outside=sum_of.outside,
        on_shift=on_shift(staff_no=actor.name, branch=actor.branch, now=now),
        factor_age=factor_age,
        by_client=bool(actor.via),
        explained=visible and explains(who, actor, waybill, now=now),
        outside=not visible and actor.role in scope.SEE_BRANCH,
        credited=sum_of.credited,
    )
