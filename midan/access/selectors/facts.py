"""Gather what a decision looks at. Role, branch and activity come from the register, never from the request."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from midan.access.rules import scope
from midan.access.rules.budgets import BudgetKind
from midan.access.rules.facts import ActorFacts, AskFacts, Facts, LiftFacts, ParcelFacts
from midan.access.rules.work import NEVER
from midan.access.selectors.asked import agreed, told_fields
from midan.access.selectors.budgets import allowance, used_today
from midan.access.selectors.cases import covering_case
from midan.access.selectors.glass import broken
from midan.access.selectors.tickets import covering
from midan.access.selectors.worked import work_facts
from midan.catalog.rules import FIELDS, PURPOSES, Purpose, is_reason_for, serves
from midan.collection import selectors as collection
from midan.core.actor import Actor
from midan.devices import selectors as devices
from midan.duties.rules import NOTHING, Standing
from midan.duties.selectors import standing
from midan.people import selectors as people
from midan.people.errors import UnknownStaff
from midan.people.rules import Employment
from midan.vault import selectors as vault
from midan.vault.rules import FAMILIES, FAMILY_OF, STANDARD, Family
from midan.waybill import selectors as waybills
from midan.waybill.errors import UnknownWaybill
from midan.waybill.rules import Waybill

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_NO_CALL: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked. `reason` empty in an explanation: any reason of the purpose is assumed.

    `factor_age`: seconds since the session behind it showed a second factor, -1 when none did.
    """

    number: str
    fields: frozenset[str]
    purpose: str
    reason: str
    ticket: str
    now: datetime
    note: str = ""
    factor_age: int = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """The actor as the register knows them now, whether the account is open, and where its person stands (M5)."""

    actor: Actor
    active: bool
    employment: str

    @property
    def at_work(self) -> bool:
        return self.active and self.employment == Employment.ACTIVE


def known_asker(actor: Actor) -> Asker:
    """Return what the register says of the actor; a person it does not know has no role and a closed account."""
    if actor.kind != "staff":
        return Asker(actor=actor, active=True, employment=Employment.ACTIVE)
    try:
        person = people.staff(actor.name)
    except UnknownStaff:
        return Asker(actor=replace(actor, role="", branch=""), active=False, employment="")
    known = replace(actor, role=person.role, branch=person.branch)
    return Asker(actor=known, active=person.active, employment=person.state)


def checked_actor(actor: Actor) -> tuple[Actor, bool]:
    """Return the actor with the role and branch of the register, and whether the account is open and they are at work."""
    found = known_asker(actor)
    return found.actor, found.at_work


def find_waybill(number: str) -> Waybill | None:
    try:
        return waybills.get(number)
    except UnknownWaybill:
        return None


def gather(
    asker: Asker, question: Question, *, waybill: Waybill | None, assume_glass: bool = False
) -> tuple[list[Facts], bool]:
    """Return the facts of each field in order of name, and whether the actor may see the waybill at all.

    `assume_glass` answers what it would be if the actor had broken the glass for this very question.

    A waybill that does not exist and one that may not be seen give the same facts, hence the same answer.
    """
    used = used_today(asker.actor.name, question.now)
    most = allowance(asker.actor, BudgetKind.REVEAL, now=question.now, used=used)
    who = _actor_facts(asker, question, waybill, budget_left=max(0, most - used.get(BudgetKind.REVEAL, 0)))
    lifts, through_glass = _lifts(asker.actor, question, waybill, assume_glass=assume_glass)
    visible = waybill is not None and (through_glass or _sees(who))
    seen = waybill if visible else None
    work = work_facts(
        asker.actor,
        who,
        seen,
        visible=visible,
        allowance=most,
        factor_age=question.factor_age,
        now=question.now,
    )
    told = told_fields(version="" if seen is None else seen.notice_version, purpose=question.purpose)
    lying = {field: family_of(field) for field in sorted(question.fields)}
    # Asked once for all fields that lie together, as those of most questions do.
    parcels = {
        family.records: _parcel_facts(question, seen, family)
        for family in FAMILIES
        if family in lying.values()
    }
    facts = [
        Facts(
            actor=who,
            parcel=parcels[family.records],
            ask=_ask_facts(question, field, told, seen),
            work=work,
            lift=lifts[field],
        )
        for field, family in lying.items()
    ]
    return facts, visible


def _sees(who: ActorFacts) -> bool:
    return scope.sees(
        role=who.role,
        on_route=who.on_route,
        own_stock=who.own_stock,
        carries=who.carries,
        ticket=who.ticket,
    )


