"""Breaking the glass: one waybill, 15 minutes, an alarm, a review by another within a day or nothing more is seen."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from midan.access import selectors, services
from midan.access.controls import controls
from midan.access.errors import (
    AccessDenied,
    BadQuestion,
    BudgetSpent,
    GlassNotNeeded,
    GlassStillOpen,
    GlassUnknown,
    NoteRefused,
    NotFound,
)
from midan.access.models import Budget, Glass
from midan.access.rules.budgets import BudgetKind, flat
from midan.access.rules.facts import Facts, LiftFacts
from midan.access.rules.sweep import favourable
from midan.access.selectors import glass as reads
from midan.access.selectors.policies import book
from midan.audit import selectors as audit
from midan.catalog.rules import Purpose
from midan.core import number
from midan.core.decision import Deny, Reason
from midan.people.models import Staff
from midan.people.rules import Role
from midan.vault import services as vault
from midan.vault.keeping import services as keeping
from midan.vault.keeping.rules import HoldKind, HoldReason, Scope
from midan.waybill import selectors as waybills
from tests.at_once import at_once

PHONE = frozenset({"recipient_phone"})
NOTE = "客户在电话上等，工单系统打不开"


def ask(world, actor, waybill, **changes):
    question = {
        "fields": PHONE,
        "purpose": "customer_service",
        "reason": "customer_asked",
        "now": world.now,
    } | changes
    return services.reveal(actor=actor, waybill=waybill, **question)


def smash(world, actor, waybill, **changes):
    said = {
        "fields": PHONE,
        "purpose": "customer_service",
        "reason": "system_fault",
        "note": NOTE,
        "now": world.now,
    } | changes
    return services.break_glass(actor=actor, waybill=waybill, **said)


def review(world, broken, *, by=None, finding="justified", note="", now=None):
    services.review_glass(
        actor=by or world.actor("privacy_officer"),
        code=broken.code,
        finding=finding,
        note=note,
        now=now or world.now,
    )


def newest(act):
    return audit.entries(audit.EntryFilter(act=act), limit=1).items[0].entry


@pytest.fixture
def agent(world):
    """An agent of a branch the parcel never touches, without a ticket."""
    return world.actor("agent", "BJ001")


class TestWhatItOpens:
    def test_an_agent_without_a_ticket_reads_the_field_named_and_no_other(self, world, parcel, agent):
        with pytest.raises(AccessDenied) as refused:
            ask(world, agent, parcel)
        assert refused.value.details["breakable"] is True
        broken = smash(world, agent, parcel)
        shown = ask(world, agent, parcel)
        assert shown.values["recipient_phone"].reveal(shown.grant) == "17000005678"
        with pytest.raises(AccessDenied):
            ask(world, agent, parcel, fields=frozenset({"sender_phone"}))
        assert audit.entry(shown.entry_id).entry.details["glass"] == broken.code

    def test_nor_another_waybill_or_purpose(self, world, parcel, agent):
        smash(world, agent, parcel)
        with pytest.raises(AccessDenied):
            ask(world, agent, world.order())
        with pytest.raises(AccessDenied):
            ask(world, agent, parcel, purpose="complaint", reason="complaint_handling")

    def test_nor_to_anybody_else(self, world, parcel, agent):
        smash(world, agent, parcel)
        with pytest.raises(AccessDenied):
            ask(world, world.actor("agent", "SZ001"), parcel)

    def test_the_waybill_is_seen_masked_while_it_is_open(self, world, parcel, agent):
        with pytest.raises(NotFound):
            selectors.masked_waybill(agent, parcel, now=world.now)
        smash(world, agent, parcel)
        assert selectors.masked_waybill(agent, parcel, now=world.now).number == parcel
        with pytest.raises(NotFound):
            selectors.masked_waybill(agent, parcel, now=world.now + timedelta(minutes=15))

    def test_it_ends_after_fifteen_minutes(self, world, parcel, agent):
        smash(world, agent, parcel)
        ask(world, agent, parcel, now=world.now + timedelta(minutes=14, seconds=59))
        with pytest.raises(AccessDenied):
            ask(world, agent, parcel, now=world.now + timedelta(minutes=15))

    def test_a_manager_of_another_branch_may_and_a_courier_with_the_parcel_elsewhere(self, world, parcel):
        manager, courier = world.actor("branch_manager", "BJ001"), world.actor("courier", "BJ001")
        assert smash(world, manager, parcel).gates == ("other_branch",)
        door = {"fields": frozenset({"recipient_address"}), "purpose": "deliver"}
        assert smash(world, courier, parcel, **door).gates == ("not_in_hands", "other_branch")
        assert ask(world, courier, parcel, reason="door_delivery", **door).values

    def test_a_spent_day_opens_and_costs_nothing_more(self, world, parcel):
        officer, wanted = world.actor("privacy_officer"), {"purpose": "complaint"}
        limit = flat("privacy_officer", BudgetKind.REVEAL)
        Budget.objects.create(
            staff=officer.name, day=world.now.date(), kind="reveal", used=limit, allowed=limit
        )
        with pytest.raises(BudgetSpent):
            ask(world, officer, parcel, reason="complaint_handling", **wanted)
        smash(world, officer, parcel, **wanted)
        assert ask(world, officer, parcel, reason="complaint_handling", **wanted).values
        assert Budget.objects.get(staff=officer.name).used == limit

    def test_a_program_that_names_the_person_opens_nothing_by_it(self, world, parcel, agent):
        smash(world, agent, parcel)
        with pytest.raises(AccessDenied):
            ask(world, replace(agent, via="crm"), parcel)


class TestWhatItNeverOpens:
    @pytest.mark.parametrize(
        ("wrong", "reason"),
        [
            ({"active": False}, "inactive"),
            ({"employment": "on_leave"}, "not_at_work"),
            ({"trained": False}, "training_missing"),
            ({"agreement_signed": False}, "agreement_missing"),
            ({"checked": False}, "check_missing"),
            ({"rules_known": False}, "rules_missing"),
            ({"destroyed": True}, "destroyed"),
            ({"due": True}, "due"),
            ({"restricted": True}, "restricted"),
            ({"told": False}, "purpose_not_told"),
            ({"agreed": False}, "consent_missing"),
            ({"serves": False}, "field_not_needed"),
        ],
    )
    def test_a_gate_that_may_not_be_broken_stays_shut(self, wrong, reason):
        best = favourable("agent", "recipient_phone", "customer_service", "delivered")
        lost = replace(best.actor, ticket=False, ticket_fits=False, on_route=False)
        open_ = Facts(
            actor=lost,
            parcel=best.parcel,
            ask=best.ask,
            work=best.work,
            lift=replace(best.lift, glass_broken=True),
        )
        assert book().decide(open_).allowed
        parts = {}
        for part in ("actor", "parcel", "ask"):
            old = getattr(open_, part)
            parts[part] = replace(old, **{name: value for name, value in wrong.items() if hasattr(old, name)})
        verdict = book().decide(replace(open_, **parts))
        assert (verdict.allowed, verdict.decision.reason) == (False, reason)

    def test_no_post_without_need_and_no_machine_gets_anything_by_it(self):
        lift = LiftFacts(glass_broken=True)
        for role, purpose in product(("hr", "sysadmin", "sorter", "auditor", "integrator", ""), Purpose):
            asked = favourable(role, "recipient_phone", purpose, "delivered")
            assert not book().decide(replace(asked, lift=lift)).allowed
        asked = favourable("agent", "recipient_phone", "customer_service", "delivered")
        client = replace(asked, lift=lift, actor=replace(asked.actor, kind="client"))
        assert not book().decide(client).allowed

    def test_it_widens_no_post_beyond_its_fields_and_purposes(self):
        """What the glass opens at best is what the post may see at best: it stands in for the task, not for the post."""
        for role in Role:
            for purpose in Purpose:
                for name in ("sender_phone", "recipient_phone", "recipient_name", "goods_name", "order_ref"):
                    states = ("created", "out_for_delivery", "at_station", "delivered")
                    plain = [favourable(role, name, purpose, status) for status in states]
                    through = [replace(one, lift=replace(one.lift, glass_broken=True)) for one in plain]
                    usual = any(verdict.allowed for verdict in book().decide_all(plain))
                    broken = any(verdict.allowed for verdict in book().decide_all(through))
                    assert broken <= usual, (role, purpose, name)

    def test_restricted_data_is_refused_with_its_own_gate_and_logged(self, world, parcel, agent):
        keeping.place_hold(
            actor=world.actor("privacy_officer"),
            kind=HoldKind.RESTRICTION,
            scope=Scope.WAYBILL,
            label="",
            reason=HoldReason.CUSTOMER_OBJECTS,
            seqs=[waybills.get(parcel).seq],
            now=world.now,
        )
        with pytest.raises(AccessDenied) as refused:
            smash(world, agent, parcel)
        assert refused.value.details["reason"] == "restricted"
        entry = newest("access:glass:denied")
        assert (entry.outcome, entry.clause, entry.details["why"]) == ("denied", "G6", "restricted")
        assert not Glass.objects.exists()

    def test_what_no_permit_fits_is_no_emergency(self, world, parcel, agent):
        with pytest.raises(AccessDenied) as refused:
            smash(world, agent, parcel, fields=frozenset({"order_ref"}), purpose="claim")
        assert refused.value.details["reason"] == "no_permit"

    def test_what_is_open_is_not_broken(self, world, parcel):
        with pytest.raises(GlassNotNeeded):
            smash(world, world.actor("privacy_officer"), parcel, purpose="complaint")

    def test_an_unknown_number_is_not_found_and_raises_no_alarm(self, world, parcel, agent):
        other = number.encode(vault.company_key("number"), 999_999)
        with pytest.raises(NotFound):
            smash(world, agent, other)
        assert reads.waiting_breaks() == 0

    @pytest.mark.parametrize(
        ("said", "error"),
        [
            ({"reason": "curious"}, BadQuestion),
            ({"note": "急"}, BadQuestion),
            ({"note": "客户电话是17000005678，请回电"}, NoteRefused),
            ({"fields": frozenset()}, BadQuestion),
            ({"purpose": "fun"}, BadQuestion),
        ],
    )
    def test_it_is_asked_for_in_full(self, world, parcel, agent, said, error):
        with pytest.raises(error):
            smash(world, agent, parcel, **said)
        assert not Glass.objects.exists()


class TestAlarmAndReview:
    def test_the_alarm_stands_with_the_break_in_one_entry(self, world, parcel, agent):
        assert reads.waiting_breaks() == 0
        broken = smash(world, agent, parcel)
        (waiting,) = reads.breaks_to_review(now=world.now)
        assert (waiting.code, waiting.staff, waiting.waybill) == (broken.code, agent.name, parcel)
        entry = newest("access:glass:broken")
        assert (entry.entry_id, entry.object) == (broken.entry_id, f"waybill:{parcel}")
        assert (entry.reason, entry.details["gates"]) == ("system_fault", "no_ticket")
        assert NOTE not in entry.to_bytes().decode()
        assert selectors.note_of(entry).text == NOTE

    def test_one_at_a_time_until_it_is_over_and_reviewed(self, world, parcel, agent):
        broken = smash(world, agent, parcel)
        with pytest.raises(GlassStillOpen):
            smash(world, agent, world.order())
        with pytest.raises(GlassStillOpen):
            smash(world, agent, world.order(), now=world.now + timedelta(hours=1))
        review(world, broken)
        with pytest.raises(GlassStillOpen):
            smash(world, agent, world.order(), now=world.now + timedelta(minutes=5))
        assert smash(world, agent, world.order(), now=world.now + timedelta(minutes=15))

    def test_of_two_breaks_at_once_one_is_made(self, world, agent):
        numbers = [world.order(), world.order()]

        def one(parcel):
            try:
                return smash(world, agent, parcel).waybill
            except GlassStillOpen:
                return ""

        made = at_once(*(lambda parcel=parcel: one(parcel) for parcel in numbers))
        assert sorted(map(bool, made)) == [False, True]
        assert Glass.objects.count() == 1

    def test_unreviewed_for_a_day_nothing_is_seen_and_the_review_opens_again(self, world, parcel):
        manager = world.actor("branch_manager", "SZ001")
        far = world.order(branch="HZ001", destination="BJ001")
        broken = smash(world, manager, far)
        late = world.now + timedelta(days=1)
        assert ask(world, manager, parcel, now=late - timedelta(seconds=1)).values
        with pytest.raises(AccessDenied) as refused:
            ask(world, manager, parcel, now=late)
        assert (refused.value.denied_by, refused.value.details["reason"]) == ("T4", "glass_unreviewed")
        assert reads.overdue_breaks(late) == 1
        review(world, broken, now=late)
        assert ask(world, manager, parcel, now=late).values

    def test_only_that_fact_closes_the_gate(self):
        best = favourable("agent", "recipient_phone", "customer_service", "delivered")
        frozen = replace(best, lift=replace(best.lift, glass_overdue=True))
        assert book().decide(best).allowed
        assert book().decide(frozen).decision == Deny(clause="T4", reason=Reason.GLASS_UNREVIEWED)

    def test_an_unjustified_break_ends_at_once_and_says_why(self, world, parcel, agent):
        broken = smash(world, agent, parcel)
        with pytest.raises(BadQuestion):
            review(world, broken, finding="not_justified")
        review(world, broken, finding="not_justified", note="没有客户来电的记录", now=world.now)
        with pytest.raises(AccessDenied):
            ask(world, agent, parcel)
        entry = newest("access:glass:reviewed")
        assert (entry.details["finding"], entry.details["staff"]) == ("not_justified", agent.name)

    def test_nobody_reviews_their_own_nor_twice_nor_from_another_post(self, world, parcel):
        officer = world.actor("privacy_officer")
        limit = flat("privacy_officer", BudgetKind.REVEAL)
        Budget.objects.create(
            staff=officer.name, day=world.now.date(), kind="reveal", used=limit, allowed=limit
        )
        broken = smash(world, officer, parcel, purpose="complaint")
        for reviewer in (officer, world.actor("analyst"), world.actor("branch_manager")):
            with pytest.raises(GlassUnknown):
                review(world, broken, by=reviewer)
        other = world.actor("privacy_officer", "SZ001")
        review(world, broken, by=other)
        with pytest.raises(GlassUnknown):
            review(world, broken, by=other)

    def test_a_closed_account_breaks_nothing(self, world, parcel, agent):
        Staff.objects.filter(staff_no=agent.name).update(is_active=False)
        with pytest.raises(AccessDenied) as refused:
            smash(world, agent, parcel)
        assert refused.value.details["reason"] == "inactive"

    def test_the_control_counts_what_waits_and_who_is_frozen(self, world, parcel, agent):
        smash(world, agent, parcel)
        (shown,) = [one for one in controls(world.now.date()) if one.clause == "T4"]
        assert (shown.state, shown.figures["waiting"]) == ("enforced", 1)
