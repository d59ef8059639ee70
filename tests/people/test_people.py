"""People: appointed, moved and closed by those whose post it is, each time with an entry."""

from datetime import timedelta
from functools import partial

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, connection
from django.utils import timezone

from midan.audit import selectors as audit
from midan.core.actor import Actor
from midan.people import controls, selectors, services
from midan.people.errors import (
    BadPost,
    NameTaken,
    NotKeeper,
    SecondPerson,
    SelfGrant,
    UnknownBranch,
    UnknownStaff,
    WeakPassword,
)
from midan.people.models import Staff
from midan.people.posts.granting import revoke
from tests.at_once import at_once

SYSTEM = Actor.system("test")
STRONG = "nine purple otters recite a tide table"


def open_branch(code="HZ001", **changes):
    row = {
        "code": code,
        "name": "测试网点",
        "kind": "own",
        "district_code": "330106",
        "city": "杭州市",
    } | changes
    return services.create_branch(actor=SYSTEM, **row)


def appoint(now, *, actor=SYSTEM, username="ceshi1", role="courier", branch="HZ001", password=None):
    return services.create_staff(
        actor=actor,
        username=username,
        display_name="测试员工",
        role=role,
        branch=branch,
        password=password,
        now=now,
    )


def hr(now):
    person = appoint(now, username="hr1", role="hr")
    return Actor(kind="staff", name=person.staff_no, role="hr", branch="HZ001")


@pytest.mark.django_db
class TestAppointing:
    def test_staff_numbers_follow_each_other(self, now):
        open_branch()
        assert [appoint(now, username=name).staff_no for name in ("a", "b", "c")] == [
            "S00001",
            "S00002",
            "S00003",
        ]

    def test_leaves_one_entry_without_the_persons_name(self, now):
        open_branch()
        person = appoint(now)
        (view,) = audit.of_object(f"staff:{person.staff_no}")
        assert view.entry.act == "people:staff:created"
        assert dict(view.entry.details) | {"role": "courier", "branch": "HZ001"} == dict(view.entry.details)
        assert "测试员工" not in view.entry.to_bytes().decode()

    def test_hr_appoints_and_a_system_administrator_does_not(self, now):
        open_branch()
        keeper = hr(now)
        assert appoint(now, actor=keeper, username="neu").role == "courier"
        with pytest.raises(NotKeeper):
            appoint(now, actor=Actor(kind="staff", name="S9", role="sysadmin"), username="other")

    @pytest.mark.parametrize(
        "role", ["courier", "privacy_officer", "branch_manager", "analyst", "integrator"]
    )
    def test_no_other_post_keeps_the_register(self, now, role):
        open_branch()
        with pytest.raises(NotKeeper):
            appoint(now, actor=Actor(kind="staff", name="S9", role=role))
        assert Staff.objects.count() == 0

    def test_a_client_keeps_no_register_even_under_a_role(self, now):
        open_branch()
        with pytest.raises(NotKeeper):
            appoint(now, actor=Actor(kind="client", name="shop", role="hr"))

    def test_an_invented_role_an_unknown_branch_and_a_taken_name_change_nothing(self, now):
        open_branch()
        appoint(now)
        before = audit.total()
        for wrong, error in (
            ({"role": "boss", "username": "x"}, BadPost),
            ({"branch": "NO", "username": "x"}, UnknownBranch),
            ({}, NameTaken),
        ):
            with pytest.raises(error):
                appoint(now, **wrong)
        assert (Staff.objects.count(), audit.total()) == (1, before)

    def test_a_weak_password_is_refused(self, now, settings):
        settings.AUTH_PASSWORD_VALIDATORS = [
            {
                "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
                "OPTIONS": {"min_length": 12},
            }
        ]
        open_branch()
        with pytest.raises(WeakPassword) as refused:
            appoint(now, password="short")
        assert refused.value.details["rules"] == ["password_too_short"]
        assert "short" not in str(refused.value)

    def test_passwords_are_kept_as_argon2_and_none_means_no_sign_in(self, now):
        open_branch()
        appoint(now, username="with", password=STRONG)
        appoint(now, username="without")
        stored = Staff.objects.get(username="with")
        assert stored.password.startswith("argon2")
        assert stored.check_password(STRONG)
        assert not Staff.objects.get(username="without").has_usable_password()

    def test_the_database_refuses_a_role_that_is_not_ours(self, now):
        open_branch()
        appoint(now)
        with pytest.raises(IntegrityError):
            Staff.objects.update(role="boss")

    def test_the_release_before_this_one_still_appoints_while_both_run(self, now):
        open_branch()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO people_staff (password, username, staff_no, display_name, role, branch_id, is_active,"
                " created_at) SELECT '!', 'old', 'S00099', 'x', 'courier', id, %s, %s FROM people_branch",
                [True, now],
            )
        assert Staff.objects.values_list("state", "hr_no").get() == ("active", "")


