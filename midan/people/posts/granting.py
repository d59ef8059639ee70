"""Granting a post, alone or by two; taking one back; sending on leave; looking over who may still do what (M1, M5)."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop

from midan.approval import selectors as approvals
from midan.approval import services as approval
from midan.approval.errors import ApprovalMissing
from midan.approval.rules import CONCERNS, Kind, Request
from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.merkle.hashing import leaf_hash
from midan.people import rules, selectors
from midan.people.errors import BadPost, HasLeft, NotKeeper, PeopleError, SelfGrant, WrongState
from midan.people.events import Act
from midan.people.leaving.closing import end_sessions
from midan.people.models import AccessReview, Staff
from midan.people.posts.rules import BRANCH_POSTS, Change, GrantReason, may_take_back, needs_second
from midan.people.posts.selectors import never_an_officer
from midan.people.posts.services import end, refuse_clash, refuse_last
from midan.people.rules import STEPS, Employment, Role, StaffView
from midan.people.services import change_of, locked, put_into_post, someone_else

_JOB: Final = Actor.system("people")


@transaction.atomic
def grant(  # noqa: PLR0913  who, what, where, why, when
    *, actor: Actor, staff_no: str, role: str, branch: str, reason: str, now: datetime
) -> str:
    """Give somebody a post, or ask another person to agree: return the request's code, '' when it is done.

    The staff keeper gives a branch's posts alone in other branches. Two persons are needed in the own one, for a post that
    acts beyond a branch, and for whatever a manager proposes; but the first privacy officer of all is given alone, since
    nobody is there to agree. Raise SelfGrant, NotKeeper, BadPost, PostConflict, LastOfPost, HasLeft, WrongState.
    """
    if reason not in set(GrantReason):
        raise BadPost("reason")
    row = _theirs(actor, staff_no, role, branch)
    change = change_of(row, role=role, branch=branch)
    refuse_clash(staff_no=staff_no, hr_no=row.hr_no, role=role, now=now)
    _stays_givable(row, change)
    first = role == Role.PRIVACY_OFFICER and never_an_officer()
    if actor.role == Role.HR and (first or not needs_second(keeper_branch=actor.branch, change=change)):
        said = {"exception": "first_officer"} if first else {}
        put_into_post(actor=actor, row=row, change=change, now=now, said=said)
        return ""
    return approval.request(
        actor=actor,
        kind=Kind.ROLE_GRANT,
        subject=_subject(change),
        summary={
            CONCERNS: f"staff:{staff_no}",
            "from_role": change.old_role,
            "role": role,
            "branch": branch,
        },
        reason=reason,
        now=now,
    )


def carry_out(*, now: datetime) -> int:
    """Give the posts a second person agreed to, and return how many; run after a decision and by a job.

    What no longer fits (another post meanwhile, a conflict, a person who leaves) is withdrawn at once with its reason in the
    log: it is not done later, when nobody looks.
    """
    done = 0
    for request in approvals.approved((Kind.ROLE_GRANT,), now=now):
        try:
            _carry_out(request, now)
        except (PeopleError, ApprovalMissing) as error:
            approval.withdraw(actor=_JOB, code=request.code, why=error.code, now=now)
            continue
        done += 1
    return done


@transaction.atomic
def _carry_out(request: Request, now: datetime) -> None:
    row = locked(str(request.summary[CONCERNS]).removeprefix("staff:"))
    change = change_of(row, role=str(request.summary["role"]), branch=str(request.summary["branch"]))
    # Bound to the post the person held when it was asked: who has moved since is another case.
    approval.use(actor=_JOB, code=request.code, kind=Kind.ROLE_GRANT, subject=_subject(change), now=now)
    _stays_givable(row, change)
    put_into_post(actor=_JOB, row=row, change=change, now=now, said={"approval": request.code})


def _stays_givable(row: Staff, change: Change) -> None:
    if change.role != change.old_role:
        refuse_last(row)


@transaction.atomic
def revoke(*, actor: Actor, staff_no: str, now: datetime) -> StaffView:
    """Take somebody's post back: account, sessions and what was asked about them end at once.

    NotKeeper, SelfGrant, HasLeft, LastOfPost.
    """
    row = _taken_from(actor, staff_no)
    if row.state == Employment.LEFT:
        raise HasLeft
    refuse_last(row)
    row.is_active = False
    row.save(update_fields=["is_active"])
    end(row=row, now=now)
    ended = end_sessions(row.pk)
    approval.withdraw_concerning(actor=actor, person=f"staff:{staff_no}", now=now)
    record(
        actor=actor,
        act=Act.STAFF_DEACTIVATED,
        object=f"staff:{staff_no}",
        clause="M5",
        details={"sessions": ended},
    )
    return selectors.staff_view(row)


@transaction.atomic
def review(*, actor: Actor, staff_no: str, kept: bool, now: datetime) -> None:
    """Answer whether somebody still needs their post: it stays, or it is taken back with this very click."""
    row = _taken_from(actor, staff_no)
    AccessReview.objects.create(staff=row, reviewer=actor.name, kept=kept, at=now)
    record(
        actor=actor,
        act=Act.STAFF_REVIEWED,
        object=f"staff:{staff_no}",
        clause="M5",
        details={"answer": "kept" if kept else "revoked"},
    )
    if not kept:
        revoke(actor=actor, staff_no=staff_no, now=now)


@transaction.atomic
def move(*, actor: Actor, staff_no: str, state: str, now: datetime | None = None) -> StaffView:
    """Send somebody on leave; a grant gives rights back, a departure leads out. WrongState, LastOfPost, NotKeeper."""
    row = someone_else(actor=actor, staff_no=staff_no)
    if state not in set(Employment) or Employment(state) not in STEPS[Employment(row.state)]:
        raise WrongState(row.state)
    refuse_last(row)
    before, row.state = row.state, state
    row.save(update_fields=["state"])
    approval.withdraw_concerning(actor=actor, person=f"staff:{staff_no}", now=now or timezone.now())
    record(
        actor=actor,
        act=Act.STAFF_MOVED,
        object=f"staff:{staff_no}",
        clause="M5",
        details={"from_state": before, "to_state": state},
    )
    return selectors.staff_view(row)


def _subject(change: Change) -> bytes:
    return leaf_hash(change.subject.encode())


def _theirs(actor: Actor, staff_no: str, role: str, branch: str) -> Staff:
    """Return the row, locked, if the actor may propose its post; SelfGrant, NotKeeper."""
    _not_themselves(actor, staff_no)
    if not selectors.holds_post(actor):
        raise NotKeeper(gettext_noop("员工名册"))
    row = locked(staff_no)
    manages = (
        actor.role == Role.BRANCH_MANAGER
        and row.branch.code == actor.branch == branch
        and {row.role, role} <= BRANCH_POSTS
    )
    if actor.kind != "staff" or not (rules.may_keep_staff(kind=actor.kind, role=actor.role) or manages):
        raise NotKeeper(gettext_noop("员工名册"))
    return row


def _taken_from(actor: Actor, staff_no: str) -> Staff:
    """Return the row, locked, if the actor may take its post back; SelfGrant, NotKeeper."""
    _not_themselves(actor, staff_no)
    row = locked(staff_no)
    fits = may_take_back(actor=actor, role=row.role, branch=row.branch.code)
    if not fits or not selectors.holds_post(actor):
        raise NotKeeper(gettext_noop("员工名册"))
    return row


def _not_themselves(actor: Actor, staff_no: str) -> None:
    if actor.kind == "staff" and selectors.same_person(actor.name, staff_no):
        raise SelfGrant
