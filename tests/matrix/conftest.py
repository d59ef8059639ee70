"""Two branches with every post in each, a parcel and a colleague of the first, a partner's program of either."""

from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from midan.audit import services as audit
from midan.collection import services as collection
from midan.core.actor import Actor
from midan.gateway import services as gateway
from midan.gateway.rules import SCOPES
from midan.people import services as people
from midan.people.rules import Role
from midan.vault import services as vault
from tests.console.conftest import order
from tests.fulfilled import fulfil_everybody
from tests.gateway.clients import token_answer
from tests.signing_in import sign_in

SYSTEM = Actor.system("test")
OWN, OTHER = "HZ001", "HZ002"


@dataclass
class Network:
    """`number` is a parcel of the first branch, `sent` one its partner's program sent, `colleague` works there.

    `tile` is a piece of the log that is there.
    """

    number: str
    sent: str
    tile: str
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
def network(keyed_home, transactional_db):
    for cache in caches.all(initialized_only=True):
        cache.clear()
    now = timezone.now()
    vault.initialise(actor=SYSTEM, now=now)
    for code in (OWN, OTHER):
        people.create_branch(
            actor=SYSTEM, code=code, name=f"{code}店", kind="own", district_code="330106", city="杭州市"
        )
    staff = {
        (role, branch): _person(f"{branch}-{role}", role, branch) for branch in (OWN, OTHER) for role in Role
    }
    colleague = _person("colleague", Role.COURIER, OWN)
    fulfil_everybody(now)
    notice = collection.publish_starter_notices(actor=SYSTEM, now=now)
    made = {
        branch: gateway.create_client(
            actor=SYSTEM, name=f"partner-{branch}", branch=branch, scopes=tuple(SCOPES), now=now
        )
        for branch in (OWN, OTHER)
    }
    parcels = [
        collection.intake(actor=SYSTEM, client=client, branch=OWN, rows=[row], now=now).results[0].waybill
        for client, row in (
            ("shop", order(notice, quantity=1, weight_g=800)),
            (made[OWN].client_id, order(notice, order_ref="TB-2", quantity=1, weight_g=800)),
        )
    ]
    found = Network(
        number=parcels[0],
        sent=parcels[1],
        tile=f"0/000.p/{audit.integrate(now=now).size}",
        notice=notice,
        colleague=colleague,
        staff=staff,
    )
    for branch, client in made.items():
        answer = token_answer(Client(SERVER_NAME="localhost"), client.client_id, client.client_secret)
        found.tokens[branch] = answer.json()["access_token"]
    return found
