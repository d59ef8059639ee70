"""Opening for a grant: only what the committed entry says, once, within a minute."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction

from midan.core.secret import GrantMismatch, Secret
from midan.vault import services
from midan.vault.errors import GrantRefused, PartGone
from midan.vault.models import Part
from tests.at_once import at_once
from tests.vault.orders import RECIPIENT, entry_for, grant_for, order, put

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = frozenset({"recipient_phone"})


@pytest.fixture
def stored(vault):
    put([order(1), order(2)])


def refused(mismatch: str, *, grant, now, seq: int = 1) -> None:
    with pytest.raises(GrantRefused) as caught:
        services.open_fields(grant=grant, seq=seq, now=now)
    assert caught.value.details == {"mismatch": mismatch}


def test_a_grant_opens_exactly_the_fields_it_names(stored, now):
    fields = frozenset({"recipient_phone", "sender_name", "order_ref"})
    grant = grant_for(1, fields, now)
    values = services.open_fields(grant=grant, seq=1, now=now + timedelta(seconds=60))
    assert {name: value.reveal(grant) for name, value in values.items()} == {
        "recipient_phone": RECIPIENT.phone,
        "sender_name": "沈澄澄",
        "order_ref": "TB-2026-00017-1",
    }


def test_the_values_do_not_print_and_open_for_this_grant_only(stored, now):
    values = services.open_fields(grant=grant_for(1, PHONE, now), seq=1, now=now)
    assert isinstance(values["recipient_phone"], Secret)
    assert "17000" not in f"{values!r} {values['recipient_phone']}"
    with pytest.raises(GrantMismatch):
        values["recipient_phone"].reveal(grant_for(1, PHONE, now))


def test_a_grant_opens_once(stored, now):
    grant = grant_for(1, PHONE, now)
    services.open_fields(grant=grant, seq=1, now=now)
    refused("spent", grant=grant, now=now)


def test_of_two_that_use_one_grant_at_once_one_is_refused(stored, now):
    grant = grant_for(1, PHONE, now)

    def use() -> str:
        try:
            services.open_fields(grant=grant, seq=1, now=now)
        except GrantRefused:
            return "refused"
        return "opened"

    outcomes = at_once(*[use] * 4)
    assert sorted(outcomes) == ["opened", "refused", "refused", "refused"]


@pytest.mark.parametrize("seconds", [61, -1])
def test_a_grant_is_no_good_after_its_minute_or_before_it(stored, now, seconds):
    refused("age", grant=grant_for(1, PHONE, now), now=now + timedelta(seconds=seconds))


def test_a_fresh_grant_on_an_old_entry_is_refused(stored, now):
    old = entry_for(1, PHONE, now - timedelta(seconds=61))
    refused("entry_age", grant=grant_for(1, PHONE, now, old), now=now)


def test_a_grant_without_an_entry_is_refused(stored, now):
    refused("no_entry", grant=grant_for(1, PHONE, now, "0" * 32), now=now)


def test_an_entry_that_was_rolled_back_is_none(stored, now):
    with pytest.raises(RuntimeError), transaction.atomic():
        grant_for(1, PHONE, now)


@pytest.mark.parametrize(
    ("mismatch", "claims"),
    [
        ("actor", {"actor": "staff:S00666"}),
        ("purpose", {"purpose": "deliver"}),
        ("fields", {"fields": frozenset({"recipient_phone", "recipient_address"})}),
        ("fields", {"fields": frozenset({"sender_phone"})}),
    ],
)
def test_a_grant_that_claims_more_than_its_entry_is_refused(stored, now, mismatch, claims):
    refused(mismatch, grant=replace(grant_for(1, PHONE, now), **claims), now=now)


@pytest.mark.parametrize(
    ("mismatch", "entry"),
    [
        ("act", {"act": "access:search:performed"}),
        ("act", {"act": "access:reveal:denied"}),
        ("outcome", {"outcome": "denied"}),
        ("outcome", {"outcome": "done"}),
        ("object", {"object": "waybill:MD0000000000000"}),
        ("fields", {"details": {}}),
    ],
)
def test_an_entry_of_another_act_lends_no_grant(stored, now, mismatch, entry):
    refused(mismatch, grant=grant_for(1, PHONE, now, entry_for(1, PHONE, now, **entry)), now=now)


def test_a_grant_for_one_waybill_opens_no_other(stored, now):
    refused("waybill", grant=grant_for(1, PHONE, now), now=now, seq=2)


def test_a_field_the_vault_does_not_hold_is_refused(stored, now):
    refused("unknown_field", grant=grant_for(1, frozenset({"quantity"}), now), now=now)


def test_something_shaped_like_a_grant_is_not_one(stored, now):
    real = grant_for(1, PHONE, now)
    names = ("actor", "waybill", "fields", "purpose", "entry_id", "issued_at")
    fake = SimpleNamespace(**{name: getattr(real, name) for name in names}, fresh=lambda _now: True)
    refused("type", grant=fake, now=now)


def test_a_refused_grant_is_not_used_up(stored, now):
    grant = grant_for(1, PHONE, now)
    refused("waybill", grant=grant, now=now, seq=2)
    assert services.open_fields(grant=grant, seq=1, now=now).keys() == PHONE


def test_opening_inside_a_transaction_is_refused(stored, now):
    grant = grant_for(1, PHONE, now)
    with pytest.raises(RuntimeError), transaction.atomic():
        services.open_fields(grant=grant, seq=1, now=now)


def test_an_erased_part_is_gone_and_says_so(stored, now):
    Part.objects.filter(leaf=1).delete()
    with pytest.raises(PartGone):
        services.open_fields(grant=grant_for(1, PHONE, now), seq=1, now=now)
