"""A small company in which nobody has done anything yet; texts and course are those that ship."""

import pytest

from midan.core.actor import Actor
from midan.duties import services
from midan.people import services as people
from midan.vault import services as vault

SYSTEM = Actor.system("test")


class Office:
    def __init__(self, now):
        self.now = now
        self.people = {}

    def __getattr__(self, role):
        return self.people[role]


@pytest.fixture
def office(keyed_home, transactional_db, now):
    vault.initialise(actor=SYSTEM, now=now)
    people.create_branch(
        actor=SYSTEM, code="HZ001", name="西湖店", kind="own", district_code="330106", city="杭州市"
    )
    made = Office(now)
    for role in ("hr", "courier", "agent", "privacy_officer", "branch_manager"):
        person = people.create_staff(
            actor=SYSTEM,
            username=role,
            display_name="测试员工",
            role=role,
            branch="HZ001",
            password=None,
            now=now,
        )
        made.people[role] = Actor(kind="staff", name=person.staff_no, role=role, branch="HZ001")
    services.publish_starters(actor=SYSTEM, now=now)
    return made
