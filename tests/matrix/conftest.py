"""Two branches with every post in each, a parcel and a colleague of the first, a partner's program of either."""

from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from midan.core.actor import Actor
from midan.gateway import services as gateway
from midan.gateway.rules import SCOPES
from midan.people import services as people
from midan.people.rules import Role
from tests.console.conftest import company
from tests.fulfilled import fulfil_everybody
from tests.gateway.clients import token_answer
from tests.signing_in import sign_in

__all__ = ["company"]
SYSTEM = Actor.system("test")
OWN, OTHER = "HZ001", "HZ002"


@dataclass
class Network:
    """`number` is a parcel of the first branch, `colleague` somebody who works there."""

    number: str
    notice: str
    colleague: str
    staff: dict[tuple[str, str], str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def person(self, role, branch):
        """Return a client signed in as the person of a post at a branch."""
        client = Client(SERVER_NAME="localhost", raise_request_exception=False)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
        sign_in(client, staff_no=self.staff[role, branch])
        return client

    def program(self, branch="", *, actor=""):
        """Return a client of a partner's program of a branch, perhaps for a person; without a branch, of nobody."""
        headers = {"HTTP_AUTHORIZATION": f"Bearer {self.tokens[branch]}"} if branch else {}
        if actor:
            headers["HTTP_MIDAN_ACTOR"] = actor
        return Client(SERVER_NAME="localhost", raise_request_exception=False, **headers)


def _person(username, role, branch):
    made = people.create_staff(
        actor=SYSTEM,
        username=username,
        display_name="测试员工",
        role=role,
        branch=branch,
        password=None,
        now=timezone.now(),
    )
    return made.staff_no


@pytest.fixture
def network(company):
    now = timezone.now()
    people.create_branch(
        actor=SYSTEM, code=OTHER, name="滨江店", kind="own", district_code="330108", city="杭州市"
    )
    found = Network(
        number=company.number, notice=company.notice, colleague=_person("colleague", Role.COURIER, OWN)
    )
    for role in Role:
        found.staff[role, OTHER] = _person(f"other-{role}", role, OTHER)
        found.staff[role, OWN] = _person(f"own-{role}", role, OWN)
    fulfil_everybody(now)
    for branch in (OWN, OTHER):
        made = gateway.create_client(
            actor=SYSTEM, name=f"partner-{branch}", branch=branch, scopes=tuple(SCOPES), now=now
        )
        answer = token_answer(Client(SERVER_NAME="localhost"), made.client_id, made.client_secret)
        found.tokens[branch] = answer.json()["access_token"]
    return found
