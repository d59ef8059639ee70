"""Clause M1 in the register: posts that exclude each other, grants by two persons, posts taken back at once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from midan.approval import selectors as approvals
from midan.approval import services as approval
from midan.approval.errors import ConcernsSelf, OwnRequest, PostMayNotAsk
from midan.approval.rules import Kind
from midan.audit import selectors as log
from midan.people import selectors, services
from midan.people.errors import (
    BadPost,
    MatrixUnsound,
    NotKeeper,
    PostConflict,
    SecondPerson,
    SelfGrant,
    WrongState,
)
from midan.people.models import Posting, Staff
from midan.people.posts import filing, granting
from midan.people.posts.rules import GrantReason
from midan.people.posts.selectors import MATRIX, matrix, read_matrix, reviews, standing_conflicts
from tests.people.staffing import SYSTEM, appoint, open_branch

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(now):
    for code in ("HZ001", "SH001"):
        open_branch(code)
    return {
        role: appoint(now, role) for role in ("hr", "privacy_officer", "branch_manager", "analyst", "courier")
    }


def grant(now, actor, person, role="clerk", branch="HZ001", reason=GrantReason.MOVED):
    return granting.grant(actor=actor, staff_no=person.name, role=role, branch=branch, reason=reason, now=now)


def post(person):
    found = selectors.staff(person.name)
    return found.role, found.branch, found.state


class TestMatrix:
    def test_every_row_names_known_posts_its_clause_and_its_reason_in_both_languages(self):
        assert {conflict.clause for conflict in matrix()} == {"M1"}
        assert all(conflict.zh and conflict.en for conflict in matrix())
        pairs = {("sysadmin", "auditor"), ("hr", "auditor"), ("privacy_officer", "analyst")}
        for one, other in pairs:
            assert any(row.between(one, other) and row.between(other, one) for row in matrix())

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ('posts = ["sysadmin"]', 'posts = ["boss"]'),
            ('posts = ["sysadmin"]', "posts = []"),
            ('posts = ["sysadmin"]', 'posts = ["auditor"]'),
            ("days = 90", "days = -1"),
            ("days = 90", 'days = "90"'),
            ('clause = "M1"', ""),
            ('id = "machines_and_data"', 'id = "machines_and_audit"'),
            ("[[conflict]]", "[[conflict"),
        ],
    )
    def test_a_matrix_with_a_mistake_is_not_read_at_all(self, tmp_path, before, after):
        text = MATRIX.read_text("utf-8")
        assert before in text
        broken = tmp_path / "conflicts.toml"
        broken.write_text(text.replace(before, after, 1), "utf-8")
        with pytest.raises(MatrixUnsound):
            read_matrix(broken)

    def test_without_a_matrix_no_post_is_given(self, company, now, monkeypatch, tmp_path):
        monkeypatch.setattr("midan.people.posts.selectors.MATRIX", tmp_path / "none.toml")
        matrix.cache_clear()
        try:
            with pytest.raises(MatrixUnsound):
                services.assign(actor=SYSTEM, staff_no=company["courier"].name, role="clerk", branch="SH001")
        finally:
            matrix.cache_clear()
        assert post(company["courier"]) == ("courier", "HZ001", "active")


class TestConflicts:
    def test_one_person_gets_no_second_account_in_a_post_that_checks_the_first(self, now, company):
        appoint(now, "sysadmin", hr_no="P-7")
        with pytest.raises(PostConflict) as refused:
            appoint(now, "auditor", hr_no="P-7")
        assert refused.value.details["conflict"] == "machines_and_audit"
        assert not Staff.objects.filter(role="auditor").exists()
        appoint(now, "auditor", hr_no="P-8")

    def test_what_one_did_lately_one_does_not_audit(self, now, company):
        officer = company["privacy_officer"]
        with pytest.raises(PostConflict):
            services.assign(actor=SYSTEM, staff_no=officer.name, role="auditor", branch="HZ001", now=now)
        services.assign(actor=SYSTEM, staff_no=officer.name, role="clerk", branch="HZ001", now=now)
        for days, allowed in ((89, False), (90, True)):
            later = now + timedelta(days=days)
            if allowed:
                services.assign(
                    actor=SYSTEM, staff_no=officer.name, role="auditor", branch="HZ001", now=later
                )
            else:
                with pytest.raises(PostConflict):
                    services.assign(
                        actor=SYSTEM, staff_no=officer.name, role="auditor", branch="HZ001", now=later
                    )
        assert post(officer)[0] == "auditor"

    def test_leaving_one_post_for_its_opposite_is_fine_where_only_both_at_once_are_forbidden(
        self, now, company
    ):
        services.assign(actor=SYSTEM, staff_no=company["courier"].name, role="agent", branch="HZ001", now=now)
        assert post(company["courier"])[0] == "agent"

    def test_learning_that_two_accounts_are_one_person_is_refused_while_they_conflict(self, now, company):
        services.assign(
            actor=SYSTEM, staff_no=company["courier"].name, role="sorter", branch="HZ001", now=now
        )
        agent = appoint(now, "agent", hr_no="P-9")
        with pytest.raises(PostConflict):
            filing.set_file(
                actor=company["hr"],
                staff_no=company["courier"].name,
                hr_no="P-9",
                contract_ends=None,
                now=now,
            )
        assert standing_conflicts(now=now) == ()
        assert selectors.staff(agent.name).role == "agent"

    def test_a_conflict_that_stands_is_found(self, now, company):
        appoint(now, "agent")
        Staff.objects.filter(role__in=["agent", "courier"]).update(hr_no="P-1")
        (found,) = standing_conflicts(now=now)
        assert found.conflict.id == "carrying_and_answering"
        assert {found.role, found.held.role} == {"agent", "courier"}


class TestGrants:
    def test_in_another_branch_the_keeper_gives_a_post_alone(self, now, company):
        person = appoint(now, "sorter", "SH001")
        assert grant(now, company["hr"], person, branch="SH001") == ""
        assert post(person) == ("clerk", "SH001", "active")

    def test_in_the_own_branch_it_waits_for_another_person_and_serves_once(self, now, company):
        hr, officer, courier = (company[role] for role in ("hr", "privacy_officer", "courier"))
        with pytest.raises(SecondPerson):
            services.assign(actor=hr, staff_no=courier.name, role="clerk", branch="HZ001")
        code = grant(now, hr, courier)
        assert granting.carry_out(now=now) == 0
        assert post(courier)[0] == "courier"
        with pytest.raises(OwnRequest):
            approval.approve(actor=hr, code=code, now=now)
        approval.approve(actor=officer, code=code, now=now)
        assert granting.carry_out(now=now) == 1
        assert post(courier) == ("clerk", "HZ001", "active")
        assert granting.carry_out(now=now) == 0
        (entry,) = (
            view.entry
            for view in log.of_object(f"staff:{courier.name}")
            if view.entry.act == "people:staff:assigned"
        )
        assert (entry.details["approval"], entry.details["from_role"], entry.clause) == (
            code,
            "courier",
            "M1",
        )

    def test_moving_somebody_out_of_the_own_branch_or_into_it_takes_two_as_well(self, now, company):
        far = appoint(now, "sorter", "SH001")
        for person, branch in ((company["courier"], "SH001"), (far, "HZ001")):
            assert grant(now, company["hr"], person, branch=branch)

    def test_whoever_gains_by_a_grant_does_not_allow_it(self, now, company):
        second = appoint(now, "hr", username="hr2")
        code = grant(now, company["hr"], second, role="privacy_officer", reason=GrantReason.MOVED)
        with pytest.raises(ConcernsSelf):
            approval.approve(actor=second, code=code, now=now)
        assert approvals.request(code, now=now).decided_by == ""

    def test_an_expired_request_gives_no_post(self, now, company):
        code = grant(now, company["hr"], company["courier"])
        approval.approve(actor=company["privacy_officer"], code=code, now=now)
        assert granting.carry_out(now=now + timedelta(days=7)) == 0

    def test_a_grant_is_bound_to_the_post_it_was_asked_from(self, now, company):
        code = grant(now, company["hr"], company["courier"])
        approval.approve(actor=company["privacy_officer"], code=code, now=now)
        services.assign(
            actor=SYSTEM, staff_no=company["courier"].name, role="sorter", branch="HZ001", now=now
        )
        assert granting.carry_out(now=now) == 0
        assert post(company["courier"])[0] == "sorter"

    def test_nobody_gives_themselves_a_post(self, now, company):
        for role in ("hr", "branch_manager"):
            with pytest.raises(SelfGrant):
                grant(now, company[role], company[role], role="privacy_officer")

    def test_a_manager_proposes_for_the_own_branch_and_for_no_other(self, now, company):
        far = appoint(now, "sorter", "SH001")
        assert grant(now, company["branch_manager"], company["courier"])
        for person, branch in ((far, "SH001"), (company["courier"], "SH001"), (far, "HZ001")):
            with pytest.raises(NotKeeper):
                grant(now, company["branch_manager"], person, branch=branch)

    def test_other_posts_neither_give_nor_propose(self, now, company):
        for role in ("privacy_officer", "analyst", "courier"):
            with pytest.raises(NotKeeper):
                grant(now, company[role], company["branch_manager"])
        with pytest.raises(PostMayNotAsk):
            approval.request(
                actor=company["privacy_officer"],
                kind=Kind.ROLE_GRANT,
                subject=bytes(32),
                summary={},
                reason="moved",
                now=now,
            )

    def test_whoever_hr_appoints_is_joining_until_the_post_is_granted(self, now, company):
        person = appoint(now, "sorter", actor=company["hr"])
        assert post(person)[2] == "joining"
        code = grant(now, company["hr"], person, role="sorter", reason=GrantReason.HIRED)
        approval.approve(actor=company["privacy_officer"], code=code, now=now)
        granting.carry_out(now=now)
        assert post(person)[2] == "active"

    def test_a_keeper_who_was_moved_keeps_nothing_with_an_old_session(self, now, company):
        services.assign(actor=SYSTEM, staff_no=company["hr"].name, role="clerk", branch="HZ001", now=now)
        with pytest.raises(NotKeeper):
            grant(now, company["hr"], company["courier"])

    def test_a_reason_that_is_none_of_ours_is_refused(self, now, company):
        with pytest.raises(BadPost):
            grant(now, company["hr"], company["courier"], reason="because")

    def test_the_database_holds_one_running_post_for_each_person(self, now, company):
        row = Staff.objects.get(staff_no=company["courier"].name)
        with pytest.raises(IntegrityError), transaction.atomic():
            Posting.objects.create(staff=row, role="agent", branch="HZ001", since=now)


class TestTakingBack:
    def test_a_manager_takes_back_a_post_of_the_own_branch_only(self, now, company):
        far = appoint(now, "sorter", "SH001")
        assert not granting.revoke(
            actor=company["branch_manager"], staff_no=company["courier"].name, now=now
        ).active
        with pytest.raises(NotKeeper):
            granting.revoke(actor=company["branch_manager"], staff_no=far.name, now=now)
        with pytest.raises(SelfGrant):
            granting.revoke(actor=company["hr"], staff_no=company["hr"].name, now=now)
        assert selectors.staff(far.name).active

    def test_a_review_keeps_a_post_or_takes_it_with_the_same_click(self, now, company):
        company["sorter"] = appoint(now, "sorter")
        later = now + timedelta(days=90)
        due = [row.staff_no for row in reviews(branch="HZ001", now=later) if row.due]
        assert company["courier"].name in due
        for role, kept in (("courier", True), ("sorter", False)):
            granting.review(
                actor=company["branch_manager"], staff_no=company[role].name, kept=kept, now=later
            )
        rows = {row.staff_no: row for row in reviews(branch="HZ001", now=later)}
        assert not rows[company["courier"].name].due
        assert company["sorter"].name not in rows
        with pytest.raises(SelfGrant):
            granting.review(
                actor=company["branch_manager"],
                staff_no=company["branch_manager"].name,
                kept=True,
                now=later,
            )

    def test_a_manager_neither_fills_nor_empties_the_posts_that_oversee_managers(self, now, company):
        manager = company["branch_manager"]
        for role in ("privacy_officer", "analyst", "hr"):
            with pytest.raises(NotKeeper):
                granting.revoke(actor=manager, staff_no=company[role].name, now=now)
            with pytest.raises(NotKeeper):
                grant(now, manager, company["courier"], role=role)
        assert selectors.staff(company["hr"].name).active
        granting.review(actor=company["privacy_officer"], staff_no=company["hr"].name, kept=True, now=now)
        with pytest.raises(NotKeeper):
            granting.review(
                actor=company["privacy_officer"], staff_no=company["courier"].name, kept=True, now=now
            )

    def test_on_leave_is_no_way_back_without_a_grant(self, now, company):
        granting.move(actor=company["hr"], staff_no=company["courier"].name, state="on_leave")
        assert post(company["courier"])[2] == "on_leave"
        for state in ("active", "joining", "on_leave", "left", "retired"):
            with pytest.raises(WrongState):
                granting.move(actor=company["hr"], staff_no=company["courier"].name, state=state)
