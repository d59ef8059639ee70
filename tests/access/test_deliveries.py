"""The courier's list: what they carry and nothing else, masked, along the road."""

from datetime import timedelta

import pytest

from midan.access import selectors, services
from midan.access.errors import AccessDenied
from midan.access.rules.route import road_key, stop_key
from midan.catalog.rules import Purpose, ReasonCode
from midan.people.models import Staff
from midan.vault.rules import Contact
from tests.access.conftest import CLEAR, ON_THE_WAY


def to(address):
    return Contact(name="公孙小满", phone="17000007777", address=f"广东省深圳市南山区粤海街道{address}")


def carried(world, *addresses):
    numbers = []
    for address in addresses:
        number = world.order(recipient=to(address))
        world.drive(number, *ON_THE_WAY)
        numbers.append(number)
    return numbers


def listed(world, role="courier", branch="SZ001"):
    return [one.number for one in selectors.deliveries(world.actor(role, branch))]


def test_house_numbers_rise_as_numbers_along_each_road():
    roads = ["科苑路12号2栋***", "科苑路9号*栋***", "高新南道3号***", "科苑路9号"]
    assert sorted(roads, key=road_key) == [
        "科苑路9号*栋***",
        "科苑路9号",
        "科苑路12号2栋***",
        "高新南道3号***",
    ]


def test_at_one_house_what_was_scanned_out_first_comes_first_and_what_never_was_last(now):
    moments = [None, now, now - timedelta(minutes=1)]
    ordered = sorted(moments, key=lambda at: stop_key("科苑路9号***", at))
    assert ordered == [now - timedelta(minutes=1), now, None]


def test_what_the_mask_hides_moves_nothing(now):
    assert road_key("科苑路9号*栋*单元") == road_key("科苑路9号***") == road_key("科苑路9号")


def test_the_list_is_in_order_of_the_road_and_not_of_the_scans(world):
    far, near, other = carried(world, "科苑路112号3栋1202", "科苑路9号3栋501", "高新南道3号8栋101")
    assert listed(world) == [near, far, other]


def test_every_value_on_it_is_a_mask(world, parcel):
    carried(world, "科苑路9号3栋501")
    shown = repr(selectors.deliveries(world.actor("courier", "SZ001")))
    assert "科苑路9号" in shown
    assert [value for value in (*CLEAR, "公孙小满", "17000007777", "3栋501") if value in shown] == []
    assert "*" in shown


@pytest.mark.parametrize("event", ["delivered", "arrived"])
def test_a_parcel_leaves_the_list_when_it_leaves_the_hands(world, parcel, event):
    assert listed(world) == [parcel]
    world.drive(parcel, event)
    assert listed(world) == []


def test_a_failed_attempt_stays_on_the_list(world, parcel):
    world.drive(parcel, "attempt_failed")
    assert listed(world) == [parcel]


@pytest.mark.parametrize(
    ("role", "branch"), [("courier", "HZ001"), ("branch_manager", "SZ001"), ("clerk", "SZ001")]
)
def test_nobody_else_has_it(world, parcel, role, branch):
    assert listed(world, role, branch) == []


def test_who_is_not_at_work_has_an_empty_list(world, parcel):
    courier = world.actor("courier", "SZ001")
    Staff.objects.filter(staff_no=courier.name).update(state="on_leave")
    assert selectors.deliveries(courier) == ()


def test_one_tap_opens_the_address_for_the_fixed_reason_until_the_parcel_is_delivered(world, parcel):
    asked = {
        "actor": world.actor("courier", "SZ001"),
        "waybill": parcel,
        "fields": frozenset({"recipient_address"}),
        "purpose": Purpose.DELIVER,
        "reason": ReasonCode.DOOR_DELIVERY,
        "now": world.now,
    }
    opened = services.reveal(**asked)
    assert opened.values["recipient_address"].reveal(opened.grant) == CLEAR[5]
    world.drive(parcel, "delivered")
    with pytest.raises(AccessDenied) as refused:
        services.reveal(**asked)
    assert refused.value.details["reason"] == "not_handler"
