"""A rented account against honest days: what the gates stop, what they do not, and that nobody honest is stopped."""

import json
import os
import sys
import time

import pytest

from midan.access import services as access
from midan.access.errors import BudgetSpent
from midan.catalog.rules import FIELDS, PURPOSES, Purpose
from midan.collection.models import Basis
from midan.vault import services as vault
from tests.access.conftest import SYSTEM
from tests.access.workdays import NOTICE, STATION, Company
from tests.branches import open_branches

DELIVER = {}
SERVE = {"purpose": "customer_service", "reason": "customer_asked"}


@pytest.fixture
def found(keyed_home, transactional_db, now, monkeypatch):
    """Return what founds a company of so many people at work."""
    # The key process limits openings a real minute; here a month passes in some.
    monkeypatch.setenv("MIDAN_KEYD_OPENINGS", "10000000")
    vault.initialise(actor=SYSTEM, now=now)
    open_branches(SYSTEM)
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
    return lambda **people: Company(now, **people)


def say(**figures):
    sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")


def test_two_honest_days_are_not_stopped_once(found):
    company = found(couriers=2, agents=1, clerks=1)
    for _ in range(2):
        company.work_a_day(parcels=(20, 30), pickups=8, calls=12, shelf=25)
    assert company.tally.closed == {}
    assert company.tally.shown > 100


def test_the_fullest_honest_day_stays_within_what_it_earns(found):
    """As many as the busiest do: 300 doors, 100 calls, 1,000 parcels, at a tenth; what is earned grows with them."""
    company = found(couriers=1, agents=1, clerks=1)
    company.work_a_day(parcels=(30, 30), pickups=6, calls=10, shelf=100)
    assert company.tally.closed == {}


@pytest.mark.parametrize(
    ("role", "branch", "question"),
    [
        ("courier", "SZ001", DELIVER),
        ("clerk", STATION, {"fields": ("recipient_name",)}),
        ("agent", "SZ001", SERVE),
        ("branch_manager", "SZ001", SERVE),
    ],
)
def test_a_rented_account_that_reads_other_branches_waybills_gets_nothing(found, role, branch, question):
    company = found(rented=[(role, branch)])
    (thief,) = company.rented
    others = [name for name, _ in company.orders(200, destination="BJ001")]
    shown, put = company.steal(thief, others, **question)
    say(thief=role, target="other branches", asked=put, fields=shown)
    assert (shown, put) == (0, 200)


def test_one_that_mixes_them_with_its_own_parcels_is_stopped_within_ten_fields(found):
    """Own work as a cover: every second question is for a parcel the courier really carries."""
    company = found(couriers=1)
    (courier,) = company.couriers
    own = [name for name, _ in company.orders(40, status="arrived")]
    for waybill in own:
        company.scan(courier, waybill, "out_for_delivery")
    others = [name for name, _ in company.orders(40, destination="BJ001")]
    mixed = [name for pair in zip(own, others, strict=True) for name in pair]
    shown, put = company.steal(courier, mixed)
    say(thief="courier", target="own and other branches in turn", asked=put, fields=shown)
    assert 0 < shown <= 10
    assert company.tally.closed["courier", "asks_outside"] > 0


class TestCleverer:
    """What each got is printed; what is not stopped is asserted too, so that nobody believes otherwise."""

    def test_parcels_of_the_own_branch_that_others_carry_give_nothing(self, found):
        company = found(couriers=2)
        thief, colleague = company.couriers
        parcels = [name for name, _ in company.orders(60, status="arrived")]
        for waybill in parcels:
            company.scan(colleague, waybill, "out_for_delivery")
        shown, put = company.steal(thief, parcels)
        say(thief="courier", target="own branch, carried by others", asked=put, fields=shown)
        assert shown == 0

    def test_who_scans_them_out_to_themselves_reads_them_and_leaves_a_trail(self, found):
        company = found(couriers=1)
        (thief,) = company.couriers
        parcels = [name for name, _ in company.orders(60, status="arrived")]
        for waybill in parcels:
            company.scan(thief, waybill, "out_for_delivery")
        shown, put = company.steal(thief, parcels)
        say(
            thief="courier",
            target="own branch, scanned out to themselves",
            asked=put,
            fields=shown,
            stopped=False,
        )
        assert shown == put == 60

    def test_senders_doors_never_collected_end_at_the_twentieth(self, found):
        company = found(couriers=1)
        (thief,) = company.couriers
        orders = [name for name, _ in company.orders(60, branch="SZ001", destination="HZ001")]
        asked = {"purpose": "pick_up", "reason": "pickup_appointment", "fields": ("sender_address",)}
        shown, put = company.steal(thief, orders, **asked)
        say(thief="courier", target="orders nobody collects", asked=put, fields=shown)
        assert shown == 20

    def test_phones_tried_without_a_call_end_at_the_twentieth_hit(self, found):
        company = found(agents=1)
        (thief,) = company.agents
        hits = sum(bool(company.find(thief, "phone", phone)) for _, phone in company.orders(60))
        say(thief="agent", target="phones without a ticket", asked=60, shown=hits)
        assert hits == 20

    def test_tickets_opened_for_nothing_open_their_waybills_until_the_tickets_end(self, found):
        """Not stopped by the decision: who types a ticket looks like who took a call. The day's tickets bound it."""
        company = found(agents=1)
        (thief,) = company.agents
        opened = shown = 0
        for waybill, _ in company.orders(160):
            try:
                access.open_ticket(actor=thief, reason="customer_asked", waybill=waybill, now=company.now)
            except BudgetSpent:
                break
            opened += 1
            shown += company.look(thief, waybill, "recipient_address", **SERVE)
        say(thief="agent", target="tickets for nothing", tickets=opened, fields=shown, stopped=False)
        assert opened == shown == 150

    def test_a_slow_one_reads_five_waybills_a_day_for_ever(self, found):
        company = found(rented=[("branch_manager", "SZ001")])
        (thief,) = company.rented
        shown = 0
        for _ in range(6):
            waybills = [name for name, _ in company.orders(5)]
            shown += company.steal(thief, waybills, **SERVE)[0]
            company.day = company.now = company.day.replace(day=company.day.day + 1)
        say(
            thief="branch_manager",
            target="five unexplained waybills a day",
            days=6,
            fields=shown,
            stopped=False,
        )
        assert shown == 30


@pytest.mark.soak
def test_a_month_of_the_whole_company_is_not_stopped_once(found):
    """30 days of 200 couriers, 40 agents, 20 clerks with full loads; MIDAN_SOAK_WORK=1,4,2,1 is a smaller look."""
    days, couriers, agents, clerks = map(int, os.environ.get("MIDAN_SOAK_WORK", "30,200,40,20").split(","))
    company = found(couriers=couriers, agents=agents, clerks=clerks)
    for day in range(days):
        began = time.perf_counter()
        company.work_a_day()
        done = company.tally
        say(
            day=day + 1,
            seconds=round(time.perf_counter() - began),
            fields=done.shown,
            searches=done.searches,
            scans=done.scans,
            blocks=sum(done.closed.values()),
        )
        assert done.closed == {}
