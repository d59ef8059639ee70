"""Leg: a branch, its managers, a client and sealed waybills with a plain copy for the twin."""

from collections.abc import Callable
from itertools import islice
from typing import Any

BATCH = 500


def company(*, orders: int, managers: int, branch: str, collected: bool = False) -> dict[str, Any]:
    """Make what reveals and labels need; return the client, the managers and the waybill numbers.

    `collected`: the branch has taken the parcels in, which explains that its managers read of them.
    """
    from django.utils import timezone

    from midan.core.actor import Actor
    from midan.demo.fulfilled import fulfil_all
    from midan.gateway.services import create_client
    from midan.people import services as people
    from midan.people.selectors import staff_of

    actor, now = Actor.system("bench"), timezone.now()
    people.create_branch(
        actor=actor, code=branch, name="网点", kind="own", district_code="330106", city="杭州市"
    )
    staff = [
        people.create_staff(
            actor=actor,
            username=f"bench{place}",
            display_name="测试",
            role="branch_manager",
            branch=branch,
            password=None,
            now=now,
        ).staff_no
        for place in range(managers)
    ]
    fulfil_all(staff=staff_of(branch=branch), now=now)
    scopes = ("waybills:read", "waybills:reveal")
    client = create_client(actor=actor, name="bench", branch=branch, scopes=scopes, now=now)
    numbers = _orders(orders, branch)
    if collected:
        _collect(numbers, branch)
    return {
        "client": {"client_id": client.client_id, "client_secret": client.client_secret},
        "staff": staff,
        "waybills": numbers,
    }


def _orders(orders: int, branch: str) -> list[str]:
    from django.db import connection, transaction
    from django.utils import timezone

    from midan.collection.selectors import current_version
    from midan.collection.services import intake
    from midan.core.actor import Actor
    from midan.demo.orders import OrderMaker
    from midan.store import bulk

    rows = OrderMaker(seed=99, notice_version=current_version()).rows(orders)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_plain_row (number char(15) PRIMARY KEY, name text, phone text, address text)"
        )
    numbers: list[str] = []
    while batch := list(islice(rows, BATCH)):
        results = intake(
            actor=Actor.system("bench"), client="bench", branch=branch, rows=batch, now=timezone.now()
        ).results
        plain = [
            (result.waybill, row["recipient_name"], row["recipient_phone"], row["recipient_address"])
            for result, row in zip(results, batch, strict=True)
            if result.waybill
        ]
        with transaction.atomic():
            bulk.insert("bench_plain_row", ("number", "name", "phone", "address"), ("text",) * 4, plain)
        numbers += [row[0] for row in plain]
    return numbers


def _collect(numbers: list[str], branch: str) -> None:
    from django.utils import timezone

    from midan.core.actor import Actor
    from midan.waybill.services import scan

    actor, now = Actor.system("bench"), timezone.now()
    for number in numbers:
        scan(actor=actor, number=number, event="collected", branch=branch, at=now, now=now)


LEGS: dict[str, Callable[..., dict[str, Any]]] = {"company": company}
