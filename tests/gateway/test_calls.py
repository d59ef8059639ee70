"""The telephone system's route: its own scope, a token and a signature, a named agent; the number is in no answer."""

import time

import pytest
from django.utils import timezone

from midan.access.models import Ticket
from midan.core.actor import Actor
from midan.gateway import services as gateway

PHONE = "16100005678"
RING = {"call_id": "call-0001", "phone": PHONE}


def test_a_signed_call_opens_a_ticket_over_the_callers_parcels(company):
    number = company.send()
    answer = company.ring(RING, actor="agent")
    said = answer.json()
    assert (answer.status_code, said["waybills"]) == (201, 1)
    assert PHONE not in answer.content.decode()
    asked = {"fields": ["recipient_name"], "purpose": "customer_service", "reason": "customer_asked"}
    shown = company.call(
        "POST", f"/waybills/{number}/reveal", asked | {"ticket": said["ticket"]}, actor="agent"
    )
    assert shown.status_code == 200


def test_the_same_call_again_is_refused(company):
    assert company.ring(RING, actor="agent").status_code == 201
    again = company.ring(RING, actor="agent")
    assert (again.status_code, again.json()["code"]) == (409, "call_replayed")
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("ago", [301, -301])
def test_an_old_or_early_signature_is_refused(company, ago):
    answer = company.ring(RING, actor="agent", at=int(time.time()) - ago)
    assert (answer.status_code, answer.json()["details"]) == (403, {"reason": "too_old"})


def test_a_token_alone_and_anothers_key_open_nothing(company):
    bare = company.call("POST", "/calls", RING, actor="agent")
    foreign = company.ring(RING, actor="agent", key=company.keys["other"])
    for answer in (bare, foreign):
        assert (answer.status_code, answer.json()["code"]) == (403, "call_refused")
        assert PHONE not in answer.content.decode()


def test_a_signature_alone_opens_nothing(company):
    assert company.ring(RING, actor="agent", client="hall").status_code == 201
    company.tokens["hall"] = "made-up"
    assert company.ring(RING | {"call_id": "call-0002"}, actor="agent").status_code == 401


def test_an_agent_of_another_branch_is_not_this_clients_to_name(company):
    answer = company.ring(RING, actor="stranger")
    assert (answer.status_code, answer.json()["code"]) == (403, "actor_refused")


def test_only_a_client_that_sends_calls_has_a_key(company):
    made = gateway.create_client(
        actor=Actor.system("test"),
        name="reader",
        branch="HZ001",
        scopes=("waybills:read",),
        now=timezone.now(),
    )
    assert made.signing_key == "" != company.keys["hall"]
    assert company.keys["hall"] not in repr(made)


@pytest.mark.parametrize("phone", ["", "16999999999"])
def test_an_unknown_or_withheld_number_gives_an_empty_ticket(company, phone):
    company.send()
    answer = company.ring(RING | {"phone": phone}, actor="agent")
    assert (answer.status_code, answer.json()["waybills"]) == (201, 0)


def test_a_number_that_is_none_is_refused_without_being_repeated(company):
    answer = company.ring(RING | {"phone": "161000056"}, actor="agent")
    assert answer.status_code == 422
    assert "161000056" not in answer.content.decode()
