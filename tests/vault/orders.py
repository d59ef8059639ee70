"""Orders of invented people, and the log entries and grants that `access` would make."""

import os
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from midan.audit.services import commit_read
from midan.core import number
from midan.core.actor import Actor
from midan.core.blind import Kind
from midan.core.grant import Grant
from midan.vault import services
from midan.vault.rules import Contact, Goods, Hit, SealedOrder, fields_detail, seal_orders

DAY, DUE = date(2026, 11, 23), date(2027, 11, 30)
SENDER = Contact(name="沈澄澄", phone="17000001234", address="浙江省杭州市西湖区曙光路122号6幢2单元301室")
RECIPIENT = Contact(name="欧阳小禾", phone="17000005678", address="广东省深圳市南山区沙河西路88号3栋1202")
GOODS = Goods(goods_name="羊毛围巾", remark="请放在门口的蓝箱子里", order_ref="TB-2026-00017")
CLERK = Actor(kind="staff", name="S00001", role="agent", branch="HZ001")

Item = tuple[int, Contact, Contact, Goods]


def order(seq: int, **changes: str) -> Item:
    """One order; `changes` name fields as the catalogue does."""
    contacts = [
        Contact(
            name=changes.get(f"{who}_name", base.name),
            phone=changes.get(f"{who}_phone", base.phone),
            address=changes.get(f"{who}_address", base.address),
        )
        for who, base in (("sender", SENDER), ("recipient", RECIPIENT))
    ]
    goods = Goods(
        goods_name=changes.get("goods_name", GOODS.goods_name),
        remark=changes.get("remark", GOODS.remark),
        order_ref=changes.get("order_ref", f"{GOODS.order_ref}-{seq}"),
    )
    return seq, contacts[0], contacts[1], goods


def put(items: Sequence[Item], *, day: date = DAY, retention: str = "standard") -> list[SealedOrder]:
    """Reserve, seal and store orders."""
    lease = services.reserve(
        retention=retention, day=day, due=day.replace(year=day.year + 1), records=len(items)
    )
    sealed = seal_orders(lease, 0, items, os.urandom)
    with transaction.atomic():
        services.store(sealed=sealed)
    return sealed


def entry_for(seq: int, fields: frozenset[str], now: datetime, **changes: object) -> str:
    """Commit the log entry of a reveal; `changes` bend it."""
    waybill = number.encode(services.company_key("number"), seq)
    entry = {
        "actor": CLERK,
        "act": "access:part:revealed",
        "object": f"waybill:{waybill}",
        "outcome": "allowed",
        "purpose": "customer_service",
        "details": {"fields": fields_detail(fields)},
        "at": now,
    }
    return commit_read(**(entry | changes))


def searched(kind: Kind, **changes: object) -> str:
    """Commit the log entry of a search; `changes` bend it."""
    entry = {
        "actor": CLERK,
        "act": "access:search:performed",
        "object": f"search:{kind.name.lower()}",
        "outcome": "allowed",
    }
    return commit_read(**(entry | changes))


def find(kind: Kind, value: str) -> tuple[Hit, ...]:
    """Search as `access` does: the entry first."""
    return services.find(kind=kind, value=value, commit=lambda: searched(kind), now=timezone.now())


def grant_for(
    seq: int, fields: frozenset[str], now: datetime, entry_id: str = "", **changes: object
) -> Grant:
    """Build what `access` builds; `changes` bend it."""
    return Grant(
        actor=CLERK.reference,
        waybill=number.encode(services.company_key("number"), seq),
        fields=fields,
        purpose="customer_service",
        entry_id=entry_id or entry_for(seq, fields, now),
        issued_at=now,
    )
