"""Clause M5 at the doors: who is joining, on leave or leaving finds all rooms shut but their duties and their departure."""

import pytest
from django.urls import reverse

from midan.console.menu import menu
from midan.console.rules import ENTERS, Room, open_in
from midan.people.models import Staff

AWAY = ("joining", "on_leave", "leaving")


def test_only_the_first_page_the_duties_and_the_own_departure_are_open_to_who_is_not_at_work():
    for state in AWAY:
        assert {room for room in Room if open_in(state, room)} == {Room.HOME, Room.DUTIES, Room.OWN_LEAVING}
        assert all(menu(role, state) == () for role in ENTERS[Room.HOME])
    assert all(open_in("active", room) for room in Room)


@pytest.mark.parametrize(
    ("role", "state", "rooms"),
    [
        ("privacy_officer", "on_leave", ("overview", "log", "people", "approvals", "keep", "duty-board")),
        ("hr", "leaving", ("people", "roster", "approvals", "leavers")),
        ("analyst", "joining", ("log", "approvals", "keep")),
        ("clerk", "on_leave", ("upload", "waybills")),
    ],
)
def test_a_room_shuts_at_the_next_request_and_says_why(company, role, state, rooms):
    client = company.client(role)
    assert client.get(reverse(f"console:{rooms[0]}")).status_code == 200
    Staff.objects.filter(role=role).update(state=state)
    for name in rooms:
        answer = client.get(reverse(f"console:{name}"))
        assert (answer.status_code, "not_at_work" in answer.content.decode()) == (403, True), name
    assert client.post(reverse("console:approve", args=["0" * 16])).status_code == 403
    home = client.get("/", follow=True)
    assert home.status_code == 200
    assert home.redirect_chain[-1][0] == reverse(
        "console:own-leaving" if state == "leaving" else "console:duties"
    )