def _lifts(
    actor: Actor, question: Question, waybill: Waybill | None, *, assume_glass: bool
) -> tuple[dict[str, LiftFacts], bool]:
    """Return by field what opens or closes for a while, and whether the glass lets the actor see the waybill."""
    seq = None if waybill is None else waybill.seq
    glass = broken(actor=actor, seq=seq, purpose=question.purpose, now=question.now)
    case = covering_case(staff_no=actor.name, seq=seq, purpose=question.purpose, now=question.now)
    lifts = {
        field: LiftFacts(
            glass_broken=assume_glass or field in glass.opened,
            glass_overdue=glass.overdue,
            case_covers=field in case,
            glass=glass.opened.get(field, ""),
            case=case.get(field, ""),
        )
        for field in question.fields
    }
    # A post that sees nothing masked sees nothing through the glass either.
    return lifts, (assume_glass or glass.waybill) and actor.role in scope.SEE_ALL | scope.SEE_BRANCH


def route_facts(actor: Actor, waybill: Waybill, route: frozenset[str]) -> tuple[bool, bool, bool]:
    """Return whether the waybill is on the actor's route, in their own stock, in their hands."""
    on_route = bool(actor.branch) and actor.branch in route
    own_stock = bool(waybill.station) and waybill.station == actor.branch
    carries = bool(waybill.handler) and waybill.handler == actor.name
    return on_route, own_stock, carries


def _actor_facts(
    asker: Asker, question: Question, waybill: Waybill | None, *, budget_left: int
) -> ActorFacts:
    actor = asker.actor
    on_route = own_stock = carries = False
    called_for = _NO_CALL
    if waybill is not None and actor.kind == "staff":
        # The ends of the route are on the row; only a branch in between is looked up.
        route = frozenset({waybill.branch, waybill.destination})
        if actor.branch not in route:
            route = waybills.routes([waybill])[waybill.seq]
        on_route, own_stock, carries = route_facts(actor, waybill, route)
        if actor.role == "agent":
            called_for = covering(
                staff_no=actor.name, seq=waybill.seq, code=question.ticket, now=question.now
            )
    fitting = tuple(
        sorted(code for code, reason in called_for.items() if is_reason_for(reason, question.purpose))
    )
    duties = standing_of(actor, question.now)
    device = devices.standing(actor, now=question.now)
    return ActorFacts(
        kind=actor.kind,
        name=actor.name,
        role=actor.role,
        active=asker.active,
        employment=asker.employment,
        agreement_signed=duties.agreement,
        trained=duties.training,
        checked=duties.check,
        rules_known=duties.rules,
        device_known=device.known,
        device_healthy=device.healthy,
        on_route=on_route,
        at_origin=waybill is not None and bool(actor.branch) and actor.branch == waybill.branch,
        own_stock=own_stock,
        carries=carries,
        ticket=bool(called_for),
        ticket_fits=bool(fitting),
        tickets=fitting,
        budget_left=budget_left,
    )


def standing_of(actor: Actor, now: datetime) -> Standing:
    """Return which duties the actor has fulfilled today in Shanghai; what is no person has fulfilled none."""
    if actor.kind != "staff":
        return NOTHING
    return standing(staff_no=actor.name, role=actor.role, today=now.astimezone(SHANGHAI).date())


def family_of(field: str) -> Family:
    """Return where the field lies: an identity number has a day of its own, the rest goes with the order."""
    part = FIELDS[field].part if field in FIELDS else None
    return STANDARD if part is None else FAMILY_OF[part]


def _parcel_facts(question: Question, waybill: Waybill | None, family: Family) -> ParcelFacts:
    if waybill is None:
        return ParcelFacts(
            number=question.number,
            status="created",
            days_since_delivery=-1,
            held=False,
            restricted=False,
            due=False,
            destroyed=False,
        )
    state = vault.state(waybill.seq, family)
    today = question.now.astimezone(SHANGHAI).date()
    delivered = waybill.delivered_at
    return ParcelFacts(
        number=waybill.number,
        status=waybill.status,
        days_since_delivery=-1 if delivered is None else (question.now - delivered).days,
        held=state.held,
        restricted=state.restricted,
        due=state.due is not None and state.due <= today,
        destroyed=state.destroyed and (family is STANDARD or collection.real_name(waybill.seq) is not None),
    )


def _ask_facts(question: Question, field: str, told: frozenset[str], waybill: Waybill | None) -> AskFacts:
    fits = is_reason_for(question.reason, question.purpose)
    if not question.reason:
        fits = question.purpose in set(Purpose) and bool(PURPOSES[Purpose(question.purpose)].reasons)
    return AskFacts(
        field=field,
        purpose=question.purpose,
        told=field in told,
        agreed=waybill is None or agreed(question.purpose, waybill, field),
        serves=serves(field, question.purpose),
        reason_fits=fits,
    )
