"""What a client may do, how often, from where and with which secret; each judged at its next call."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client as Http
from django.utils import timezone

from midan.approval import services as approval
from midan.core.actor import Actor
from midan.gateway import limits, selectors, services
from midan.gateway.errors import ClientRefused, TooManyCalls, UnknownClient
from midan.gateway.models import Client, Use
from midan.gateway.rules import FIELDS, PERSONS, Limits, Period, block_of, window, within
from midan.people import services as people
from midan.people.errors import NotKeeper
from tests.gateway.clients import SYSTEM, change, client_id, entries, token_answer, view


def read(company, number, **who):
    return company.call("GET", f"/waybills/{number}", **who)


def make(name="partner", **more):
    said = {"branch": "HZ001", "scopes": ("waybills:read",), "now": timezone.now()} | more
    return services.create_client(actor=said.pop("actor", SYSTEM), name=name, **said)


def staff(company, role):
    made = people.create_staff(
        actor=SYSTEM,
        username=f"the-{role}",
        display_name="测试员工",
        role=role,
        branch="HZ001",
        password=None,
        now=timezone.now(),
    )
    return Actor(kind="staff", name=made.staff_no, role=role, branch="HZ001")


# Secrets


def test_two_secrets_count_for_the_stated_hours_and_then_the_new_one_alone(company, time_machine):
    made = make()
    again = services.rotate_secret(actor=SYSTEM, client_id=made.client_id, hours=24, now=timezone.now())
    statuses = [
        token_answer(company.http, made.client_id, secret).status_code
        for secret in (made.client_secret, again.client_secret, "guess")
    ]
    assert statuses == [200, 200, 401]
    time_machine.move_to(timezone.now() + timedelta(hours=24, seconds=1))
    statuses = [
        token_answer(company.http, made.client_id, secret).status_code
        for secret in (made.client_secret, again.client_secret)
    ]
    assert statuses == [401, 200]


def test_a_leaked_secret_ends_at_once_and_so_do_the_tokens_it_got(company):
    made = make()
    token = token_answer(company.http, made.client_id, made.client_secret).json()["access_token"]
    company.tokens["partner"] = token
    assert company.call("GET", "/audit/checkpoint", client="partner").status_code in {200, 404}
    again = services.rotate_secret(actor=SYSTEM, client_id=made.client_id, hours=0, now=timezone.now())
    assert company.call("GET", "/audit/checkpoint", client="partner").status_code == 401
    assert token_answer(company.http, made.client_id, made.client_secret).status_code == 401
    assert token_answer(company.http, made.client_id, again.client_secret).status_code == 200
    assert [dict(entry.details)["hours"] for entry in entries("gateway:client:rotated")] == [0]


def test_neither_secret_is_kept_and_an_odd_overlap_is_refused(company):
    made = make()
    again = services.rotate_secret(actor=SYSTEM, client_id=made.client_id, hours=72, now=timezone.now())
    row = Client.objects.get(name="partner")
    for kept in (row.former_secret, row.application.client_secret):
        assert kept.startswith("argon2")
        assert made.client_secret not in kept
        assert again.client_secret not in kept
    with pytest.raises(ClientRefused):
        services.rotate_secret(actor=SYSTEM, client_id=made.client_id, hours=5, now=timezone.now())


def test_a_revoked_client_gets_no_token_with_either_secret_and_is_known_as_revoked(company):
    made = make()
    again = services.rotate_secret(actor=SYSTEM, client_id=made.client_id, hours=72, now=timezone.now())
    services.revoke_client(actor=SYSTEM, name="partner")
    for secret in (made.client_secret, again.client_secret):
        assert token_answer(company.http, made.client_id, secret).status_code >= 400
    assert not view("partner").active
    with pytest.raises(UnknownClient):
        services.revoke_client(actor=SYSTEM, name="partner")


def test_when_a_client_last_got_a_token_is_known(company):
    assert view("hall").last_token_at is not None
    made = make()
    assert view("partner").last_token_at is None
    token_answer(company.http, made.client_id, "guess")
    assert view("partner").last_token_at is None


# From where


@pytest.mark.parametrize(
    ("ranges", "address", "status"),
    [
        (("203.0.113.0/24",), "203.0.113.9", 200),
        (("203.0.113.0/24",), "203.0.114.9", 403),
        (("2001:db8::/32", "203.0.113.7"), "2001:db8::1", 200),
        (("2001:db8::/32",), "203.0.113.7", 403),
        (("203.0.113.0/24",), "", 403),
        ((), "198.51.100.1", 200),
    ],
)
def test_a_client_is_called_from_its_ranges_or_refused(company, ranges, address, status):
    number = company.send()
    change("hall", networks=ranges)
    company.http.defaults["REMOTE_ADDR"] = address
    answer = read(company, number)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "address_refused"
        assert [dict(entry.details)["why"] for entry in entries("gateway:call:refused")] == [
            "address_refused"
        ]


def test_outside_its_ranges_a_client_gets_no_token_however_its_name_is_written(company):
    from base64 import b64encode
    from urllib.parse import quote

    made = make(limits=Limits(networks=("203.0.113.0/24",)))
    spelled = "".join(f"%{ord(letter):02x}" for letter in made.client_id)
    basic = b64encode(f"{spelled}:{quote(made.client_secret)}".encode()).decode()
    elsewhere = [
        token_answer(company.http, made.client_id, made.client_secret, REMOTE_ADDR="198.51.100.1"),
        company.http.post(
            "/api/v1/token",
            {"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {basic}"},
            REMOTE_ADDR="198.51.100.1",
        ),
        token_answer(
            company.http,
            made.client_id,
            made.client_secret,
            REMOTE_ADDR="198.51.100.1",
            HTTP_AUTHORIZATION="Basic eDp5",
        ),
    ]
    assert [(answer.status_code, answer.json()["error"]) for answer in elsewhere] == [
        (401, "invalid_client")
    ] * 3
    refused = entries("gateway:token:refused")
    assert {(entry.object, dict(entry.details)["why"]) for entry in refused} == {
        (f"client:{made.client_id}", "address_refused")
    }
    at_home = token_answer(company.http, made.client_id, made.client_secret, REMOTE_ADDR="203.0.113.1")
    assert at_home.status_code == 200


def test_a_range_is_read_by_the_whole_address_and_an_unknown_one_is_never_inside():
    assert within("203.0.113.255", "203.0.113.0/24")
    assert not within("203.0.113.255", "203.0.113.0/25")
    assert not within("unknown", "0.0.0.0/0")
    assert within("", "")


# How often


def test_the_call_after_the_last_of_a_minute_waits_as_long_as_the_answer_says(company, time_machine):
    number = company.send()
    change("hall", per_minute=3)
    time_machine.move_to(datetime(2026, 11, 25, 2, 0, 20, tzinfo=UTC), tick=False)
    token = renewed(company)
    statuses = [read(company, number, client=token).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    refused = read(company, number, client=token)
    assert refused["Retry-After"] == "40"
    assert refused.json()["details"] == {"period": "minute", "limit": 3, "retry_after": 40}
    # One entry a minute: a program in a loop does not fill the log.
    assert len(entries("gateway:call:refused")) == 1
    time_machine.shift(timedelta(seconds=40))
    assert read(company, number, client=token).status_code == 200


def renewed(company):
    """Return the name of a client like hall whose token lives at the moment of the test."""
    again = services.rotate_secret(actor=SYSTEM, client_id=client_id("hall"), hours=24, now=timezone.now())
    answer = token_answer(company.http, again.client_id, again.client_secret)
    company.tokens["renewed"] = answer.json()["access_token"]
    return "renewed"


def test_a_day_ends_at_midnight_in_shanghai(company, time_machine):
    number = company.send()
    change("hall", per_day=2)
    time_machine.move_to(datetime(2026, 11, 25, 15, 59, 0, tzinfo=UTC), tick=False)
    token = renewed(company)
    assert [read(company, number, client=token).status_code for _ in range(3)] == [200, 200, 429]
    assert read(company, number, client=token)["Retry-After"] == "60"
    time_machine.shift(timedelta(seconds=60))
    assert read(company, number, client=token).status_code == 200


@pytest.mark.parametrize("limit", [1, 7, 120, 5_000])
def test_processes_together_pass_no_more_than_the_limit_and_leave_few_unused(company, limit, monkeypatch):
    """Each process leases blocks of its own: here each has its own memory of them, one database for all."""
    number = Client.objects.get(name="hall").pk
    at = datetime(2026, 11, 25, 2, 0, 5, tzinfo=UTC)
    processes, passed = 4, 0
    leases = [{} for _ in range(processes)]
    for turn in range(limit + processes * block_of(limit) + 10):
        monkeypatch.setattr(limits, "_LEASES", leases[turn % processes])
        try:
            limits.count(client=number, per_minute=limit, per_day=None, now=at)
        except TooManyCalls:
            continue
        passed += 1
    assert limit - processes * block_of(limit) < passed <= limit
    assert Use.objects.get(client_id=number).taken >= limit


def test_threads_at_the_same_moment_pass_no_more_than_the_limit(company):
    number = Client.objects.get(name="hall").pk
    at = datetime(2026, 11, 25, 2, 0, 5, tzinfo=UTC)

    def ask(_):
        try:
            limits.count(client=number, per_minute=40, per_day=None, now=at)
        except TooManyCalls:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(ask, range(120))) == 40


def test_a_changed_limit_counts_with_the_next_call(company):
    number = company.send()
    change("hall", per_minute=1)
    assert [read(company, number).status_code for _ in range(2)] == [200, 429]
    change("hall", per_minute=1_000)
    assert read(company, number).status_code == 200


def test_what_is_over_is_forgotten(company):
    number, at = Client.objects.get(name="hall").pk, datetime(2026, 11, 25, 2, 0, 5, tzinfo=UTC)
    limits.count(client=number, per_minute=5, per_day=5, now=at)
    assert limits.sweep(now=at) == 0
    assert limits.sweep(now=at + timedelta(hours=2)) == 1
    assert limits.sweep(now=at + timedelta(days=40)) == 1


def test_a_period_begins_where_the_one_before_ended():
    at = datetime(2026, 11, 25, 15, 59, 59, tzinfo=UTC)
    for period in Period:
        start, seconds = window(period, at)
        following, _ = window(period, at + timedelta(seconds=seconds))
        assert (seconds, following) == (1, start + 1)


# Which fields


def test_a_field_the_client_may_not_see_stands_empty_in_every_answer(company):
    number = company.send(order_ref="F-1")
    change("hall", sees=("recipient_address", "order_ref"))
    empty = {"name": "", "phone": "", "address": ""}
    sent = company.call("POST", "/waybills", company.order(order_ref="F-2")).json()["masked"]
    seen = read(company, number).json()["masked"]
    found = company.call("POST", "/waybills/search", {"kind": "phone", "value": "16100005678"}, actor="agent")
    for masked in (sent, seen, found.json()["items"][0]["masked"]):
        assert masked["sender"] == empty
        assert masked["recipient"] == empty | {"address": masked["recipient"]["address"]}
        assert masked["recipient"]["address"].startswith("浙江省杭州市滨江区")
        assert (masked["goods_name"], masked["remark"]) == ("", "")
        assert masked["order_ref"]


def test_a_field_the_client_may_not_see_is_not_revealed_for_a_person_either(company):
    number = company.send()
    change("hall", sees=tuple(name for name in FIELDS if name != "recipient_phone"))
    ask = {"fields": ["recipient_phone"], "purpose": "customer_service", "reason": "customer_asked"}
    refused = company.call("POST", f"/waybills/{number}/reveal", ask, actor="agent")
    assert (refused.status_code, refused.json()["code"]) == (403, "field_not_granted")
    assert refused.json()["details"] == {"fields": ["recipient_phone"]}


def test_a_row_that_fills_in_what_the_client_may_not_send_is_rejected_and_hinders_no_other(company):
    change("hall", writes=tuple(name for name in FIELDS if name != "remark"))
    refused = company.call("POST", "/waybills", company.order())
    assert (refused.status_code, refused.json()["details"]["fields"]) == (
        422,
        {"remark": "field_not_granted"},
    )
    rows = [
        company.order(order_ref="W-1"),
        company.order(order_ref="W-2", remark=""),
        company.order(order_ref="W-3", remark="", sender_phone="1"),
        company.order(order_ref="W-4", remark=["x"]),
        company.order(order_ref="W-5", remark=""),
    ]
    answer = company.call("POST", "/waybills/batch", rows).json()
    assert [(item["row"], item["outcome"]) for item in answer["items"]] == [
        (1, "rejected"),
        (2, "accepted"),
        (3, "rejected"),
        (4, "rejected"),
        (5, "accepted"),
    ]
    assert answer["items"][0]["rejects"] == {"remark": "field_not_granted"}
    assert "sender_phone" in answer["items"][2]["rejects"]


# Who keeps them


def test_only_the_administrator_keeps_clients_and_alone_none_that_acts_for_staff(company):
    for role in ("branch_manager", "hr", "privacy_officer"):
        with pytest.raises(NotKeeper):
            make(f"by-{role}", actor=staff(company, role))
    keeper = staff(company, "sysadmin")
    for scope in PERSONS:
        with pytest.raises(ClientRefused) as refused:
            make("reader", actor=keeper, scopes=("waybills:read", scope))
        assert refused.value.details["reason"] == "client_two_persons"
    assert make("shop-2", actor=keeper).scopes == ("waybills:read",)
    assert not Client.objects.filter(name="reader").exists()


def test_a_client_acts_for_staff_once_another_person_agreed(company):
    keeper, officer, now = staff(company, "sysadmin"), staff(company, "privacy_officer"), timezone.now()
    made = make(actor=keeper)
    code = services.ask_for_scopes(
        actor=keeper,
        client_id=made.client_id,
        scopes=("waybills:search", "waybills:contact"),
        reason="client_new_system",
        now=now,
    )
    assert services.grant_agreed(now=now) == 0
    approval.approve(actor=officer, code=code, now=now)
    assert services.grant_agreed(now=now) == 1
    assert selectors.client(made.client_id).scopes == (
        "waybills:read",
        "waybills:contact",
        "waybills:search",
    )
    # What was agreed to is used up.
    assert services.grant_agreed(now=now) == 0


@pytest.mark.parametrize("meanwhile", ["revoked", "given_more"])
def test_what_was_agreed_to_for_another_client_than_it_is_now_is_not_given(company, meanwhile):
    keeper, officer, now = staff(company, "sysadmin"), staff(company, "privacy_officer"), timezone.now()
    made = make(actor=keeper)
    code = services.ask_for_scopes(
        actor=keeper,
        client_id=made.client_id,
        scopes=("waybills:reveal",),
        reason="client_more_work",
        now=now,
    )
    approval.approve(actor=officer, code=code, now=now)
    if meanwhile == "revoked":
        services.revoke_client(actor=keeper, name="partner")
    else:
        Client.objects.filter(name="partner").update(scopes="waybills:read audit:read")
    assert services.grant_agreed(now=now) == 0
    assert "waybills:reveal" not in view("partner").scopes


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"name": "hall"}, "client_name"),
        ({"name": " "}, "client_name"),
        ({"branch": "HZ999"}, "client_branch"),
        ({"serves": ("HZ999",)}, "client_branch"),
        ({"sees": ("id_number",)}, "client_fields"),
        ({"limits": Limits(networks=("203.0.113.0/33",))}, "client_networks"),
        ({"limits": Limits(networks=tuple(f"10.0.{n}.0/24" for n in range(33)))}, "client_networks"),
        ({"limits": Limits(certificates=("short",))}, "client_certificates"),
        ({"limits": Limits(per_minute=0)}, "client_per_minute"),
        ({"limits": Limits(per_day=10**12)}, "client_per_day"),
    ],
)
def test_a_client_that_cannot_be_is_refused_before_anything_is_written(company, said, reason):
    known = Client.objects.count()
    with pytest.raises(ClientRefused) as refused:
        make(**said)
    assert refused.value.details["reason"] == reason
    assert Client.objects.count() == known


# For whom


def test_a_client_acts_for_staff_of_branches_two_persons_gave_it_and_of_no_others(company):
    number, now = company.send(), timezone.now()
    keeper, officer = staff(company, "sysadmin"), staff(company, "privacy_officer")
    ask = ("POST", "/waybills/search", {"kind": "phone", "value": "16100005678"})
    assert company.call(*ask, actor="stranger").json()["code"] == "actor_refused"
    with pytest.raises(ClientRefused) as alone:
        make(actor=keeper, serves=("HZ002",))
    assert alone.value.details["reason"] == "client_two_persons"
    code = services.ask_for_scopes(
        actor=keeper,
        client_id=client_id("hall"),
        scopes=(),
        serves=("HZ002", "HZ101"),
        reason="client_more_work",
        now=now,
    )
    approval.approve(actor=officer, code=code, now=now)
    assert services.grant_agreed(now=now) == 1
    assert view("hall").serves == ("HZ002", "HZ101")
    assert company.call(*ask, actor="stranger").status_code == 200
    assert company.call(*ask, actor="agent").status_code == 200
    # The person's own branch decides what they see, not the client's.
    assert read(company, number, actor="stranger").status_code == 404


@pytest.mark.parametrize(
    ("scopes", "serves", "reason"),
    [
        ((), (), "client_scopes"),
        (("waybills:read",), (), "client_scopes"),
        ((), ("HZ001",), "client_scopes"),
        ((), ("HZ999",), "client_branch"),
    ],
)
def test_what_need_not_or_cannot_be_asked_for_is_refused(company, scopes, serves, reason):
    keeper = staff(company, "sysadmin")
    made = make(actor=keeper)
    with pytest.raises(ClientRefused) as refused:
        services.ask_for_scopes(
            actor=keeper,
            client_id=made.client_id,
            scopes=scopes,
            serves=serves,
            reason="client_more_work",
            now=timezone.now(),
        )
    assert refused.value.details["reason"] == reason


def test_a_person_behind_a_revoked_client_is_nobody(company):
    services.revoke_client(actor=SYSTEM, name="hall")
    browserless = Http(SERVER_NAME="localhost")
    answer = browserless.post(
        "/api/v1/waybills/search",
        {"kind": "phone", "value": "16100005678"},
        content_type="application/json",
        headers={
            "Authorization": f"Bearer {company.tokens['hall']}",
            "Midan-Actor": company.staff["agent"],
        },
    )
    assert answer.status_code == 401
