"""Clauses L2.4, L6.1, L6.2: what is due goes, what must stay stays, nobody destroys alone, and it is proved."""

import json
import sqlite3
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from midan.approval import services as approval
from midan.approval.errors import OwnRequest, PostMayNotAsk
from midan.audit import selectors as log
from midan.audit.selectors import verify
from midan.catalog.rules import LengthBasis
from midan.core.blind import Kind
from midan.core.sm import sm3
from midan.destruction import models, selectors, services
from midan.destruction.controls import controls
from midan.destruction.errors import NothingToDestroy, PostMayNotDestroy, RecordsHeld, RunBusy, RunUnknown
from midan.destruction.rules.runs import CutPart, RunReason, Step
from midan.destruction.services import Erasure, steps
from midan.destruction.services.work import _alone
from midan.vault import models as vault_models
from midan.vault import selectors as vault
from midan.vault.errors import KeeperUnreachable
from midan.vault.keeping import selectors as keeping
from midan.vault.keeping import services as keeping_services
from midan.vault.keeping.rules import CARRIED, EndReason, HoldKind, HoldReason, Scope
from tests.access.conftest import RECIPIENT, SENDER
from tests.destruction.conftest import JOB
from tests.vault.orders import find


def state(clause, today):
    found = [control for control in controls(today) if control.clause == clause]
    return [control.state for control in found]


class TestTheSchedule:
    def test_what_is_due_goes_and_what_must_stay_is_carried_on(self, office, old):
        delivered, held, _, travelling = old
        office.hold(held)
        epoch = office.epoch(delivered)
        (run,) = office.destroy_due()
        assert [(one.number, one.records, one.held, one.stragglers, one.destroyed) for one in run.epochs] == [
            (epoch, 4, 1, 1, 2)
        ]
        assert office.opens(delivered) is None
        assert vault.state(office.seq(delivered)).destroyed
        for number in (held, travelling):
            assert office.opens(number).sender.name
            assert office.epoch(number) != epoch
        assert vault_models.Epoch.objects.get(number=office.epoch(held)).retention == CARRIED
        assert not vault_models.Part.objects.filter(epoch=epoch).exists()
        assert not vault_models.Digest.objects.filter(epoch=epoch).exists()
        assert not vault_models.State.objects.filter(epoch=epoch).exists()

    def test_on_the_due_day_itself_everything_is_still_there(self, office):
        number = office.order()
        office.days(210)
        assert office.destroy_due() == []
        assert office.opens(number)
        office.days(1)
        assert len(office.destroy_due()) == 1
        assert office.opens(number) is None

    def test_a_dry_run_counts_and_touches_nothing(self, office, old):
        office.hold(old[0])
        before = log.total()
        plan = selectors.due_plan(office.now.date())
        assert plan.as_dict() == {
            "epochs": 1,
            "records": 4,
            "held": 1,
            "stragglers": 1,
            "straggler_share": 0.25,
            "destroyable": 2,
            "waiting": 0,
        }
        assert log.total() == before
        assert all(office.opens(number) for number in old)

    def test_an_epoch_in_which_everything_must_stay_is_left_alone(self, office):
        number = office.order(delivered=False)
        office.days(211)
        plan = selectors.due_plan(office.now.date())
        assert (plan.epochs, len(plan.waiting)) == ((), 1)
        assert office.destroy_due() == []
        assert office.opens(number)

    def test_a_hold_that_ends_past_its_day_destroys_within_a_day(self, office, old):
        hold = office.hold(old[0])
        office.destroy_due()
        office.days(30)
        office.destroy_due()
        assert office.opens(old[0])
        office.end(hold)
        office.days(1)
        office.destroy_due()
        assert office.opens(old[0]) is None
        assert office.opens(old[3])

    def test_what_was_carried_is_found_by_search_and_only_once(self, office, old):
        office.hold(old[0])
        office.destroy_due()
        found = {hit.seq for hit in find(Kind.PHONE, SENDER.phone)}
        assert found == {office.seq(old[0]), office.seq(old[3])}

    def test_an_unfinished_parcel_goes_once_it_is_delivered(self, office, old):
        office.destroy_due()
        office.deliver(old[3])
        office.days(1)
        office.destroy_due()
        assert office.opens(old[3]) is None

    def test_nothing_unfinished_is_kept_past_the_cap_of_its_class(self, office):
        lost, other = office.order(delivered=False), office.order()
        office.days(211)
        office.destroy_due()
        office.days(1095 - 211)
        office.destroy_due()
        assert office.opens(lost)
        office.days(1)
        office.destroy_due()
        assert office.opens(lost) is None
        assert office.opens(other) is None

    def test_a_length_set_by_the_company_counts_for_new_epochs(self, office):
        before = office.order()
        services.set_length(
            actor=office.officer,
            retention="standard",
            days=10,
            settle_days=0,
            basis=LengthBasis.SERVICE_NEED,
            document="",
            now=office.now,
        )
        office.days(1)
        assert keeping.due_day("standard", office.now.date()) == office.now.date() + timedelta(days=10)
        assert vault.state(office.seq(before)).due == office.now.date() + timedelta(days=209)

    def test_nobody_but_the_schedule_is_asked_and_the_log_tells_the_whole_story(self, office, old):
        (run,) = office.destroy_due()
        acts = [view.entry.act for view in log.of_object(f"run:{run.code}")]
        assert acts == [
            "destruction:run:planned",
            "destruction:run:started",
            "vault:records:resealed",
            "destruction:run:finished",
        ]
        assert verify(workers=1).ok


