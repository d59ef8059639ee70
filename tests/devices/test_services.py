"""Enrolment by a one-time code, signed reports, and who may do what with a device."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from midan.audit import selectors as log
from midan.audit.selectors import EntryFilter
from midan.core.actor import Actor
from midan.core.devicereport import StatementRefused
from midan.core.sm import SigningKey
from midan.devices import services
from midan.devices.controls import controls
from midan.devices.errors import (
    AddressSpent,
    BadDevice,
    ClockOff,
    CodeSpent,
    DeviceDenied,
    DeviceRevoked,
    KeyKnown,
    PhoneNeedsPasskey,
    Replayed,
    TooManyReports,
    UnknownDevice,
)
from midan.devices.models import Address, Browser, Code, Device, Report
from midan.devices.rules import KEPT_REPORTS, MOST_AN_HOUR, NOTHING, Point, Standing
from midan.devices.selectors import best_of, device, devices_of, live_by_person, register, standing
from tests.at_once import at_once
from tests.devices.computers import (
    ADMIN,
    COLLEAGUE,
    DAY,
    HOUR,
    MINUTE,
    PERSON,
    STRANGER,
    UNLOCKED,
    Computer,
    at_work,
)

pytestmark = pytest.mark.django_db(transaction=True)
DEMO = Actor.system("demo")
GOOD, BAD = Standing(known=True, healthy=True), Standing(known=True, healthy=False)


def on(computer, actor=PERSON):
    """Return the actor as a session on this computer would give them."""
    return Actor(kind="staff", name=actor.name, role=actor.role, branch=actor.branch, device=computer.number)


def acts(of="devices:"):
    return [view.entry for view in log.entries(EntryFilter(act=of)).items]


class TestEnrolment:
    def test_a_code_enrols_one_computer_for_whoever_made_it(self, now):
        computer = Computer().enrol(PERSON, now)
        (found,) = devices_of(PERSON.name, now=now)
        assert (found.id, found.name, found.kind, found.healthy) == (
            computer.number,
            "前台电脑",
            "computer",
            False,
        )
        assert found.failing == (Point.REPORT,)
        entry = acts("devices:device:enrolled")[0]
        assert (entry.actor, entry.object) == (f"staff:{PERSON.name}", f"device:{computer.number}")

    def test_a_code_is_used_once_runs_out_and_an_older_one_ends(self, now):
        first = services.make_code(actor=PERSON, now=now)
        second = services.make_code(actor=PERSON, now=now)
        for code, at in ((first, now), ("guessed", now), (second, now + 16 * MINUTE)):
            with pytest.raises(CodeSpent):
                services.enrol(signed=Computer().enrolment(code, at), address="", now=at)
        services.enrol(signed=Computer().enrolment(second, now), address="", now=now)
        with pytest.raises(CodeSpent):
            services.enrol(signed=Computer().enrolment(second, now), address="", now=now)

    def test_only_digests_of_what_is_told_once_are_kept(self, now):
        code = services.make_code(actor=PERSON, now=now)
        done = services.enrol(signed=Computer().enrolment(code, now), address="", now=now)
        bound = services.bind(actor=PERSON, token=done.token, kind="desk", now=now)
        services.make_code(actor=PERSON, now=now)
        kept = [
            str(value)
            for kind in (Code, Address, Browser, Device)
            for row in kind.objects.values()
            for value in row.values()
        ]
        kept += [entry.to_bytes().decode() for entry in acts()]
        assert not [word for word in (code, done.token, bound.cookie) if any(word in text for text in kept)]

    def test_of_many_who_use_one_code_at_once_one_computer_is_enrolled(self, now):
        code = services.make_code(actor=PERSON, now=now)

        def attempt():
            try:
                services.enrol(signed=Computer().enrolment(code, now), address="", now=now)
            except CodeSpent:
                return 0
            return 1

        assert sum(at_once(*[attempt] * 4)) == 1
        assert live_by_person()[PERSON.name] == 1

    def test_a_key_one_does_not_hold_is_not_enrolled_and_the_code_stays(self, now):
        code = services.make_code(actor=PERSON, now=now)
        with pytest.raises(StatementRefused):
            services.enrol(
                signed=Computer().enrolment(code, now, public=SigningKey.generate().public),
                address="",
                now=now,
            )
        services.enrol(signed=Computer().enrolment(code, now), address="", now=now)

    def test_a_key_is_one_device(self, now):
        computer = Computer().enrol(PERSON, now)
        code = services.make_code(actor=COLLEAGUE, now=now)
        with pytest.raises(KeyKnown):
            services.enrol(signed=computer.enrolment(code, now), address="", now=now)

    @pytest.mark.parametrize("off", [-11 * MINUTE, 11 * MINUTE])
    def test_a_clock_that_is_off_is_said_so(self, now, off):
        code = services.make_code(actor=PERSON, now=now)
        with pytest.raises(ClockOff):
            services.enrol(signed=Computer().enrolment(code, now + off), address="", now=now)

    def test_for_a_program_only_keepers_make_codes_and_a_program_makes_none(self, now):
        for actor in (PERSON, Actor(kind="client", name="shop"), Actor.system("job")):
            with pytest.raises(DeviceDenied):
                services.make_code(actor=actor, client="shop", now=now)
        assert Computer().enrol(ADMIN, now, client="shop").token == ""


class TestReports:
    def test_a_report_makes_a_computer_healthy_or_names_what_fails(self, now):
        computer = Computer().enrol(PERSON, now)
        assert standing(on(computer), now=now) == BAD
        assert computer.report(now).view.healthy
        assert standing(on(computer), now=now) == GOOD
        judged = computer.report(now, UNLOCKED)
        assert judged.view.failing == (Point.SCREEN_LOCK,)
        assert standing(on(computer), now=now) == BAD
        assert [entry.details for entry in acts("devices:device:reported")] == [
            {"healthy": "no", "failing": "screen_lock"},
            {"healthy": "yes", "failing": ""},
        ]

    def test_a_report_too_old_is_unhealthy_and_a_new_one_mends_it(self, now):
        computer = at_work(PERSON, now)
        late = now + 7 * DAY + MINUTE
        assert standing(on(computer), now=late - 2 * MINUTE) == GOOD
        assert Point.REPORT in device(computer.number, now=late).failing
        computer.report(late)
        assert standing(on(computer), now=late) == GOOD

    def test_a_report_is_taken_once_and_none_older_than_the_last(self, now):
        computer = at_work(PERSON, now)
        older, newer = computer.body(now, UNLOCKED), computer.body(now)
        computer.send(newer, now)
        for body in (newer, older):
            with pytest.raises(Replayed):
                computer.send(body, now)
        assert standing(on(computer), now=now) == GOOD

    def test_of_two_with_one_counter_at_once_one_is_taken(self, now):
        computer = at_work(PERSON, now)
        body = computer.body(now)

        def attempt():
            try:
                computer.send(body, now)
            except Replayed:
                return 0
            return 1

        assert sum(at_once(*[attempt] * 4)) == 1

    def test_a_report_of_another_key_or_for_another_device_is_refused(self, now):
        computer, other = at_work(PERSON, now), at_work(COLLEAGUE, now)
        with pytest.raises(StatementRefused):
            computer.send(other.body(now, device=computer.number, counter=99), now)
        with pytest.raises(StatementRefused):
            computer.send(other.body(now), now)
        with pytest.raises(UnknownDevice):
            Computer(number="0" * 32, key=computer.key).report(now)

    def test_a_report_from_yesterday_is_refused(self, now):
        computer = at_work(PERSON, now)
        with pytest.raises(ClockOff):
            computer.send(computer.body(now - DAY), now)

    def test_a_computer_that_reports_without_end_is_stopped_and_only_the_newest_are_kept(self, now):
        computer = at_work(PERSON, now)
        for _ in range(MOST_AN_HOUR - 1):
            computer.report(now)
        with pytest.raises(TooManyReports):
            computer.report(now)
        later = now + HOUR + MINUTE
        for _ in range(MOST_AN_HOUR):
            computer.report(later)
        assert Report.objects.count() == KEPT_REPORTS
        assert Report.objects.order_by("-counter").first().received_at == later

    def test_what_came_is_kept_byte_for_byte(self, now):
        computer = Computer().enrol(PERSON, now)
        body = computer.body(now)
        computer.send(body, now)
        assert Report.objects.get().statement == body["statement"]


class TestStanding:
    def test_without_a_device_of_the_session_nothing_is_known(self, now):
        at_work(PERSON, now)
        assert standing(PERSON, now=now) == NOTHING

    def test_a_device_serves_nobody_but_its_owner_until_a_keeper_shares_it_with_the_branch(self, now):
        computer = at_work(PERSON, now)
        assert standing(on(computer, COLLEAGUE), now=now) == NOTHING
        with pytest.raises(DeviceDenied):
            services.share(actor=PERSON, number=computer.number, branch="HZ001", now=now)
        services.share(actor=ADMIN, number=computer.number, branch="HZ001", now=now)
        assert standing(on(computer, COLLEAGUE), now=now) == GOOD
        assert standing(on(computer, STRANGER), now=now) == NOTHING
        services.share(actor=ADMIN, number=computer.number, branch="", now=now)
        assert standing(on(computer, COLLEAGUE), now=now) == NOTHING

    def test_a_program_is_as_healthy_as_the_worst_computer_it_runs_on(self, now):
        through = Actor(kind="staff", name=PERSON.name, role=PERSON.role, branch="HZ001", via="hall")
        assert standing(through, now=now) == NOTHING
        first = at_work(ADMIN, now, client="hall")
        assert standing(through, now=now) == GOOD
        second = at_work(ADMIN, now, UNLOCKED, client="hall")
        assert standing(through, now=now) == BAD
        services.revoke(actor=ADMIN, number=second.number, now=now)
        assert standing(through, now=now) == GOOD
        # It is no computer for whoever set it up.
        assert standing(on(first, ADMIN), now=now) == NOTHING
        assert standing(Actor(kind="client", name="hall"), now=now) == NOTHING

    def test_what_stands_in_is_the_demos_alone_and_ends_with_a_real_one(self, now):
        for actor in (PERSON, ADMIN, Actor.system("cli")):
            with pytest.raises(DeviceDenied):
                services.stand_in(actor=actor, staff_no=PERSON.name, now=now)
        for _ in range(2):
            services.stand_in(actor=DEMO, staff_no=PERSON.name, now=now)
        assert live_by_person()[PERSON.name] == 1
        assert standing(PERSON, now=now) == GOOD
        computer = at_work(PERSON, now, UNLOCKED)
        assert standing(PERSON, now=now) == NOTHING
        assert standing(on(computer), now=now) == BAD

    def test_where_there_is_no_session_the_best_device_of_a_person_is_taken(self, now):
        def best(actor):
            return best_of(staff_no=actor.name, branch=actor.branch, now=now)

        assert best(PERSON) == ""
        good, bad = at_work(PERSON, now), at_work(PERSON, now + MINUTE, UNLOCKED)
        at_work(ADMIN, now, client="hall")
        assert (best(PERSON), best(COLLEAGUE), best(ADMIN)) == (good.number, "", "")
        services.share(actor=ADMIN, number=bad.number, branch="HZ001", now=now)
        assert (best(COLLEAGUE), best(STRANGER)) == (bad.number, "")


class TestBrowsersAndPhones:
    def test_an_address_binds_once_in_time_and_for_whom_the_device_serves(self, now):
        computer = Computer().enrol(PERSON, now)
        with pytest.raises(DeviceDenied):
            services.bind(actor=COLLEAGUE, token=computer.token, kind="desk", now=now)
        bound = services.bind(actor=PERSON, token=computer.token, kind="desk", now=now)
        assert bound.device == computer.number
        for token, at in ((computer.token, now), ("guessed", now)):
            with pytest.raises(AddressSpent):
                services.bind(actor=PERSON, token=token, kind="desk", now=at)
        again = computer.report(now, link=True).token
        with pytest.raises(AddressSpent):
            services.bind(actor=PERSON, token=again, kind="desk", now=now + 16 * MINUTE)

    @pytest.mark.parametrize("wrong", [{"passkey": 0}, {"kind": "desk"}, {"actor": Actor.system("job")}])
    def test_a_phone_without_a_passkey_is_no_device(self, now, wrong):
        asked = {"actor": PERSON, "passkey": 1, "name": "x", "kind": "phone", "system": "ios", "now": now}
        with pytest.raises(PhoneNeedsPasskey):
            services.register_phone(**asked | wrong)


class TestTheRegister:
    def test_a_device_is_named_and_revoked_by_its_owner_or_a_keeper(self, now):
        computer = at_work(PERSON, now)
        for verb, more in ((services.rename, {"name": "x"}), (services.revoke, {})):
            with pytest.raises(DeviceDenied):
                verb(actor=COLLEAGUE, number=computer.number, now=now, **more)
        services.rename(actor=PERSON, number=computer.number, name=" 我的电脑 ", now=now)
        assert device(computer.number, now=now).name == "我的电脑"
        for name in ("", "a" * 41, "a\x07"):
            with pytest.raises(BadDevice):
                services.rename(actor=PERSON, number=computer.number, name=name, now=now)
        services.revoke(actor=ADMIN, number=computer.number, now=now)
        assert (live_by_person()[PERSON.name], register(now=now)) == (0, ())

    def test_what_is_revoked_counts_for_nothing_and_never_comes_back(self, now):
        computer = at_work(PERSON, now)
        services.revoke(actor=PERSON, number=computer.number, now=now)
        assert standing(on(computer), now=now) == NOTHING
        with pytest.raises(DeviceRevoked):
            computer.report(now)
        for verb in (services.revoke,):
            with pytest.raises(UnknownDevice):
                verb(actor=PERSON, number=computer.number, now=now)
        code = services.make_code(actor=PERSON, now=now)
        with pytest.raises(KeyKnown):
            services.enrol(signed=computer.enrolment(code, now), address="", now=now)

    def test_a_leavers_devices_go_together_with_the_code_not_used_yet(self, now):
        at_work(PERSON, now)
        at_work(PERSON, now)
        other = at_work(COLLEAGUE, now)
        code = services.make_code(actor=PERSON, now=now)
        assert services.revoke_all(actor=ADMIN, staff_no=PERSON.name, now=now) == 2
        assert live_by_person()[PERSON.name] == 0
        assert standing(on(other, COLLEAGUE), now=now) == GOOD
        with pytest.raises(CodeSpent):
            services.enrol(signed=Computer().enrolment(code, now), address="", now=now)

    def test_the_unhealthy_come_first(self, now):
        good, bad = at_work(PERSON, now), at_work(COLLEAGUE, now, UNLOCKED)
        assert [row.id for row in register(now=now)] == [bad.number, good.number]
        assert [row.id for row in register(now=now, people=[PERSON.name])] == [good.number]

    def test_the_database_itself_refuses_a_computer_without_a_key(self, now):
        with pytest.raises(IntegrityError), transaction.atomic():
            Device.objects.create(
                id="0" * 32, kind="computer", staff_no="S1", name="x", system="linux", enrolled_at=now
            )


class TestTheControl:
    def found(self):
        (control,) = controls(timezone.localdate())
        assert control.clause == "T5"
        return control.state, control.figures

    def test_nothing_registered_and_stand_ins_keep_the_clause_open_and_real_devices_close_it(self):
        now = timezone.now()
        assert self.found()[0] == "not_yet"
        services.stand_in(actor=DEMO, staff_no=PERSON.name, now=now)
        assert self.found()[0] == "not_yet"
        at_work(PERSON, now)
        at_work(COLLEAGUE, now, UNLOCKED)
        at_work(ADMIN, now, UNLOCKED, client="hall")
        state, figures = self.found()
        assert state == "enforced"
        assert {name: figures[name] for name in ("devices", "healthy", "unhealthy", "wrong")} == {
            "devices": 3,
            "healthy": 1,
            "unhealthy": 2,
            "wrong": 0,
        }
