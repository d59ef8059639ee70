"""Lawful disclosure (L5.1): a case two persons agreed to, its papers sealed, for named waybills and fields, until it ends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from midan.access import services
from midan.access.controls import controls
from midan.access.errors import AccessDenied, CaseRefused, CaseUnknown
from midan.access.models import Case
from midan.access.rules.sweep import favourable
from midan.access.selectors import cases as reads
from midan.access.selectors.policies import book
from midan.approval import services as approval
from midan.approval.errors import ConcernsSelf, OwnRequest
from midan.audit import selectors as audit
from midan.core.decision import Deny, Reason
from midan.demo import disclosure
from midan.people import selectors as people

PAPERS = b"%PDF-1.4\n% an invented letter of an invented authority\n%%EOF\n"
SENDER = frozenset({"sender_name", "sender_phone", "sender_address"})


def request(world, *waybills, **changes):
    said = {
        "actor": world.actor("privacy_officer"),
        "ground": "court_or_police",
        "reader": world.actor("regulator").name,
        "fields": SENDER,
        "waybills": waybills,
        "days": 7,
        "papers": PAPERS,
        "now": world.now,
    } | changes
    return services.request_case(**said)


def agree(world, code, *, by=None, now=None):
    now = now or world.now
    approver = by or world.actor("analyst")
    approval.approve(actor=approver, code=reads.case(code, now=now).approval, now=now)
    return services.open_agreed_cases(now=now)


def ask(world, actor, waybill, **changes):
    question = {
        "fields": SENDER,
        "purpose": "lawful_disclosure",
        "reason": "court_or_police",
        "factor_age": 0,
        "now": world.now,
    } | changes
    return services.reveal(actor=actor, waybill=waybill, **question)


def refusal(world, actor, waybill, **changes):
    with pytest.raises(AccessDenied) as refused:
        ask(world, actor, waybill, **changes)
    return refused.value.denied_by, refused.value.details["reason"]


NO_CASE = ("L5.1", "case_missing")


class TestWhatOpens:
    def test_without_a_case_nobody_reads_for_a_disclosure(self, world, parcel):
        assert refusal(world, world.actor("regulator"), parcel) == NO_CASE
        assert refusal(world, world.actor("privacy_officer"), parcel) == NO_CASE

    def test_only_that_fact_opens_and_closes_the_gate(self):
        best = favourable("regulator", "sender_phone", "lawful_disclosure", "delivered")
        assert book().decide(best).allowed
        alone = replace(best, lift=replace(best.lift, case_covers=False))
        assert book().decide(alone).decision == Deny(clause="L5.1", reason=Reason.CASE_MISSING)

    def test_an_agreed_case_opens_its_fields_of_its_waybills_to_its_reader(self, world, parcel):
        code = request(world, parcel)
        assert refusal(world, world.actor("regulator"), parcel) == NO_CASE
        assert agree(world, code) == 1
        shown = ask(world, world.actor("regulator"), parcel)
        assert shown.values["sender_phone"].reveal(shown.grant) == "17000001234"
        assert audit.entry(shown.entry_id).entry.details["case"] == code
        other = frozenset({"recipient_phone"})
        assert refusal(world, world.actor("regulator"), parcel, fields=other) == NO_CASE
        assert refusal(world, world.actor("regulator"), world.order()) == NO_CASE
        assert refusal(world, world.actor("regulator", "SZ001"), parcel) == NO_CASE

    def test_it_ends_with_its_days_and_when_somebody_closes_it(self, world, parcel):
        agree(world, request(world, parcel, days=2))
        regulator = world.actor("regulator")
        assert ask(world, regulator, parcel, now=world.now + timedelta(days=2, seconds=-1)).values
        assert refusal(world, regulator, parcel, now=world.now + timedelta(days=2)) == NO_CASE
        code = request(world, parcel)
        agree(world, code)
        assert ask(world, regulator, parcel, now=world.now + timedelta(days=3)).values
        services.close_case(
            actor=world.actor("privacy_officer"), code=code, now=world.now + timedelta(days=3)
        )
        assert refusal(world, regulator, parcel, now=world.now + timedelta(days=3)) == NO_CASE

    def test_the_officer_tells_the_recipient_of_an_unknown_parcel_who_sent_it(self, world, parcel):
        officer = world.actor("privacy_officer")
        code = request(world, parcel, ground="unknown_parcel", reader=officer.name)
        agree(world, code)
        assert ask(world, officer, parcel, reason="unknown_parcel").values

    def test_it_opens_nothing_for_another_purpose(self, world, parcel):
        agree(world, request(world, parcel))
        refused = refusal(
            world, world.actor("regulator"), parcel, purpose="complaint", reason="complaint_handling"
        )
        assert refused == ("L2.2", "no_permit")


class TestTwoPersonsAndPapers:
    def test_who_asks_does_not_agree_nor_who_reads(self, world, parcel):
        code = request(world, parcel)
        with pytest.raises(OwnRequest):
            agree(world, code, by=world.actor("privacy_officer"))
        reader = world.actor("privacy_officer", "SZ001")
        code = request(world, parcel, ground="unknown_parcel", reader=reader.name)
        with pytest.raises(ConcernsSelf):
            agree(world, code, by=reader)

    def test_a_request_nobody_answered_in_a_week_opens_nothing(self, world, parcel):
        code = request(world, parcel)
        late = world.now + timedelta(days=7)
        assert services.open_agreed_cases(now=late) == 0
        assert reads.case(code, now=late).state == "refused"

    def test_the_papers_are_sealed_and_each_look_is_an_entry(self, world, parcel):
        code = request(world, parcel)
        assert b"authority" not in bytes(Case.objects.get().sealed)
        assert services.papers(actor=world.actor("auditor"), code=code, now=world.now) == PAPERS
        entry = audit.entries(audit.EntryFilter(act="access:papers:seen"), limit=1).items[0].entry
        assert entry.object == f"case:{code}"
        with pytest.raises(AccessDenied):
            services.papers(actor=world.actor("agent"), code=code, now=world.now)

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"ground": "curiosity"}, "ground"),
            ({"reader": "S99999"}, "reader"),
            ({"fields": frozenset()}, "fields"),
            ({"fields": frozenset({"id_number"})}, "fields"),
            ({"ground": "unknown_parcel", "fields": frozenset({"recipient_name"})}, "fields"),
            ({"days": 31}, "days"),
            ({"days": 0}, "days"),
            ({"papers": b""}, "papers"),
            ({"papers": b"GIF89a"}, "papers"),
            ({"waybills": ()}, "waybills"),
            ({"waybills": ("MD0000000000000",)}, "waybills"),
        ],
    )
    def test_a_case_is_whole_or_not_asked_for(self, world, parcel, said, field):
        with pytest.raises(CaseRefused) as refused:
            request(world, parcel, **said)
        assert refused.value.details["field"] == field
        assert not Case.objects.exists()

    def test_a_reader_whose_post_reads_no_disclosure_is_refused(self, world, parcel):
        with pytest.raises(CaseRefused):
            request(world, parcel, reader=world.actor("courier").name)

    def test_other_posts_ask_for_none_and_close_none(self, world, parcel):
        with pytest.raises(AccessDenied):
            request(world, parcel, actor=world.actor("regulator"))
        code = request(world, parcel)
        with pytest.raises(CaseUnknown):
            services.close_case(actor=world.actor("privacy_officer"), code=code, now=world.now)
        with pytest.raises(CaseUnknown):
            reads.case("zz", now=world.now)

    def test_the_control_counts_live_cases(self, world, parcel):
        agree(world, request(world, parcel))
        (shown,) = [one for one in controls(world.now.date()) if one.clause == "L5.1"]
        assert (shown.state, shown.figures["live"], shown.figures["uncovered"]) == ("enforced", 1, 0)


def test_the_invented_regulator_has_one_live_case_which_is_renewed_once_it_is_over(
    world, parcel, monkeypatch
):
    monkeypatch.setattr(
        disclosure, "invented", lambda: [one for one in people.staff_of() if one.branch == "HZ001"]
    )
    regulator, fields = world.actor("regulator"), frozenset({"recipient_address"})
    for days, live in ((0, 1), (1, 1), (30, 2)):
        at = world.now + timedelta(days=days)
        disclosure.open_case(now=at)
        assert len(reads.cases(now=at, reader=regulator.name)) == live
        assert ask(world, regulator, parcel, fields=fields, reason="postal_authority", now=at).values
