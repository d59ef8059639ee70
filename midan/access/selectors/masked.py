"""Masked views, one or a page, of exactly the waybills the actor may see."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from midan.access.errors import NotFound
from midan.access.rules import scope
from midan.access.rules.views import MaskedParty, MaskedWaybill, SearchPage
from midan.access.selectors.facts import checked_actor, find_waybill, route_facts
from midan.access.selectors.glass import opened_waybills
from midan.access.selectors.tickets import covered
from midan.core.actor import Actor
from midan.vault import selectors as vault
from midan.waybill import selectors as waybills
from midan.waybill.rules import Filter, Waybill


def masked_waybill(actor: Actor, number: str, *, now: datetime | None = None) -> MaskedWaybill:
    """Return the masked view; raise NotFound for a number that is unknown or not for these eyes."""
    waybill = find_waybill(number)
    if waybill is None or not visible(actor, [waybill], now=now):
        raise NotFound
    return masked_views([waybill])[0]


def masked_page(
    actor: Actor, narrow: Filter, *, now: datetime | None = None, cursor: str = "", limit: int = 50
) -> SearchPage:
    """Return a page of what the actor may see, newest first; a filter only ever narrows that."""
    scoped = _scoped(actor, narrow)
    if scoped is None:
        return SearchPage(items=(), next="")
    page = waybills.page(narrow=scoped, cursor=cursor, limit=limit)
    return SearchPage(items=tuple(masked_views(visible(actor, page.items, now=now))), next=page.next)


def visible(actor: Actor, rows: Sequence[Waybill], *, now: datetime | None = None) -> tuple[Waybill, ...]:
    """Return those of `rows` the actor may see, in their order."""
    actor, active = checked_actor(actor)
    if actor.kind == "system":
        return tuple(rows)
    if actor.kind == "client":
        return tuple(row for row in rows if row.client == actor.name)
    if actor.kind != "staff" or not active:
        return ()
    routes = waybills.routes(rows)
    seqs, at = [row.seq for row in rows], now or timezone.now()
    tickets = covered(staff_no=actor.name, seqs=seqs, now=at)
    opened = opened_waybills(actor=actor, seqs=seqs, now=at)
    return tuple(
        row
        for row in rows
        if _sees(actor, row, routes[row.seq], ticket=row.seq in tickets) or row.seq in opened
    )


def masked_views(rows: Sequence[Waybill]) -> list[MaskedWaybill]:
    """Return the masked views of waybills the caller has found visible."""
    orders = vault.masked([row.seq for row in rows])
    return [_view(row, orders.get(row.seq)) for row in rows]


def _sees(actor: Actor, row: Waybill, route: frozenset[str], *, ticket: bool) -> bool:
    on_route, own_stock, carries = route_facts(actor, row, route)
    return scope.sees(
        role=actor.role,
        on_route=on_route,
        own_stock=own_stock,
        carries=carries,
        ticket=ticket and actor.role == "agent",
    )


def _scoped(actor: Actor, narrow: Filter) -> Filter | None:
    """Return the filter cut down to what the actor may page through, or None for nothing."""
    actor, active = checked_actor(actor)
    if actor.kind == "system":
        return narrow
    if actor.kind == "client":
        return None if narrow.client not in {"", actor.name} else replace(narrow, client=actor.name)
    return _scoped_staff(actor, narrow) if actor.kind == "staff" and active else None


def _scoped_staff(actor: Actor, narrow: Filter) -> Filter | None:
    if actor.role in scope.SEE_ALL:
        return narrow
    if actor.role not in scope.SEE_BRANCH or narrow.route not in {"", actor.branch}:
        return None
    if narrow.handler == actor.name or (narrow.station and narrow.station == actor.branch):
        return narrow
    return replace(narrow, route=actor.branch)


def _view(row: Waybill, order: vault.MaskedOrder | None) -> MaskedWaybill:
    return MaskedWaybill(
        number=row.number,
        client=row.client,
        status=row.status,
        branch=row.branch,
        destination=row.destination,
        district_code=row.district_code,
        sorting_code=row.sorting_code,
        handler=row.handler,
        station=row.station,
        goods_kind=row.goods_kind,
        quantity=row.quantity,
        weight_g=row.weight_g,
        notice_version=row.notice_version,
        created_at=row.created_at,
        delivered_at=row.delivered_at,
        sender=None if order is None else _party(order.sender),
        recipient=None if order is None else _party(order.recipient),
        goods_name="" if order is None else order.goods_name,
        remark="" if order is None else order.remark,
        order_ref="" if order is None else order.order_ref,
    )


def _party(contact: vault.MaskedContact) -> MaskedParty | None:
    if not contact.name and not contact.phone:
        return None
    return MaskedParty(name=contact.name, phone=contact.phone, address=contact.address)
