"""A company at work, day after day, through the real services: couriers, agents, clerks, and whoever rents an account.

Only what lies before a working day is put straight into the tables: orders sealed in blocks, parcels that have arrived.
"""

import heapq
import os
import random
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction

from midan.access import services as access
from midan.access.errors import AccessDenied, BudgetSpent, NotFound
from midan.core import number
from midan.core.actor import Actor
from midan.people import services as people
from midan.people.models import Branch, Staff
from midan.vault import services as vault
from midan.vault.rules import Contact, Goods, seal_orders
from midan.waybill import services as waybills
from midan.waybill.models import Scan, Waybill
from midan.waybill.rules import NewWaybill
from tests.fulfilled import fulfil_everybody

SYSTEM = Actor.system("test")
NOTICE = "2026-11"
STATION = "SZ001S"
_BLOCK = 2_000
_OPENING = 8  # o'clock


@dataclass
class Tally:
    """What happened to everybody together: what was shown, what was closed, and by which reason."""

    shown: int = 0
    searches: int = 0
    scans: int = 0
    closed: dict = field(default_factory=dict)

    def close(self, who, reason):
        self.closed[who.role, reason] = self.closed.get((who.role, reason), 0) + 1


class Company:
    """Its people and its day. `now` moves from act to act; nobody waits.

    `rented`: (post, branch) of people as trained and signed as the others, whose accounts a thief uses.
    """

    def __init__(self, now, *, couriers=0, agents=0, clerks=0, rented=(), seed=1):
        self.day = now.replace(hour=0, minute=0)  # eight in Shanghai
        self.now = self.day
        self.chance = random.Random(seed)
        self.tally = Tally()
        self.serial = 0
        self.couriers = self._hire("courier", "SZ001", couriers)
        self.agents = self._hire("agent", "HZ001", agents)
        self.clerks = [self._hire("clerk", self._station(place), 1)[0] for place in range(clerks)]
        self.rented = [self._hire(role, branch, 1)[0] for role, branch in rented]
        self.carried = {courier.name: [] for courier in self.couriers}
        fulfil_everybody(now)

    def _station(self, place):
        """Return the station of a clerk: each has one of their own, as large as stations are."""
        if place == 0:
            return STATION
        code = f"SZ{place:03d}T"
        about = {"name": f"{code}店", "kind": "station", "district_code": "440305", "city": "深圳市"}
        people.create_branch(actor=SYSTEM, code=code, parent="SZ001", **about)
        return code

    def _hire(self, role, branch, count):
        first = Staff.objects.count() + 1
        home = Branch.objects.get(code=branch)
        rows = [
            Staff(
                username=f"{role}-{first + place}",
                staff_no=f"W{first + place:05d}",
                display_name="测试员工",
                role=role,
                branch=home,
                password="!",
                created_at=self.now,
            )
            for place in range(count)
        ]
        Staff.objects.bulk_create(rows)
        return [Actor(kind="staff", name=one.staff_no, role=role, branch=branch) for one in rows]

    # ------------------------------------------------------------------ what lies before the day

    def orders(self, count, *, branch="HZ001", destination="SZ001", status="created", station=""):
        """Register and seal orders, and let them be as far as `status` says; return (number, phone) of each."""
        made = []
        while len(made) < count:
            made += self._block(min(_BLOCK, count - len(made)), branch, destination, status, station)
        return made

    def _block(self, count, branch, destination, status, station):
        seqs = waybills.reserve_numbers(count)
        day = self.now.date()
        lease = vault.reserve(retention="standard", day=day, due=day + timedelta(days=210), records=count)
        phones = [f"170{self.serial + place:08d}" for place in range(count)]
        self.serial += count
        items = [
            (
                seq,
                Contact(
                    name="沈澄澄", phone="17000001234", address="浙江省杭州市西湖区曙光路122号6幢2单元301室"
                ),
                Contact(name="欧阳小禾", phone=phone, address="广东省深圳市南山区沙河西路88号3栋1202"),
                Goods(goods_name="羊毛围巾", remark="", order_ref=f"TB-{seq}"),
            )
            for seq, phone in zip(seqs, phones, strict=True)
        ]
        key = vault.company_key("number")
        rows = [self._row(seq, number.encode(key, seq), branch, destination) for seq in seqs]
        with transaction.atomic():
            waybills.register(rows)
            vault.store(sealed=seal_orders(lease, 0, items, os.urandom))
            if status != "created":
                there = station or destination
                Waybill.objects.filter(seq__in=list(seqs)).update(status=status, station=station)
                Scan.objects.bulk_create(
                    Scan(
                        seq=seq,
                        event=status,
                        branch=there,
                        staff_no="W0",
                        station=station,
                        at=self.now,
                        moved=True,
                    )
                    for seq in seqs
                )
        return [(row.number, phone) for row, phone in zip(rows, phones, strict=True)]

    def _row(self, seq, name, branch, destination):
        return NewWaybill(
            seq=seq,
            number=name,
            client="shop-1",
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
            notice_version=NOTICE,
            batch=bytes(16),
            created_at=self.now,
        )

    # ------------------------------------------------------------------ single acts

    def at(self, share):
        """Move the clock to a share (0 to 1) of a working day of eleven hours."""
        self.now = self.day + timedelta(hours=11 * share)

    def look(self, who, waybill, *fields, purpose="deliver", reason="door_delivery"):
        """Ask for fields; return how many were shown."""
        try:
            shown = access.reveal(
                actor=who,
                waybill=waybill,
                fields=frozenset(fields),
                purpose=purpose,
                reason=reason,
                now=self.now,
            )
        except (AccessDenied, BudgetSpent, NotFound) as refused:
            self.tally.close(who, refused.details.get("reason", "not_found"))
            return 0
        self.tally.shown += len(shown.values)
        return len(shown.values)

    def find(self, who, kind, value):
        try:
            found = access.search(actor=who, kind=kind, value=value, now=self.now).items
        except (AccessDenied, BudgetSpent) as refused:
            self.tally.close(who, refused.details.get("reason", ""))
            return ()
        self.tally.searches += 1
        return found

    def scan(self, who, waybill, event, station=""):
        waybills.scan(
            actor=who,
            number=waybill,
            event=event,
            branch=who.branch,
            station=station,
            at=self.now,
            now=self.now,
        )
        self.tally.scans += 1

    # ------------------------------------------------------------------ an honest day

    def work_a_day(self, *, parcels=(150, 300), pickups=20, calls=100, shelf=1_000):
        """Let everybody do their day: `parcels` a courier (least, most), `calls` an agent, `shelf` a clerk.

        Each person's day is a row of moments; the company's is all of them in the order of the clock, which keyd demands.
        """
        days = [self.deliver(one, self.chance.randint(*parcels), pickups) for one in self.couriers]
        days += [self.answer(one, calls) for one in self.agents]
        days += [self.hand_over(one, shelf) for one in self.clerks]
        waiting = [(next(day), place) for place, day in enumerate(days)]
        heapq.heapify(waiting)
        while waiting:
            share, place = waiting[0]
            self.at(share)
            following = next(days[place], None)
            if following is None:
                heapq.heappop(waiting)
            else:
                heapq.heapreplace(waiting, (max(share, following), place))
        self.day += timedelta(days=1)
        self.now = self.day

    def deliver(self, courier, parcels, pickups):
        """Take parcels out, read most doors once and some twice, now and then a name; collect in the afternoon."""
        chance, left = self.chance, []
        yield 0
        load = self.carried[courier.name] + [name for name, _ in self.orders(parcels, status="arrived")]
        for waybill in load:
            self.scan(courier, waybill, "out_for_delivery")
        for place, waybill in enumerate(load):
            yield 0.05 + 0.7 * place / len(load)
            if chance.random() < 0.9:
                self.look(courier, waybill, "recipient_address")
            if chance.random() < 0.15:
                self.look(courier, waybill, "recipient_address", "recipient_name")
            met = chance.random() < 0.94
            self.scan(courier, waybill, "delivered" if met else "attempt_failed")
            left += [] if met else [waybill]
        self.carried[courier.name] = left
        self._misroute(courier)
        # A round is planned a handful of doors ahead: the customers of the next hour.
        waiting = [name for name, _ in self.orders(pickups, branch="SZ001", destination="HZ001")]
        for start in range(0, len(waiting), 5):
            yield 0.8 + 0.2 * start / len(waiting)
            for waybill in waiting[start : start + 5]:
                asked = {"purpose": "pick_up", "reason": "pickup_appointment"}
                self.look(courier, waybill, "sender_address", "sender_name", **asked)
            for waybill in waiting[start : start + 5]:
                self.scan(courier, waybill, "collected")

    def _misroute(self, courier):
        """Once in a few days a parcel of another branch lies in the load, and the courier asks for it in vain."""
        if self.chance.random() < 0.3:
            ((stray, _),) = self.orders(1, destination="BJ001", status="arrived")
            before = dict(self.tally.closed)
            self.look(courier, stray, "recipient_address")
            self.tally.closed = before  # a true refusal of what is not theirs is no block of honest work

    def answer(self, agent, calls):
        """Take calls: a ticket for the caller's phone or the number they name, then a look or a few."""
        chance, fields = (
            self.chance,
            ("recipient_address", "recipient_phone", "recipient_name", "sender_name"),
        )
        yield 0
        for place, (waybill, phone) in enumerate(self.orders(calls)):
            yield place / calls
            known_by_phone = chance.random() < 0.7
            said = {"phone": phone} if known_by_phone else {"waybill": waybill}
            access.open_ticket(actor=agent, reason="customer_asked", now=self.now, **said)
            if known_by_phone:
                self.find(agent, "phone", phone)
            for name in chance.sample(fields, chance.randint(1, 4)):
                self.look(agent, waybill, name, purpose="customer_service", reason="customer_asked")

    def hand_over(self, clerk, shelf):
        """Find each parcel by the phone's tail, compare the name at the counter, hand it over."""
        yield 0
        for place, (waybill, phone) in enumerate(
            self.orders(shelf, status="at_station", station=clerk.branch)
        ):
            yield place / shelf
            self.find(clerk, "phone_tail", phone[-4:])
            for _ in range(1 + (self.chance.random() < 0.1)):
                self.look(clerk, waybill, "recipient_name")
            self.scan(clerk, waybill, "delivered")

    # ------------------------------------------------------------------ a rented account

    def steal(self, who, numbers, *, a_minute=3, hours=9, **question):
        """Ask for one waybill after another through office hours; return (fields shown, questions put)."""
        shown, put = 0, 0
        fields = question.pop("fields", ("recipient_address",))
        self.at(0)
        for waybill in numbers[: a_minute * 60 * hours]:
            shown += self.look(who, waybill, *fields, **question)
            put += 1
            self.now += timedelta(seconds=60 / a_minute)
        return shown, put
