"""The record: numbers never twice, scans that move and scans that do not, pages, tracking."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError

from midan.audit import selectors as audit
from midan.core.actor import Actor
from midan.waybill import controls, models, selectors, services
from midan.waybill.errors import BadCoverage, BadScanTime, ScanRefused, UnknownWaybill
from midan.waybill.rules import CoverageRow, Filter
from tests.at_once import at_once

SYSTEM = Actor.system("test")
UNUSED = "MD0000000000000"


def staff(role, branch, name=""):
    return Actor(kind="staff", name=name or f"{role}-{branch}", role=role, branch=branch)


def on_route(number):
    waybill = selectors.get(number)
    return selectors.routes([waybill])[waybill.seq]


PICKER = staff("courier", "HZ001")
SORTER = staff("sorter", "HZ001")
FAR_SORTER = staff("sorter", "SZ001")
COURIER = staff("courier", "SZ001")
CLERK = staff("clerk", "SZ001S")
TO_DOOR = (
    ("collected", PICKER),
    ("sorted", SORTER),
    ("departed", SORTER),
    ("arrived", FAR_SORTER),
    ("out_for_delivery", COURIER),
)


class TestNumbers:
    def test_blocks_follow_each_other_from_one(self, db):
        assert services.reserve_numbers(3) == range(1, 4)
        assert services.reserve_numbers(1) == range(4, 5)
        with pytest.raises(ValueError, match="at least one"):
            services.reserve_numbers(0)

    @pytest.mark.django_db(transaction=True)
    def test_nobody_gets_anothers_number(self):
        def reserve():
            return [seq for _ in range(10) for seq in services.reserve_numbers(7)]

        taken = at_once(*[reserve] * 4)
        assert sorted(seq for part in taken for seq in part) == list(range(1, 281))

    @pytest.mark.django_db(transaction=True)
    def test_registering_twice_is_refused_whole(self, register):
        register(2)
        rows = models.Waybill.objects.count()
        models.Counter.objects.update(next=2)
        with pytest.raises(IntegrityError):
            register(2)
        assert models.Waybill.objects.count() == rows

    def test_a_registered_waybill_reads_back(self, register, now):
        (number,) = register()
        waybill = selectors.get(number)
        assert (waybill.status, waybill.handler, waybill.created_at) == ("created", "", now)
        assert waybill.sender_party == waybill.seq.to_bytes(16)
        assert selectors.by_seqs([waybill.seq, 999]) == {waybill.seq: waybill}

    @pytest.mark.parametrize("number", ["", "MD0", "MD0000000000000", "'; --", "MD" + "9" * 13])
    def test_unknown_and_malformed_numbers_are_the_same(self, db, number):
        with pytest.raises(UnknownWaybill):
            selectors.get(number)
        assert selectors.tracking(number) is None


class TestScans:
    def test_a_parcel_goes_from_door_to_door(self, register, drive, now):
        (number,) = register()
        drive(number, *TO_DOOR)
        assert selectors.get(number).handler == COURIER.name
        drive(number, ("delivered", COURIER), start=6)
        done = selectors.get(number)
        assert (done.status, done.handler, done.delivered_at) == ("delivered", "", now + timedelta(hours=6))
        assert on_route(number) == {"HZ001", "SZ001"}

    def test_each_scan_leaves_one_entry(self, register, drive):
        (number,) = register()
        drive(number, *TO_DOOR)
        entries = audit.of_object(f"waybill:{number}")
        assert sorted(view.entry.details["event"] for view in entries) == sorted(
            event for event, _ in TO_DOOR
        )
        assert {view.entry.act for view in entries} == {"waybill:scan:recorded"}

    def test_a_station_has_stock_until_the_parcel_is_handed_over(self, branches, register, drive):
        (number,) = register()
        drive(number, *TO_DOOR, ("at_station", CLERK, "SZ001S"))
        assert [row.number for row in selectors.in_stock("SZ001S")] == [number]
        assert selectors.in_stock("") == ()
        drive(number, ("delivered", CLERK), start=7)
        assert selectors.in_stock("SZ001S") == ()

    def test_the_same_scan_again_records_nothing(self, register, drive, now):
        (number,) = register()
        drive(number, ("collected", PICKER))
        before = (selectors.scans(number), audit.total())
        for hours in (1, 2):  # an upload sent twice, then a double press
            result = services.scan(
                actor=PICKER,
                number=number,
                event="collected",
                branch="HZ001",
                at=now + timedelta(hours=hours),
                now=now + timedelta(hours=hours),
            )
            assert not result.recorded
        assert (selectors.scans(number), audit.total()) == before

    def test_a_late_scan_is_history_and_puts_no_branch_on_the_route(self, register, drive, now):
        (number,) = register()
        drive(number, *TO_DOOR)
        stranger = staff("sorter", "BJ001")
        late = services.scan(
            actor=stranger,
            number=number,
            event="arrived",
            branch="BJ001",
            at=now + timedelta(hours=2, minutes=30),
            now=now + timedelta(hours=2, minutes=30),
        )
        # The answer says back what was said; where the parcel stands is not a stranger's to know.
        assert (late.recorded, late.moved, late.status) == (True, False, "arrived")
        assert selectors.get(number).handler == COURIER.name
        assert "BJ001" not in on_route(number)
        assert len(selectors.scans(number)) == 6

    @pytest.mark.parametrize(
        ("actor", "event", "branch", "station", "reason"),
        [
            (PICKER, "delivered", "HZ001", "", "wrong_order"),
            (PICKER, "teleported", "HZ001", "", "unknown_event"),
            (PICKER, "at_station", "HZ001", "", "station_missing"),
            (PICKER, "collected", "HZ001", "13800138000", "station_unknown"),
            (PICKER, "collected", "HZ001", "BJ001", "station_unknown"),
            (PICKER, "at_station", "HZ001", "SZ001S", "station_unknown"),
            (PICKER, "in_locker", "HZ001", "欧阳小禾家", "station_unknown"),
            (Actor.system("replay"), "collected", "HZ001", "13800138000", "station_unknown"),
            (SORTER, "out_for_delivery", "HZ001", "", "post"),
            (PICKER, "collected", "SZ001", "", "other_branch"),
            (COURIER, "collected", "SZ001", "", "not_here"),
            (Actor(kind="client", name="shop"), "collected", "HZ001", "", "person_needed"),
            (staff("agent", "HZ001"), "collected", "HZ001", "", "post"),
        ],
    )
    def test_a_refused_scan_changes_nothing(self, register, now, actor, event, branch, station, reason):
        (number,) = register()
        before = audit.total()
        with pytest.raises(ScanRefused) as refused:
            services.scan(
                actor=actor, number=number, event=event, branch=branch, station=station, at=now, now=now
            )
        assert refused.value.details["reason"] == reason
        said = json.dumps(refused.value.as_dict(), ensure_ascii=False)
        assert not any(typed in said for typed in (station or "13800138000", "teleported"))
        assert (selectors.get(number).status, selectors.scans(number), audit.total()) == (
            "created",
            (),
            before,
        )

    def test_a_foreign_courier_cannot_load_himself_onto_a_parcel(self, register, drive, now):
        (number,) = register()
        drive(number, *TO_DOOR[:4])
        thief = staff("courier", "BJ001")
        answers = []
        for asked, event in ((number, "out_for_delivery"), (number, "delivered"), (UNUSED, "delivered")):
            with pytest.raises(UnknownWaybill) as refused:
                services.scan(
                    actor=thief,
                    number=asked,
                    event=event,
                    branch="BJ001",
                    at=now + timedelta(hours=9),
                    now=now + timedelta(hours=9),
                )
            answers.append(refused.value.as_dict())
        # Not even that there is such a parcel.
        assert answers[0] == answers[1] == answers[2]
        assert "BJ001" not in on_route(number)

    def test_only_the_courier_who_carries_it_hands_it_over(self, register, drive, now):
        (number,) = register()
        drive(number, *TO_DOOR)
        with pytest.raises(ScanRefused) as refused:
            services.scan(
                actor=staff("courier", "SZ001", "another"),
                number=number,
                event="delivered",
                branch="SZ001",
                at=now + timedelta(hours=9),
                now=now + timedelta(hours=9),
            )
        assert refused.value.details["reason"] == "not_handler"

    def test_a_scan_from_the_future_and_a_scan_of_nothing_are_refused(self, register, now):
        (number,) = register()
        with pytest.raises(BadScanTime):
            services.scan(
                actor=PICKER,
                number=number,
                event="collected",
                branch="HZ001",
                at=now + timedelta(hours=1),
                now=now,
            )
        with pytest.raises(UnknownWaybill):
            services.scan(actor=PICKER, number="MD0", event="collected", branch="HZ001", at=now, now=now)


class TestPages:
    def test_pages_cover_everything_once_newest_first(self, register):
        numbers = register(7)
        seen, cursor = [], ""
        while True:
            page = selectors.page(narrow=Filter(), cursor=cursor, limit=3)
            seen += [row.number for row in page.items]
            cursor = page.next
            if not cursor:
                break
        assert seen == numbers[::-1]

    def test_a_branch_sees_its_origin_destination_and_what_passed_through(self, branches, register, drive):
        own, coming, passing, foreign = (
            register(branch="BJ001", destination="HZ001")[0],
            register(branch="HZ001", destination="BJ001")[0],
            register()[0],
            register()[0],
        )
        # Hangzhou's departure names Beijing as the next stop: an honest way round.
        drive(passing, *TO_DOOR[:2], ("departed", SORTER, "BJ001"), ("arrived", staff("sorter", "BJ001")))
        found = [row.number for row in selectors.page(narrow=Filter(route="BJ001")).items]
        assert found == [passing, coming, own]
        assert foreign not in found

    def test_filters_narrow_together(self, register, drive, now):
        first, second = register(2, client="shop-2")
        register(1)
        drive(first, ("collected", PICKER))
        assert [r.number for r in selectors.page(narrow=Filter(client="shop-2", status="created")).items] == [
            second
        ]
        assert selectors.page(narrow=Filter(since=now + timedelta(days=1))).items == ()
        assert len(selectors.page(narrow=Filter(batch=bytes(16), until=now + timedelta(days=1))).items) == 3

    def test_an_invented_cursor_ends_the_list(self, register):
        register(2)
        assert selectors.page(narrow=Filter(), cursor="MD1").items == ()

    def test_charts_count_each_day_of_shanghai_by_status(self, register, drive, now):
        late = now.replace(hour=16, minute=30)  # already the 24th in Shanghai
        register(2)
        register(1, created_at=late)
        counts = selectors.status_counts(since=now - timedelta(days=1), until=now + timedelta(days=2))
        assert [(c.day.day, c.status, c.waybills) for c in counts] == [(23, "created", 2), (24, "created", 1)]
        assert selectors.totals() == {"created": 3}
        assert selectors.status_counts(since=now, until=late, branch="BJ001") == ()


class TestTracking:
    def test_a_stranger_learns_status_times_and_cities_only(self, register, branches, drive):
        (number,) = register()
        drive(number, *TO_DOOR)
        tracking = selectors.tracking(number)
        assert tracking.status == "out_for_delivery"
        assert [event.city for event in tracking.events] == ["杭州市"] * 3 + ["深圳市"] * 2
        told = repr(tracking)
        for hidden in (COURIER.name, "SZ001", "HZ001", "shop-1", "440305"):
            assert hidden not in told

    def test_a_late_scan_is_not_told(self, register, branches, drive, now):
        (number,) = register()
        drive(number, *TO_DOOR)
        services.scan(
            actor=SORTER,
            number=number,
            event="exception",
            branch="HZ001",
            at=now + timedelta(minutes=1),
            now=now + timedelta(minutes=1),
        )
        assert len(selectors.tracking(number).events) == 5


class TestCoverage:
    ROW = CoverageRow(
        district_code="440305", town="", branch="SZ001", sort_first="755", sort_second="N01", sort_third="003"
    )

    def test_it_is_replaced_whole_and_logged(self, db):
        services.set_coverage(actor=SYSTEM, rows=[self.ROW])
        assert selectors.sorting("440305").code == "755-N01-003"
        services.set_coverage(actor=SYSTEM, rows=[])
        assert selectors.sorting("440305").branch == ""
        assert [view.entry.count for view in audit.of_object("coverage:all")] in ([0, 1], [1, 0])

    def test_a_bad_or_doubled_row_changes_nothing(self, db):
        services.set_coverage(actor=SYSTEM, rows=[self.ROW])
        for rows in ([self.ROW, self.ROW], [CoverageRow(**dict.fromkeys(CoverageRow.__slots__, ""))]):
            with pytest.raises(BadCoverage):
                services.set_coverage(actor=SYSTEM, rows=rows)
        assert selectors.coverage() == (self.ROW,)


def test_the_control_is_not_met_while_a_parcel_has_no_sorting_code(register, now):
    assert controls.controls(now.date())[0].state == "not_yet"
    register(2)
    assert controls.controls(now.date())[0].state == "enforced"
    register(1, sorting_code="000-000-000")
    control = controls.controls(now.date())[0]
    assert (control.state, control.figures["unrouted"]) == ("not_yet", 1)
