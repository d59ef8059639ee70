"""The pure rules: what may follow what, who holds the parcel, where it is sorted to."""

import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core.actor import Actor
from midan.waybill import rules
from midan.waybill.rules import CoverageRow, Event, ScanView, SortingTable, Status

AT = datetime(2026, 11, 23, tzinfo=UTC)


def test_every_status_has_its_row_and_every_event_becomes_a_status():
    assert set(rules.FOLLOWS) == {status.value for status in Status}
    assert {event.value for event in Event} == {status.value for status in Status} - {"created"}
    assert set(rules.SCANNED_BY) == set(Event)


def test_what_is_over_is_over():
    for status in rules.TERMINAL:
        assert rules.FOLLOWS[status] == frozenset()


def test_every_status_can_be_reached_and_can_end():
    reached, ends = {"created"}, set(rules.TERMINAL)
    for _ in Status:
        reached |= {event for status in reached for event in rules.FOLLOWS[status]}
        ends |= {status for status, events in rules.FOLLOWS.items() if events & ends}
    assert reached == ends == {status.value for status in Status}


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("created", "delivered"),
        ("created", "out_for_delivery"),
        ("departed", "out_for_delivery"),
        ("delivered", "out_for_delivery"),
        ("at_station", "arrived"),
        ("nonsense", "collected"),
        ("collected", "nonsense"),
    ],
)
def test_these_never_follow(status, event):
    assert not rules.follows(status, event)


@given(st.lists(st.sampled_from(list(Event)), max_size=30), st.sampled_from(["S1", "S2"]))
def test_only_a_courier_between_loading_and_hand_over_holds_a_parcel(events, staff):
    status, handler = "created", ""
    for event in events:
        if rules.follows(status, event):
            status, handler = event, rules.handler_after(event, staff)
        assert bool(handler) == (status in {"out_for_delivery", "attempt_failed"})


def test_a_double_press_is_a_repeat_and_another_courier_is_not():
    last = ScanView(event="arrived", branch="A", staff_no="S1", station="", at=AT, moved=True)
    said = ScanView(event="arrived", branch="A", staff_no="S1", station="", at=AT.replace(hour=5), moved=True)
    assert rules.is_repeat(last, said)
    assert not rules.is_repeat(None, said)
    assert not rules.is_repeat(
        ScanView(event="arrived", branch="A", staff_no="S2", station="", at=AT, moved=True), said
    )


@pytest.mark.parametrize(
    "role", ["agent", "hr", "privacy_officer", "analyst", "auditor", "sysadmin", "integrator"]
)
def test_desks_scan_nothing(role):
    actor = Actor(kind="staff", name="S1", role=role, branch="A")
    assert all(rules.post_refusal(actor=actor, event=event, branch="A") == "post" for event in Event)


def test_a_client_scans_nothing_and_nobody_scans_for_another_branch():
    client = Actor(kind="client", name="shop", role="courier", branch="A")
    assert rules.post_refusal(actor=client, event="arrived", branch="A") == "person_needed"
    courier = Actor(kind="staff", name="S1", role="courier", branch="A")
    assert rules.post_refusal(actor=courier, event="arrived", branch="B") == "other_branch"
    assert rules.post_refusal(actor=courier, event="arrived", branch="A") is None


class TestSorting:
    TABLE = SortingTable(
        {
            ("440305", "粤海街道"): rules.Sorting(code="755-N01-003", branch="SZ001"),
            ("440305", ""): rules.Sorting(code="755-N01-000", branch="SZ001"),
            ("440300", ""): rules.Sorting(code="755-C00-000", branch="SZ000"),
            ("440000", ""): rules.Sorting(code="020-P00-000", branch="GZ000"),
        }
    )

    @pytest.mark.parametrize(
        ("district", "town", "code"),
        [
            ("440305", "粤海街道", "755-N01-003"),
            ("440305", "桃源街道", "755-N01-000"),
            ("440305", "", "755-N01-000"),
            ("440306", "", "755-C00-000"),
            ("440402", "", "020-P00-000"),
            ("330106", "", "000-000-000"),
        ],
    )
    def test_the_narrowest_coverage_wins(self, district, town, code):
        assert self.TABLE.find(district, town).code == code

    def test_an_unserved_place_has_no_branch(self):
        assert self.TABLE.find("330106").branch == ""

    def test_the_table_goes_to_worker_processes(self):
        assert pickle.loads(pickle.dumps(self.TABLE)).find("440305").branch == "SZ001"

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({}, None),
            ({"district_code": "4403"}, "district_code"),
            ({"district_code": "４４０３０５"}, "district_code"),
            ({"sort_second": "n-1"}, "sort_second"),
            ({"sort_third": ""}, "sort_third"),
            ({"branch": ""}, "branch"),
        ],
    )
    def test_a_malformed_row_is_named_by_field(self, change, field):
        row = {"district_code": "440305", "town": "", "branch": "SZ001"}
        row |= {"sort_first": "755", "sort_second": "N01", "sort_third": "003"}
        assert rules.wrong_coverage_field(CoverageRow(**row | change)) == field
