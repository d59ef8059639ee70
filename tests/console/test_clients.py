"""The page of API clients: made, narrowed, rotated, ended; a secret is on no other page and in no entry."""

import re

import pytest
from oauth2_provider.models import AccessToken

from midan.audit import selectors as audit
from midan.audit.selectors import EntryFilter
from midan.gateway.models import Client
from tests.gateway.clients import client_id, token_answer, view

FORM = {
    "name": "云商城订单系统",
    "branch": "HZ001",
    "scopes": ["waybills:write", "waybills:read"],
    "writes": ["order_ref", "sender_name"],
    "sees": ["order_ref"],
    "per_minute": "60",
    "per_day": "5000",
    "networks": "203.0.113.0/24, 2001:db8::/32",
    "certificates": "",
}


@pytest.fixture
def keeper(company):
    return company.client("sysadmin")


def made(keeper, **changes):
    answer = keeper.post("/clients/make", FORM | changes)
    assert answer.status_code == 200, answer.content.decode()
    return re.search(r"data-secret>([^<]+)<", answer.content.decode())[1]


def at(name="云商城订单系统"):
    return f"/clients/{client_id(name)}"


def test_a_client_is_made_as_the_form_says_and_its_secret_is_shown_this_once(keeper):
    secret = made(keeper)
    found = view("云商城订单系统")
    assert (found.branch, found.scopes) == ("HZ001", ("waybills:write", "waybills:read"))
    assert (found.writes, found.sees) == (("sender_name", "order_ref"), ("order_ref",))
    assert (found.limits.per_minute, found.limits.per_day) == (60, 5_000)
    assert found.limits.networks == ("203.0.113.0/24", "2001:db8::/32")
    for page in ("/clients/", f"{at()}/"):
        assert secret not in keeper.get(page).content.decode()
    entries = audit.entries(EntryFilter(act="gateway:client:created")).items
    assert [entry.entry.actor.partition(":")[0] for entry in entries] == ["staff"]
    assert not any(secret.encode() in entry.entry.to_bytes() for entry in entries)
    assert token_answer(keeper, found.client_id, secret, REMOTE_ADDR="203.0.113.5").status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "很" * 61},
        {"scopes": []},
        {"scopes": ["waybills:reveal"]},
        {"scopes": ["waybills:everything"]},
        {"branch": "HZ999"},
        {"per_minute": "0"},
        {"per_day": "many"},
        {"networks": "203.0.113.0/99"},
        {"certificates": "no-certificate"},
        {"certificates": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"},
        {"sees": ["id_number"]},
    ],
)
def test_what_can_be_no_client_is_refused_and_nothing_is_made(keeper, changes):
    answer = keeper.post("/clients/make", FORM | changes)
    assert 400 <= answer.status_code < 500
    assert 'role="alert"' in answer.content.decode()
    assert not Client.objects.exists()


def test_a_changed_client_is_as_the_form_says(keeper):
    made(keeper)
    changed = FORM | {"networks": "", "per_minute": "7", "sees": [], "writes": ["remark"]}
    assert keeper.post(f"{at()}/change", changed).status_code == 302
    found = view("云商城订单系统")
    assert (found.limits.per_minute, found.limits.networks) == (7, ())
    assert (found.sees, found.writes) == ((), ("remark",))
    entry = audit.entries(EntryFilter(act="gateway:client:changed")).items[0].entry
    assert dict(entry.details)["per_minute"] == 7
    assert keeper.post(f"{at()}/change", changed | {"per_minute": "-1"}).status_code == 400
    assert view("云商城订单系统").limits.per_minute == 7


def test_a_rotated_secret_is_shown_once_and_the_page_says_until_when_the_former_counts(keeper):
    first = made(keeper, networks="")
    answer = keeper.post(f"{at()}/rotate", {"hours": "24"})
    second = re.search(r"data-secret>([^<]+)<", answer.content.decode())[1]
    assert first != second
    assert "新旧密钥并行" in keeper.get(f"{at()}/").content.decode()
    number = client_id("云商城订单系统")
    assert {token_answer(keeper, number, secret).status_code for secret in (first, second)} == {200}
    assert keeper.post(f"{at()}/rotate", {"hours": "5"}).status_code == 400


def test_a_revoked_client_ends_at_once_and_stays_in_the_list(keeper):
    secret = made(keeper, networks="")
    number = client_id("云商城订单系统")
    assert token_answer(keeper, number, secret).status_code == 200
    assert keeper.post(f"{at()}/revoke").status_code == 302
    assert not AccessToken.objects.exists()
    assert "已撤销" in keeper.get("/clients/").content.decode()
    assert keeper.post(f"{at()}/revoke").status_code == 404
    assert keeper.post(f"{at()}/rotate", {"hours": "0"}).status_code == 404


def test_to_act_for_staff_a_client_needs_the_officer_and_the_administrator_cannot_agree(company, keeper):
    made(keeper)
    wish = {"scopes": ["waybills:search"], "reason": "client_new_system"}
    assert keeper.post(f"{at()}/scopes", wish).status_code == 302
    assert "waybills:search" in keeper.get(f"{at()}/").content.decode()
    assert "waybills:search" not in view("云商城订单系统").scopes
    assert keeper.get("/approvals/").status_code == 403
    officer = company.client("privacy_officer")
    page = officer.get("/approvals/").content.decode()
    code = re.search(r"/approvals/([0-9a-f]{16})/approve", page)[1]
    assert officer.post(f"/approvals/{code}/approve").status_code == 302
    assert view("云商城订单系统").scopes[-1] == "waybills:search"
    assert keeper.post(f"{at()}/scopes", wish).status_code == 422


@pytest.mark.parametrize("role", ["privacy_officer", "auditor"])
def test_who_oversees_reads_and_changes_nothing(company, keeper, role):
    made(keeper)
    looks = company.client(role)
    assert "云商城订单系统" in looks.get("/clients/").content.decode()
    page = looks.get(f"{at()}/").content.decode()
    assert "revoke-title" not in page
    for act in ("change", "rotate", "scopes", "revoke"):
        assert looks.post(f"{at()}/{act}").status_code == 403
    assert view("云商城订单系统").active


def test_acts_with_secrets_ask_for_the_second_factor_anew_and_ending_one_does_not(company, keeper):
    from django.test import Client as Browser

    from tests.signing_in import sign_in

    made(keeper)
    stale = Browser(SERVER_NAME="localhost")
    sign_in(stale, ago=600, role="sysadmin")
    for path in ("/clients/make", f"{at()}/rotate", f"{at()}/change", f"{at()}/scopes"):
        assert "reauthenticate" in stale.post(path, FORM)["Location"]
    assert stale.post(f"{at()}/revoke")["Location"] == f"{at()}/"
    assert not view("云商城订单系统").active


def test_english_says_it_all(company):
    page = company.client("sysadmin", language="en").get("/clients/").content.decode()
    assert "0 API clients in use" in page
    assert not re.search(r"<h1>[^<]*[\u4e00-\u9fff]", page)
