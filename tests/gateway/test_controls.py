"""What the API says of itself is tried at its own doors, and turns when a door stands open."""

from datetime import date

import pytest
from oauth2_provider.models import AccessToken

from midan.core.actor import Actor
from midan.gateway import controls
from midan.gateway.callers import Caller
from midan.gateway.rules import SCOPES
from midan.gateway.services import revoke_client
from tests.gateway.clients import change


def control(clause):
    return next(found for found in controls.controls(date(2026, 11, 23)) if found.clause == clause)


def test_a_stranger_gets_in_nowhere_and_every_address_is_tried(company):
    found = control("L4.2")
    assert (found.state, found.figures["opened"]) == ("enforced", 0)
    assert found.figures["paths"] >= 9
    assert (found.figures["clients"], found.figures["reveal"]) == (3, 2)
    revoke_client(actor=Actor.system("test"), name="other")
    assert (control("L4.2").figures["clients"], control("L4.2").figures["reveal"]) == (2, 1)
    assert found.evidence % found.figures


def test_a_door_that_stands_open_shows(company, monkeypatch):
    found = Caller(
        actor=Actor(kind="client", name="anybody", role="integrator", branch="HZ001"),
        branch="HZ001",
        scopes=frozenset(SCOPES),
        person=False,
    )
    monkeypatch.setattr("midan.gateway.api.with_scope", lambda *_: found)
    monkeypatch.setattr("midan.gateway.api.access_read.masked_waybill", lambda *_, **__: None)
    monkeypatch.setattr("midan.gateway.api.answers.waybill", lambda *_: WAYBILL)
    assert control("L4.2").state == "not_yet"


WAYBILL = {
    "waybill": "MD",
    "status": "created",
    "branch": "",
    "destination": "",
    "sorting_code": "",
    "goods_kind": "",
    "quantity": 1,
    "weight_g": 1,
    "created_at": "",
    "masked": {
        "sender": {"name": "", "phone": "", "address": ""},
        "recipient": {"name": "", "phone": "", "address": ""},
        "goods_name": "",
        "remark": "",
        "order_ref": "",
    },
}


def limited():
    title = "接口授权：每个客户端限定权限、字段、来处与次数"
    return next(found for found in controls.controls(date(2026, 11, 23)) if found.title == title)


def test_a_client_without_a_limit_of_calls_shows_until_it_has_one_or_is_ended(company):
    assert (limited().state, limited().figures["unlimited"]) == ("not_yet", 3)
    for name in ("hall", "shop"):
        change(name, per_minute=600, per_day=100_000, networks=("203.0.113.0/24",))
    change("other", per_minute=600)
    assert (limited().state, limited().figures["unlimited"], limited().figures["ranges"]) == ("not_yet", 1, 2)
    revoke_client(actor=Actor.system("test"), name="other")
    assert (limited().state, limited().figures["unlimited"]) == ("enforced", 0)
    assert limited().evidence % limited().figures


def test_a_token_kept_readable_shows(company):
    first = AccessToken.objects.order_by("pk").first()
    AccessToken.objects.filter(pk=first.pk).update(token="readable")
    assert (control("L4.2").state, control("L4.2").figures["readable"]) == ("not_yet", 1)


@pytest.mark.parametrize(
    ("address", "redirected", "state"),
    [
        ("http://localhost:8000", False, "not_yet"),
        ("https://midan.example", False, "not_yet"),
        ("https://midan.example", True, "enforced"),
    ],
)
def test_encrypted_transfer_is_claimed_only_where_nothing_else_is_answered(
    db, settings, address, redirected, state
):
    settings.SITE_BASE_URL, settings.SECURE_SSL_REDIRECT = address, redirected
    settings.SESSION_COOKIE_SECURE = address.startswith("https")
    settings.SECURE_HSTS_SECONDS = 31_536_000
    assert control("L4.1").state == state


def test_whose_ciphers_the_connections_use_is_not_claimed(db):
    assert control("T2").state == "not_yet"
