"""A small company with one parcel under way, its vault, its notice and one person in each post."""

import os
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction

from midan.catalog.rules import FIELDS, PURPOSES, Purpose
from midan.collection.models import Basis
from midan.core import number
from midan.core.actor import Actor
from midan.people.models import Branch, Staff
from midan.people.rules import Role
from midan.vault import services as vault
from midan.vault.rules import Contact, Goods, seal_orders
from midan.waybill import selectors
from midan.waybill import services as waybills
from midan.waybill.rules import NewWaybill
from tests.branches import open_branches
from tests.fulfilled import fulfil_everybody

SYSTEM = Actor.system("test")
NOTICE = "2026-11"
SENDER = Contact(name="沈澄澄", phone="17000001234", address="浙江省杭州市西湖区曙光路122号6幢2单元301室")
RECIPIENT = Contact(name="欧阳小禾", phone="17000005678", address="广东省深圳市南山区沙河西路88号3栋1202")
CLEAR = (SENDER.name, SENDER.phone, SENDER.address, RECIPIENT.name, RECIPIENT.phone, RECIPIENT.address)


@dataclass
class World:
    now: object
    people: dict

    def actor(self, role, branch="HZ001"):
        return self.people[role, branch]

    def order(
        self,
        *,
        branch="HZ001",
        destination="SZ001",
        client="shop-1",
        notice=NOTICE,
        sender=SENDER,
        recipient=RECIPIENT,
    ):
        """Register and seal one order; return its number."""
        day = self.now.date()
        (seq,) = waybills.reserve_numbers(1)
        lease = vault.reserve(retention="standard", day=day, due=day + timedelta(days=210), records=1)
        goods = Goods(goods_name="羊毛围巾", remark="请放在门口", order_ref=f"TB-{seq}")
        sealed = seal_orders(lease, 0, [(seq, sender, recipient, goods)], os.urandom)
        row = NewWaybill(
            seq=seq,
            number=number.encode(vault.company_key("number"), seq),
            client=client,
            branch=branch,
            destination=destination,
            district_code="440305",
            sorting_code="755-N01-003",
            goods_kind="clothing",
            quantity=1,
            weight_g=800,
            retention="standard",
            sender_party=os.urandom(16),
            recipient_party=os.urandom(16),
            notice_version=notice,
            batch=bytes(16),
            created_at=self.now,
        )
        with transaction.atomic():
            waybills.register([row])
            vault.store(sealed=sealed)
        return row.number

    def drive(self, waybill, *events, station=""):
        """Scan a parcel along as the system would, carried by the courier of SZ001."""
        carrier = self.actor("courier", "SZ001")
        for hours, event in enumerate(events, start=1 + len(selectors.scans(waybill))):
            waybills.scan(
                actor=Actor(kind="system", name=carrier.name, role="system"),
                number=waybill,
                event=event,
                branch="HZ001" if event in {"collected", "sorted", "departed"} else "SZ001",
                station=station if event in {"at_station", "in_locker"} else "",
                at=self.now - timedelta(hours=20 - hours),
                now=self.now,
            )


ON_THE_WAY = ("collected", "departed", "arrived", "out_for_delivery")


def appoint_everywhere(now):
    """Put one person of each role into each branch: straight into the table, which people's own tests cover."""
    places = [(role.value, branch) for branch in Branch.objects.order_by("code") for role in Role]
    rows = [
        Staff(
            username=f"{role}-{branch.code}",
            staff_no=f"S{place:05d}",
            display_name="测试员工",
            role=role,
            branch=branch,
            password="!",
            created_at=now,
        )
        for place, (role, branch) in enumerate(places, start=1)
    ]
    Staff.objects.bulk_create(rows)
    return {
        (row.role, row.branch.code): Actor(
            kind="staff", name=row.staff_no, role=row.role, branch=row.branch.code
        )
        for row in rows
    }


@pytest.fixture
def world(keyed_home, transactional_db, now):
    vault.initialise(actor=SYSTEM, now=now)
    open_branches(SYSTEM)
    staff = appoint_everywhere(now)
    fulfil_everybody(now)
    Basis.objects.bulk_create(
        Basis(
            version=NOTICE,
            party=side,
            purpose=purpose,
            basis=PURPOSES[purpose].basis,
            method="system",
            fields=",".join(sorted(str(name) for name in FIELDS)),
        )
        for purpose in Purpose
        for side in ("sender", "recipient")
    )
    return World(now=now, people=staff)


@pytest.fixture
def parcel(world):
    """A parcel in the hands of the courier of SZ001."""
    waybill = world.order()
    world.drive(waybill, *ON_THE_WAY)
    return waybill
