"""docs/reference/permissions.md: who may do what, asked of the policies and rules themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from midan.access.rules import ActorFacts, AskFacts, Facts, LiftFacts, ParcelFacts
from midan.access.rules.budgets import BudgetKind, earning, flat
from midan.access.rules.scope import SEARCHES, SEE_ALL, SEE_BRANCH, Reach
from midan.access.rules.sweep import DILIGENT
from midan.access.selectors.policies import book
from midan.approval.rules import RULES, decides_any
from midan.catalog.rules import FIELDS, FieldName, Purpose
from midan.catalog.settings import load
from midan.console.menu import MENU
from midan.console.rules import ENTERS, Room
from midan.core.actor import Actor
from midan.destruction.rules.runs import may_keep
from midan.gateway.rules import MAY_SEND
from midan.label.rules import prints_labels
from midan.paper.rules import KEEPERS as PAPER_KEEPERS
from midan.people.rules import Role, may_keep_staff
from midan.ui.words import APPROVAL, DENIAL, ROLE
from midan.waybill.rules import SCANNED_BY, Status
from refpages.text import code, english, table

FIELDS_SEALED: Final = tuple(name.value for name in FieldName if FIELDS[name].part is not None)
_ASK = AskFacts(field="", purpose="", told=True, agreed=True, serves=True, reason_fits=True)
_PARCEL = ParcelFacts(
    number="MD1", status="", days_since_delivery=-1, held=False, restricted=False, due=False, destroyed=False
)
# What about the parcel has to be so, in words; each is taken away in turn.
_NEEDS: Final = {
    "at_origin": "their branch took the parcel in",
    "on_route": "the parcel passes their branch",
    "own_stock": "it lies on their own station's shelf",
    "carries": "they carry it now",
    "ticket": "an open ticket of their own covers it",
    "ticket_fits": "that ticket is for this purpose",
}
_WORK: Final = {Role.COURIER: "parcels", Role.CLERK: "parcels", Role.AGENT: "tickets"}
# What opens for a while, in words.
_LIFTS: Final = {"case_covers": "a live case two persons agreed to names them, the parcel and the field"}
_REACH: Final = {
    Reach.STOCK: "parcels on the own station's shelf",
    Reach.ROUTE: "parcels that pass the own branch",
    Reach.TICKET: "the own branch's, and everywhere with a ticket for that phone",
    Reach.ALL: "everywhere",
}
_OTHERWISE: Final = {
    "": "no",
    "masked": "the mask",
    "step_up": "after signing in again",
    "supervisor": "after another person's consent",
}
# Rooms that are acts inside a page have no line in the menu.
_ACTS: Final = {
    Room.HOME: "enter at all",
    Room.LABELS: "print labels",
    Room.PUBLISH: "publish a notice",
    Room.VERIFY: "verify the log",
    Room.KEEP_PAPER: "count, bag and destroy paper",
    Room.WITNESS: "witness a destruction of paper",
    Room.DUTIES: "see and do their own duties",
    Room.OWN_DEVICES: "enrol, name and revoke their own devices",
    Room.STAFFING: "propose or take back a post",
    Room.KEEP_STAFF: "appoint, send on leave, close everything of a leaver",
    Room.OWN_LEAVING: "sign the reminder on leaving",
    Room.OWNERS: "name owners",
    Room.OPEN_CASES: "ask for a case of lawful disclosure",
    Room.WRITE_POLICIES: "draft policies and ask for them",
    Room.KEEP_CLIENTS: "make, change, rotate, revoke API clients",
    Room.KEEPING: "set lengths, hold, restrict, request destruction",
}


def tables() -> dict[str, str]:
    """Return the page's blocks."""
    return {
        "posts": _posts(),
        "reveals": _reveals(),
        "gates": _gates(),
        "searches": _searches(),
        "rooms": _rooms(),
        "two-persons": _two_persons(),
    }


def _posts() -> str:
    head = ("post", "sees masked", "reveals", "searches", "tickets", "sends", "scans", "prints")
    more = ("paper", "destroys", "approves", "log", "staff")
    return table(head + more, map(_post, Role))


def _post(role: Role) -> tuple[str, ...]:
    sees = "all" if role in SEE_ALL else "branch" if role in SEE_BRANCH else ""
    limits = [_limit(role, kind) for kind in BudgetKind]
    does = (
        role in MAY_SEND or role in ENTERS[Room.UPLOAD],
        any(role in posts for posts in SCANNED_BY.values()),
        prints_labels(Actor(kind="staff", name="S00001", role=role)),
        role in PAPER_KEEPERS,
        may_keep(kind="staff", role=role),
        decides_any(role),
        role in ENTERS[Room.LOG],
        may_keep_staff(kind="staff", role=role),
    )
    return (f"{english(ROLE[role])} `{role}`", sees, *limits, *("●" if may else "" for may in does))


