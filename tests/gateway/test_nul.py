"""A NUL in any word a caller may choose is refused or finds nothing: PostgreSQL takes none, in a question or a row."""

from base64 import b64encode

import pytest

NUL = "A\x00BCDEFGHJ"


@pytest.mark.parametrize("actor", ["agent", "courier"])
def test_a_nul_is_no_fault_of_a_route(company, actor):
    number = company.send()
    reveal = {"fields": ["sender_name"], "purpose": "customer_service", "reason": "customer_asked"}
    asked = [
        ("POST", f"/waybills/{number}/reveal", reveal | {"ticket": NUL}),
        ("POST", "/waybills/search", {"kind": "phone", "value": "16100005678", "branch": NUL, "cursor": NUL}),
        ("POST", "/waybills/search", {"kind": "order_ref", "value": NUL}),
        ("POST", f"/waybills/{number}/scans", {"event": "collected", "station": NUL}),
        ("POST", f"/waybills/{number}/scans", {"event": "at_station", "station": NUL}),
        ("POST", "/tickets", {"waybill": NUL, "reason": "customer_asked"}),
        ("GET", "/waybills/%00", None),
        ("GET", f"/waybills/{number}/label?reason=%00", None),
    ]
    for method, path, body in asked:
        # Each answer is held against the page as well, which promises no 500.
        assert company.call(method, path, body, actor=actor).status_code < 500, path


@pytest.mark.parametrize("field", ["order_ref", "goods_kind", "notice_version", "sender_name", "remark"])
def test_a_nul_in_an_order_is_refused(company, field):
    assert company.call("POST", "/waybills", company.order(**{field: NUL})).status_code == 422


@pytest.mark.parametrize("field", ["grant_type", "client_id", "client_secret", "scope"])
def test_a_nul_for_a_token_is_refused(company, field):
    given = {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "none"}
    assert company.http.post("/api/v1/token", given | {field: NUL}).status_code in {400, 401}


def test_a_nul_in_a_clients_name_is_refused_wherever_it_is_named(company):
    named = b64encode(f"{NUL}:none".encode()).decode()
    grant = {"grant_type": "client_credentials"}
    by_header = company.http.post("/api/v1/token", grant, HTTP_AUTHORIZATION=f"Basic {named}")
    by_address = company.http.post("/api/v1/token?client_id=%00", grant)
    assert [answer.status_code for answer in (by_header, by_address)] == [400, 400]
