"""The invented company: branches in several cities, staff of each role, coverage, API clients and 2,000 orders."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final

from django.utils import timezone

from midan.collection import services as collection
from midan.collection.selectors import current_notice
from midan.core.actor import Actor
from midan.demo import accounts, disclosure, fulfilled, signins
from midan.demo.addresses import by_city
from midan.demo.orders import OrderMaker
from midan.people import selectors as people_read
from midan.people import services as people
from midan.people.rules import BranchKind, CompanyView
from midan.waybill import services as waybill
from midan.waybill.rules import CoverageRow

ORDERS: Final = 2_000
_BATCH: Final = 500
_ACTOR: Final = Actor.system("demo")
# code, name, kind, district, city, city part of the sorting code
BRANCHES: Final = (
    ("HZ001", "杭州西湖网点", BranchKind.OWN, "330106", "杭州市", "571"),
    ("HZ002", "杭州滨江网点", BranchKind.FRANCHISE, "330108", "杭州市", "571"),
    ("SH001", "上海浦东网点", BranchKind.OWN, "310115", "上海市", "021"),
    ("BJ001", "北京海淀网点", BranchKind.OWN, "110108", "北京市", "010"),
    ("SZ001", "深圳南山网点", BranchKind.OWN, "440305", "深圳市", "755"),
    ("CD001", "成都武侯网点", BranchKind.FRANCHISE, "510107", "成都市", "028"),
)
STATION: Final = ("HZ101", "翠苑驿站", BranchKind.STATION, "330106", "杭州市", "HZ001")


def found_company(*, home: Path, base_url: str) -> None:
    """Make the company once and write demo.json (mode 0600); a second call lets its people do what they owe since."""
    now = timezone.now()
    if (home / signins.NAME).exists():
        fulfilled.fulfil_all(staff=accounts.invented(), now=now)
        disclosure.open_case(now=now)
        return
    _open_branches()
    users, clients = accounts.open_accounts(now=now)
    accounts.name_owners(now=now)
    fulfilled.fulfil_all(staff=accounts.invented(), now=now)
    if not waybill_count():
        _send_orders(now)
    disclosure.open_case(now=now)
    signins.write(home, {"base_url": base_url, "users": users, "clients": clients})


def name_company() -> None:
    """Name the invented company, once; before its first notice, which quotes the name."""
    if people_read.company() is None:
        people.set_company(
            actor=_ACTOR,
            company=CompanyView(
                name="远山速递有限公司（演示）",
                credit_code="91330100DEMO00000X",
                contact_phone="400-000-0000",
                contact_email="privacy@example.com",
                address="浙江省杭州市西湖区演示路1号",
                complaint_phone="400-000-0001",
            ),
        )


def waybill_count() -> int:
    """Return how many waybills there are."""
    from midan.waybill.selectors import totals

    return sum(totals().values())


def _open_branches() -> None:
    known = {branch.code for branch in people_read.branches()}
    for code, name, kind, district, city, _prefix in BRANCHES:
        if code not in known:
            people.create_branch(
                actor=_ACTOR, code=code, name=name, kind=kind, district_code=district, city=city
            )
    code, name, kind, district, city, parent = STATION
    if code not in known:
        people.create_branch(
            actor=_ACTOR, code=code, name=name, kind=kind, district_code=district, city=city, parent=parent
        )
    waybill.set_coverage(actor=_ACTOR, rows=tuple(_coverage()))


def _coverage() -> Iterator[CoverageRow]:
    """Every district of the cities we serve, shared out among the city's branches."""
    of_city: dict[str, list[tuple[str, str]]] = {}
    for code, _name, _kind, _district, city, prefix in BRANCHES:
        of_city.setdefault(city, []).append((code, prefix))
    for city, districts in by_city(tuple(of_city)).items():
        for place, division in enumerate(districts):
            code, prefix = of_city[city][place % len(of_city[city])]
            yield CoverageRow(
                district_code=division.code,
                town="",
                branch=code,
                sort_first=prefix,
                sort_second=f"{code[0]}{place + 1:02d}",
                sort_third=f"{place * 7 % 20 + 1:03d}",
            )


def _send_orders(now: datetime) -> None:
    notice = current_notice("zh")
    districts = by_city(tuple({branch[4] for branch in BRANCHES}))
    everywhere = [division for group in districts.values() for division in group]
    maker = OrderMaker(
        seed=secrets.randbelow(10_000),
        notice_version=notice.version,
        senders=everywhere,
        recipients=everywhere,
    )
    rows = maker.rows(ORDERS)
    branches = [branch[0] for branch in BRANCHES]
    numbers: list[str] = []
    place = 0
    while batch := list(islice(rows, _BATCH)):
        branch = branches[place % len(branches)]
        result = collection.intake(actor=_ACTOR, client="demo", branch=branch, rows=batch, now=now)
        numbers += [row.waybill for row in result.results if row.waybill]
        place += 1
    _move(numbers, now)


def _move(numbers: Sequence[str], now: datetime) -> None:
    """Let a part of the parcels travel, so that lists, stock and charts have something to show."""
    from midan.waybill.selectors import get

    random = Random(7)  # noqa: S311  # which parcels move is no secret
    couriers = {staff.branch: staff.staff_no for staff in people_read.staff_of(role="courier")}
    for number in random.sample(list(numbers), k=min(240, len(numbers))):
        parcel = get(number)
        far = random.randint(1, 7)
        start = now - timedelta(hours=far * 4)
        steps = _journey(parcel.branch, parcel.destination or parcel.branch)[:far]
        for hour, (event, branch) in enumerate(steps):
            handler = couriers.get(branch, "") if event == "out_for_delivery" else ""
            _scan(number, event, branch, start + timedelta(hours=hour * 3), handler)


def _journey(origin: str, destination: str) -> tuple[tuple[str, str], ...]:
    end = ("at_station", destination) if destination == "HZ001" else ("delivered", destination)
    return (
        ("collected", origin),
        ("sorted", origin),
        ("departed", origin),
        ("arrived", destination),
        ("out_for_delivery", destination),
        end,
    )


def _scan(number: str, event: str, branch: str, at: datetime, handler: str) -> None:
    station = STATION[0] if event == "at_station" else ""
    actor = Actor(kind="staff", name=handler, role="courier", branch=branch) if handler else _ACTOR
    waybill.scan(actor=actor, number=number, event=event, branch=branch, station=station, at=at, now=at)
