"""Granting a post, alone or by two; taking one back; sending on leave; looking over who may still do what (M1, M5)."""

from datetime import date, datetime

from django.db import transaction
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
from midan.people.posts.services import end, refuse_clash
from midan.people.rules import STEPS, Employment, Role, StaffView
from midan.people.services import change_of, locked, put_into_post, someone_else


@transaction.atomic
def grant(  # noqa: PLR0913  who, what, where, why, when
    *, actor: Actor, staff_no: str, role: str, branch: str, reason: str, now: datetime
) -> str:
    """Give somebody a post, or ask another person to agree: return the request's code, '' when it is done.

    The staff keeper gives posts of other branches alone; in the own branch, and for whatever its manager proposes, two
    persons are needed. Raise SelfGrant, NotKeeper, BadPost, PostConflict, HasLeft, WrongState.
    """
    if reason not in set(GrantReason):
        raise BadPost("reason")
    row = _theirs(actor, staff_no, role, branch)
    change = change_of(row, role=role, branch=branch)
    refuse_clash(staff_no=staff_no, hr_no=row.hr_no, role=role, now=now)
    if actor.role == Role.HR and not needs_second(keeper_branch=actor.branch, change=change):
        put_into_post(actor=actor, row=row, change=change, now=now)
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

    What no longer fits (another post meanwhile, a conflict, a person who leaves) is not done; it expires.
    """
    done = 0
    for request in approvals.approved((Kind.ROLE_GRANT,), now=now):
        try:
            _carry_out(request, now)
        except (PeopleError, ApprovalMissing):
            continue
        done += 1
    return done


@transaction.atomic
def _carry_out(request: Request, now: datetime) -> None:
    actor = Actor.system("people")
    row = locked(str(request.summary[CONCERNS]).removeprefix("staff:"))
    change = change_of(row, role=str(request.summary["role"]), branch=str(request.summary["branch"]))
    # Bound to the post the person held when it was asked: who has moved since is another case.
    approval.use(actor=actor, code=request.code, kind=Kind.ROLE_GRANT, subject=_subject(change), now=now)
    put_into_post(actor=actor, row=row, change=change, now=now, approval=request.code)


@transaction.atomic
def revoke(*, actor: Actor, staff_no: str, now: datetime) -> StaffView:
    """Take somebody's post back at once: account and sessions end, and the next request is refused. NotKeeper, SelfGrant."""
    if actor.kind == "staff" and actor.name == staff_no:
        raise SelfGrant
    row = locked(staff_no)
    _may_take_back(actor, row)
    if row.state == Employment.LEFT:
        raise HasLeft
    row.is_active = False
    row.save(update_fields=["is_active"])
    end(row=row, now=now)
    ended = end_sessions(row.pk)
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
    if actor.kind == "staff" and actor.name == staff_no:
        raise SelfGrant
    row = locked(staff_no)
    _may_take_back(actor, row)
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
def move(*, actor: Actor, staff_no: str, state: str) -> StaffView:
    """Send somebody on leave, or announce that they are leaving: what gives rights back is `assign`. WrongState."""
    row = someone_else(actor=actor, staff_no=staff_no)
    if state not in set(Employment) or Employment(state) not in STEPS[Employment(row.state)]:
        raise WrongState(row.state)
    before, row.state = row.state, state
    row.save(update_fields=["state"])
    record(
        actor=actor,
        act=Act.STAFF_MOVED,
        object=f"staff:{staff_no}",
        clause="M5",
        details={"from_state": before, "to_state": state},
    )
    return selectors.staff_view(row)


@transaction.atomic
def set_file(*, actor: Actor, staff_no: str, hr_no: str, contract_ends: date | None, now: datetime) -> None:
    """Write somebody's personnel number and the last day of their contract; PostConflict when that makes one person of two.

    The log says that it was done, not what: the number belongs to the personnel file.
    """
    row = someone_else(actor=actor, staff_no=staff_no)
    if row.state == Employment.LEFT:
        raise HasLeft
    refuse_clash(staff_no=row.staff_no, hr_no=hr_no, role=row.role, now=now)
    row.hr_no, row.contract_ends = hr_no, contract_ends
    row.save(update_fields=["hr_no", "contract_ends"])
    record(actor=actor, act=Act.STAFF_RECORDED, object=f"staff:{staff_no}", clause="M5")


def _subject(change: Change) -> bytes:
    return leaf_hash(change.subject.encode())


def _theirs(actor: Actor, staff_no: str, role: str, branch: str) -> Staff:
    """Return the row, locked, if the actor may propose its post; SelfGrant, NotKeeper."""
    if actor.kind == "staff" and actor.name == staff_no:
        raise SelfGrant
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


def _may_take_back(actor: Actor, row: Staff) -> None:
    fits = may_take_back(actor=actor, role=row.role, branch=row.branch.code)
    if not fits or not selectors.holds_post(actor):
        raise NotKeeper(gettext_noop("员工名册"))