@pytest.mark.django_db
class TestMovingAndClosing:
    def test_nobody_changes_their_own_post(self, now):
        open_branch()
        keeper = hr(now)
        for act in (
            lambda: services.assign(actor=keeper, staff_no=keeper.name, role="agent", branch="HZ001"),
            lambda: revoke(actor=keeper, staff_no=keeper.name, now=now),
            lambda: services.activate(actor=keeper, staff_no=keeper.name),
        ):
            with pytest.raises(SelfGrant):
                act()
        assert selectors.staff(keeper.name).role == "hr"

    def test_a_closed_account_is_inactive_until_opened_again(self, now):
        open_branch()
        keeper, person = hr(now), appoint(now)
        assert not revoke(actor=keeper, staff_no=person.staff_no, now=now).active
        assert selectors.inactive_count() == 1
        with pytest.raises(SecondPerson):
            services.activate(actor=keeper, staff_no=person.staff_no)
        assert services.activate(actor=SYSTEM, staff_no=person.staff_no).active

    def test_a_person_moves_to_another_post_and_branch(self, now):
        open_branch()
        open_branch("SH001", city="上海市", district_code="310101")
        person = appoint(now)
        moved = services.assign(actor=SYSTEM, staff_no=person.staff_no, role="clerk", branch="SH001")
        assert (moved.role, moved.branch) == ("clerk", "SH001")
        assert selectors.staff_of(branch="SH001") == (moved,)

    def test_one_sets_ones_own_password_and_not_anothers(self, now):
        open_branch()
        one, other = appoint(now), appoint(now, username="zwei")
        actor = Actor(kind="staff", name=one.staff_no, role="courier", branch="HZ001")
        services.set_password(actor=actor, staff_no=one.staff_no, password=STRONG)
        assert Staff.objects.get(staff_no=one.staff_no).check_password(STRONG)
        with pytest.raises(NotKeeper):
            services.set_password(actor=actor, staff_no=other.staff_no, password=STRONG)

    def test_an_unknown_person_is_named_by_number(self):
        with pytest.raises(UnknownStaff) as unknown:
            selectors.staff("S77777")
        assert "S77777" not in str(unknown.value.as_dict())