class TestTwoPersons:
    def request(self, office, *numbers, part=CutPart.RECIPIENT, **changes):
        wanted = {
            "actor": office.officer,
            "erasures": [Erasure(waybill=number, part=part) for number in numbers],
            "reason": RunReason.DELETION_REQUESTED,
            "now": office.now,
        }
        return services.request_run(**(wanted | changes))

    def test_one_person_alone_destroys_nothing(self, office):
        number = office.order()
        code = self.request(office, number)
        office.work()
        assert selectors.run(code).step == Step.PLANNED
        with pytest.raises(OwnRequest):
            approval.approve(actor=office.officer, code=selectors.run(code).approval, now=office.now)
        office.work()
        assert office.opens(number).recipient.name
        assert not log.entries(log.EntryFilter(act="destruction:run:started")).items

    def test_the_database_refuses_a_run_outside_the_schedule_without_a_second_person(self, office):
        code = self.request(office, office.order())
        run = models.Run.objects.filter(code=code)
        for forged in ({}, {"approver": office.officer.reference, "approval_entry": "0" * 32}):
            with pytest.raises(IntegrityError), transaction.atomic():
                run.update(step=Step.STARTED, **forged)

    @pytest.mark.parametrize("role", ["courier", "agent", "branch_manager", "analyst", "sysadmin"])
    def test_other_posts_ask_for_nothing(self, office, role):
        number = office.order()
        actor = office.world.actor(role)
        with pytest.raises(PostMayNotDestroy):
            self.request(office, number, actor=actor)
        with pytest.raises(PostMayNotDestroy):
            services.place_hold(
                actor=actor,
                kind=HoldKind.HOLD,
                scope=Scope.WAYBILL,
                label="",
                reason=HoldReason.LITIGATION,
                waybill_numbers=[number],
                now=office.now,
            )
        hold = office.hold(number)
        with pytest.raises(PostMayNotDestroy):
            services.request_end(actor=actor, code=hold, reason=EndReason.DISPUTE_SETTLED, now=office.now)
        if role != "analyst":
            code = services.request_end(
                actor=office.officer, code=hold, reason=EndReason.DISPUTE_SETTLED, now=office.now
            )
            with pytest.raises(PostMayNotAsk):
                approval.approve(actor=actor, code=code, now=office.now)

    def test_a_person_erased_from_a_waybill_leaves_the_other(self, office):
        number, other = office.order(), office.order()
        code = self.request(office, number)
        approval.approve(actor=office.second, code=selectors.run(code).approval, now=office.now)
        worked = office.work()
        assert (worked.faults, worked.finished) == ((), (code,))
        left = office.opens(number)
        assert (left.sender.name, left.recipient.name, left.goods_name) != ("", "", "")
        assert left.recipient.phone == ""
        assert left.sender.phone.endswith(SENDER.phone[-4:])
        assert office.opens(other).recipient.name
        assert {hit.seq for hit in find(Kind.PHONE, RECIPIENT.phone)} == {office.seq(other)}
        assert office.seq(number) in {hit.seq for hit in find(Kind.PHONE, SENDER.phone)}
        facts = office.certificate(code).facts
        assert facts["totals"] == {
            "epochs": 0,
            "canaries": 0,
            "records": 0,
            "persons": 1,
            "carried": 0,
            "files_removed": 0,
            "files_left": 0,
        }
        assert facts["times"]["digests_unlinkable_since"] is None
        assert facts["times"]["digests_unlinkable_by"] == str(vault.state(office.seq(number)).due)
        assert [one["as"] for one in facts["responsible"]] == ["requester", "approver"]
        (person,) = facts["persons"]
        assert len(bytes.fromhex(person["token"])) == 16

    def test_a_whole_epoch_goes_early_when_two_persons_want_it(self, office):
        number, travelling = office.order(), office.order(delivered=False)
        code = self.request(
            office, erasures=(), epochs=[office.epoch(number)], reason=RunReason.BRANCH_CLOSED
        )
        approval.approve(actor=office.second, code=selectors.run(code).approval, now=office.now)
        assert office.work().finished == (code,)
        assert office.opens(number) is None
        assert office.opens(travelling)

    def test_a_refused_request_is_given_up(self, office):
        number = office.order()
        code = self.request(office, number)
        approval.refuse(actor=office.second, code=selectors.run(code).approval, now=office.now)
        office.work()
        assert selectors.run(code).dropped_at == office.now
        assert selectors.open_runs() == ()
        assert office.opens(number)

    def test_an_expired_request_is_given_up_even_if_approved(self, office):
        code = self.request(office, office.order())
        approval.approve(actor=office.second, code=selectors.run(code).approval, now=office.now)
        office.days(8)
        office.work()
        assert selectors.run(code).dropped_at == office.now

    def test_what_is_held_is_not_erased(self, office):
        number = office.order()
        office.hold(number)
        with pytest.raises(RecordsHeld):
            self.request(office, number)
        assert models.Run.objects.count() == 0

    def test_what_is_not_there_is_not_erased(self, office):
        for changes in (
            {"erasures": []},
            {"erasures": [Erasure(waybill="MD0000000000000", part=CutPart.WHOLE)]},
        ):
            with pytest.raises(NothingToDestroy):
                self.request(office, **changes)
        with pytest.raises(RunUnknown):
            selectors.run("D19700101-0001")

    def test_a_hold_placed_after_the_approval_stops_the_erasure(self, office):
        number = office.order()
        code = self.request(office, number, part=CutPart.WHOLE)
        approval.approve(actor=office.second, code=selectors.run(code).approval, now=office.now)
        office.hold(number)
        office.work()
        assert office.opens(number)
        assert selectors.run(code).dropped_at == office.now


