"""A company with two branches, staff of every post, a vault and a few orders."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from midan.collection import services as collection
from midan.collection.services.notice import STARTER_VERSION
from midan.core.actor import Actor
from midan.people import services as people
from midan.people.rules import CompanyView
from midan.vault import services as vault_services
from midan.waybill.rules import CoverageRow
from midan.waybill.services import set_coverage

INIT = Actor.system("init")
CANARIES = {
    "sender_name": "欧阳金丝雀",
    "sender_phone": "17000009731",
    "sender_address": "浙江省杭州市西湖区鸣鸟测试大道6号2幢7单元3103室",
    "recipient_name": "司徒百灵鸟",
    "recipient_phone": "17000008642",
    "recipient_address": "江苏省南京市玄武区百鸟测试花园8幢9单元5207室",
    "goods_name": "金丝雀专用测试饲料",
    "remark": "请放在红色的测试鸟笼旁",
    "order_ref": "CANARY-REF-9731",
}


@pytest.fixture
def company(keyed_home: Path, transactional_db: None, now: datetime) -> Path:
    vault_services.initialise(actor=INIT, now=now)
    people.set_company(
        actor=INIT,
        company=CompanyView(
            name="远山速递有限公司",
            credit_code="",
            contact_phone="",
            contact_email="",
            address="",
            complaint_phone="",
        ),
    )
    for code, city, district in (("HZ001", "杭州市", "330106"), ("NJ001", "南京市", "320102")):
        people.create_branch(
            actor=INIT, code=code, name=f"{city[:2]}测试网点", kind="own", district_code=district, city=city
        )
    set_coverage(
        actor=INIT,
        rows=[
            CoverageRow(
                district_code="320102",
                town="",
                branch="NJ001",
                sort_first="025",
                sort_second="X01",
                sort_third="007",
            )
        ],
    )
    collection.publish_starter_notices(actor=INIT, now=now)
    return keyed_home


@pytest.fixture
def take_in(company: Path, now: datetime) -> Callable[..., list[str]]:
    """Take in orders and return their waybill numbers."""

    def taken(count: int = 1, *, client: str = "shop", **changes: object) -> list[str]:
        rows = [
            {
                **CANARIES,
                "goods_kind": "日用品",
                "quantity": 2,
                "weight_g": 1230,
                "notice_version": STARTER_VERSION,
                **({"order_ref": f"REF-{number}"} if count > 1 else {}),
                **changes,
            }
            for number in range(count)
        ]
        actor = Actor(kind="client", name=client, role="integrator", branch="HZ001")
        result = collection.intake(actor=actor, client=client, branch="HZ001", rows=rows, now=now)
        assert {row.outcome for row in result.results} == {"accepted"}, result
        return [row.waybill for row in result.results]

    return taken


@pytest.fixture
def employ(company: Path, now: datetime) -> Callable[[str, str], Actor]:
    """Appoint somebody and return them as an actor."""
    count = iter(range(1, 1000))

    def employed(role: str, branch: str = "HZ001") -> Actor:
        person = people.create_staff(
            actor=INIT,
            username=f"u{next(count)}",
            display_name="测试员",
            role=role,
            branch=branch,
            password=None,
            now=now,
        )
        return Actor(kind="staff", name=person.staff_no, role=role, branch=branch)

    return employed


def flat(texts: Sequence[str]) -> str:
    return "".join(texts).replace(" ", "").replace("\n", "")
