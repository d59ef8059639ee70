"""An optional use asks for consent: without one of this party that stands, the reveal is refused and says so."""

from datetime import timedelta

import pytest

from midan.access import selectors, services
from midan.access.errors import AccessDenied, BadQuestion, NotFound
from midan.audit import selectors as audit
from midan.catalog.rules import LegalBasis
from midan.collection import services as collection
from midan.collection.errors import ConsentNotFound, ConsentNotOffered
from midan.collection.models import Basis
from midan.collection.rules import LANGUAGES
from midan.core import number
from midan.core.actor import Actor
from midan.waybill import selectors as waybills

VERSION = "2026-12"
SYSTEM = Actor.system("test")


@pytest.fixture
def told(world):
    """A notice in force that puts up a survey, and a parcel whose sender was told of it."""
    bodies = {lang: collection.starter_body(lang, version=VERSION) for lang in LANGUAGES}
    collection.publish_notice(actor=SYSTEM, version=VERSION, bodies=bodies, now=world.now)
    return world.order(notice=VERSION)


@pytest.fixture
def agent(world, told):
    """An agent with an open ticket of that parcel."""
    actor = world.actor("agent", "SZ001")
    services.open_ticket(actor=actor, reason="customer_asked", waybill=told, now=world.now)
    return actor


def give(world, actor, waybill, **changes):
    said = {"side": "recipient", "purpose": "survey", "notice_version": VERSION, "now": world.now} | changes
    return services.give_consent(actor=actor, waybill=waybill, **said)


def ask(world, waybill, field="recipient_phone", **changes):
    question = {"purpose": "survey", "reason": "service_survey", "now": world.now} | changes
    return services.reveal(
        actor=world.actor("branch_manager", "SZ001"), waybill=waybill, fields=frozenset({field}), **question
    )


def refused(world, waybill, **changes):
    with pytest.raises(AccessDenied) as denied:
        ask(world, waybill, **changes)
    entry = audit.entry(denied.value.details["entry_id"]).entry
    assert (entry.clause, entry.details["why"]) == (denied.value.denied_by, denied.value.details["reason"])
    return denied.value.denied_by, denied.value.details["reason"]


