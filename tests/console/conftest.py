"""A company with a parcel under way, one person in each post, and a browserless client that signs in as any of them."""

import csv
import io
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from midan.audit import services as audit
from midan.collection import services as collection
from midan.collection.rules import COLUMNS
from midan.core.actor import Actor
from midan.people import services as people
from midan.people.rules import Role
from midan.vault import services as vault
from tests.fulfilled import fulfil_everybody
from tests.signing_in import sign_in

SYSTEM = Actor.system("test")
NAME, PHONE, ADDRESS = "欧阳小禾", "16100005678", "浙江省杭州市滨江区江南大道88号3栋1202"
CLEAR = (NAME, PHONE, ADDRESS, "沈澄澄", "16000001234", "6幢2单元301")


def order(notice, **changes):
    return {
        "order_ref": "TB-1",
        "sender_name": "沈澄澄",
        "sender_phone": "16000001234",
        "sender_address": "浙江省杭州市西湖区曙光路122号6幢2单元301室",
        "recipient_name": NAME,
        "recipient_phone": PHONE,
        "recipient_address": ADDRESS,
        "goods_name": "羊毛围巾",
        "goods_kind": "服装",
        "quantity": "1",
        "weight_g": "800",
        "remark": "请放在门口",
        "notice_version": notice,
    } | changes


def as_csv(*rows):
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS)
    table.writeheader()
    table.writerows(rows)
    return text.getvalue().encode()


@dataclass
class Company:
    notice: str
    number: str

    def client(self, role, *, language="zh-hans", second_factor=True):
        """Return a client signed in as the person of a post, or nobody for ''."""
        client = Client(SERVER_NAME="localhost")
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        if role:
            sign_in(client, second_factor=second_factor, role=role)
        return client


@pytest.fixture
def company(keyed_home, transactional_db):
    for cache in caches.all(initialized_only=True):
        cache.clear()
    now = timezone.now()
    vault.initialise(actor=SYSTEM, now=now)
    people.create_branch(
        actor=SYSTEM, code="HZ001", name="西湖店", kind="own", district_code="330106", city="杭州市"
    )
    for role in Role:
        people.create_staff(
            actor=SYSTEM,
            username=role,
            display_name="测试员工",
            role=role,
            branch="HZ001",
            password=None,
            now=now,
        )
    fulfil_everybody(now)
    notice = collection.publish_starter_notices(actor=SYSTEM, now=now)
    row = order(notice) | {"quantity": 1, "weight_g": 800}
    taken = collection.intake(actor=SYSTEM, client="shop", branch="HZ001", rows=[row], now=now)
    audit.integrate(now=now)
    return Company(notice=notice, number=taken.results[0].waybill)
