"""Clause M1: what one person asks for, only another may allow; a request lives a week and serves once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from midan.approval import models, selectors, services
from midan.approval.controls import controls
from midan.approval.errors import (
    ApprovalMissing,
    NotAtWork,
    OwnRequest,
    PostMayNotAsk,
    RequestClosed,
    RequestUnknown,
)
from midan.approval.rules import Kind, State
from midan.audit import selectors as log
from midan.core.actor import Actor
from midan.people.models import Staff
from tests.people.staffing import appoint, open_branch

pytestmark = pytest.mark.django_db(transaction=True)
OFFICER = Actor(kind="staff", name="S00001", role="privacy_officer", branch="HZ001")
SECOND = Actor(kind="staff", name="S00002", role="privacy_officer", branch="HZ001")
ANALYST = Actor(kind="staff", name="S00003", role="analyst", branch="HZ001")
COURIER = Actor(kind="staff", name="S00004", role="courier", branch="HZ001")
SUBJECT = bytes(range(32))


@pytest.fixture(autouse=True)
def four_at_work(now):
    open_branch("HZ001")
    for person in (OFFICER, SECOND, ANALYST, COURIER):
        assert appoint(now, person.role, username=person.name) == person


def asked(now, **changes):
    wanted = {
        "actor": OFFICER,
        "kind": Kind.DESTRUCTION,
        "subject": SUBJECT,
        "summary": {"epochs": 1, "records": 7},
        "reason": "branch_closed",
        "now": now,
    }
    return services.request(**(wanted | changes))


def used(request, now, **changes):
    wanted = {"actor": OFFICER, "code": request, "kind": Kind.DESTRUCTION, "subject": SUBJECT, "now": now}
    return services.use(**(wanted | changes))


def acts():
    page = log.entries(log.EntryFilter(act="approval:"))
    return [view.entry.act.rsplit(":", 1)[1] for view in reversed(page.items)]


def test_two_different_persons_make_an_act_possible_once(now):
    code = asked(now)
    approval = services.approve(actor=ANALYST, code=code, now=now)
    assert (approval.requester, approval.approver) == (OFFICER.reference, ANALYST.reference)
    assert used(code, now) == approval
    assert acts() == ["made", "approved", "used"]
    entry = log.entry(approval.entry_id).entry
    assert (entry.actor, entry.details["requester"]) == (ANALYST.reference, OFFICER.reference)
    with pytest.raises(ApprovalMissing):
        used(code, now)


@pytest.mark.parametrize("verb", [services.approve, services.refuse])
def test_who_asked_does_not_decide(now, verb):
    code = asked(now)
    with pytest.raises(OwnRequest):
        verb(actor=OFFICER, code=code, now=now)
    assert selectors.request(code, now=now).state == State.WAITING
    assert acts() == ["made"]


@pytest.mark.parametrize("state", ["joining", "on_leave", "leaving"])
@pytest.mark.parametrize("verb", [services.approve, services.refuse])
def test_whoever_is_not_at_work_neither_asks_nor_decides(now, verb, state):
    code = asked(now)
    Staff.objects.update(state=state)
    with pytest.raises(NotAtWork):
        verb(actor=ANALYST, code=code, now=now)
    with pytest.raises(NotAtWork):
        asked(now)
    Staff.objects.update(state="active")
    assert verb(actor=ANALYST, code=code, now=now).approver == ANALYST.reference


def test_a_post_somebody_held_yesterday_decides_nothing_today(now):
    code = asked(now)
    Staff.objects.filter(staff_no=ANALYST.name).update(role="courier")
    with pytest.raises(NotAtWork):
        services.approve(actor=ANALYST, code=code, now=now)


@pytest.mark.parametrize("verb", [services.approve, services.refuse])
def test_one_person_with_two_accounts_is_still_one_person(now, verb):
    code = asked(now)
    Staff.objects.filter(staff_no__in=[OFFICER.name, SECOND.name]).update(hr_no="P-1")
    with pytest.raises(OwnRequest):
        verb(actor=SECOND, code=code, now=now)
    assert selectors.waiting(role="analyst", now=now)[0].code == code


def test_an_approval_is_worth_nothing_once_both_turn_out_to_be_one_person(now):
    code = asked(now)
    services.approve(actor=SECOND, code=code, now=now)
    assert controls(now.date())[0].figures["alone"] == 0
    Staff.objects.filter(staff_no__in=[OFFICER.name, SECOND.name]).update(hr_no="P-1")
    with pytest.raises(ApprovalMissing):
        used(code, now)
    (control,) = controls(now.date())
    assert (control.state, control.figures["alone"]) == ("not_yet", 1)


def test_the_database_itself_refuses_one_person_for_both(now):
    code = asked(now)
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Request.objects.filter(code=code).update(
            decision="approved", decided_by=OFFICER.reference, decided_at=now, decision_entry="0" * 32
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Request.objects.filter(code=code).update(used_at=now)


def test_other_posts_and_machines_neither_ask_nor_decide(now):
    code = asked(now)
    for nobody in (COURIER, Actor.system("job"), Actor(kind="client", name="shop", role="privacy_officer")):
        with pytest.raises(PostMayNotAsk):
            asked(now, actor=nobody)
        with pytest.raises(PostMayNotAsk):
            services.approve(actor=nobody, code=code, now=now)
    with pytest.raises(PostMayNotAsk):
        asked(now, actor=ANALYST)


def test_a_refused_request_stays_refused(now):
    code = asked(now)
    services.refuse(actor=SECOND, code=code, now=now)
    with pytest.raises(RequestClosed):
        services.approve(actor=ANALYST, code=code, now=now)
    with pytest.raises(ApprovalMissing):
        used(code, now)
    assert acts() == ["made", "refused"]


@pytest.mark.parametrize("approved", [True, False])
def test_an_expired_request_is_dead(now, approved):
    code = asked(now)
    if approved:
        services.approve(actor=SECOND, code=code, now=now)
    later = now + timedelta(days=7)
    assert selectors.request(code, now=later).state == State.EXPIRED
    with pytest.raises(ApprovalMissing):
        used(code, later)
    with pytest.raises(RequestClosed):
        services.approve(actor=ANALYST, code=code, now=later)


def test_an_approval_fits_its_own_subject_and_kind_only(now):
    code = asked(now)
    services.approve(actor=SECOND, code=code, now=now)
    for other in ({"subject": bytes(32)}, {"kind": Kind.HOLD_END}, {"code": "0" * 16}):
        with pytest.raises(ApprovalMissing):
            used(code, now, **other)
    assert used(code, now).approver == SECOND.reference


def test_an_approval_used_in_an_act_that_fails_can_be_used_again(now):
    code = asked(now)
    services.approve(actor=SECOND, code=code, now=now)
    with transaction.atomic():
        used(code, now)
        transaction.set_rollback(True)
    assert used(code, now).approver == SECOND.reference


def test_lists_show_what_waits_for_whom(now):
    first, second = asked(now), asked(now, kind=Kind.HOLD_END)
    assert [item.code for item in selectors.waiting(role="analyst", now=now)] == [first, second]
    assert selectors.waiting(role="courier", now=now) == ()
    services.approve(actor=SECOND, code=first, now=now)
    assert [item.code for item in selectors.waiting(role="analyst", now=now)] == [second]
    assert [item.code for item in selectors.approved([Kind.DESTRUCTION], now=now)] == [first]
    assert [item.code for item in selectors.decided(role="analyst", now=now)] == [first]
    assert selectors.for_subject(Kind.HOLD_END, SUBJECT, now=now).code == second
    with pytest.raises(RequestUnknown):
        selectors.request("unknown", now=now)


def test_what_waits_for_others_hides_nothing(now):
    hr = appoint(now, "hr")
    for _ in range(101):
        asked(now, actor=hr, kind=Kind.ROLE_GRANT)
    code = asked(now)
    assert [item.code for item in selectors.waiting(role="analyst", now=now)] == [code]


def test_each_post_reads_of_what_was_decided_only_what_it_has_to_do_with(now):
    hr = appoint(now, "hr")
    destruction, post = asked(now), asked(now, actor=hr, kind=Kind.ROLE_GRANT)
    for code in (destruction, post):
        services.refuse(actor=SECOND, code=code, now=now)
    read = {
        role: [item.code for item in selectors.decided(role=role, now=now)]
        for role in ("hr", "analyst", "privacy_officer", "courier")
    }
    assert read == {
        "hr": [post],
        "analyst": [destruction],
        "privacy_officer": [post, destruction],
        "courier": [],
    }


def test_the_control_counts_the_table(now):
    services.approve(actor=SECOND, code=asked(now), now=now)
    (control,) = controls(now.date())
    assert (control.state, control.figures["decided"], control.figures["alone"]) == ("enforced", 1, 0)
