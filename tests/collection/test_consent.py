"""Consent: to what the notice in force puts up, taken back as easily, ended by a change of terms."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from midan.audit import selectors as log
from midan.collection import selectors, services
from midan.collection.errors import ConsentNotFound, ConsentNotOffered
from midan.collection.models import Consent
from midan.collection.rules import LANGUAGES
from midan.core.actor import Actor

pytestmark = pytest.mark.usefixtures("company")
PARTY = bytes(range(16))
AGENT = Actor(kind="staff", name="S00003", role="agent")
PARCEL = SimpleNamespace(number="MD0000000000001", sender_party=bytes(16), recipient_party=PARTY)


def give(now, **changes):
    given = {
        "waybill": PARCEL,
        "side": "recipient",
        "purpose": "survey",
        "notice_version": "2026-11",
    } | changes
    return services.record_consent(actor=AGENT, now=now, **given)


def withdraw(now, purpose="survey"):
    return services.withdraw_consent(actor=AGENT, waybill=PARCEL, side="recipient", purpose=purpose, now=now)


def publish(now, version, *, method):
    bodies = {}
    for lang in LANGUAGES:
        body = services.starter_body(lang)
        uses = tuple(replace(use, method=method) if use.purpose == "survey" else use for use in body.purposes)
        bodies[lang] = replace(body, purposes=uses)
    services.publish_notice(actor=Actor.system("test"), version=version, bodies=bodies, now=now)


def stands(purpose="survey"):
    return selectors.has_consent(party=PARTY, purpose=purpose)


def test_a_consent_stands_from_the_yes_on_and_is_logged_by_token_only(now):
    assert not stands()
    entry = log.entry(give(now)).entry
    assert stands()
    assert (entry.act, entry.purpose, entry.object) == (
        "collection:consent:given",
        "survey",
        f"waybill:{PARCEL.number}",
    )
    assert (entry.party, entry.details["notice"]) == ((PARTY.hex(),), "2026-11")


def test_withdrawing_is_one_act_logged_and_keeps_the_history(now):
    give(now)
    entry = log.entry(withdraw(now + timedelta(hours=1))).entry
    assert entry.act == "collection:consent:withdrawn"
    assert not stands()
    (view,) = selectors.consents(PARTY)
    assert view.given_at == now
    assert view.withdrawn_at == now + timedelta(hours=1)


def test_one_yes_is_not_recorded_twice(now):
    give(now)
    assert give(now) == ""
    assert Consent.objects.count() == 1


def test_a_yes_after_a_withdrawal_is_a_new_consent(now):
    give(now)
    withdraw(now + timedelta(days=1))
    give(now + timedelta(days=2))
    assert stands()
    assert Consent.objects.count() == 2


@pytest.mark.parametrize("purpose", ["deliver", "real_name", "contact", "analytics", "marketing", "resale"])
def test_nothing_but_an_optional_purpose_of_the_notice_is_put_up_for_consent(now, purpose):
    with pytest.raises(ConsentNotOffered):
        give(now, purpose=purpose)
    assert Consent.objects.count() == 0


@pytest.mark.parametrize("version", ["2031-01", ""])
def test_consent_to_an_unknown_notice_is_refused(now, version):
    with pytest.raises(ConsentNotOffered):
        give(now, notice_version=version)


def test_a_changed_method_ends_the_consent_until_it_is_given_again(now):
    give(now)
    publish(now + timedelta(days=1), "2026-12", method="每日致电")
    assert not stands()
    with pytest.raises(ConsentNotOffered):
        give(now + timedelta(days=2), notice_version="2026-11")
    give(now + timedelta(days=2), notice_version="2026-12")
    assert stands()
    assert Consent.objects.filter(withdrawn_at__isnull=True).count() == 1


def test_a_new_version_that_changes_nothing_about_the_purpose_leaves_consent_standing(now):
    give(now)
    services.publish_notice(
        actor=Actor.system("test"),
        version="2026-12",
        bodies={lang: services.starter_body(lang) for lang in LANGUAGES},
        now=now + timedelta(days=1),
    )
    assert stands()


def test_there_is_nothing_to_withdraw_before_a_yes(now):
    with pytest.raises(ConsentNotFound):
        withdraw(now)


def test_consents_are_of_one_purpose_each(now):
    give(now)
    assert not stands("marketing")
    assert selectors.consent_counts() == (1, 0)
