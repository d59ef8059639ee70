"""What a decision looks at: facts gathered beforehand, so that the decision itself asks nobody."""

from dataclasses import dataclass
from typing import Final, Literal

from midan.access.rules.work import WorkFacts, work_context

PrincipalKind = Literal["staff", "client", "system", "public"]
ENTITY_TYPES: Final = {"staff": "Staff", "client": "Client", "system": "System", "public": "Public"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorFacts:
    """Names as in policy/access.cedarschema. `tickets` are the codes of those that fit: for the log, not for policies."""

    kind: PrincipalKind
    name: str
    role: str
    active: bool
    employment: str
    agreement_signed: bool
    trained: bool
    checked: bool
    rules_known: bool
    device_known: bool
    device_healthy: bool
    on_route: bool
    at_origin: bool
    own_stock: bool
    carries: bool
    ticket: bool
    ticket_fits: bool
    budget_left: int
    tickets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFacts:
    number: str
    status: str
    days_since_delivery: int
    held: bool
    restricted: bool
    due: bool
    destroyed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskFacts:
    field: str
    purpose: str
    told: bool
    agreed: bool
    serves: bool
    reason_fits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftFacts:
    """What opens or closes for a while. `glass` and `case` are the codes of what covers: for the log, not for policies."""

    glass_broken: bool = False
    glass_overdue: bool = False
    case_covers: bool = False
    glass: str = ""
    case: str = ""


NO_LIFT: Final = LiftFacts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    actor: ActorFacts
    parcel: ParcelFacts
    ask: AskFacts
    work: WorkFacts
    lift: LiftFacts = NO_LIFT


def context(facts: Facts) -> dict[str, object]:
    """Return the facts as the policies read them; the schema refuses one missing or of a wrong type."""
    actor, parcel, ask, lift = facts.actor, facts.parcel, facts.ask, facts.lift
    return {
        "role": actor.role,
        "active": actor.active,
        "employment": actor.employment,
        "agreementSigned": actor.agreement_signed,
        "trained": actor.trained,
        "checked": actor.checked,
        "rulesKnown": actor.rules_known,
        "deviceKnown": actor.device_known,
        "deviceHealthy": actor.device_healthy,
        "onRoute": actor.on_route,
        "atOrigin": actor.at_origin,
        "ownStock": actor.own_stock,
        "carries": actor.carries,
        "ticket": actor.ticket,
        "ticketFits": actor.ticket_fits,
        "budgetLeft": actor.budget_left,
        "glassBroken": lift.glass_broken,
        "glassOverdue": lift.glass_overdue,
        "caseCovers": lift.case_covers,
        "status": parcel.status,
        "daysSinceDelivery": parcel.days_since_delivery,
        "held": parcel.held,
        "restricted": parcel.restricted,
        "due": parcel.due,
        "destroyed": parcel.destroyed,
        "field": ask.field,
        "purpose": ask.purpose,
        "told": ask.told,
        "agreed": ask.agreed,
        "serves": ask.serves,
        "reasonFits": ask.reason_fits,
        **work_context(facts.work),
    }