def _limit(role: Role, kind: BudgetKind) -> str:
    """Return the day's number: a flat one, or what each piece of work adds to a base, and where that ends."""
    earns = earning(role, kind, load({}).looking)
    if earns is None:
        return str(flat(role, kind) or "")
    return f"{earns.base} + {earns.factor} × {_WORK[role]}, ≤ {earns.most}"


def _facts(role: Role, purpose: Purpose, field: str, status: str, **changes: bool) -> Facts:
    """Return a question with every circumstance in its favour but those named."""
    actor = ActorFacts(
        kind="staff",
        name="S00001",
        role=role,
        active=True,
        employment="active",
        agreement_signed=True,
        trained=True,
        checked=True,
        rules_known=True,
        **(dict.fromkeys(_NEEDS, True) | {name: fact for name, fact in changes.items() if name in _NEEDS}),
        device_known=True,
        device_healthy=True,
        budget_left=9,
    )
    parcel = replace(_PARCEL, status=status)
    lift = LiftFacts(case_covers=changes.get("case_covers", True))
    ask = replace(_ASK, field=field, purpose=purpose)
    return Facts(actor=actor, parcel=parcel, ask=ask, work=DILIGENT, lift=lift)


def _shown(role: Role, purpose: Purpose, status: str, **changes: bool) -> frozenset[str]:
    asked = [_facts(role, purpose, field, status, **changes) for field in FIELDS_SEALED]
    verdicts = book().decide_all(asked)
    return frozenset(field for field, verdict in zip(FIELDS_SEALED, verdicts, strict=True) if verdict.allowed)


def _reveals() -> str:
    rows = []
    for role in Role:
        for purpose in Purpose:
            by_status = {status: _shown(role, purpose, status) for status in Status}
            fields = frozenset().union(*by_status.values())
            if fields:
                open_at = [status for status, seen in by_status.items() if seen]
                rows.append(
                    (english(ROLE[role]), f"`{purpose}`", _named(fields), _when(role, purpose, open_at))
                )
    return table(("post", "purpose", "fields", "only if"), rows)


def _named(fields: Iterable[str]) -> str:
    """Return fields in the catalogue's order, each person's together."""
    ordered = [field for field in FIELDS_SEALED if field in set(fields)]
    sides: Mapping[str, list[str]] = {
        side: [field.removeprefix(f"{side}_") for field in ordered if field.startswith(f"{side}_")]
        for side in ("sender", "recipient")
    }
    rest = [field for field in ordered if not field.startswith(("sender_", "recipient_"))]
    if sides["sender"] == sides["recipient"] and sides["sender"]:
        groups = [f"both persons' {', '.join(sides['sender'])}"]
    else:
        groups = [f"{side}'s {', '.join(names)}" for side, names in sides.items() if names]
    return "; ".join([*groups, *([code(rest)] if rest else [])])


def _when(role: Role, purpose: Purpose, open_at: list[str]) -> str:
    needed = [
        words
        for fact, words in (_NEEDS | _LIFTS).items()
        if not _shown(role, purpose, open_at[0], **{fact: False})
    ]
    if len(open_at) < len(Status):
        needed.append(f"status is {' or '.join(f'`{status}`' for status in open_at)}")
    return "; ".join(needed)


def _gates() -> str:
    gates = sorted(
        (one for one in book().policies.values() if one.effect == "forbid"), key=lambda one: one.order
    )
    return table(
        ("gate", "clause", "reason", "what the person reads", "instead"),
        [
            (
                f"`{gate.id}`",
                gate.clause,
                f"`{gate.reason}`",
                english(DENIAL[gate.reason]),
                _OTHERWISE[gate.otherwise],
            )
            for gate in gates
        ],
    )


def _searches() -> str:
    rows = []
    for role, kinds in SEARCHES.items():
        for reach in dict.fromkeys(kinds.values()):
            asked = [kind for kind, far in kinds.items() if far == reach]
            rows.append((english(ROLE[role]), code(asked), _REACH[reach]))
    return table(("post", "by", "looks at"), rows)


def _rooms() -> str:
    titles: dict[Room, list[str]] = {}
    for item in MENU:
        titles.setdefault(item.room, []).append(english(item.title))
    everybody = frozenset(Role)
    return table(
        ("page, or act on one", "posts"),
        [
            (
                ", ".join(titles.get(room, [])) or f"*{_ACTS.get(room, room)}*",
                "everybody" if posts == everybody else code(role for role in Role if role in posts),
            )
            for room, posts in ENTERS.items()
        ],
    )


def _two_persons() -> str:
    return table(
        ("act", "asks", "decides", "lives"),
        [
            (
                english(APPROVAL[kind]),
                code(sorted(rule.asks)),
                code(sorted(rule.decides)),
                f"{rule.life.days} days",
            )
            for kind, rule in RULES.items()
        ],
    )