@pytest.mark.django_db
class TestOrganisation:
    def test_a_branch_belongs_to_another(self):
        open_branch()
        station = open_branch("HZ001S", kind="station", parent="HZ001")
        assert station.parent == "HZ001"
        assert [row.code for row in selectors.branches()] == ["HZ001", "HZ001S"]
        assert selectors.cities() == {"HZ001": "杭州市", "HZ001S": "杭州市"}

    def test_a_taken_code_an_unknown_kind_and_an_unknown_parent_are_refused(self):
        open_branch()
        for wrong, error in (
            ({}, NameTaken),
            ({"code": "B", "kind": "shop"}, BadPost),
            ({"code": "B", "parent": "X"}, UnknownBranch),
        ):
            with pytest.raises(error):
                open_branch(**{"code": "HZ001"} | wrong)
        assert len(selectors.branches()) == 1

    def test_there_is_one_company(self):
        from midan.people.rules import CompanyView

        assert selectors.company() is None
        for name in ("甲快递", "乙快递"):
            view = CompanyView(
                name=name,
                credit_code="",
                contact_phone="",
                contact_email="",
                address="",
                complaint_phone="",
            )
            services.set_company(actor=SYSTEM, company=view)
        assert selectors.company().name == "乙快递"

    def test_the_control_shows_nothing_before_there_are_people_and_counts_them_after(self, now):
        assert {found.state for found in controls.controls(now.date())[:2]} == {"not_yet"}
        open_branch()
        appoint(now)
        control, factor, sessions, *_ = controls.controls(now.date())
        assert (sessions.clause, sessions.state, sessions.figures["live"]) == ("T3", "enforced", 0)
        assert (factor.clause, factor.state, factor.figures["enrolled"]) == ("T3", "enforced", 0)
        assert (control.state, control.figures["people"]) == ("enforced", 1)


@pytest.mark.django_db
class TestControls:
    def state(self, clause):
        return next(found for found in controls.controls(None) if found.clause == clause)

    def test_an_account_nobody_uses_turns_l2_2(self, now):
        open_branch()
        appoint(timezone.now(), password=STRONG)
        assert self.state("L2.2").state == "enforced"
        old = timezone.now() - timedelta(days=91)
        appoint(old, username="carrier")
        assert self.state("L2.2").state == "enforced"
        appoint(old, username="left", password=STRONG)
        found = self.state("L2.2")
        assert (found.state, found.figures["unused"]) == ("not_yet", 1)
        Staff.objects.filter(username="left").update(last_login=timezone.now())
        assert self.state("L2.2").state == "enforced"

    def test_a_weak_password_taken_a_door_missing_and_a_readable_secret_each_turn_t3(self, now, settings):
        open_branch()
        appoint(now, password=STRONG)
        assert self.state("T3").state == "enforced"
        doors, rules = settings.MIDDLEWARE, settings.AUTH_PASSWORD_VALIDATORS
        settings.MIDDLEWARE = [door for door in doors if not door.endswith("SecondFactorFirst")]
        assert self.state("T3").state == "not_yet"
        settings.MIDDLEWARE, settings.AUTH_PASSWORD_VALIDATORS = doors, []
        found = self.state("T3")
        assert (found.state, found.figures["weak"]) == ("not_yet", 3)
        settings.AUTH_PASSWORD_VALIDATORS = rules
        assert self.state("T3").state == "enforced"
        Staff.objects.update(password="md5$salt$0123")
        assert (self.state("T3").state, self.state("T3").figures["readable"]) == ("not_yet", 1)
        person = Staff.objects.get()
        person.set_password(STRONG)
        person.save()
        Authenticator.objects.create(user=person, type="totp", data={"secret": "JBSWY3DP"})
        assert self.state("T3").state == "not_yet"

    def test_each_of_a_missing_door_a_long_idle_time_and_a_lax_origin_turns_the_sessions_of_t3(
        self, settings, monkeypatch
    ):
        def state():
            return controls.controls(None)[2].state

        assert state() == "enforced"
        monkeypatch.setenv("MIDAN_IDLE_MINUTES", "11")
        assert state() == "not_yet"
        monkeypatch.delenv("MIDAN_IDLE_MINUTES")
        settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
        assert state() == "not_yet"
        settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
        settings.MIDDLEWARE = [door for door in settings.MIDDLEWARE if not door.endswith("LiveSessions")]
        assert state() == "not_yet"


@pytest.mark.django_db(transaction=True)
def test_two_appointments_at_once_take_different_numbers(now):
    open_branch()

    def appoint_three(part):
        return [appoint(now, username=f"{part}-{place}").staff_no for place in range(3)]

    taken = at_once(*(partial(appoint_three, part) for part in range(4)))
    assert sorted(number for three in taken for number in three) == [
        f"S{place:05d}" for place in range(1, 13)
    ]
