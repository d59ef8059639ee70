"""Orders through the API: sealed once, answered masked, refused without an echo."""

import json

import pytest

SECRETS = ("沈澄澄", "16000001234", "曙光路122号6幢", "欧阳小禾", "16100005678", "3栋1202")


def test_an_order_becomes_a_sealed_waybill_with_masked_parties(company):
    answer = company.call("POST", "/waybills", company.order())
    body = answer.json()
    assert answer.status_code == 201
    assert body["waybill"].startswith("MD")
    assert body["replayed"] is False
    assert body["masked"]["recipient"] == {
        "name": "欧阳**",
        "phone": "*******5678",
        "address": "浙江省杭州市滨江区江南大道88号******",
    }
    assert not [word for word in SECRETS if word in answer.content.decode("unicode_escape")]


def test_the_same_order_again_is_replayed_and_another_under_its_reference_is_a_conflict(company):
    first = company.call("POST", "/waybills", company.order()).json()
    again = company.call("POST", "/waybills", company.order())
    other = company.call("POST", "/waybills", company.order(remark="别的"))
    assert (again.status_code, again.json()["waybill"], again.json()["replayed"]) == (
        200,
        first["waybill"],
        True,
    )
    assert (other.status_code, other.json()["code"]) == (409, "order_conflict")


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"recipient_phone": "12"}, "recipient_phone", "phone_too_short"),
        ({"id_number": "x"}, "id_number", "unknown_field"),
        ({"remark": None}, "remark", None),
        ({"quantity": "many"}, "quantity", None),
        ({"notice_version": "1999-01"}, "notice_version", "unknown_notice"),
        ({"sender_name": "=cmd|' /C calc'!A0"}, "sender_name", "formula_not_allowed"),
        ({"goods_name": "x" * 1_000_000}, "goods_name", None),
    ],
)
def test_a_bad_field_is_named_with_its_reason_and_never_repeated(company, changes, field, reason):
    answer = company.call("POST", "/waybills", company.order(**changes))
    assert answer.status_code == 422
    fields = answer.json()["details"]["fields"]
    assert field in fields
    assert reason is None or fields[field] == reason
    assert len(answer.content) < 500


def test_a_batch_answers_row_by_row_in_order(company):
    rows = [
        company.order(order_ref="B-1"),
        company.order(order_ref="B-2", sender_phone="1"),
        company.order(order_ref="B-1"),
        company.order(order_ref="B-3"),
    ]
    answer = company.call("POST", "/waybills/batch", rows).json()
    assert [item["outcome"] for item in answer["items"]] == ["accepted", "rejected", "replayed", "accepted"]
    assert (answer["accepted"], answer["replayed"], answer["rejected"]) == (2, 1, 1)
    assert answer["items"][2]["waybill"] == answer["items"][0]["waybill"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"a":NaN}', b'{"order_ref":"a","order_ref":"b"}', b"\xff\xfe", b"[" * 5_000]
)
def test_a_body_that_is_not_one_object_is_refused_in_the_one_shape(company, body):
    answer = company.call("POST", "/waybills", body)
    assert answer.status_code == 422
    assert set(answer.json()) == {"code", "message", "clause", "details"}


def test_an_integrator_sees_its_own_waybills_only(company):
    number = company.send()
    assert company.call("GET", f"/waybills/{number}").status_code == 200
    stranger = company.call("GET", f"/waybills/{number}", client="other")
    unknown = company.call("GET", "/waybills/MD0000000000000", client="other")
    assert stranger.status_code == unknown.status_code == 404
    assert stranger.content == unknown.content


def test_openapi_is_served_and_names_every_route_of_the_contract(company):
    page = json.loads(company.http.get("/api/v1/openapi.json").content)
    assert {
        "/api/v1/waybills",
        "/api/v1/waybills/batch",
        "/api/v1/waybills/search",
        "/api/v1/waybills/{number}",
        "/api/v1/waybills/{number}/reveal",
        "/api/v1/waybills/{number}/scans",
        "/api/v1/waybills/{number}/label",
        "/api/v1/tickets",
        "/api/v1/audit/checkpoint",
    } <= set(page["paths"])
