"""The clerk's look-up by a pick-up code: own shelf, masks, each try logged without the code, wrong ones limited."""

from datetime import timedelta

import pytest

from midan.access import services
from midan.access.errors import AccessDenied, BadQuestion, CodesSpent
from midan.access.models import Budget
from midan.audit import selectors as audit
from midan.duties.models import Exam
from midan.people.models import Staff
from midan.waybill import selectors as waybills
from midan.waybill.pickup.rules import MOST_MISSES
from midan.waybill.pickup.selectors import code_of
from tests.access.conftest import CLEAR


def newest():
    return audit.entries(audit.EntryFilter(act="access:"), limit=1).items[0].entry


@pytest.fixture
def shelved(world, parcel):
    """A parcel on the shelf of the station SZ001S."""
    world.drive(parcel, "at_station", station="SZ001S")
    return parcel


def code(number):
    return code_of(waybills.get(number).seq)


def other(number):
    return f"{(int(code(number)) + 1) % 10**6:06d}"


def find(world, said, *, role="clerk", branch="SZ001S", now=None):
    return services.find_by_code(actor=world.actor(role, branch), code=said, now=now or world.now)


def test_the_code_finds_the_parcel_masked_and_the_log_names_it_without_the_code(world, shelved):
    found = find(world, code(shelved))
    assert found.number == shelved
    assert found.recipient.phone == "*******5678"
    assert [value for value in CLEAR if value in repr(found)] == []
    entry = newest()
    assert (entry.act, entry.object, entry.clause) == ("access:pickup:found", f"waybill:{shelved}", "B3")
    assert code(shelved) not in entry.to_bytes().decode().replace(entry.entry_id, "").replace(entry.time, "")


def test_it_spends_none_of_the_days_searches(world, shelved):
    find(world, code(shelved))
    assert not Budget.objects.exists()


def test_the_clerk_of_another_station_finds_nothing_under_the_same_code(world, shelved):
    assert find(world, code(shelved), branch="SZ001") is None


def test_a_parcel_handed_over_is_found_no_more(world, shelved):
    said = code(shelved)
    world.drive(shelved, "delivered")
    assert find(world, said) is None
    assert (newest().act, newest().object) == ("access:pickup:missed", "station:SZ001S")


def test_wrong_codes_end_after_twenty_an_hour_and_right_ones_with_them(world, shelved):
    for _ in range(MOST_MISSES):
        assert find(world, other(shelved)) is None
    for said in (other(shelved), code(shelved)):
        with pytest.raises(CodesSpent):
            find(world, said)
    assert (newest().act, newest().outcome, newest().clause) == ("access:pickup:denied", "denied", "M4")
    assert find(world, code(shelved), now=world.now + timedelta(hours=1)).number == shelved


def test_right_codes_are_never_counted(world, shelved):
    for _ in range(MOST_MISSES + 5):
        assert find(world, code(shelved)).number == shelved


@pytest.mark.parametrize("role", ["courier", "branch_manager", "agent", "sorter"])
def test_no_other_post_has_the_counter(world, shelved, role):
    with pytest.raises(AccessDenied) as refused:
        find(world, code(shelved), role=role)
    assert (refused.value.denied_by, newest().details["why"]) == ("L2.2", "role_not_permitted")


def test_a_neglected_duty_closes_the_counter_and_its_fulfilment_opens_it(world, shelved):
    mine = Exam.objects.filter(staff_no=world.actor("clerk", "SZ001S").name)
    mine.update(until=world.now.date() - timedelta(days=1))
    with pytest.raises(AccessDenied) as refused:
        find(world, code(shelved))
    assert (refused.value.denied_by, refused.value.details["reason"]) == ("M2", "training_missing")
    mine.update(until=world.now.date() + timedelta(days=1))
    assert find(world, code(shelved)).number == shelved


def test_who_is_on_leave_finds_nothing(world, shelved):
    Staff.objects.filter(staff_no=world.actor("clerk", "SZ001S").name).update(state="on_leave")
    with pytest.raises(AccessDenied) as refused:
        find(world, code(shelved))
    assert refused.value.details["reason"] == "not_at_work"


@pytest.mark.parametrize("said", ["", "12345", "1234567", "12345a", "１２３４５６", "欧阳小禾欧阳"])
def test_what_is_no_code_is_refused_before_anything_is_logged(world, shelved, said):
    before = audit.entries(audit.EntryFilter(), limit=1).items[0].entry_id
    with pytest.raises(BadQuestion):
        find(world, said)
    assert audit.entries(audit.EntryFilter(), limit=1).items[0].entry_id == before


def test_the_clerk_compares_the_name_for_the_fixed_reason_and_reads_nothing_else(world, shelved):
    field = "recipient_name"
    asked = {"waybill": shelved, "purpose": "deliver", "reason": "counter_hand_over", "now": world.now}
    clerk = world.actor("clerk", "SZ001S")
    shown = services.reveal(actor=clerk, fields=frozenset({field}), **asked)
    assert shown.values[field].reveal(shown.grant) == CLEAR[3]
    for other_field in ("recipient_phone", "recipient_address"):
        with pytest.raises(AccessDenied):
            services.reveal(actor=clerk, fields=frozenset({other_field}), **asked)
