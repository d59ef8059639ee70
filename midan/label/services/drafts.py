"""What a label of each waybill will say, read once for a batch: masked values and the clear waybill row, no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from midan.access.selectors.facts import checked_actor
from midan.core.actor import Actor
from midan.core.parts import PartCode
from midan.label import rules
from midan.label.errors import BadLabelRequest, NothingToPrint, NotPrintable
from midan.label.rules import LabelModel, Parcel
from midan.label.selectors import SHANGHAI
from midan.people import selectors as people
from midan.vault import selectors as vault
from midan.waybill import selectors as waybills
from midan.waybill.rules import Waybill

Choice = TypeVar("Choice", rules.Format, rules.Size)
_PARTIES: Final = frozenset({PartCode.SENDER, PartCode.RECIPIENT})
NOBODY_SERVES: Final = "待人工分拣"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A label without its code and copy number, and the waybill it is for."""

    waybill: Waybill
    values: Mapping[str, object]

    def model(self, *, payload: str, copy_no: int) -> LabelModel:
        return rules.build({**self.values, "payload": payload, "copy_no": copy_no})


def registered(actor: Actor) -> Actor:
    """Return the actor with the role and branch of the register; a closed or unknown account has no role."""
    known, active = checked_actor(actor)
    return known if active else replace(known, role="")


def choose(kind: type[Choice], *, field: str, text: str) -> Choice:
    """Return the choice a text stands for; BadLabelRequest naming what there is."""
    try:
        return kind(text)
    except ValueError:
        raise BadLabelRequest(field=field, allowed=tuple(item.value for item in kind)) from None


def printable(*, actor: Actor, numbers: Sequence[str]) -> list[Waybill]:
    """Return the waybills in order; NotPrintable if one is unknown or not for this actor, NothingToPrint if over."""
    found = waybills.by_numbers(numbers)
    if len(found) < len(numbers):
        raise NotPrintable
    rows = [found[number] for number in numbers]
    routes = waybills.routes(rows) if actor.kind == "staff" else {}
    for row in rows:
        parcel = Parcel(
            client=row.client,
            branch=row.branch,
            handler=row.handler,
            status=row.status,
            route=routes.get(row.seq, frozenset()),
        )
        if not rules.may_print(actor, parcel):
            raise NotPrintable
        if rules.is_over(row.status) and actor.kind != "system":
            raise NothingToPrint(reason=row.status, waybill=row.number)
    return rows


def drafts(rows: Sequence[Waybill], *, now: datetime) -> list[Draft]:
    """Return what each label says, in order; NothingToPrint where a part of it was erased."""
    found = drafts_held(rows, now=now)
    for row in rows:
        if row.seq not in found:
            raise NothingToPrint(reason="erased", waybill=row.number)
    return [found[row.seq] for row in rows]


def drafts_held(rows: Sequence[Waybill], *, now: datetime) -> dict[int, Draft]:
    """Return seq → what its label says, for those whose parts are all still there."""
    # What the thing is called, remarks and references are not even unsealed for a label.
    orders = vault.masked([row.seq for row in rows], parts=_PARTIES)
    company = people.company()
    places = {branch.code: f"{branch.city} · {branch.name}" for branch in people.branches()}
    shared = {
        "printed_on": now.astimezone(SHANGHAI).date().isoformat(),
        "company": company.name if company else "",
    }
    return {
        row.seq: _draft(row, orders[row.seq], places.get(row.destination, NOBODY_SERVES), shared)
        for row in rows
        if row.seq in orders and not orders[row.seq].erased
    }


def _draft(row: Waybill, order: vault.MaskedOrder, destination: str, shared: Mapping[str, object]) -> Draft:
    return Draft(
        waybill=row,
        values={
            **shared,
            "number": row.number,
            "sorting_code": row.sorting_code,
            "destination": destination,
            "recipient_name": order.recipient.name,
            "recipient_phone": order.recipient.phone,
            "recipient_address": order.recipient.address,
            "sender_name": order.sender.name,
            "sender_phone": order.sender.phone,
            "sender_address": order.sender.address,
            "goods_kind": row.goods_kind,
            "quantity": row.quantity,
            "weight_g": row.weight_g,
        },
    )
