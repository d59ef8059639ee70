"""A company with two branches, a station, staff, a notice in force and two API clients."""

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from midan.collection import services as collection
from midan.core.actor import Actor
from midan.core.sm import hmac_sm3
from midan.gateway import limits
from midan.gateway import services as gateway
from midan.gateway.rules import SCOPES
from midan.people import services as people
from midan.people.posts.granting import revoke
from midan.vault import services as vault
from tests.fulfilled import fulfil_everybody
from tests.gateway.page import hold_against_the_page

if TYPE_CHECKING:
    from datetime import datetime

SYSTEM = Actor.system("test")


@pytest.fixture(autouse=True)
def _no_try_yet() -> None:
    """Begin with no try and no call counted: all tests ask from one address, for clients of the same numbers."""
    cache.clear()
    limits.forget()


@dataclass
class Company:
    """What the tests talk to: a browserless client, tokens by client name, staff numbers by username."""

    notice: str
    http: Client = field(
        default_factory=lambda: Client(SERVER_NAME="localhost", raise_request_exception=False)
    )
    staff: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        client: str = "hall",
        actor: str = "",
        signed: tuple[str, str] = ("", ""),
    ) -> Any:
        """Ask; `signed` is the timestamp and the tag a telephone system sends."""
        headers = {"HTTP_AUTHORIZATION": f"Bearer {self.tokens[client]}"} if client else {}
        if actor:
            headers["HTTP_MIDAN_ACTOR"] = self.staff.get(actor, actor)
        if any(signed):
            headers |= dict(zip(("HTTP_MIDAN_TIMESTAMP", "HTTP_MIDAN_SIGNATURE"), signed, strict=True))
        data = body if isinstance(body, (bytes, str)) else json.dumps(body)
        answer = self.http.generic(method, f"/api/v1{path}", data, content_type="application/json", **headers)
        hold_against_the_page(method, path, answer)
        return answer

    def order(self, **changes: Any) -> dict[str, Any]:
        return {
            "order_ref": "TB-1",
            "sender_name": "沈澄澄",
            "sender_phone": "16000001234",
            "sender_address": "浙江省杭州市西湖区曙光路122号6幢2单元301室",
            "recipient_name": "欧阳小禾",
            "recipient_phone": "16100005678",
            "recipient_address": "浙江省杭州市滨江区江南大道88号3栋1202",
            "goods_name": "羊毛围巾",
            "goods_kind": "服装",
            "quantity": 1,
            "weight_g": 800,
            "remark": "请放在门口",
            "notice_version": self.notice,
        } | changes

    def ring(self, body: Any, *, at: int = 0, client: str = "hall", key: str = "", **who: str) -> Any:
        """Send a call event as the telephone system does, signed with the client's key now or at `at`."""
        data, second = json.dumps(body).encode(), str(at or int(time.time()))
        tag = hmac_sm3(bytes.fromhex(key or self.keys[client]), f"{second}.".encode() + data).hex()
        return self.call("POST", "/calls", data, client=client, signed=(second, tag), **who)

    def send(self, **changes: Any) -> str:
        answer = self.call("POST", "/waybills", self.order(**changes))
        assert answer.status_code == 201, answer.content
        return str(answer.json()["waybill"])


def _token(http: Client, made: gateway.NewClient) -> str:
    answer = http.post(
        "/api/v1/token",
        {
            "grant_type": "client_credentials",
            "client_id": made.client_id,
            "client_secret": made.client_secret,
        },
    )
    return str(answer.json()["access_token"])


@pytest.fixture
def company(keyed_home, transactional_db) -> Company:
    now: datetime = timezone.now()
    vault.initialise(actor=SYSTEM, now=now)
    for code, kind, parent in (
        ("HZ001", "own", ""),
        ("HZ002", "franchise", ""),
        ("HZ101", "station", "HZ001"),
    ):
        people.create_branch(
            actor=SYSTEM,
            code=code,
            name=f"{code}店",
            kind=kind,
            district_code="330106",
            city="杭州市",
            parent=parent,
        )
    found = Company(notice=collection.publish_starter_notices(actor=SYSTEM, now=now))
    for username, role, branch in (
        ("agent", "agent", "HZ001"),
        ("courier", "courier", "HZ001"),
        ("manager", "branch_manager", "HZ001"),
        ("clerk", "clerk", "HZ101"),
        ("stranger", "agent", "HZ002"),
        ("hr", "hr", "HZ001"),
        ("leaver", "agent", "HZ001"),
    ):
        view = people.create_staff(
            actor=SYSTEM,
            username=username,
            display_name="测试员工",
            role=role,
            branch=branch,
            password=None,
            now=now,
        )
        found.staff[username] = view.staff_no
    fulfil_everybody(now)
    revoke(actor=SYSTEM, staff_no=found.staff["leaver"], now=now)
    for name, branch, scopes in (
        ("hall", "HZ001", tuple(SCOPES)),
        ("shop", "HZ001", ("waybills:write", "waybills:read")),
        ("other", "HZ002", tuple(SCOPES)),
    ):
        made = gateway.create_client(actor=SYSTEM, name=name, branch=branch, scopes=scopes, now=now)
        found.tokens[name] = _token(found.http, made)
        found.keys[name] = made.signing_key
    return found
