"""A signed call event opens a ticket over the caller's parcels; the number is kept by nobody and nothing is taken twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from midan.access import selectors, services
from midan.access.errors import AccessDenied, BadQuestion, BudgetSpent, CallRefused, CallReplayed
from midan.access.models import Budget, Call, Ticket, TicketWaybill
from midan.access.rules.calls import is_recent, is_signed, key_of
from midan.audit import selectors as audit
from midan.core.fields.errors import InvalidField
from midan.core.sm import hmac_sm3
from midan.vault.errors import VaultLocked
from tests.access.conftest import RECIPIENT, SENDER

PBX = "telephone"
BODY = b'{"call_id":"c-1"}'


def signed(moment, body=BODY, client=PBX):
    key, second = bytes.fromhex(services.signing_key(client=client)), str(int(moment.timestamp()))
    return services.Signed(timestamp=second, tag=hmac_sm3(key, f"{second}.".encode() + body).hex(), body=body)


@pytest.fixture
def agent(world):
    """The agent of Beijing, whose branch is on no parcel's way, as the telephone system names them."""
    return replace(world.actor("agent", "BJ001"), via=PBX)


def ring(
    world, agent, *, phone=RECIPIENT.phone, call_id="c-1", reason="customer_asked", now=None, event=None
):
    now = now or world.now
    return services.take_call(
        actor=agent, signed=event or signed(now), call_id=call_id, phone=phone, reason=reason, now=now
    )


def newest():
    return audit.entries(audit.EntryFilter(act="access:"), limit=1).items[0].entry


def opened(world, agent, number, field="recipient_phone"):
    asked = {"purpose": "customer_service", "reason": "customer_asked", "now": world.now}
    return services.reveal(actor=agent, waybill=number, fields=frozenset({field}), **asked)


@pytest.mark.parametrize("phone", [RECIPIENT.phone, SENDER.phone])
def test_the_ticket_covers_what_the_caller_sent_and_what_is_sent_to_them(world, parcel, agent, phone):
    other = world.order(
        recipient=replace(RECIPIENT, phone="17000009999"), sender=replace(SENDER, phone="17000009998")
    )
    ticket = ring(world, agent, phone=phone)
    assert ticket.waybills == 1
    assert selectors.tickets(agent, now=world.now)[0].code == ticket.code
    assert opened(world, agent, parcel).entry_id
    with pytest.raises(AccessDenied) as refused:
        opened(world, agent, other)
    assert refused.value.details["reason"] == "ticket_missing"


def test_the_reason_of_the_call_limits_what_the_ticket_opens(world, parcel, agent):
    ring(world, agent, reason="complaint_handling")
    with pytest.raises(AccessDenied) as refused:
        opened(world, agent, parcel)
    assert refused.value.details["reason"] == "ticket_for_other_purpose"


@pytest.mark.parametrize("phone", ["17000000001", ""])
def test_a_number_nobody_has_and_a_withheld_one_give_an_empty_ticket(world, parcel, agent, phone):
    assert ring(world, agent, phone=phone).waybills == 0
    assert not TicketWaybill.objects.exists()
    with pytest.raises(AccessDenied):
        opened(world, agent, parcel)


def test_the_number_stands_in_no_table_and_no_entry(world, parcel, agent):
    ring(world, agent, call_id=f"call-{RECIPIENT.phone}")
    for model in (Call, Ticket):
        for row in model.objects.values():
            assert RECIPIENT.phone not in repr(row)
            assert RECIPIENT.phone.encode() not in b"".join(
                bytes(value) for value in row.values() if isinstance(value, (bytes, memoryview))
            )
    said = b"".join(item.entry.to_bytes() for item in audit.entries(audit.EntryFilter(), limit=100).items)
    assert RECIPIENT.phone.encode() not in said


def test_opening_searching_and_covering_each_have_their_entry(world, parcel, agent):
    ring(world, agent)
    acts = [item.entry.act for item in audit.entries(audit.EntryFilter(act="access:"), limit=3).items]
    assert acts == ["access:ticket:extended", "access:search:performed", "access:ticket:opened"]


def test_it_counts_as_a_ticket_of_the_day_and_as_no_search(world, parcel, agent):
    ring(world, agent)
    assert list(Budget.objects.values_list("staff", "kind", "used")) == [(agent.name, "ticket", 1)]


