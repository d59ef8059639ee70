"""Paper is reconciled sheet by sheet, bagged, and destroyed before a second person; clauses L6.1 and L6.2."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from midan.audit import selectors as log
from midan.core.actor import Actor
from midan.label import services as labels
from midan.paper import controls, selectors, services
from midan.paper.errors import BadBag, BadWitness, BagTaken, BagUnavailable, NoDestruction, PaperDenied
from midan.paper.models import Bag, Destruction
from midan.paper.rules import BagState, Ledger, wrong_bag
from midan.people.models import Staff
from midan.people.posts.granting import revoke
from midan.waybill.services import scan
from tests.label.conftest import company, employ, take_in

__all__ = ["company", "employ", "take_in"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def manager(employ):
    return employ("branch_manager")


@pytest.fixture
def clerk(employ):
    return employ("clerk")


@pytest.fixture
def printed(take_in, manager, now):
    """Three parcels, one of them printed twice."""
    numbers = take_in(3)
    labels.print_labels(actor=manager, waybills=numbers, size="76x130", now=now)
    labels.print_labels(actor=manager, waybills=numbers[:1], size="76x130", reason="label_damaged", now=now)
    return numbers


def sealed(actor, now, serial="BAG-00001", sheets=1, **changes):
    services.seal(
        actor=actor, serial=serial, sheets=sheets, now=now, **({"kind": "labels", "weight_g": 60} | changes)
    )
    return serial


def destroyed(actor, witness, now, serials=("BAG-00001",), **changes):
    wish = {"method": "shredded", "place": "西湖店后院", "witness": witness.name} | changes
    return services.destroy(actor=actor, serials=serials, now=now, **wish)


def newest():
    return log.entries(log.EntryFilter()).items[0].entry


def test_a_replaced_label_is_a_difference_until_it_is_in_hand_in_a_bag_or_destroyed(
    printed, manager, clerk, now
):
    assert selectors.ledger("HZ001").unexplained == 1
    services.count(actor=clerk, sheets=1, now=now)
    assert selectors.ledger("HZ001").unexplained == 0
    services.count(actor=clerk, sheets=0, now=now + timedelta(minutes=1))
    sealed(clerk, now)
    assert selectors.ledger("HZ001").bagged == 1
    act = destroyed(clerk, manager, now)
    assert selectors.ledger("HZ001").bagged == 1
    services.witness(actor=manager, destruction=act, confirmed=True, now=now)
    after = selectors.ledger("HZ001")
    assert (after.bagged, after.destroyed, after.unexplained) == (0, 1, 0)


def test_every_sheet_goes_with_its_parcel(printed, now):
    before = selectors.ledger("HZ001")
    assert (before.printed, before.on_parcels, before.with_customers) == (4, 3, 0)
    delivered(printed[1], now)
    after = selectors.ledger("HZ001")
    assert (after.on_parcels, after.with_customers, after.unexplained) == (2, 1, before.unexplained)


def test_the_stub_of_a_two_part_label_is_owed_by_the_branch_that_delivered(take_in, manager, now):
    (number,) = take_in(1)
    labels.print_labels(actor=manager, waybills=[number], size="100x180", now=now)
    delivered(number, now)
    owed = {one.branch: one.stubs for one in selectors.ledgers()}
    assert owed == {"HZ001": 0, "NJ001": 1}


def delivered(number, now):
    """Carry a parcel from the branch in Hangzhou to the door in Nanjing."""
    way = (
        ("HZ001", "collected"),
        ("HZ001", "departed"),
        ("NJ001", "arrived"),
        ("NJ001", "out_for_delivery"),
        ("NJ001", "delivered"),
    )
    for step, (branch, event) in enumerate(way, start=1):
        at = now + timedelta(minutes=step)
        scan(actor=Actor.system("test"), number=number, event=event, branch=branch, at=at, now=at)


def test_the_log_has_every_act_with_two_persons(printed, clerk, manager, now):
    sealed(clerk, now, sheets=3)
    act = destroyed(clerk, manager, now)
    assert (newest().act, newest().object, newest().count) == (
        "paper:destruction:recorded",
        f"paper-destruction:{act}",
        3,
    )
    services.witness(actor=manager, destruction=act, confirmed=True, now=now)
    entry = newest()
    assert (entry.act, entry.actor, entry.clause) == (
        "paper:destruction:witnessed",
        manager.reference,
        "L6.2",
    )
    assert entry.details["operator"] == clerk.reference


def test_nobody_witnesses_the_own_destruction(clerk, manager, employ, now):
    sealed(clerk, now)
    with pytest.raises(BadWitness):
        destroyed(clerk, clerk, now)
    act = destroyed(clerk, manager, now)
    for other in (clerk, employ("courier"), Actor.system("test")):
        with pytest.raises(NoDestruction):
            services.witness(actor=other, destruction=act, confirmed=True, now=now)
    assert Bag.objects.get().state == BagState.HANDED_OVER


def test_the_database_refuses_one_person_as_operator_and_witness(clerk, now):
    with pytest.raises(IntegrityError), transaction.atomic():
        Destruction.objects.create(
            id=bytes(16), branch="HZ001", method="burnt", place="x", operator="staff:S1", witness="staff:S1",
            recorded_at=now,
        )  # fmt: skip


def test_a_witness_who_saw_nothing_puts_the_bags_back(clerk, manager, now):
    sealed(clerk, now)
    act = destroyed(clerk, manager, now)
    services.witness(actor=manager, destruction=act, confirmed=False, now=now)
    assert [bag.state for bag in selectors.bags("HZ001")] == ["sealed"]
    with pytest.raises(NoDestruction):
        services.witness(actor=manager, destruction=act, confirmed=True, now=now)
    assert destroyed(clerk, manager, now)


def test_a_witness_or_a_keeper_on_leave_is_none(clerk, manager, now):
    sealed(clerk, now)
    act = destroyed(clerk, manager, now)
    Staff.objects.filter(staff_no=manager.name).update(state="on_leave")
    with pytest.raises(NoDestruction):
        services.witness(actor=manager, destruction=act, confirmed=True, now=now)
    Staff.objects.filter(staff_no=clerk.name).update(state="leaving")
    with pytest.raises(PaperDenied):
        sealed(clerk, now)


def test_a_witness_who_left_is_none(clerk, manager, now):
    sealed(clerk, now)
    revoke(actor=Actor.system("test"), staff_no=manager.name, now=now)
    with pytest.raises(BadWitness):
        destroyed(clerk, manager, now)


@pytest.mark.parametrize("role", ["agent", "privacy_officer", "hr", "auditor", "courier"])
def test_other_posts_keep_no_paper(employ, role, now):
    other = employ(role)
    with pytest.raises(PaperDenied):
        services.count(actor=other, sheets=1, now=now)
    with pytest.raises(PaperDenied):
        sealed(other, now)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"serial": "bag-00001"}, "serial"),
        ({"serial": "A16100005678"}, "serial"),
        ({"serial": "B"}, "serial"),
        ({"sheets": 0}, "sheets"),
        ({"sheets": 1_000, "weight_g": 60}, "weight_g"),
        ({"sheets": 1, "weight_g": 5_000}, "weight_g"),
        ({"kind": "parcels"}, "kind"),
    ],
)
def test_a_bag_that_cannot_be_is_refused_and_nothing_is_written(clerk, now, changes, field):
    with pytest.raises(BadBag) as refused:
        sealed(clerk, now, **changes)
    assert refused.value.details == {"field": field}
    assert not Bag.objects.exists()


def test_a_serial_is_used_once(clerk, now):
    sealed(clerk, now)
    with pytest.raises(BagTaken):
        sealed(clerk, now)


def test_only_sealed_bags_of_the_own_branch_are_destroyed(clerk, manager, employ, now):
    sealed(clerk, now)
    elsewhere = employ("clerk", "NJ001")
    for serials in (["BAG-00002"], ["BAG-00001", "BAG-00002"], []):
        with pytest.raises(BagUnavailable):
            destroyed(clerk, manager, now, serials)
    with pytest.raises(BagUnavailable):
        destroyed(elsewhere, manager, now)
    destroyed(clerk, manager, now)
    with pytest.raises(BagUnavailable):
        destroyed(clerk, manager, now)


def test_a_place_that_names_a_customer_is_refused(clerk, manager, now):
    sealed(clerk, now)
    for place in ("致电 16100005678", "", "长" * 61):
        with pytest.raises(BadBag) as refused:
            destroyed(clerk, manager, now, place=place)
        assert refused.value.details == {"field": "place"}


def test_the_controls_are_green_only_with_paper_accounted_for_and_witnessed(printed, clerk, manager, now):
    def states():
        return {one.clause: one.state for one in controls.controls(now.date())}

    assert states() == {"L6.1": "not_yet", "L6.2": "not_yet"}
    sealed(clerk, now)
    act = destroyed(clerk, manager, now)
    assert states() == {"L6.1": "enforced", "L6.2": "not_yet"}
    services.witness(actor=manager, destruction=act, confirmed=True, now=now)
    assert states() == {"L6.1": "enforced", "L6.2": "enforced"}
    sealed(clerk, now - timedelta(days=9), serial="BAG-00002")
    destroyed(clerk, manager, now - timedelta(days=9), ["BAG-00002"])
    assert states()["L6.2"] == "not_yet"


@given(st.integers(1, 100_000), st.integers(1, 2_000_000))
def test_a_weight_fits_a_count_or_the_bag_is_refused(sheets, weight):
    fits = sheets * 0.5 <= weight <= sheets * 10 + 200
    assert (wrong_bag(serial="BAG-00001", sheets=sheets, weight_g=weight) == "") == fits


@given(*[st.integers(0, 1000)] * 8)
def test_what_is_destroyed_leaves_the_difference_as_it_was(
    printed, stubs, out, customers, back, hand, bags, gone
):
    def difference(bagged, destroyed):
        return Ledger(
            branch="", printed=printed, stubs=stubs, on_parcels=out, with_customers=customers, returned=back,
            in_hand=hand, bagged=bagged, destroyed=destroyed,
        ).unexplained  # fmt: skip

    assert difference(bags, gone) == difference(0, gone + bags)
