"""Revealing: the entry first, then the grant, then the value; every refusal named and logged."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import OperationalError, connection, transaction

from midan.access import selectors, services
from midan.access.errors import AccessDenied, BadQuestion, BudgetSpent, NoteRefused, NotFound
from midan.access.models import Budget, Note
from midan.access.rules.budgets import BudgetKind
from midan.access.selectors.budgets import allowance
from midan.audit import selectors as audit
from midan.core import number
from midan.core.actor import Actor
from midan.core.sm import sm3
from midan.people.models import Staff
from midan.people.posts.granting import revoke
from midan.vault import services as vault
from midan.vault.errors import PartGone, VaultLocked
from midan.waybill import selectors as waybills
from midan.waybill.services import scan
from tests.at_once import at_once

ON_THE_WAY = ("collected", "departed", "arrived", "out_for_delivery")
reveal_module = import_module("midan.access.services.reveal")
entries_module = import_module("midan.access.services.entries")
ADDRESS = frozenset({"recipient_address"})


def reveal(world, actor, waybill, **changes):
    question = {
        "fields": ADDRESS,
        "purpose": "deliver",
        "reason": "door_delivery",
        "now": world.now,
    } | changes
    return services.reveal(actor=actor, waybill=waybill, **question)


def service(world, actor, waybill, **changes):
    return reveal(
        world, actor, waybill, **{"purpose": "customer_service", "reason": "customer_asked"} | changes
    )


def newest():
    return audit.entries(audit.EntryFilter(act="access:"), limit=1).items[0].entry


class TestAllowed:
    def test_the_courier_who_carries_it_reads_the_door(self, world, parcel):
        shown = reveal(world, world.actor("courier", "SZ001"), parcel)
        assert shown.values["recipient_address"].reveal(shown.grant).endswith("3栋1202")
        assert set(shown.values) == {"recipient_address"}
        assert shown.expires_at == world.now + timedelta(seconds=30)

    def test_the_entry_says_who_what_why_and_no_value(self, world, parcel):
        shown = reveal(world, world.actor("courier", "SZ001"), parcel)
        entry = audit.entry(shown.entry_id).entry
        assert (entry.act, entry.outcome, entry.object) == (
            "access:part:revealed",
            "allowed",
            f"waybill:{parcel}",
        )
        assert (entry.purpose, entry.reason) == ("deliver", "door_delivery")
        assert entry.details["fields"] == "recipient_address"
        assert entry.policy == selectors.book().version
        assert entry.party == (waybills.get(parcel).recipient_party.hex(),)
        assert "沙河西路" not in entry.to_bytes().decode()

    def test_nothing_of_it_prints(self, world, parcel):
        shown = reveal(world, world.actor("courier", "SZ001"), parcel)
        assert "沙河西路" not in repr(shown)
        assert "沙河西路" not in f"{shown.values['recipient_address']}"

    def test_several_fields_are_one_reveal_and_as_many_of_the_budget(self, world, parcel):
        actor = world.actor("privacy_officer")
        fields = frozenset({"sender_phone", "recipient_phone", "goods_name"})
        shown = reveal(world, actor, parcel, fields=fields, purpose="rights_request", reason="copy_requested")
        assert {name: value.reveal(shown.grant) for name, value in shown.values.items()} == {
            "sender_phone": "17000001234",
            "recipient_phone": "17000005678",
            "goods_name": "羊毛围巾",
        }
        assert Budget.objects.get(staff=actor.name).used == 3
        assert len(audit.entry(shown.entry_id).entry.party) == 2

    def test_the_entry_stays_when_the_vault_dies(self, world, parcel, monkeypatch):
        def die(**_):
            raise PartGone

        monkeypatch.setattr(reveal_module, "open_fields", die)
        with pytest.raises(PartGone):
            reveal(world, world.actor("courier", "SZ001"), parcel)
        failed, first = [row.entry for row in audit.entries(audit.EntryFilter(act="access:"), limit=2).items]
        assert (first.act, first.outcome) == ("access:part:revealed", "allowed")
        assert (failed.act, failed.outcome) == ("access:part:failed", "failed")
        assert (failed.details["entry"], failed.details["error"]) == (first.entry_id, "part_gone")
        assert (failed.object, failed.party) == (first.object, first.party)

    def test_a_reveal_that_showed_nothing_costs_nothing_of_the_day(self, world, parcel, monkeypatch):
        def die(**_):
            raise VaultLocked("locked")

        officer, fields = world.actor("privacy_officer"), frozenset({"sender_phone", "recipient_phone"})
        ask = {"fields": fields, "purpose": "rights_request", "reason": "copy_requested"}
        reveal(world, officer, parcel, **ask)
        monkeypatch.setattr(reveal_module, "open_fields", die)
        for _ in range(3):
            with pytest.raises(VaultLocked):
                reveal(world, officer, parcel, **ask)
        assert Budget.objects.get().used == 2

    def test_a_failure_that_cannot_be_logged_gives_nothing_back_and_hides_no_error(
        self, world, parcel, monkeypatch
    ):
        def die(**_):
            raise VaultLocked("locked")

        def broken(**_):
            raise OperationalError("database or disk is full")

        monkeypatch.setattr(reveal_module, "open_fields", die)
        monkeypatch.setattr(entries_module, "give_back", broken)
        with pytest.raises(VaultLocked):
            reveal(world, world.actor("courier", "SZ001"), parcel)
        assert newest().act == "access:part:revealed"
        assert Budget.objects.get().used == 1

    def test_the_entry_is_committed_before_the_vault_is_asked(self, world, parcel, monkeypatch):
        seen = []
        opened = reveal_module.open_fields

        def look(**call):
            seen.append((connection.in_atomic_block, audit.entry(call["grant"].entry_id).entry.outcome))
            return opened(**call)

        monkeypatch.setattr(reveal_module, "open_fields", look)
        reveal(world, world.actor("courier", "SZ001"), parcel)
        assert seen == [(False, "allowed")]

    def test_inside_a_transaction_it_fails_loudly_and_shows_nothing(self, world, parcel):
        before = audit.total()
        with pytest.raises(RuntimeError), transaction.atomic():
            reveal(world, world.actor("courier", "SZ001"), parcel)
        assert audit.total() == before

    def test_a_note_is_kept_beside_its_entry_which_carries_the_digest_alone(self, world, parcel):
        shown = reveal(world, world.actor("courier", "SZ001"), parcel, note=" 敲门无人应答 ")
        entry = audit.entry(shown.entry_id).entry
        assert "敲门" not in entry.to_bytes().decode()
        assert entry.details["note"] == sm3("敲门无人应答".encode()).hex()
        found = selectors.note_of(entry)
        assert (found.text, found.intact) == ("敲门无人应答", True)
        Note.objects.update(note="门口有人")
        assert not selectors.note_of(entry).intact
        Note.objects.all().delete()
        assert not selectors.note_of(entry).intact

    def test_the_note_of_a_refused_reveal_is_kept_too_and_none_where_none_was_written(self, world, parcel):
        with pytest.raises(AccessDenied):
            reveal(world, world.actor("hr"), parcel, note="上门核对")
        assert selectors.note_of(newest()).text == "上门核对"
        shown = reveal(world, world.actor("courier", "SZ001"), parcel)
        assert selectors.note_of(audit.entry(shown.entry_id).entry) is None

    def test_a_note_that_cannot_be_kept_takes_the_entry_with_it(self, world, parcel, monkeypatch):
        def fail(**_):
            raise RuntimeError

        monkeypatch.setattr(entries_module, "keep", fail)
        before = audit.total()
        with pytest.raises(RuntimeError):
            reveal(world, world.actor("courier", "SZ001"), parcel, note="敲门")
        assert audit.total() == before
        assert not Budget.objects.exists()


class TestDenied:
    def refused(self, world, actor, waybill, **changes):
        before = audit.total()
        with pytest.raises(AccessDenied) as refused:
            reveal(world, actor, waybill, **changes)
        assert audit.total() == before + 1
        entry = newest()
        assert (entry.act, entry.outcome) == ("access:reveal:denied", "denied")
        error = refused.value.as_dict()
        assert (entry.clause, entry.details["why"]) == (error["clause"], error["details"]["reason"])
        assert error["code"] == "denied"
        return error["clause"], error["details"]["reason"]

    def test_a_rented_account_of_another_branch_reads_nothing(self, world, parcel):
        for role in ("courier", "clerk", "branch_manager"):
            answer = self.refused(
                world,
                world.actor(role, "BJ001"),
                parcel,
                fields=frozenset({"recipient_name"}),
                purpose="customer_service",
                reason="customer_asked",
            )
            assert answer == ("L2.2", "not_on_route")

    @pytest.mark.parametrize("role", ["clerk", "branch_manager"])
    def test_a_scan_of_a_foreign_branch_opens_nothing(self, world, role):
        going = world.order()
        world.drive(going, *ON_THE_WAY[:2])
        actor = world.actor(role, "BJ001")
        asked = {
            "fields": frozenset({"recipient_name"}),
            "purpose": "customer_service",
            "reason": "customer_asked",
        }
        for event in ("arrived", "departed", "arrived"):
            scan(actor=actor, number=going, event=event, branch="BJ001", at=world.now, now=world.now)
            assert self.refused(world, actor, going, **asked) == ("L2.2", "not_on_route")
            with pytest.raises(NotFound):
                selectors.masked_waybill(actor, going, now=world.now)

    def test_another_courier_of_the_same_branch_is_not_the_handler(self, world, parcel):
        assert self.refused(world, world.actor("courier", "HZ001"), parcel) == ("L2.2", "not_handler")

    def test_the_phone_stays_shut_for_couriers(self, world, parcel):
        answer = self.refused(
            world, world.actor("courier", "SZ001"), parcel, fields=frozenset({"recipient_phone"})
        )
        assert answer == ("B3", "virtual_number_suffices")

    def test_one_field_too_many_refuses_all(self, world, parcel):
        answer = self.refused(
            world,
            world.actor("courier", "SZ001"),
            parcel,
            fields=frozenset({"recipient_address", "recipient_phone"}),
        )
        assert answer == ("B3", "virtual_number_suffices")

    def test_integrators_never(self, world, parcel):
        for kind in ("client", "system", "public"):
            actor = Actor(kind=kind, name="shop-1", role="privacy_officer", branch="HZ001")
            answer = self.refused(world, actor, parcel, purpose="rights_request", reason="copy_requested")
            assert answer == ("L4.2", "role_not_permitted")

    def test_a_closed_account_reads_nothing_at_once(self, world, parcel):
        courier = world.actor("courier", "SZ001")
        revoke(actor=Actor.system("test"), staff_no=courier.name, now=world.now)
        assert self.refused(world, courier, parcel) == ("M5", "inactive")

    def test_a_role_claimed_by_the_request_counts_for_nothing(self, world, parcel):
        sorter = world.actor("sorter", "HZ001")
        liar = Actor(kind="staff", name=sorter.name, role="privacy_officer", branch="HZ001")
        answer = self.refused(world, liar, parcel, purpose="rights_request", reason="copy_requested")
        assert answer == ("M1", "role_not_permitted")

    def test_somebody_nobody_appointed_is_inactive(self, world, parcel):
        ghost = Actor(kind="staff", name="S99999", role="privacy_officer", branch="HZ001")
        assert self.refused(world, ghost, parcel, purpose="complaint", reason="complaint_handling") == (
            "M5",
            "inactive",
        )

    def test_a_use_the_notice_did_not_tell(self, world):
        silent = world.order(notice="2026-10")
        world.drive(silent, *ON_THE_WAY)
        assert self.refused(world, world.actor("courier", "SZ001"), silent) == ("L3.1", "purpose_not_told")

    def test_a_duty_of_law_needs_no_telling(self, world):
        silent = world.order(notice="2026-10")
        assert reveal(
            world, world.actor("privacy_officer"), silent, purpose="rights_request", reason="copy_requested"
        ).values

    def test_a_reason_of_another_purpose_and_none_at_all(self, world, parcel):
        for reason in ("leak_tracing", "", "because I want"):
            answer = self.refused(world, world.actor("courier", "SZ001"), parcel, reason=reason)
            assert answer == ("L3.1", "reason_missing")
        assert "because" not in newest().to_bytes().decode()

    def test_an_identity_number_serves_no_request_of_a_customer(self, world, parcel):
        answer = self.refused(
            world,
            world.actor("privacy_officer"),
            parcel,
            fields=frozenset({"id_number"}),
            purpose="rights_request",
            reason="copy_requested",
        )
        assert answer == ("L3.1", "field_not_opened_here")

    def test_after_the_due_day_it_is_shut(self, world, parcel):
        courier = world.actor("courier", "SZ001")
        later = world.now + timedelta(days=400)
        assert self.refused(world, courier, parcel, now=later) == ("L2.4", "due")

    def test_long_after_delivery_service_is_over(self, world, parcel):
        world.drive(parcel, "delivered")
        manager = world.actor("branch_manager", "SZ001")
        answer = self.refused(
            world,
            manager,
            parcel,
            purpose="customer_service",
            reason="customer_asked",
            now=world.now + timedelta(days=100),
        )
        assert answer == ("L3.1", "status_closed")

    def test_unknown_and_forbidden_are_refused_in_the_same_words(self, world, parcel):
        from midan.core import number
        from midan.vault import services as vault

        unknown = number.encode(vault.company_key("number"), 10**9)
        for role in ("courier", "clerk", "branch_manager", "agent", "hr"):
            actor, answers = world.actor(role, "BJ001"), []
            for waybill in (parcel, unknown):
                with pytest.raises(AccessDenied) as refused:
                    service(world, actor, waybill)
                details = dict(refused.value.details)
                details.pop("entry_id")
                answers.append((refused.value.denied_by, details))
            assert answers[0] == answers[1]

    def test_who_may_see_everything_hears_that_there_is_nothing(self, world, parcel):
        from midan.core import number
        from midan.vault import services as vault

        unknown = number.encode(vault.company_key("number"), 10**9)
        with pytest.raises(NotFound):
            reveal(
                world,
                world.actor("privacy_officer"),
                unknown,
                purpose="complaint",
                reason="complaint_handling",
            )


class TestQuestions:
    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"fields": frozenset()}, BadQuestion),
            ({"fields": frozenset({"goods_kind"})}, BadQuestion),
            ({"fields": frozenset({"password"})}, BadQuestion),
            ({"purpose": "curiosity"}, BadQuestion),
            ({"note": "客户电话 17000005678"}, NoteRefused),
            ({"note": "敲" * 201}, BadQuestion),
            ({"note": "敲门\x00"}, BadQuestion),
            ({"waybill": "MD123"}, NotFound),
        ],
    )
    def test_what_cannot_be_asked_is_refused_before_anything(self, world, parcel, changes, error):
        before = audit.total()
        question = {
            "waybill": parcel,
            "fields": ADDRESS,
            "purpose": "deliver",
            "reason": "door_delivery",
            "now": world.now,
        }
        with pytest.raises(error) as refused:
            services.reveal(actor=world.actor("courier", "SZ001"), **question | changes)
        assert audit.total() == before
        assert "17000005678" not in str(refused.value.as_dict())


class TestTickets:
    def test_an_agent_needs_one(self, world, parcel):
        agent = world.actor("agent", "SZ001")
        with pytest.raises(AccessDenied) as refused:
            service(world, agent, parcel)
        assert refused.value.details["reason"] == "ticket_missing"
        ticket = services.open_ticket(actor=agent, reason="customer_asked", waybill=parcel, now=world.now)
        shown = service(world, agent, parcel, ticket=ticket.code)
        assert shown.values["recipient_address"].reveal(shown.grant)
        assert audit.entry(shown.entry_id).entry.details["ticket"] == ticket.code

    def test_a_number_opens_no_ticket_for_a_parcel_of_other_branches(self, world, parcel):
        agent = world.actor("agent", "BJ001")
        with pytest.raises(NotFound) as off_route:
            services.open_ticket(actor=agent, reason="customer_asked", waybill=parcel, now=world.now)
        assert (newest().act, newest().details["why"]) == ("access:ticket:opened", "not_on_route")
        with pytest.raises(NotFound) as unknown:
            services.open_ticket(
                actor=agent,
                reason="customer_asked",
                waybill=number.encode(vault.company_key("number"), 900_000),
                now=world.now,
            )
        assert str(off_route.value) == str(unknown.value)
        with pytest.raises(AccessDenied):
            service(world, agent, parcel)

    def test_the_entry_of_a_reveal_names_the_tickets_it_rests_on_quoted_or_not(self, world, parcel):
        agent = world.actor("agent", "SZ001")
        fitting = [
            services.open_ticket(actor=agent, reason="customer_asked", waybill=parcel, now=world.now).code
            for _ in range(2)
        ]
        services.open_ticket(actor=agent, reason="damage", waybill=parcel, now=world.now)
        shown = service(world, agent, parcel)
        assert audit.entry(shown.entry_id).entry.details["ticket"] == ",".join(sorted(fitting))

    @pytest.mark.parametrize(
        ("called_for", "opens"),
        [("customer_asked", "customer_service"), ("complaint_handling", "complaint"), ("damage", "claim")],
    )
    def test_it_opens_for_the_purpose_it_was_opened_for_and_no_other(self, world, parcel, called_for, opens):
        agent = world.actor("agent", "SZ001")
        reasons = {
            "customer_service": "customer_asked",
            "complaint": "complaint_handling",
            "claim": "damage",
        }
        services.open_ticket(actor=agent, reason=called_for, waybill=parcel, now=world.now)
        assert reveal(world, agent, parcel, purpose=opens, reason=reasons[opens]).entry_id
        for purpose in reasons.keys() - {opens}:
            with pytest.raises(AccessDenied) as refused:
                reveal(world, agent, parcel, purpose=purpose, reason=reasons[purpose])
            assert refused.value.details["reason"] == newest().details["why"] == "ticket_for_other_purpose"
        other = next(purpose for purpose in reasons if purpose != opens)
        services.open_ticket(actor=agent, reason=reasons[other], waybill=parcel, now=world.now)
        assert reveal(world, agent, parcel, purpose=other, reason=reasons[other]).entry_id

    @pytest.mark.parametrize("spoil", ["another person", "over", "closed", "wrong code", "another parcel"])
    def test_only_ones_own_open_ticket_for_that_waybill_helps(self, world, parcel, spoil):
        agent, other = world.actor("agent", "SZ001"), world.actor("agent", "HZ001")
        opener = other if spoil == "another person" else agent
        about = world.order() if spoil == "another parcel" else parcel
        ticket = services.open_ticket(actor=opener, reason="customer_asked", waybill=about, now=world.now)
        if spoil == "closed":
            services.close_ticket(actor=agent, code=ticket.code, now=world.now)
        now = world.now + timedelta(hours=25) if spoil == "over" else world.now
        code = "AAAAAAAAAA" if spoil == "wrong code" else ticket.code
        with pytest.raises(AccessDenied) as refused:
            service(world, agent, parcel, ticket=code, now=now)
        assert refused.value.details["reason"] == "ticket_missing"

    @pytest.mark.parametrize(
        "typed", ["16100005678", "\u00e3H4", "欧阳小禾", "A\x00", "AAAAAAAAAA", "5718888222"]
    )
    def test_what_is_no_ticket_is_denied_in_the_log_and_not_repeated_there(self, world, parcel, typed):
        with pytest.raises(AccessDenied):
            service(world, world.actor("agent", "BJ001"), parcel, ticket=typed)
        assert (newest().outcome, "ticket" in newest().details) == ("denied", False)

    def test_who_has_no_customers_opens_none(self, world, parcel):
        for role in ("courier", "branch_manager", "sysadmin", "hr"):
            with pytest.raises(AccessDenied):
                services.open_ticket(
                    actor=world.actor(role), reason="customer_asked", waybill=parcel, now=world.now
                )
        assert newest().outcome == "denied"

    def test_a_reason_without_customer_and_a_ticket_about_nothing_are_refused(self, world, parcel):
        agent = world.actor("agent")
        for wrong in ({"reason": "leak_tracing", "waybill": parcel}, {"reason": "customer_asked"}):
            with pytest.raises(BadQuestion):
                services.open_ticket(actor=agent, now=world.now, **wrong)

    @pytest.mark.parametrize(
        ("asked", "named"), [("MD000000000000", False), ("ask for 欧阳小禾", False), ("", True)]
    )
    def test_a_ticket_for_a_number_nobody_has_is_denied_in_the_log(self, world, parcel, asked, named):
        unused = number.encode(vault.company_key("number"), 900_000)
        with pytest.raises(NotFound):
            services.open_ticket(
                actor=world.actor("agent"), reason="customer_asked", waybill=asked or unused, now=world.now
            )
        entry = newest()
        assert (entry.act, entry.outcome) == ("access:ticket:opened", "denied")
        assert entry.object == (f"waybill:{unused}" if named else "ticket:none")
        assert entry.details["why"] == "waybill_unknown"
        if asked:
            assert asked.encode() not in entry.to_bytes()

    def test_the_phone_behind_a_ticket_is_only_a_digest_and_goes_with_it(self, world):
        from midan.access.models import Ticket

        agent = world.actor("agent")
        services.open_ticket(actor=agent, reason="customer_asked", phone="17000005678", now=world.now)
        assert b"17000005678" not in bytes(Ticket.objects.get().digest)
        assert services.sweep_tickets(now=world.now) == 0
        assert services.sweep_tickets(now=world.now + timedelta(hours=24)) == 1
        assert bytes(Ticket.objects.get().digest) == b""


class TestBudget:
    def almost_spent(self, world, actor, kind=BudgetKind.REVEAL, left=1):
        allowed = allowance(actor, kind, now=world.now)
        Budget.objects.create(
            staff=actor.name, day=world.now.date(), kind=kind, used=allowed - left, allowed=allowed
        )

    def test_the_day_ends_with_its_last_reveal(self, world, parcel):
        courier = world.actor("courier", "SZ001")
        self.almost_spent(world, courier)
        reveal(world, courier, parcel)
        with pytest.raises(BudgetSpent) as spent:
            reveal(world, courier, parcel)
        assert (spent.value.status, spent.value.clause) == (429, "M4")
        assert (newest().outcome, newest().clause) == ("denied", "M4")

    def test_more_fields_than_are_left_open_none_and_spend_nothing(self, world, parcel):
        actor = world.actor("privacy_officer")
        self.almost_spent(world, actor, left=2)
        asked = {"purpose": "rights_request", "reason": "copy_requested"}
        three = frozenset({"sender_phone", "recipient_phone", "goods_name"})
        with pytest.raises(BudgetSpent):
            reveal(world, actor, parcel, fields=three, **asked)
        assert (newest().act, newest().outcome, newest().clause) == ("access:reveal:denied", "denied", "M4")
        assert len(reveal(world, actor, parcel, fields=three - {"goods_name"}, **asked).values) == 2
        with pytest.raises(BudgetSpent):
            reveal(world, actor, parcel, fields=frozenset({"goods_name"}), **asked)

    def test_a_spent_ticket_budget_is_denied_in_the_log(self, world, parcel):
        agent = world.actor("agent")
        self.almost_spent(world, agent, kind=BudgetKind.TICKET)
        ask = {"actor": agent, "reason": "customer_asked", "now": world.now}
        services.open_ticket(**ask, waybill=parcel)
        for named in ({"waybill": parcel}, {"phone": "17000005678"}):
            before = audit.total()
            with pytest.raises(BudgetSpent):
                services.open_ticket(**ask, **named)
            assert audit.total() == before + 1
            entry = newest()
            assert (entry.act, entry.outcome, entry.clause) == ("access:ticket:opened", "denied", "M4")
            assert (entry.object, entry.details["why"]) == (
                f"waybill:{parcel}" if "waybill" in named else "ticket:none",
                "budget_spent",
            )
            assert b"17000005678" not in entry.to_bytes()

    def test_tomorrow_in_shanghai_is_another_day(self, world, parcel):
        courier = world.actor("courier", "SZ001")
        self.almost_spent(world, courier, left=0)
        tomorrow = world.now.replace(hour=16, minute=0)
        assert reveal(world, courier, parcel, now=tomorrow).values

    def test_a_post_moved_elsewhere_keeps_what_it_used(self, world, parcel):
        courier = world.actor("courier", "SZ001")
        day = world.now.date()
        Budget.objects.create(staff=courier.name, day=day, kind=BudgetKind.REVEAL, used=200, allowed=400)
        Staff.objects.filter(staff_no=courier.name).update(role="branch_manager")
        with pytest.raises(BudgetSpent):
            service(world, courier, parcel)

    def test_many_at_once_spend_it_exactly(self, world, parcel):
        courier = world.actor("courier", "SZ001")
        self.almost_spent(world, courier, left=3)

        def ask():
            try:
                reveal(world, courier, parcel)
            except BudgetSpent:
                return "refused"
            return "shown"

        outcomes = at_once(*[lambda: [ask(), ask()]] * 4)
        assert sorted(one for both in outcomes for one in both) == ["refused"] * 5 + ["shown"] * 3
        entries = [view.entry.outcome for view in audit.entries(audit.EntryFilter(act="access:")).items]
        assert (entries.count("allowed"), entries.count("denied")) == (3, 5)

    def test_budgets_are_shown(self, world, parcel):
        courier = world.actor("courier", "SZ001")
        reveal(world, courier, parcel)
        shown = {
            budget.kind: (budget.used, budget.allowed) for budget in selectors.budgets(courier, now=world.now)
        }
        assert shown == {"reveal": (1, 43), "search": (0, 0), "ticket": (0, 0)}