def test_the_same_event_again_is_refused_and_opens_nothing(world, parcel, agent):
    ring(world, agent)
    with pytest.raises(CallReplayed):
        ring(world, agent)
    assert Ticket.objects.count() == 1
    assert (newest().act, newest().outcome, newest().details["why"]) == (
        "access:call:refused",
        "denied",
        "replayed",
    )
    assert ring(world, agent, call_id="c-2").waybills == 1


def test_another_client_may_name_its_calls_the_same(world, parcel, agent):
    ring(world, agent)
    other = replace(agent, via="other")
    assert ring(world, other, event=signed(world.now, client="other")).code
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_event_signed_outside_the_window_is_refused(world, agent, seconds):
    with pytest.raises(CallRefused) as refused:
        ring(world, agent, event=signed(world.now + timedelta(seconds=seconds)))
    assert refused.value.details == {"reason": "too_old"}
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("seconds", [-299, 299])
def test_clocks_that_differ_by_less_than_five_minutes_do_no_harm(world, agent, seconds):
    assert ring(world, agent, event=signed(world.now + timedelta(seconds=seconds))).code


def test_a_changed_body_time_tag_or_client_is_refused(world, agent):
    true = signed(world.now)
    for event in (
        replace(true, body=BODY + b" "),
        replace(true, timestamp=str(int(true.timestamp) + 1)),
        replace(true, tag="0" * 64),
        replace(true, tag=""),
        replace(true, tag=true.tag.upper()),
        signed(world.now, client="other"),
    ):
        with pytest.raises(CallRefused) as refused:
            ring(world, agent, event=event)
        assert refused.value.details == {"reason": "signature"}
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "١٢٣", "9" * 13])
def test_what_is_no_second_is_never_recent(now, timestamp):
    assert not is_recent(timestamp=timestamp, now=now)


def test_no_two_clients_share_a_key():
    assert key_of(b"s" * 32, "a") != key_of(b"s" * 32, "b")
    assert not is_signed(key=b"k" * 32, timestamp="1", body=b"", tag="\u0660" * 64)


@pytest.mark.parametrize("role", ["courier", "clerk", "hr"])
def test_only_posts_with_tickets_take_calls(world, role):
    with pytest.raises(AccessDenied):
        ring(world, replace(world.actor(role, "BJ001"), via=PBX))
    assert newest().act == "access:call:refused"
    assert not Call.objects.exists()


def test_a_spent_budget_takes_no_call_and_remembers_none(world, agent, monkeypatch):
    from midan.access.services import tickets

    monkeypatch.setattr(tickets, "allowance", lambda *_, **__: 0)
    with pytest.raises(BudgetSpent):
        ring(world, agent)
    assert not Call.objects.exists()
    assert newest().details["why"] == "budget_spent"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": "because"}, BadQuestion),
        ({"call_id": ""}, BadQuestion),
        ({"call_id": "c" * 129}, BadQuestion),
        ({"phone": "12"}, InvalidField),
    ],
)
def test_what_cannot_be_read_opens_nothing_and_repeats_nothing(world, agent, changes, error):
    with pytest.raises(error) as refused:
        ring(world, agent, **changes)
    assert "12" not in repr(refused.value.details)
    assert not Ticket.objects.exists()


def test_where_the_look_up_fails_the_ticket_stands_empty_and_the_agents_own_search_fills_it(
    world, parcel, agent, monkeypatch
):
    from midan.access.services import calls

    def locked(**_):
        raise VaultLocked("locked")

    with monkeypatch.context() as patch:
        patch.setattr(calls.vault, "find", locked)
        with pytest.raises(VaultLocked):
            ring(world, agent)
    assert selectors.tickets(agent, now=world.now)[0].waybills == 0
    services.search(actor=replace(agent, via=""), kind="phone", value=RECIPIENT.phone, now=world.now)
    assert selectors.tickets(agent, now=world.now)[0].waybills == 1


def test_events_are_forgotten_after_a_day_and_too_old_by_then(world, agent):
    ring(world, agent)
    assert services.forget_calls(now=world.now + timedelta(hours=24)) == 0
    assert services.forget_calls(now=world.now + timedelta(hours=25)) == 1
