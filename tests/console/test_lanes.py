"""The courier's list and the clerk's counter: masks, one tap a value, one entry each, nothing left in a cache."""

import pytest
from django.urls import reverse
from django.utils import timezone

from midan.audit import selectors as audit
from midan.audit.selectors import EntryFilter
from midan.core.actor import Actor
from midan.people.models import Staff
from midan.waybill import selectors as waybills
from midan.waybill.pickup.rules import MOST_MISSES
from midan.waybill.pickup.selectors import code_of
from midan.waybill.services import scan
from tests.console.conftest import ADDRESS, CLEAR, NAME, PHONE


def entries(act):
    return [item.entry for item in audit.entries(EntryFilter(act=act), limit=20).items]


def carry(company, *events):
    """Drive the parcel as the branch's own courier does; return the courier."""
    courier = Staff.objects.get(role="courier")
    for event in events:
        now = timezone.now()
        scan(
            actor=Actor(kind="system", name=courier.staff_no, role="system"),
            number=company.number,
            event=event,
            branch="HZ001",
            station="HZ001" if event == "at_station" else "",
            at=now,
            now=now,
        )
    return courier


OUT = ("collected", "departed", "arrived", "out_for_delivery")
SHELVED = (*OUT, "at_station")


def test_the_list_shows_masks_only_and_stays_in_no_cache(company):
    carry(company, *OUT)
    answer = company.client("courier").get("/deliveries/")
    page = answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert company.number in page
    assert "江南大道88号" in page
    assert [value for value in CLEAR if value in page] == []
    assert "*******5678" not in page


def test_the_list_has_no_dead_button_for_calls_and_says_so(company):
    carry(company, *OUT)
    page = company.client("courier").get("/deliveries/").content.decode()
    assert "虚拟号码拨打尚未接通" in page
    assert 'href="tel:' not in page


def test_one_tap_is_one_post_one_entry_and_one_value(company):
    carry(company, *OUT)
    answer = company.client("courier").post(reverse("console:delivery-address", args=[company.number]))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert ADDRESS in page
    assert NAME not in page
    assert PHONE not in page
    assert 'data-seconds="30"' in page
    (entry,) = entries("access:part:revealed")
    assert (entry.purpose, entry.reason, entry.details["fields"]) == (
        "deliver",
        "door_delivery",
        "recipient_address",
    )


def test_what_the_courier_does_not_carry_is_refused_with_its_clause(company):
    answer = company.client("courier").post(reverse("console:delivery-address", args=[company.number]))
    assert answer.status_code == 403
    assert ADDRESS not in answer.content.decode()
    assert "L2.2" in answer.content.decode()


def test_after_delivery_the_list_is_empty_and_the_tap_refused(company):
    carry(company, *OUT, "delivered")
    client = company.client("courier")
    assert company.number not in client.get("/deliveries/").content.decode()
    assert client.post(reverse("console:delivery-address", args=[company.number])).status_code == 403


def test_the_day_of_courier_and_clerk_begins_at_their_lane(company):
    assert company.client("courier").get("/")["Location"] == "/deliveries/"
    assert company.client("clerk").get("/")["Location"] == "/station/"


def fetched(company, said, **who):
    return company.client("clerk", **who).post("/station/", {"said": said})


def code(company):
    return code_of(waybills.get(company.number).seq)


def test_a_code_and_a_phone_tail_find_the_parcel_masked(company):
    carry(company, *SHELVED)
    for said in (code(company), PHONE[-4:]):
        answer = fetched(company, said)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        assert company.number in page
        assert [value for value in CLEAR if value in page] == []
    assert len(entries("access:pickup:found")) == len(entries("access:search:performed")) == 1


def test_what_is_not_on_the_shelf_is_said_plainly(company):
    carry(company, *OUT)
    page = fetched(company, PHONE[-4:], language="en").content.decode()
    assert "Not on the shelf" in page
    assert company.number not in page


@pytest.mark.parametrize("said", ["12345", "abcd", PHONE, ""])
def test_anything_else_is_refused_by_the_form_and_not_repeated(company, said):
    page = fetched(company, said)
    assert page.status_code == 200
    assert entries("access:") == []
    assert not said or f'value="{said}"' not in page.content.decode()


def test_the_name_is_compared_by_one_tap_and_the_parcel_handed_over_by_one(company):
    carry(company, *SHELVED)
    clerk = company.client("clerk")
    shown = clerk.post(reverse("console:station-name", args=[company.number])).content.decode()
    assert NAME in shown
    assert ADDRESS not in shown
    assert entries("access:part:revealed")[0].reason == "counter_hand_over"
    done = clerk.post(reverse("console:hand-over", args=[company.number]), follow=True)
    assert "已交件" in done.content.decode()
    assert waybills.get(company.number).status == "delivered"
    assert code(company) == ""


def test_what_is_not_here_cannot_be_handed_over(company):
    answer = company.client("clerk").post(reverse("console:hand-over", args=[company.number]))
    assert answer.status_code == 409
    assert waybills.get(company.number).status == "created"


def test_too_many_wrong_codes_are_said_to_be_too_many(company):
    carry(company, *SHELVED)
    client = company.client("clerk")
    wrong = f"{(int(code(company)) + 1) % 10**6:06d}"
    for _ in range(MOST_MISSES):
        client.post("/station/", {"said": wrong})
    answer = client.post("/station/", {"said": code(company)})
    assert answer.status_code == 429
    assert company.number not in answer.content.decode()


def test_a_clerk_on_leave_is_told_which_clause_closes_the_counter(company):
    carry(company, *SHELVED)
    client = company.client("clerk")
    Staff.objects.filter(role="clerk").update(state="on_leave")
    answer = client.post("/station/", {"said": code(company)})
    assert answer.status_code == 403
    assert "M5" in answer.content.decode()
    assert company.number not in answer.content.decode()