class TestCertificates:
    def test_it_verifies_and_says_what_went_when_and_under_which_condition(self, office, old):
        office.hold(old[0])
        (run,) = office.destroy_due()
        found = office.certificate(run.code)
        facts = found.facts
        assert (found.number, found.status) == (run.code, "final")
        assert facts["totals"]["records"] == 2
        assert facts["times"]["content_unreadable_since"] == facts["times"]["digests_unlinkable_since"]
        assert "当且仅当" in facts["condition"]["zh"]
        assert "if and only if" in facts["condition"]["en"]
        assert facts["keepers"][0]["class"] == "file"
        assert facts["keepers"][0]["best_effort"] is True
        assert facts["keepers"][0]["erased_at"]
        text = selectors.certificate(run.code).decode()
        for person in (SENDER, RECIPIENT):
            for value in (person.name, person.phone, person.address):
                assert value not in text

    def test_it_is_pending_until_every_keeper_has_erased(self, office, old):
        silent = vault_models.Share.objects.create(
            keeper="split:/a:/b", kind="split", generation=1, given_at=office.now
        )
        worked = office.work()
        assert len(worked.waiting) == 1
        (code,) = worked.waiting
        pending = office.certificate(code)
        assert (pending.status, pending.facts["times"]["content_unreadable_since"]) == ("pending", None)
        assert {one["keeper"]: one["erased_at"] for one in pending.facts["keepers"]}["split:/a:/b"] is None
        assert office.opens(old[0]) is None
        assert state("L6.1", office.now.date()) == ["not_yet", "not_yet"]
        office.days(1)
        vault_models.Share.objects.filter(pk=silent.pk).update(
            erased_at=office.now, how="overwritten_and_unlinked"
        )
        assert office.work(due=False).finished == (code,)
        final = office.certificate(code)
        assert final.status == "final"
        assert selectors.run(code).unreadable_at == office.now

    def test_the_page_for_people_is_made_from_it(self, office, old):
        from midan.destruction.render.pdf import pdf

        (run,) = office.destroy_due()
        page = pdf(selectors.certificate(run.code))
        assert page.startswith(b"%PDF-")
        assert page == pdf(selectors.certificate(run.code))

    def test_the_controls_are_green_only_with_evidence(self, office, old):
        today = office.now.date()
        assert state("L6.2", today) == ["not_yet"]
        assert state("L6.1", today) == ["not_yet", "not_yet"]
        assert state("L2.4", today) == ["enforced"]
        office.days(3)
        assert state("L2.4", office.now.date()) == ["not_yet"]
        (run,) = office.destroy_due()
        today = office.now.date()
        assert state("L2.4", today) == ["enforced"]
        assert state("L6.2", today) == ["proved"]
        # What was destroyed is gone; that no old backup brings it back, only a drill shows.
        assert state("L6.1", today) == ["enforced", "not_yet"]
        row = models.Certificate.objects.get(run__code=run.code)
        row.text = bytes(row.text).replace(b'"records":3', b'"records":4')
        row.save()
        assert state("L6.2", today) == ["not_yet"]


