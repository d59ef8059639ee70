"""Idempotency-Key: the same again is answered the same, another content is refused, nothing readable is kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from midan.gateway import once
from midan.gateway.models import Sent
from midan.waybill.models import Waybill


def send(company, body, key, *, path="/waybills", client="hall"):
    company.http.defaults["HTTP_IDEMPOTENCY_KEY"] = key
    try:
        return company.call("POST", path, body, client=client)
    finally:
        del company.http.defaults["HTTP_IDEMPOTENCY_KEY"]


def test_the_same_again_gets_the_very_same_answer(company):
    answers = [send(company, company.order(), "k-1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.content for answer in answers}) == 1
    assert Waybill.objects.count() == 1
    # Without the key it is the same order, and said to be.
    assert company.call("POST", "/waybills", company.order()).json()["replayed"] is True


def test_a_batch_again_says_of_each_row_what_it_said_first(company):
    company.call("POST", "/waybills", company.order(order_ref="K-0"))
    rows = [
        company.order(order_ref="K-0"),
        company.order(order_ref="K-1"),
        company.order(order_ref="K-2", sender_phone="1"),
    ]
    first, again = (send(company, rows, "batch", path="/waybills/batch") for _ in range(2))
    assert first.content == again.content
    assert [item["outcome"] for item in again.json()["items"]] == ["replayed", "accepted", "rejected"]
    assert (again.json()["accepted"], again.json()["replayed"]) == (1, 1)


def test_another_content_under_the_key_is_a_conflict_and_changes_nothing(company):
    send(company, company.order(), "k-1")
    refused = send(company, company.order(order_ref="K-2"), "k-1")
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_conflict")
    assert Waybill.objects.count() == 1
    # The same bytes sent elsewhere are another request.
    assert send(company, [company.order()], "k-1", path="/waybills/batch").status_code == 409


def test_a_refused_order_is_refused_again_and_a_mended_one_needs_a_new_key(company):
    bad = company.order(sender_phone="1")
    assert [send(company, bad, "k-1").status_code for _ in range(2)] == [422, 422]
    assert send(company, company.order(), "k-1").status_code == 409
    assert send(company, company.order(), "k-2").status_code == 201


def test_a_key_belongs_to_its_client(company):
    assert send(company, company.order(), "k-1").status_code == 201
    assert send(company, company.order(order_ref="other"), "k-1", client="other").status_code == 201


def test_a_request_that_broke_off_is_done_by_its_repetition(company, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("midan.gateway.taking.collection.intake", lambda **_: 1 / 0)
        assert send_raw(company, "k-1").status_code == 500
    assert send(company, company.order(), "k-1").status_code == 201


def send_raw(company, key):
    return company.http.post(
        "/api/v1/waybills",
        company.order(),
        content_type="application/json",
        headers={"Authorization": f"Bearer {company.tokens['hall']}", "Idempotency-Key": key},
    )


@pytest.mark.parametrize("key", ["", " ", "k" * 129, "钥", "a b"])
def test_what_can_be_no_key_is_refused(company, key):
    refused = send(company, company.order(), key)
    assert (refused.status_code, refused.json()["code"]) == (422, "malformed_body")
    assert not Sent.objects.exists()


def test_digests_alone_are_kept_and_forgotten_after_a_day(company):
    send(company, company.order(), "k-1")
    (row,) = Sent.objects.values_list("key", "body", "outcomes", "owner")
    kept = b"|".join(
        word if isinstance(word, bytes) else bytes(str(word), "utf-8") for word in map(plain, row)
    )
    for word in ("k-1", "16000001234", "沈澄澄", "羊毛围巾"):
        assert word.encode() not in kept
    assert once.sweep(now=timezone.now() + timedelta(hours=23)) == 0
    # A key that nobody swept yet is over all the same.
    Sent.objects.update(at=timezone.now() - timedelta(hours=24))
    assert send(company, company.order(order_ref="new"), "k-1").status_code == 201
    assert once.sweep(now=timezone.now() + timedelta(hours=25)) == 1


def plain(value):
    return bytes(value) if isinstance(value, memoryview) else value
