"""Clause M1: one person stays one person, under however many accounts and whatever becomes of their personnel number."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from midan.approval import selectors as approvals
from midan.approval import services as approval
from midan.approval.errors import ConcernsSelf, OwnRequest
from midan.audit import selectors as log
from midan.people import selectors, services
from midan.people.errors import PostConflict, SelfGrant
from midan.people.leaving import services as leaving
from midan.people.models import Posting, Staff
from midan.people.posts import granting
from midan.people.posts.filing import set_file
from midan.people.posts.selectors import standing_conflicts
from midan.people.roster.services import preview
from tests.at_once import at_once
from tests.people.staffing import SYSTEM, appoint, open_branch

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(now):
    for code in ("HZ001", "SH001"):
        open_branch(code)
    return {role: appoint(now, role) for role in ("hr", "privacy_officer", "branch_manager", "courier")}


def grant(now, actor, person, role="clerk", branch="HZ001"):
    return granting.grant(
        actor=actor, staff_no=person.name, role=role, branch=branch, reason="moved", now=now
    )


def file(now, actor, person, hr_no):
    return set_file(actor=actor, staff_no=person.name, hr_no=hr_no, contract_ends=None, now=now)


def number(person):
    return Staff.objects.get(staff_no=person.name).hr_no


class TestTwoAccounts:
    def test_a_request_of_one_account_is_not_decided_by_the_other(self, now, company):
        first, second = (appoint(now, "hr", username=name, hr_no="P-2") for name in ("a", "b"))
        code = grant(now, first, company["courier"])
        for verb in (approval.approve, approval.refuse):
            with pytest.raises(OwnRequest):
                verb(actor=second, code=code, now=now)

    def test_who_gains_by_it_does_not_decide_under_another_account(self, now, company):
        second = appoint(now, "hr", username="b", hr_no="P-3")
        gains = appoint(now, "sorter", username="a", hr_no="P-3")
        code = grant(now, company["branch_manager"], gains, role="sorter")
        with pytest.raises(ConcernsSelf):
            approval.approve(actor=second, code=code, now=now)

    @pytest.mark.parametrize(
        "act",
        [
            lambda me, mine, now: grant(now, me, mine, role="sorter", branch="SH001"),
            lambda me, mine, now: granting.revoke(actor=me, staff_no=mine.name, now=now),
            lambda me, mine, now: granting.review(actor=me, staff_no=mine.name, kept=True, now=now),
            lambda me, mine, now: granting.move(actor=me, staff_no=mine.name, state="on_leave"),
            lambda me, mine, now: file(now, me, mine, "P-4"),
            lambda me, mine, now: leaving.close(actor=me, staff_no=mine.name, reason="resigned", now=now),
            lambda me, mine, now: services.activate(actor=me, staff_no=mine.name),
        ],
        ids=["grant", "revoke", "review", "leave", "number", "close", "open"],
    )
    def test_nobody_does_to_their_second_account_what_they_may_not_do_to_their_first(self, now, company, act):
        me = appoint(now, "hr", username="a", hr_no="P-3")
        mine = appoint(now, "sorter", "SH001", username="b", hr_no="P-3")
        with pytest.raises(SelfGrant):
            act(me, mine, now)
        assert selectors.staff(mine.name).at_work

    @pytest.mark.parametrize(
        ("one", "other"),
        [("branch_manager", "privacy_officer"), ("hr", "courier"), ("clerk", "hr")],
    )
    def test_posts_that_ask_and_agree_or_appoint_and_read_do_not_meet(self, now, company, one, other):
        appoint(now, one, username="a", hr_no="P-1")
        with pytest.raises(PostConflict):
            appoint(now, other, username="b", hr_no="P-1")


class TestNumber:
    @pytest.mark.parametrize("spelling", ["p-7", " P-7 ", "Ｐ－７"])
    def test_spelling_makes_no_other_person(self, now, company, spelling):
        appoint(now, "sysadmin", username="a", hr_no="P-7")
        with pytest.raises(PostConflict):
            appoint(now, "auditor", username="b", hr_no=spelling)

    def test_spelling_makes_no_other_person_within_a_list_either(self, now, company):
        content = (
            "username,display_name,role,branch,hr_no\n"
            "one,测试一,sysadmin,HZ001,P-7\ntwo,测试二,auditor,HZ001,p-7\n"
        )
        found = preview(actor=company["hr"], content=content.encode(), now=now)
        assert found.faults == ((3, "role", "post_conflict"),)

    @pytest.mark.parametrize("wanted", ["", "P-8"])
    def test_a_number_is_set_alone_and_taken_out_or_changed_by_two(self, now, company, wanted):
        hr, officer = company["hr"], company["privacy_officer"]
        clerk = appoint(now, "clerk", "SH001", username="c")
        assert file(now, hr, clerk, "P-7") == ""
        code = file(now, hr, clerk, wanted)
        # Asking again asks nothing new.
        assert file(now, hr, clerk, wanted) == code
        with pytest.raises(OwnRequest):
            approval.approve(actor=hr, code=code, now=now)
        approval.approve(actor=officer, code=code, now=now)
        assert number(clerk) == "P-7"
        assert file(now, hr, clerk, wanted) == ""
        assert number(clerk) == wanted
        assert approvals.request(code, now=now).used_at is not None

    def test_the_number_itself_lies_in_no_request_and_no_entry(self, now, company):
        clerk = appoint(now, "clerk", username="c", hr_no="PERSON-77")
        code = file(now, company["hr"], clerk, "PERSON-78")
        request = approvals.request(code, now=now)
        entries = [view.entry for view in log.entries(log.EntryFilter(), limit=50).items]
        for secret in (b"PERSON-77", b"PERSON-78"):
            assert secret not in str(request.summary).encode()
            assert not any(secret in entry.to_bytes() for entry in entries)
        (created,) = (
            one for one in entries if one.act == "people:staff:created" and one.object == clerk.reference
        )
        assert created.details["person"] == request.summary["from_person"]

    def test_a_number_taken_out_in_another_way_unlinks_nothing(self, now, company):
        appoint(now, "sysadmin", "SH001", username="a", hr_no="P-7")
        clerk = appoint(now, "clerk", "SH001", username="b", hr_no="P-7")
        Staff.objects.filter(staff_no=clerk.name).update(hr_no="")
        code = grant(now, company["hr"], company["courier"], role="sorter")
        assert code
        with pytest.raises(PostConflict):
            grant(now, company["hr"], clerk, role="auditor", branch="SH001")
        Staff.objects.filter(staff_no=clerk.name).update(role="auditor")
        Posting.objects.filter(staff__staff_no=clerk.name).update(role="auditor")
        assert [found.conflict.id for found in standing_conflicts(now=now)] == ["machines_and_audit"]


class TestLearntLate:
    def test_what_the_other_account_did_lately_counts_in_both_directions(self, now, company):
        appoint(now, "auditor", username="aud", hr_no="P-9")
        off = appoint(now, "privacy_officer", username="off")
        services.assign(actor=SYSTEM, staff_no=off.name, role="clerk", branch="HZ001", now=now)
        with pytest.raises(PostConflict):
            file(now, company["hr"], off, "P-9")
        assert number(off) == ""
        assert file(now + timedelta(days=90), company["hr"], off, "P-9") == ""

    @pytest.mark.parametrize("first", ["auditor", "clerk"])
    def test_a_conflict_stands_whichever_post_began_first(self, now, company, first):
        for role in (first, *({"auditor", "clerk"} - {first})):
            appoint(now, role, username=role)
        services.assign(
            actor=SYSTEM, staff_no=company["branch_manager"].name, role="clerk", branch="HZ001", now=now
        )
        people = [company["branch_manager"].name, Staff.objects.get(role="auditor").staff_no]
        Staff.objects.filter(staff_no__in=people).update(hr_no="P-1")
        (found,) = standing_conflicts(now=now)
        assert (found.conflict.id, found.role, found.held.role) == (
            "deciding_and_audit",
            "auditor",
            "branch_manager",
        )
        assert standing_conflicts(now=now + timedelta(days=90)) == ()


def test_two_accounts_of_one_person_at_the_same_moment_get_no_two_posts_that_conflict(
    now, company, monkeypatch
):
    pair = [appoint(now, "clerk", username=name, hr_no="P-1") for name in ("a", "b")]
    looked, real = threading.Semaphore(0), services.refuse_clash

    def slowly(**asked):
        """Let both look before either writes, if nothing makes one wait for the other."""
        real(**asked)
        looked.release()
        threading.Event().wait(1)

    monkeypatch.setattr(services, "refuse_clash", slowly)

    def give(person, role):
        def act():
            try:
                services.assign(actor=SYSTEM, staff_no=person.name, role=role, branch="HZ001", now=now)
            except PostConflict:
                return "refused"
            return "given"

        return act

    got = at_once(give(pair[0], "sysadmin"), give(pair[1], "auditor"))
    assert sorted(got) == ["given", "refused"], connection.vendor
    assert standing_conflicts(now=now) == ()
