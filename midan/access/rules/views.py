"""What access hands out: masked waybills, revealed values, tickets, explanations. No plaintext prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from midan.access.rules.engine import Policy, Verdict
from midan.access.rules.facts import Facts
from midan.catalog.rules import PURPOSES, Purpose
from midan.core.grant import Grant
from midan.core.secret import Secret

SHOWN_FOR: Final = timedelta(seconds=30)
TICKET_LIFE: Final = timedelta(hours=24)
TICKET_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
TICKET_LENGTH: Final = 10
# Why a customer calls, in the order a form offers it.
TICKET_REASONS: Final = tuple(
    reason
    for purpose in (Purpose.CUSTOMER_SERVICE, Purpose.COMPLAINT, Purpose.CLAIM)
    for reason in sorted(PURPOSES[purpose].reasons)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedParty:
    name: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedWaybill:
    """A waybill as anybody may see it who may see it at all. Parties are None when they were destroyed."""

    number: str
    client: str
    status: str
    branch: str
    destination: str
    district_code: str
    sorting_code: str
    handler: str
    station: str
    goods_kind: str
    quantity: int
    weight_g: int
    notice_version: str
    created_at: datetime
    delivered_at: datetime | None
    sender: MaskedParty | None
    recipient: MaskedParty | None
    goods_name: str
    remark: str
    order_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """`next` continues after the last item; empty at the end."""

    items: tuple[MaskedWaybill, ...]
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """Values open with `grant` only; a screen takes them away at `expires_at`."""

    values: Mapping[str, Secret[str]]
    entry_id: str
    expires_at: datetime
    grant: Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketView:
    code: str
    opened_by: str
    reason: str
    opened_at: datetime
    expires_at: datetime
    closed: bool
    waybills: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionalUse:
    """An optional use as the notice in force words it, and since when this side's yes stands (None: it does not)."""

    side: str
    purpose: str
    text: str
    method: str
    notice_version: str
    given_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetView:
    kind: str
    used: int
    allowed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a question would be answered so now: every fact, every policy that fired, every permit that fits."""

    facts: Facts
    verdict: Verdict
    permits: tuple[Policy, ...]
    known: bool
    version: str