class TestDerivedFiles:
    def test_files_made_from_the_data_go_with_it_unless_they_are_others_now(self, office, old, tmp_path):
        outcomes = {}
        for name in ("same", "changed", "missing"):
            path = tmp_path / f"{name}.pdf"
            path.write_bytes(name.encode())
            outcomes[name] = keeping_services.register_derivative(
                actor=office.officer,
                kind="label_file",
                location=str(path),
                digest=sm3(name.encode()),
                seqs=[office.seq(old[0])],
                now=office.now,
            )
        (tmp_path / "changed.pdf").write_bytes(b"somebody else's")
        (tmp_path / "missing.pdf").unlink()
        (run,) = office.destroy_due()
        found = {item.code: item.outcome for item in keeping.derivatives(run=run.code)}
        assert {name: found[code] for name, code in outcomes.items()} == {
            "same": "removed",
            "changed": "changed",
            "missing": "missing",
        }
        assert sorted(path.name for path in tmp_path.glob("*.pdf")) == ["changed.pdf"]
        totals = office.certificate(run.code).facts["totals"]
        assert (totals["files_removed"], totals["files_left"]) == (1, 2)


class Killed(BaseException):
    """What a kill looks like from inside: nothing catches it."""


class TestCrashes:
    @pytest.mark.parametrize("step", [step for step in Step if step != Step.PLANNED])
    def test_killed_before_any_step_is_written_down_it_goes_on_to_the_same_end(
        self, office, old, step, monkeypatch
    ):
        office.hold(old[0])
        done = steps._done

        def die(run, reached, now):
            if reached == step:
                raise Killed
            done(run, reached, now)

        with monkeypatch.context() as patch:
            patch.setattr(steps, "_done", die)
            with pytest.raises(Killed):
                office.work()
        worked = office.work()
        assert (worked.faults, len(worked.finished)) == ((), 1)
        run = selectors.run(worked.finished[0])
        assert [(one.records, one.held, one.stragglers, one.destroyed) for one in run.epochs] == [
            (4, 1, 1, 2)
        ]
        assert office.certificate(run.code).status == "final"
        assert office.opens(old[1]) is None
        assert office.opens(old[0])
        assert office.opens(old[3])
        assert verify(workers=1).ok

    @pytest.mark.parametrize("verb", ["reseal", "destroy", "rotate", "sweep"])
    def test_killed_right_after_a_verb_of_the_vault_it_goes_on(self, office, old, verb, monkeypatch):
        office.hold(old[0])
        real = getattr(steps.vault, verb)

        def die(**arguments):
            real(**arguments)
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(steps.vault, verb, die)
            with pytest.raises(Killed):
                office.work()
        worked = office.work()
        assert (worked.faults, len(worked.finished)) == ((), 1)
        assert office.opens(old[1]) is None
        assert office.opens(old[0])
        assert office.opens(old[3])

    def test_asleep_for_days_it_asks_the_log_for_a_new_warrant(self, office, old, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(steps.vault, "destroy", lambda **_: (_ for _ in ()).throw(Killed))
            with pytest.raises(Killed):
                office.work()
        office.days(3)
        worked = office.work()
        assert (worked.faults, len(worked.finished)) == ((), 1)
        started = log.entries(log.EntryFilter(act="destruction:run:started"))
        assert len(started.items) == 2

    def test_a_keeper_that_cannot_be_reached_leaves_the_run_where_it_is(self, office, old, monkeypatch):
        def gone(**_):
            raise KeeperUnreachable("split:/a:/b", "ENOENT")

        with monkeypatch.context() as patch:
            patch.setattr(steps.vault, "rotate", gone)
            worked = office.work()
        assert [fault.code for fault in worked.faults] == ["keeper_unreachable"]
        assert selectors.run(worked.waiting[0]).step == Step.DESTROYED
        assert office.work().faults == ()

    def test_a_hold_placed_between_two_steps_is_kept(self, office, old, monkeypatch):
        real = steps._destroy_step

        def late(actor, run, now):
            office.hold(old[2])
            return real(actor, run, now)

        with monkeypatch.context() as patch:
            patch.setitem(steps.STEPS, Step.CARRIED, late)
            worked = office.work()
        assert (worked.faults, len(worked.finished)) == ((), 1)
        assert office.opens(old[2])
        run = selectors.run(worked.finished[0])
        assert [(one.held, one.stragglers, one.destroyed) for one in run.epochs] == [(1, 1, 2)]

    def test_two_processes_do_not_destroy_at_once(self, office):
        with _alone(), pytest.raises(RunBusy):
            office.work()


def test_raw_rows_of_the_destroyed_hold_nothing_a_key_of_today_opens(office, old):
    """Keep the old sealed rows, states and frontiers aside, put them back after the ratchet: nothing opens."""
    if connection.vendor != "sqlite":
        pytest.skip("copies a database file")
    epoch = office.epoch(old[0])
    tables = ("vault_part", "vault_state", "vault_frontier", "vault_record", "vault_epoch")
    kept = {}
    with connection.cursor() as cursor:
        for table in tables:
            column = "id" if table == "vault_epoch" else "epoch"
            cursor.execute(f"SELECT * FROM {table} WHERE {column} = %s", [epoch])
            kept[table] = cursor.fetchall()
    office.destroy_due()
    with sqlite3.connect(connection.settings_dict["NAME"]) as raw:
        for table, rows in kept.items():
            for row in rows:
                marks = ", ".join("?" * len(row))
                raw.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row)
    raw.close()
    from midan.core.errors import MidanError
    from midan.vault import keyd

    keyd._connections.clear()
    with pytest.raises(MidanError):
        vault.masked([office.seq(old[0])])


def test_the_facts_are_what_the_log_was_told(office, old):
    (run,) = office.destroy_due()
    data = json.loads(selectors.certificate(run.code))
    entry = log.entry(office.certificate(run.code).entry_id).entry
    assert entry.object == f"certificate:{run.code}"
    assert data["facts"]["entries"]["warrant"] == run.warrant
    assert log.entry(run.warrant).entry.details["basis"] == "due"
    assert office.certificate(run.code).facts["responsible"] == [{"as": "requester", "who": JOB.reference}]
