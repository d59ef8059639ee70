"""What work earns, what it explains, when somebody is at it: each counted in the transaction of the entry."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction

from midan.access import selectors, services
from midan.access.errors import AccessDenied, BudgetSpent, NotFound
from midan.access.models import Look
from midan.access.rules.budgets import BudgetKind
from midan.access.selectors.budgets import allowance
from midan.access.selectors.looks import tally
from midan.access.services.looks import note_look
from midan.audit import selectors as audit
from midan.core import number
from midan.people.errors import BadHours, NotKeeper
from midan.people.hours.rules import Hours
from midan.people.hours.services import set_hours
from midan.store.errors import NotInTransaction
from midan.vault import services as vault
from midan.waybill import services as waybills
from tests.access.conftest import ON_THE_WAY, SYSTEM

WEEKDAYS = 0b0011111


def reveal(world, actor, waybill, **changes):
    question = {
        "fields": frozenset({"recipient_address"}),
        "purpose": "deliver",
        "reason": "door_delivery",
        "now": world.now,
    }
    return services.reveal(actor=actor, waybill=waybill, **question | changes)


def pick_up(world, courier, waybill, **changes):
    asked = {"fields": frozenset({"sender_address"}), "purpose": "pick_up", "reason": "pickup_appointment"}
    return reveal(world, courier, waybill, **asked | changes)


def scan(world, actor, waybill, event, *, at=None, station=""):
    at = at or world.now
    waybills.scan(
        actor=actor, number=waybill, event=event, branch=actor.branch, station=station, at=at, now=at
    )


def refused(ask):
    with pytest.raises(AccessDenied) as denied:
        ask()
    said = denied.value.as_dict()
    return said["clause"], said["details"]["reason"], said["details"].get("otherwise")


class TestEarned:
    def test_a_couriers_day_grows_with_the_parcels_taken_out_and_stays_when_they_are_delivered(self, world):
        courier = world.actor("courier", "SZ001")

        def earned():
            return allowance(courier, BudgetKind.REVEAL, now=world.now)

        assert earned() == 40
        parcels = [world.order() for _ in range(3)]
        for place, waybill in enumerate(parcels, start=1):
            world.drive(waybill, "collected", "departed", "arrived")
            scan(world, courier, waybill, "out_for_delivery")
            assert earned() == 40 + 3 * place
        scan(world, courier, parcels[0], "delivered", at=world.now + timedelta(minutes=1))
        assert earned() == 49

    def test_parcels_still_in_hand_from_yesterday_are_work_and_those_handed_over_then_are_not(
        self, world, parcel
    ):
        courier = world.actor("courier", "SZ001")
        tomorrow = world.now + timedelta(days=1)
        assert allowance(courier, BudgetKind.REVEAL, now=tomorrow) == 43
        scan(world, courier, parcel, "delivered")
        assert allowance(courier, BudgetKind.REVEAL, now=tomorrow) == 40

    def test_a_clerks_day_grows_with_the_shelf_and_stays_when_it_empties(self, world, parcel):
        clerk, courier = world.actor("clerk", "SZ001S"), world.actor("courier", "SZ001")
        for kind in (BudgetKind.REVEAL, BudgetKind.SEARCH):
            assert allowance(clerk, kind, now=world.now) == 40
        scan(world, courier, parcel, "at_station", station="SZ001S")
        assert allowance(clerk, BudgetKind.REVEAL, now=world.now) == 42
        scan(world, clerk, parcel, "delivered", at=world.now + timedelta(minutes=1))
        assert allowance(clerk, BudgetKind.SEARCH, now=world.now) == 42

    def test_an_agents_day_grows_with_the_calls(self, world, parcel):
        agent = world.actor("agent", "SZ001")
        assert allowance(agent, BudgetKind.REVEAL, now=world.now) == 20
        for _ in range(4):
            services.open_ticket(actor=agent, reason="customer_asked", waybill=parcel, now=world.now)
        assert allowance(agent, BudgetKind.REVEAL, now=world.now) == 44

    def test_there_is_an_end_whatever_is_scanned(self, world, parcel, monkeypatch):
        monkeypatch.setenv("MIDAN_BUDGET_COURIER", "1,50,20")
        assert allowance(world.actor("courier", "SZ001"), BudgetKind.REVEAL, now=world.now) == 20

    def test_what_was_earned_is_what_may_be_spent(self, world, parcel, monkeypatch):
        monkeypatch.setenv("MIDAN_BUDGET_COURIER", "0,1,5")
        courier = world.actor("courier", "SZ001")
        assert reveal(world, courier, parcel).values
        with pytest.raises(BudgetSpent) as spent:
            reveal(world, courier, parcel)
        assert spent.value.details["allowed"] == 1

    def test_others_and_programs_earn_nothing(self, world):
        assert allowance(world.actor("privacy_officer"), BudgetKind.REVEAL, now=world.now) == 100
        assert allowance(SYSTEM, BudgetKind.REVEAL, now=world.now) == 0
        assert allowance(world.actor("sorter"), BudgetKind.SEARCH, now=world.now) == 0


class TestExplained:
    def test_doors_read_for_parcels_nobody_then_collects_close_after_twenty_and_a_scan_opens_again(
        self, world
    ):
        courier = world.actor("courier", "HZ001")
        orders = [world.order() for _ in range(21)]
        for waybill in orders[:20]:
            assert pick_up(world, courier, waybill).values
        assert refused(lambda: pick_up(world, courier, orders[20])) == (
            "L3.1",
            "not_explained",
            "asksupervisor",
        )
        for waybill in orders[:6]:
            scan(world, courier, waybill, "collected")
        assert pick_up(world, courier, orders[20]).values
        assert Look.objects.filter(staff=courier.name, explained=True).count() == 6

    def test_what_is_carried_explains_itself_however_much_it_is(self, world):
        courier = world.actor("courier", "SZ001")
        for _ in range(22):
            waybill = world.order()
            world.drive(waybill, *ON_THE_WAY)
            reveal(world, courier, waybill)
        assert (tally(courier, now=world.now).shown, tally(courier, now=world.now).percent) == (22, 100)

    def test_a_manager_is_weighed_by_the_scans_of_the_branch(self, world, parcel):
        manager, asked = (
            world.actor("branch_manager", "SZ001"),
            {"purpose": "complaint", "reason": "complaint_handling"},
        )
        reveal(world, manager, parcel, **asked)
        assert tally(manager, now=world.now).percent == 100
        reveal(world, manager, world.order(), **asked)
        assert tally(manager, now=world.now).percent == 50
        later = world.now + timedelta(hours=25)
        assert tally(manager, now=later).shown == 0

    def test_the_same_parcel_twice_is_one_look(self, world, parcel):
        courier = world.actor("courier", "SZ001")
        for _ in range(3):
            reveal(world, courier, parcel)
        assert tally(courier, now=world.now).shown == 1

    def test_phones_searched_without_a_call_are_looks_that_nothing_explains(self, world):
        agent = world.actor("agent", "SZ001")
        world.order()

        def find(**changes):
            return services.search(
                actor=agent, kind="phone", value="17000005678", **{"now": world.now} | changes
            ).items

        assert find()
        assert (tally(agent, now=world.now).shown, tally(agent, now=world.now).percent) == (1, 0)
        services.open_ticket(actor=agent, reason="customer_asked", phone="17000005678", now=world.now)
        assert find()
        assert tally(agent, now=world.now).percent == 100

    def test_a_search_that_showed_nobody_is_no_look(self, world):
        manager = world.actor("branch_manager", "SZ001")
        services.search(actor=manager, kind="phone", value="17000009999", now=world.now)
        assert tally(manager, now=world.now).shown == 0
        assert not Look.objects.exists()

    def test_a_search_is_closed_by_what_closes_a_reveal(self, world, monkeypatch):
        agent = world.actor("agent", "SZ001")
        with transaction.atomic():
            for place in range(20):
                note_look(
                    actor=agent,
                    number=f"MD{place:013d}",
                    shown=True,
                    explained=False,
                    outside=False,
                    now=world.now,
                )
        said = refused(lambda: services.search(actor=agent, kind="phone", value="17000005678", now=world.now))
        assert said == ("L3.1", "not_explained", "asksupervisor")


class TestOutside:
    def ask_around(self, world, courier, numbers):
        for waybill in numbers:
            with pytest.raises(AccessDenied):
                reveal(world, courier, waybill)

    @pytest.mark.parametrize("known", [True, False])
    def test_after_six_waybills_of_others_ones_own_close_too_until_tomorrow(self, world, parcel, known):
        courier = world.actor("courier", "SZ001")
        if known:
            others = [world.order(branch="BJ001", destination="HZ001") for _ in range(6)]
        else:
            others = [number.encode(vault.company_key("number"), 900_000 + place) for place in range(6)]
        self.ask_around(world, courier, others[:5] * 2)
        assert reveal(world, courier, parcel).values
        self.ask_around(world, courier, others[5:])
        assert refused(lambda: reveal(world, courier, parcel)) == ("T4", "asks_outside", "asksupervisor")
        assert reveal(world, courier, parcel, now=world.now + timedelta(days=1)).values

    def test_a_ticket_makes_a_parcel_anywhere_ones_own(self, world):
        agent = world.actor("agent", "BJ001")
        world.order()
        services.open_ticket(actor=agent, reason="customer_asked", phone="17000005678", now=world.now)
        (found,) = services.search(actor=agent, kind="phone", value="17000005678", now=world.now).items
        assert reveal(world, agent, found.number, purpose="customer_service", reason="customer_asked").values
        assert tally(agent, now=world.now).outside == 0


class TestWritten:
    def test_counts_and_entry_stand_together_or_not_at_all(self, world, parcel, monkeypatch):
        from importlib import import_module

        def broken(**_):
            raise RuntimeError

        monkeypatch.setattr(import_module("midan.access.services.entries"), "keep", broken)
        with pytest.raises(RuntimeError):
            reveal(world, world.actor("courier", "SZ001"), parcel)
        assert not Look.objects.exists()
        assert audit.entries(audit.EntryFilter(act="access:part:")).items == ()

    def test_outside_a_transaction_nothing_is_counted(self, world):
        with pytest.raises(NotInTransaction):
            note_look(
                actor=world.actor("courier"),
                number="MD1",
                shown=True,
                explained=True,
                outside=False,
                now=world.now,
            )

    def test_what_no_decision_counts_any_more_is_swept(self, world, parcel):
        reveal(world, world.actor("courier", "SZ001"), parcel)
        assert services.sweep_looks(now=world.now + timedelta(hours=23)) == 0
        assert services.sweep_looks(now=world.now + timedelta(hours=24)) == 1

    def test_each_count_asks_an_index(self, world, parcel):
        if connection.vendor != "sqlite":
            pytest.skip("the planner of PostgreSQL reads small tables whole")
        from midan.access.selectors import looks
        from midan.waybill import work

        asked = {
            "waybill_scan_taken": (work._IN_HAND, ["S1", "S1", "2026-11-23"]),
            "waybill_scan_given": (work._ON_SHELF, ["S1", "S1", "2026-11-23"]),
            "waybill_scan_of": (work._HANDLED, [1, "2026-11-23", "B", "S1"]),
            "access_look_window": (looks._COUNT, ["2026-11-23", "S1", "2026-11-23"]),
        }
        for index, (statement, values) in asked.items():
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)
                plan = " ".join(str(row[3]) for row in cursor.fetchall())
            assert index in plan
            assert "SCAN waybill" not in plan


class TestHours:
    def test_outside_working_hours_plaintext_waits_and_within_them_it_opens(self, world, parcel):
        courier, manager = world.actor("courier", "SZ001"), world.actor("branch_manager", "SZ001")
        morning = Hours(days=WEEKDAYS, begins=7 * 60, ends=12 * 60)
        set_hours(actor=manager, kind="person", name=courier.name, hours=morning, now=world.now)
        assert refused(lambda: reveal(world, courier, parcel)) == ("M4", "off_shift", "asksupervisor")
        before_noon = world.now.replace(hour=3, minute=59)
        assert reveal(world, courier, parcel, now=before_noon).values
        set_hours(actor=manager, kind="person", name=courier.name, hours=None, now=world.now)
        assert reveal(world, courier, parcel).values

    def test_a_persons_own_hours_come_before_the_branchs(self, world, parcel):
        courier, hr = world.actor("courier", "SZ001"), world.actor("hr")
        set_hours(
            actor=hr, kind="branch", name="SZ001", hours=Hours(days=1, begins=60, ends=120), now=world.now
        )
        assert refused(lambda: reveal(world, courier, parcel))[1] == "off_shift"
        mine = Hours(days=1, begins=0, ends=23 * 60)
        set_hours(actor=hr, kind="person", name=courier.name, hours=mine, now=world.now)
        assert reveal(world, courier, parcel).values

    def test_searching_keeps_the_same_hours(self, world):
        agent, hr = world.actor("agent", "SZ001"), world.actor("hr")
        set_hours(
            actor=hr, kind="person", name=agent.name, hours=Hours(days=2, begins=0, ends=600), now=world.now
        )
        said = refused(lambda: services.search(actor=agent, kind="phone", value="17000005678", now=world.now))
        assert said == ("M4", "off_shift", "asksupervisor")

    @pytest.mark.parametrize(
        ("who", "whose"),
        [("branch_manager", "branch_manager"), ("courier", "courier"), ("sysadmin", "courier")],
    )
    def test_nobody_sets_their_own_hours_and_few_set_others(self, world, who, whose):
        actor, other = world.actor(who, "SZ001"), world.actor(whose, "SZ001")
        with pytest.raises(NotKeeper):
            set_hours(
                actor=actor,
                kind="person",
                name=other.name,
                hours=Hours(days=1, begins=0, ends=1),
                now=world.now,
            )
        manager = world.actor("branch_manager", "HZ001")
        with pytest.raises(NotKeeper):
            set_hours(actor=manager, kind="branch", name="SZ001", hours=None, now=world.now)

    def test_hours_without_a_day_are_none(self, world):
        with pytest.raises(BadHours):
            set_hours(
                actor=world.actor("hr"),
                kind="branch",
                name="SZ001",
                hours=Hours(days=0, begins=0, ends=1),
                now=world.now,
            )

    @pytest.mark.parametrize(
        ("hour", "day", "on"),
        [(22, 23, True), (23, 23, True), (5, 24, True), (6, 24, False), (21, 23, False), (5, 23, False)],
    )
    def test_a_night_shift_ends_the_next_morning(self, world, hour, day, on):
        nights = Hours(days=0b0000001, begins=22 * 60, ends=6 * 60)
        local = world.now.astimezone(world.now.tzinfo) + timedelta(hours=8)
        moment = local.replace(day=day, hour=hour, minute=0) - timedelta(hours=8)
        assert nights.include(moment) == on


class TestFactor:
    def trace(self, world, actor, parcel, **changes):
        asked = {"purpose": "security_review", "reason": "leak_tracing"}
        return reveal(world, actor, parcel, **asked | changes)

    def test_a_trace_through_the_network_asks_for_the_factor_anew(self, world, parcel):
        analyst = world.actor("analyst")
        for old in ({}, {"factor_age": 301}):
            said = refused(lambda old=old: self.trace(world, analyst, parcel, **old))
            assert said == ("T3", "factor_old", "stepup")
        assert self.trace(world, analyst, parcel, factor_age=20).values

    def test_a_program_shows_no_factor_for_the_person_it_names(self, world, parcel):
        through = replace(world.actor("analyst"), via="desk")
        said = refused(lambda: self.trace(world, through, parcel, factor_age=0))
        assert said == ("L4.2", "factor_missing", "deny")

    def test_an_explanation_shows_every_fact_of_work(self, world, parcel):
        courier = world.actor("courier", "SZ001")
        reveal(world, courier, parcel)
        work = selectors.explain(courier, parcel, "recipient_address", "deliver", now=world.now).facts.work
        assert (work.allowance, work.looks, work.explained_percent, work.asks_outside) == (43, 1, 100, 0)
        assert (work.on_shift, work.factor_age, work.by_client, work.explained) == (True, 0, False, True)


def test_a_waybill_that_is_not_there_is_asked_in_vain(world):
    with pytest.raises(NotFound):
        reveal(world, world.actor("courier"), "MD000000000000")
