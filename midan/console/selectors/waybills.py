"""The list of waybills and one waybill, masked, with what the person may do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext

from midan.access import selectors as access
from midan.access.rules.budgets import BudgetKind
from midan.access.rules.views import MaskedParty, MaskedWaybill, OptionalUse, TicketView
from midan.access.selectors import policies
from midan.audit import selectors as audit
from midan.audit.selectors import EntryView
from midan.catalog.rules import FIELDS, PURPOSES, Purpose, Surface
from midan.collection import selectors as collection
from midan.collection.rules.realname import RealNameView, asks_now
from midan.console.rules import Room, enters
from midan.core.actor import Actor
from midan.core.parts import PartCode
from midan.label import selectors as labels
from midan.label.rules import is_over
from midan.people import selectors as people
from midan.ui.catalogue import DOCUMENT
from midan.ui.words import REASON, STATUS
from midan.vault.rules import PART_FIELDS
from midan.vault.selectors import VaultState, state
from midan.waybill import selectors as waybills
from midan.waybill.rules import Filter, ScanView

PAGE: Final = 50
_SPANS: Final = {"today": 1, "week": 7, "month": 30}
# The catalogue says what the console shows; an order holds one value for each of these names.
_ON_PAGE: Final = {
    part: tuple(name for name in PART_FIELDS[part] if Surface.CONSOLE in FIELDS[name].shown)
    for part in PART_FIELDS
}
_HISTORY: Final = 50
# What a post most often looks for; only the order of a list, never a permission.
_USUAL: Final[Mapping[str, Purpose]] = {
    "courier": Purpose.DELIVER,
    "clerk": Purpose.DELIVER,
    "agent": Purpose.CUSTOMER_SERVICE,
    "branch_manager": Purpose.CUSTOMER_SERVICE,
    "privacy_officer": Purpose.RIGHTS_REQUEST,
    "analyst": Purpose.SECURITY_REVIEW,
    "regulator": Purpose.LAWFUL_DISCLOSURE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One filter to press. `code` empty is all."""

    code: str
    title: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaybillList:
    items: tuple[MaskedWaybill, ...]
    next: str
    statuses: tuple[Chip, ...]
    spans: tuple[Chip, ...]
    status: str
    span: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One masked value on the page; `field` names it in the catalogue."""

    field: str
    title: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeChoice:
    code: str
    title: str
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaybillPage:
    """Everything the page of one waybill shows. No plaintext."""

    waybill: MaskedWaybill
    sender: tuple[Shown, ...]
    recipient: tuple[Shown, ...]
    goods: tuple[Shown, ...]
    scans: tuple[ScanView, ...]
    strays: frozenset[str]
    confirmable: frozenset[str]
    cities: Mapping[str, str]
    history: tuple[EntryView, ...]
    purposes: tuple[PurposeChoice, ...]
    tickets: tuple[TicketView, ...]
    left: int
    allowed: int
    may_print: bool
    optional: tuple[OptionalUse, ...]
    kept: VaultState
    may_hold: bool
    real_name: RealNameView | None
    asks_real_name: bool
    documents: tuple[tuple[str, str], ...]


def waybill_list(actor: Actor, *, status: str, span: str, cursor: str, now: datetime) -> WaybillList:
    """Return one page of what the actor may see; an unknown filter narrows nothing."""
    status = status if status in STATUS else ""
    span = span if span in _SPANS else ""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight - timedelta(days=_SPANS[span] - 1) if span else None
    page = access.masked_page(actor, Filter(status=status, since=since), now=now, cursor=cursor, limit=PAGE)
    titles = {
        "": gettext("全部时间"),
        "today": gettext("今天"),
        "week": gettext("7 天内"),
        "month": gettext("30 天内"),
    }
    return WaybillList(
        items=page.items,
        next=page.next,
        statuses=_chips(
            {"": gettext("全部状态")} | {code: gettext(text) for code, text in STATUS.items()}, status
        ),
        spans=_chips(titles, span),
        status=status,
        span=span,
    )


def waybill_page(actor: Actor, number: str, *, lang: str, now: datetime) -> WaybillPage:
    """Return one waybill; raise access.NotFound for what is unknown or not for these eyes."""
    waybill, row = access.masked_waybill(actor, number, now=now), waybills.get(number)
    budget = next(one for one in access.budgets(actor, now=now) if one.kind == BudgetKind.REVEAL)
    checked = collection.real_name(row.seq)
    goods = {name: str(getattr(waybill, name)) for name in _ON_PAGE[PartCode.GOODS]}
    return WaybillPage(
        waybill=waybill,
        sender=_party(PartCode.SENDER, waybill.sender),
        recipient=_party(PartCode.RECIPIENT, waybill.recipient),
        goods=tuple(_shown(name, value) for name, value in goods.items() if value),
        scans=waybills.scans(number)[::-1],
        strays=waybills.strays(row),
        confirmable=waybills.confirmable(actor, row),
        cities=people.cities(),
        history=audit.of_objects(labels.objects_about(number))[::-1][:_HISTORY],
        purposes=purposes_for(actor.role),
        tickets=access.tickets(actor, now=now) if enters(actor.role, Room.TICKETS) else (),
        left=max(0, budget.allowed - budget.used),
        allowed=budget.allowed,
        may_print=enters(actor.role, Room.LABELS) and not is_over(waybill.status),
        optional=access.optional_uses(actor, number, lang=lang, now=now),
        kept=state(row.seq),
        may_hold=enters(actor.role, Room.KEEPING),
        real_name=checked,
        asks_real_name=checked is None and asks_now(actor, row),
        documents=tuple((code, gettext(title)) for code, title in DOCUMENT.items()),
    )


def policy_version() -> str:
    """Return the version of the policies that decide now."""
    return policies.book().version


def _chips(titles: Mapping[str, str], chosen: str) -> tuple[Chip, ...]:
    return tuple(Chip(code=code, title=title, chosen=code == chosen) for code, title in titles.items())


def _party(part: PartCode, party: MaskedParty | None) -> tuple[Shown, ...]:
    if party is None:
        return ()
    return tuple(_shown(name, getattr(party, name.rpartition("_")[2])) for name in _ON_PAGE[part])


def _shown(field: str, value: str) -> Shown:
    return Shown(field=field, title=gettext(FIELDS[field].title), value=value)


def purposes_for(role: str) -> tuple[PurposeChoice, ...]:
    """Return the purposes for which the post may ever read plaintext here, its usual one first."""
    hidden, usual = {Purpose.LABEL, Purpose.REAL_NAME}, _USUAL.get(role)
    open_to = access.purposes_of(role)
    rules = sorted(PURPOSES.values(), key=lambda rule: rule.purpose is not usual)
    return tuple(
        PurposeChoice(
            code=rule.purpose,
            title=gettext(rule.title),
            reasons=tuple((code, gettext(REASON[code])) for code in sorted(rule.reasons)),
        )
        for rule in rules
        if rule.reasons and rule.purpose in open_to and rule.purpose not in hidden
    )
