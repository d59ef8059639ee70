"""A page or a call that finds no room to write says so with one code, and how much of an upload stays."""

import json
from errno import EDQUOT, ENOSPC

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from tests.console.conftest import CLEAR, as_csv, order


@pytest.fixture
def no_room():
    """A database that takes no page more."""
    if connection.vendor != "sqlite":
        pytest.skip("the page limit is SQLite's")
    with connection.cursor() as cursor:

        def narrow(spare: int) -> None:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA page_count")
            cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0] + spare}")

        yield narrow
        cursor.execute("PRAGMA max_page_count = 1073741823")


def test_an_upload_that_fills_the_disk_is_told_how_much_of_it_stays(company, no_room):
    client = company.client("clerk")
    rows = [order(company.notice, order_ref=f"FULL-{at}") for at in range(2000)]
    no_room(300)
    answer = client.post(
        reverse("console:receive") + "?format=csv", as_csv(*rows), content_type="application/octet-stream"
    )
    shown = answer.content.decode()
    assert answer.status_code == 503
    assert "storage_full" in shown
    assert "件已入库" in shown
    assert not [text for text in CLEAR if text in shown]


def test_a_page_and_the_api_without_room_to_write_say_so_with_one_code(company, no_room):
    client = company.client("clerk")
    rows = [
        order(company.notice, order_ref=f"API-{at}") | {"quantity": 1, "weight_g": 800} for at in range(900)
    ]
    no_room(1)
    answers = [
        client.post("/api/v1/waybills/batch", json.dumps(rows), content_type="application/json"),
        client.post("/api/v1/waybills/batch", json.dumps(rows[:500]), content_type="application/json"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(503, "storage_full")] * 2


@pytest.mark.parametrize(
    "error", [OSError(ENOSPC, "no"), OSError(EDQUOT, "no"), OperationalError("database or disk is full")]
)
@pytest.mark.parametrize("where", ["view", "outside"])
def test_a_page_that_meets_a_full_disk_says_so_with_its_code(company, monkeypatch, error, where):
    client = company.client("clerk")
    client.raise_request_exception = False

    def fail(*_args: object, **_kwargs: object) -> None:
        raise error

    inside, outside = (
        "midan.collection.selectors.uploads",
        "midan.config.middleware.SecondFactorFirst.process_view",
    )
    place = inside if where == "view" else outside
    monkeypatch.setattr(place, fail)
    answer = client.get(reverse("console:upload"))
    assert answer.status_code == 503
    assert "storage_full" in answer.content.decode()