class TestReveal:
    def test_without_a_yes_it_is_refused_under_its_clause(self, world, told):
        assert refused(world, told) == ("L1.2", "consent_missing")

    def test_with_a_yes_of_that_party_it_opens(self, world, told, agent):
        give(world, agent, told)
        shown = ask(world, told)
        assert shown.values["recipient_phone"].reveal(shown.grant) == "17000005678"
        assert audit.entry(shown.entry_id).entry.purpose == "survey"

    def test_the_yes_of_one_party_is_not_the_others(self, world, told, agent):
        give(world, agent, told)
        assert refused(world, told, field="sender_phone") == ("L1.2", "consent_missing")

    def test_the_yes_for_one_parcel_is_not_anothers(self, world, told, agent):
        give(world, agent, told)
        other = world.order(notice=VERSION)
        assert refused(world, other) == ("L1.2", "consent_missing")

    def test_a_withdrawn_yes_shuts_it_at_once(self, world, told, agent):
        give(world, agent, told)
        services.take_back_consent(
            actor=agent, waybill=told, side="recipient", purpose="survey", now=world.now
        )
        assert refused(world, told) == ("L1.2", "consent_missing")

    def test_a_yes_to_other_terms_counts_no_longer(self, world, told, agent):
        give(world, agent, told)
        ask(world, told)
        Basis.objects.create(
            version="2027-01",
            party="recipient",
            purpose="survey",
            basis=LegalBasis.CONSENT,
            method="每日致电",
            fields="recipient_phone",
        )
        bodies = {lang: collection.starter_body(lang, version=VERSION) for lang in LANGUAGES}
        later = world.now + timedelta(days=1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("midan.collection.services.notice._bases", lambda *_: [])
            collection.publish_notice(actor=SYSTEM, version="2027-01", bodies=bodies, now=later)
        assert refused(world, told, now=later) == ("L1.2", "consent_missing")

    def test_what_the_contract_needs_asks_for_no_consent(self, world, told):
        shown = ask(world, told, purpose="customer_service", reason="customer_asked")
        assert shown.values

    def test_explaining_says_the_same(self, world, told):
        found = selectors.explain(
            world.actor("branch_manager", "SZ001"), told, "recipient_phone", "survey", now=world.now
        )
        assert [policy.id for policy in found.verdict.fired] == ["not_agreed_to"]


class TestOnThePhone:
    def test_the_entry_names_parcel_party_side_and_notice(self, world, told, agent):
        entry = audit.entry(give(world, agent, told)).entry
        parcel = waybills.get(told)
        assert (entry.act, entry.object, entry.purpose) == (
            "collection:consent:given",
            f"waybill:{told}",
            "survey",
        )
        assert entry.party == (parcel.recipient_party.hex(),)
        assert entry.details["notice"] == VERSION
        assert entry.details["side"] == "recipient"
        assert f"staff:{agent.name}" in entry.actor

    @pytest.mark.parametrize("role", ["agent", "branch_manager", "privacy_officer", "courier"])
    def test_nobody_without_a_ticket_of_that_parcel_writes_anything_down(self, world, told, role):
        actor, before = world.actor(role, "SZ001"), audit.total()
        for act in (
            lambda: give(world, actor, told),
            lambda: services.take_back_consent(
                actor=actor, waybill=told, side="recipient", purpose="survey", now=world.now
            ),
        ):
            with pytest.raises(AccessDenied):
                act()
        assert audit.total() == before + 2
        newest = audit.entries(audit.EntryFilter(act="access:consent:denied"), limit=1).items[0].entry
        assert (newest.outcome, newest.clause) == ("denied", "L1.2")
        assert refused(world, told) == ("L1.2", "consent_missing")

    def test_a_ticket_of_another_parcel_or_one_that_is_over_does_not_do(self, world, told, agent):
        with pytest.raises(AccessDenied):
            give(world, agent, world.order(notice=VERSION))
        with pytest.raises(AccessDenied):
            give(world, agent, told, now=world.now + timedelta(hours=25))

    def test_a_number_nobody_has_answers_like_one_without_a_ticket(self, world, told, agent):
        with pytest.raises(AccessDenied) as unknown:
            give(world, agent, number.encode(bytes(16), 7))
        assert unknown.value.details["reason"] == "ticket_missing"
        with pytest.raises(NotFound):
            give(world, agent, "not a number")

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"purpose": "deliver"}, ConsentNotOffered),
            ({"purpose": "marketing"}, ConsentNotOffered),
            ({"notice_version": "2026-11"}, ConsentNotOffered),
            ({"purpose": "curiosity"}, BadQuestion),
            ({"side": "neighbour"}, BadQuestion),
        ],
    )
    def test_only_what_the_notice_in_force_puts_up_is_agreed_to(self, world, told, agent, changes, error):
        with pytest.raises(error):
            give(world, agent, told, **changes)

    def test_there_is_nothing_to_take_back_before_a_yes(self, world, told, agent):
        with pytest.raises(ConsentNotFound):
            services.take_back_consent(
                actor=agent, waybill=told, side="sender", purpose="survey", now=world.now
            )

    def test_the_agent_is_shown_what_may_be_agreed_to_and_nobody_else(self, world, told, agent):
        def shown(actor):
            return selectors.optional_uses(actor, told, lang="en", now=world.now)

        assert [(use.side, use.purpose, use.given_at) for use in shown(agent)] == [
            ("sender", "survey", None),
            ("recipient", "survey", None),
        ]
        assert "consent" in shown(agent)[0].text
        give(world, agent, told)
        assert [use.given_at for use in shown(agent)] == [None, world.now]
        assert shown(world.actor("agent", "HZ001")) == ()
        assert shown(world.actor("branch_manager", "SZ001")) == ()
