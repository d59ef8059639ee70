"""Clause L2.4: lengths below the cap, holds that end by two persons, a restriction that shuts every reveal."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from midan.audit import selectors as log
from midan.catalog.rules import LengthBasis
from midan.core.actor import Actor
from midan.vault import models
from midan.vault import selectors as vault_selectors
from midan.vault.errors import HoldUnknown, NothingToHold, RetentionAboveCap
from midan.vault.keeping import selectors, services
from midan.vault.keeping.rules import EndReason, HoldKind, HoldReason, Scope
from tests.vault.orders import DAY, DUE, order, put

OFFICER = Actor(kind="staff", name="S00007", role="privacy_officer", branch="HZ001")


def set_length(now, days, settle_days=30, retention="standard"):
    services.set_length(
        actor=OFFICER,
        retention=retention,
        days=days,
        settle_days=settle_days,
        basis=LengthBasis.SERVICE_NEED,
        document="QS-2026-014",
        now=now,
    )


def hold(now, *seqs, kind=HoldKind.HOLD, scope=Scope.WAYBILL):
    return services.place_hold(
        actor=OFFICER,
        kind=kind,
        scope=scope,
        label="",
        reason=HoldReason.LITIGATION,
        seqs=seqs,
        now=now,
    )


def end(code, now, approver="staff:S00008"):
    services.end_hold(
        actor=OFFICER,
        code=code,
        reason=EndReason.DISPUTE_SETTLED,
        requester=OFFICER.reference,
        approver=approver,
        now=now,
    )


class TestLengths:
    def test_the_catalogues_length_holds_until_the_company_sets_one(self, vault, now):
        assert selectors.due_day("standard", date(2026, 11, 23)) == date(2027, 6, 21)
        assert selectors.length("standard").set_by == ""
        set_length(now, 90)
        set_length(now + timedelta(days=1), 60, settle_days=0)
        assert selectors.due_day("standard", date(2026, 11, 23)) == date(2027, 1, 22)
        history = selectors.length_history("standard")
        assert [(view.days, view.settle_days, view.set_by) for view in history] == [
            (60, 0, OFFICER.reference),
            (90, 30, OFFICER.reference),
        ]
        assert {view.document for view in history} == {"QS-2026-014"}
        entry = log.entries(log.EntryFilter(act="vault:length:set")).items[0].entry
        assert (entry.details["days_before"], entry.details["days"], entry.clause) == (90, 60, "L2.4")

    @pytest.mark.parametrize(("days", "settle"), [(1095, 1), (1096, 0), (0, 30), (10, -1)])
    def test_a_length_above_the_cap_is_refused_and_changes_nothing(self, vault, now, days, settle):
        with pytest.raises(RetentionAboveCap) as refused:
            set_length(now, days, settle)
        assert (refused.value.clause, refused.value.details["cap"]) == ("L2.4", 1095)
        assert selectors.length_history("standard") == ()
        assert log.entries(log.EntryFilter(act="vault:length:set")).items == ()

    def test_the_cap_itself_may_be_set(self, vault, now):
        set_length(now, 1000, 95)
        assert selectors.due_day("standard", DAY) == DAY + timedelta(days=1095)

    @pytest.mark.parametrize("retention", ["evidence", "tracking", "for_ever"])
    def test_a_class_that_lies_in_no_epoch_has_no_length_to_set(self, vault, now, retention):
        with pytest.raises(RetentionAboveCap):
            set_length(now, 10, retention=retention)


class TestHolds:
    def test_a_hold_over_many_waybills_shows_on_each_until_it_ends(self, vault, now):
        put([order(1), order(2), order(3)])
        code = hold(now, 1, 2, 99, scope=Scope.PERSON)
        assert [vault_selectors.state(seq).held for seq in (1, 2, 3)] == [True, True, False]
        assert not vault_selectors.state(1).restricted
        assert selectors.hold(code).waybills == 2
        (epoch,) = {place.epoch for place in selectors.places([1])}
        assert sorted(selectors.held_seqs([epoch])[epoch]) == [1, 2]
        end(code, now)
        assert not vault_selectors.state(1).held
        assert selectors.held_seqs([epoch]) == {epoch: []}
        ended = selectors.hold(code)
        assert (ended.ended_by, ended.ended_with) == (OFFICER.reference, "staff:S00008")
        with pytest.raises(HoldUnknown):
            end(code, now)

    def test_a_waybill_stays_held_while_one_of_its_holds_lives(self, vault, now):
        put([order(1)])
        first, second = hold(now, 1), hold(now, 1)
        end(first, now)
        assert vault_selectors.state(1).held
        end(second, now)
        assert not vault_selectors.state(1).held

    def test_a_restriction_is_no_hold(self, vault, now):
        put([order(1)])
        code = hold(now, 1, kind=HoldKind.RESTRICTION)
        state = vault_selectors.state(1)
        assert (state.restricted, state.held, state.due) == (True, False, DUE.replace(day=23))
        (epoch,) = {place.epoch for place in selectors.places([1])}
        assert selectors.held_seqs([epoch]) == {epoch: []}
        end(code, now)
        assert not vault_selectors.state(1).restricted

    def test_one_person_ends_no_hold(self, vault, now):
        put([order(1)])
        code = hold(now, 1)
        with pytest.raises(IntegrityError), transaction.atomic():
            end(code, now, approver=OFFICER.reference)
        assert vault_selectors.state(1).held
        assert log.entries(log.EntryFilter(act="vault:hold:ended")).items == ()

    def test_what_is_destroyed_cannot_be_held(self, vault, now):
        put([order(1)])
        models.Epoch.objects.update(state="destroyed")
        for seqs in ((1,), (2,)):
            with pytest.raises(NothingToHold):
                hold(now, *seqs)
        assert selectors.holds(live=True) == ()

    def test_the_log_names_the_hold_and_counts_its_waybills(self, vault, now):
        put([order(1), order(2)])
        code = hold(now, 1, 2)
        (view,) = log.of_object(f"hold:{code}")
        assert (view.entry.act, view.entry.count, view.entry.reason) == ("vault:hold:placed", 2, "litigation")


def test_a_derivative_is_found_by_any_of_its_records(vault, now):
    put([order(1), order(2)])
    put([order(3)], day=date(2026, 11, 24))
    mixed = services.register_derivative(
        actor=OFFICER, kind="label_file", location="/tmp/a.pdf", digest=bytes(32), seqs=[2, 3], now=now
    )
    services.register_derivative(
        actor=OFFICER, kind="label_file", location="/tmp/b.pdf", digest=bytes(32), seqs=[3], now=now
    )
    (epoch,) = {place.epoch for place in selectors.places([1])}
    assert services.claim_derivatives(run="R1", epochs=[epoch], seqs=[]) == 1
    assert services.claim_derivatives(run="R1", epochs=[epoch], seqs=[]) == 0
    assert [item.code for item in selectors.derivatives(run="R1")] == [mixed]
    assert services.claim_derivatives(run="R2", epochs=[], seqs=[3]) == 1
    services.derivative_gone(actor=OFFICER, code=mixed, outcome="removed", now=now)
    assert selectors.derivatives(run="R1")[0].outcome == "removed"
    assert [item.run for item in selectors.derivatives()] == ["R2"]
