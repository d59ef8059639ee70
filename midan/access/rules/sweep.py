"""Every question there is, put to the policies: what they could ever permit, and what they permit where they must not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from midan.access.rules.engine import PolicyBook
from midan.access.rules.facts import NO_LIFT, ActorFacts, AskFacts, Facts, LiftFacts, ParcelFacts
from midan.access.rules.scope import SEE_BRANCH
from midan.access.rules.work import WorkFacts
from midan.catalog.rules import FIELDS, PURPOSES, FieldName, Purpose, Surface, serves
from midan.people.rules import Role

_STATUSES: Final = ("created", "out_for_delivery", "at_station", "delivered")
# A post no register knows: whatever it gets, everybody gets.
_STRANGER: Final = ""
# Nothing looked at yet, within working hours, the factor just shown.
DILIGENT: Final = WorkFacts(
    allowance=1,
    looks=0,
    explained_percent=100,
    asks_outside=0,
    on_shift=True,
    factor_age=0,
    by_client=False,
)
# More than anybody's work asks for: whatever limit a policy draws lies below.
_MANY: Final = 100
UNEXPLAINED: Final = replace(DILIGENT, looks=_MANY, explained_percent=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """`staff` is every (role, field, purpose) permitted with every fact in the actor's favour.

    The counts are of questions answered yes that must be answered no: by nobody's post, by branch staff with nothing to
    do with the parcel, with the day's budget at nothing, for a purpose nobody was told of, for an optional use without
    consent, for a disclosure nobody agreed to, by a client for itself; by branch staff whose looks no work explains, or
    who ask for waybills all over.
    """

    staff: frozenset[tuple[str, str, str]]
    tried: int
    optional: int
    strangers: int
    outsiders: int
    unlimited: int
    untold: int
    unagreed: int
    uncovered: int
    machines: int
    unexplained: int
    wandering: int


def sweep(book: PolicyBook, posts: Sequence[str] = (*Role, _STRANGER)) -> Permitted:
    """Ask the policies every question in the most favourable circumstances, then what was granted with one fact less."""
    fields = [name for name in FieldName if Surface.REVEAL in FIELDS[name].shown]
    asked = [favourable(*question) for question in product(posts, fields, Purpose, _STATUSES)]
    yes = [facts for facts, verdict in zip(asked, book.decide_all(asked), strict=True) if verdict.allowed]
    optional = [facts for facts in yes if PURPOSES[Purpose(facts.ask.purpose)].optional]
    branch = [facts for facts in yes if facts.actor.role in SEE_BRANCH]
    lawful = [facts for facts in yes if facts.ask.purpose == Purpose.LAWFUL_DISCLOSURE]

    def still(questions: Sequence[Facts], less: Callable[[Facts], Facts]) -> int:
        return sum(verdict.allowed for verdict in book.decide_all([less(facts) for facts in questions]))

    machines = [facts for facts in asked if facts.actor.role in {Role.INTEGRATOR, Role.PRIVACY_OFFICER}]
    return Permitted(
        staff=frozenset(map(_question, yes)),
        tried=len(set(map(_question, asked))),
        optional=len(set(map(_question, optional))),
        strangers=sum(facts.actor.role == _STRANGER for facts in yes),
        outsiders=still(branch, _from_outside),
        unlimited=still(yes, lambda facts: replace(facts, actor=replace(facts.actor, budget_left=0))),
        untold=still(yes, lambda facts: replace(facts, ask=replace(facts.ask, told=False))),
        unagreed=still(optional, lambda facts: replace(facts, ask=replace(facts.ask, agreed=False))),
        uncovered=still(lawful, lambda facts: replace(facts, lift=NO_LIFT)),
        machines=still(machines, lambda facts: replace(facts, actor=replace(facts.actor, kind="client"))),
        unexplained=still(branch, lambda facts: replace(facts, work=UNEXPLAINED)),
        wandering=still(branch, lambda facts: replace(facts, work=replace(facts.work, asks_outside=_MANY))),
    )


def _question(facts: Facts) -> tuple[str, str, str]:
    return facts.actor.role, facts.ask.field, facts.ask.purpose


def _from_outside(facts: Facts) -> Facts:
    actor = replace(
        facts.actor,
        on_route=False,
        at_origin=False,
        own_stock=False,
        carries=False,
        ticket=False,
        ticket_fits=False,
    )
    return replace(facts, actor=actor)


_OPEN_PARCEL: Final = ParcelFacts(
    number="MD",
    status="created",
    days_since_delivery=-1,
    held=False,
    restricted=False,
    due=False,
    destroyed=False,
)


def favourable(role: str, field: str, purpose: str, status: str) -> Facts:
    """Return a question with every fact in the favour of whoever asks."""
    return Facts(
        actor=ActorFacts(
            kind="staff",
            name="anybody",
            role=str(role),
            active=True,
            employment="active",
            agreement_signed=True,
            trained=True,
            checked=True,
            rules_known=True,
            device_known=True,
            device_healthy=True,
            on_route=True,
            at_origin=True,
            own_stock=True,
            carries=True,
            ticket=True,
            ticket_fits=True,
            budget_left=1,
        ),
        parcel=replace(_OPEN_PARCEL, status=status),
        ask=AskFacts(
            field=str(field),
            purpose=str(purpose),
            told=True,
            agreed=True,
            serves=serves(field, purpose),
            reason_fits=True,
        ),
        work=DILIGENT,
        # A broken glass is no favour: it is an alarm. A case is: two persons agreed to it.
        lift=LiftFacts(case_covers=True),
    )
