"""Verbs of the organisation. Each is one transaction with one log entry; none names a person in the log."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop

from midan.approval import services as approval
from midan.audit.services import record
from midan.core.actor import Actor
from midan.people import passwords, rules, selectors
from midan.people.errors import (
    BadPost,
    HasLeft,
    NameTaken,
    NotKeeper,
    SecondPerson,
    SelfGrant,
    UnknownBranch,
    UnknownStaff,
    WeakPassword,
    WrongState,
)
from midan.people.events import Act
from midan.people.models import Branch, Company, Staff
from midan.people.posts.marks import person_mark
from midan.people.posts.rules import Change, needs_second, personnel_number
from midan.people.posts.services import begin, end, refuse_clash
from midan.people.rules import BranchKind, BranchView, CompanyView, Employment, Role, StaffView


@transaction.atomic
def set_company(*, actor: Actor, company: CompanyView) -> None:
    """Name the company; the notice and the labels quote it."""
    _require_branch_keeper(actor)
    Company.objects.update_or_create(
        id=1,
        defaults={
            "name": company.name,
            "credit_code": company.credit_code,
            "contact_phone": company.contact_phone,
            "contact_email": company.contact_email,
            "address": company.address,
            "complaint_phone": company.complaint_phone,
        },
    )
    record(actor=actor, act=Act.COMPANY_CHANGED, object="company:1")


@transaction.atomic
def create_branch(  # noqa: PLR0913  one argument a column
    *, actor: Actor, code: str, name: str, kind: str, district_code: str, city: str, parent: str = ""
) -> BranchView:
    """Open a branch; raise NameTaken, UnknownBranch (parent) or BadPost (kind)."""
    _require_branch_keeper(actor)
    if kind not in set(BranchKind):
        raise BadPost("kind")
    if Branch.objects.filter(code=code).exists():
        raise NameTaken("code")
    above = _branch(parent) if parent else None
    row = Branch.objects.create(
        code=code, name=name, kind=kind, district_code=district_code, city=city, parent=above
    )
    record(actor=actor, act=Act.BRANCH_CREATED, object=f"branch:{code}", details={"kind": kind})
    return selectors.branch_view(row)


@transaction.atomic
def create_staff(  # noqa: PLR0913  one argument a column
    *,
    actor: Actor,
    username: str,
    display_name: str,
    role: str,
    branch: str,
    password: str | None,
    now: datetime,
    hr_no: str = "",
    contract_ends: date | None = None,
) -> StaffView:
    """Appoint a person; without a password nobody can sign in as them until one is set.

    Whoever a person appoints is joining: they begin when the post is granted (`posts.granting.grant`). Raise NotKeeper,
    BadPost, UnknownBranch, NameTaken, PostConflict or WeakPassword; then nothing has changed.
    """
    require_staff_keeper(actor)
    if role not in set(Role):
        raise BadPost("role")
    if Staff.objects.filter(username__iexact=username).exists():
        raise NameTaken("username")
    number = personnel_number(hr_no)
    row = Staff(
        username=username,
        display_name=display_name,
        role=role,
        branch=_branch(branch),
        staff_no=rules.staff_number(_next("staff")),
        created_at=now,
        hr_no=number,
        contract_ends=contract_ends,
        state=Employment.JOINING if actor.kind == "staff" else Employment.ACTIVE,
    )
    refuse_clash(staff_no=row.staff_no, hr_no=number, role=role, now=now)
    choose_password(row=row, password=password)
    row.save()
    if password is not None:
        passwords.remember(row)
    if row.state == Employment.ACTIVE:
        begin(row=row, now=now)
    record(
        actor=actor,
        act=Act.STAFF_CREATED,
        object=f"staff:{row.staff_no}",
        details={"role": role, "branch": branch} | ({"person": person_mark(number)} if number else {}),
    )
    return selectors.staff_view(row)


@transaction.atomic
def assign(*, actor: Actor, staff_no: str, role: str, branch: str, now: datetime | None = None) -> StaffView:
    """Give a person a post, alone: not one's own, and none that takes two persons, which is `posts.granting.grant` (M1).

    Whoever was joining or on leave is at work from then on. Raise SelfGrant, SecondPerson, PostConflict, HasLeft, …
    """
    row = someone_else(actor=actor, staff_no=staff_no)
    change = change_of(row, role=role, branch=branch)
    if actor.kind == "staff" and needs_second(keeper_branch=actor.branch, change=change):
        raise SecondPerson
    return put_into_post(actor=actor, row=row, change=change, now=now or timezone.now())


def change_of(row: Staff, *, role: str, branch: str) -> Change:
    """Return the change of post asked for; BadPost, UnknownBranch, HasLeft."""
    if role not in set(Role):
        raise BadPost("role")
    if row.state == Employment.LEFT:
        raise HasLeft
    if row.state == Employment.LEAVING:
        raise WrongState(row.state)
    return Change(
        staff_no=row.staff_no,
        old_role=row.role,
        old_branch=row.branch.code,
        role=role,
        branch=_branch(branch).code,
        state=row.state,
        active=row.is_active,
    )


def put_into_post(
    *, actor: Actor, row: Staff, change: Change, now: datetime, said: Mapping[str, str] = MappingProxyType({})
) -> StaffView:
    """Write a grant into the register with its entry; the caller has seen that it may be given. PostConflict.

    `said` is what the entry says besides: the approval, or the exception that made one person enough. Whatever else was
    asked about the person fits no more and is withdrawn.
    """
    refuse_clash(staff_no=row.staff_no, hr_no=row.hr_no, role=change.role, now=now)
    end(row=row, now=now)
    row.role, row.branch = change.role, _branch(change.branch)
    row.state, row.is_active, row.slept_at, row.woken_at = Employment.ACTIVE, True, None, now
    row.save(update_fields=["role", "branch", "state", "is_active", "slept_at", "woken_at"])
    begin(row=row, now=now)
    approval.withdraw_concerning(actor=actor, person=f"staff:{row.staff_no}", now=now)
    details = {"role": change.role, "branch": change.branch, "from_role": change.old_role}
    record(
        actor=actor,
        act=Act.STAFF_ASSIGNED,
        object=f"staff:{row.staff_no}",
        clause="M1",
        details={**details, **said, **({"person": person_mark(row.hr_no)} if row.hr_no else {})},
    )
    return selectors.staff_view(row)


@transaction.atomic
def activate(*, actor: Actor, staff_no: str, now: datetime | None = None) -> StaffView:
    """Open a closed account again: a grant of its post like any other, so not alone in one's own branch (M1)."""
    row = someone_else(actor=actor, staff_no=staff_no)
    change = change_of(row, role=row.role, branch=row.branch.code)
    if actor.kind == "staff" and needs_second(keeper_branch=actor.branch, change=change):
        raise SecondPerson
    refuse_clash(staff_no=row.staff_no, hr_no=row.hr_no, role=row.role, now=now or timezone.now())
    row.is_active, row.slept_at, row.woken_at = True, None, now or timezone.now()
    row.save(update_fields=["is_active", "slept_at", "woken_at"])
    if row.state == Employment.ACTIVE:
        end(row=row, now=row.woken_at)
        begin(row=row, now=row.woken_at)
    approval.withdraw_concerning(actor=actor, person=f"staff:{staff_no}", now=row.woken_at)
    record(actor=actor, act=Act.STAFF_ACTIVATED, object=f"staff:{staff_no}")
    return selectors.staff_view(row)


@transaction.atomic
def set_password(*, actor: Actor, staff_no: str, password: str) -> None:
    """Set a password: one's own, or another's by those who keep the staff register."""
    row = _staff(staff_no)
    if not (actor.kind == "staff" and actor.name == staff_no):
        require_staff_keeper(actor)
    choose_password(row=row, password=password)
    row.save(update_fields=["password"])
    passwords.remember(row)
    record(actor=actor, act=Act.PASSWORD_CHANGED, object=f"staff:{staff_no}", clause="T3")


def choose_password(*, row: Staff, password: str | None) -> None:
    """Set a password that fits the rules, or none at all; the caller saves. WeakPassword."""
    if password is None:
        row.set_unusable_password()
        return
    try:
        validate_password(password, row)
    except ValidationError as error:
        raise WeakPassword(tuple(str(problem.code) for problem in error.error_list)) from None
    row.set_password(password)


def _next(name: str) -> int:
    """Take the next number. One statement, so two appointments at once cannot take the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_sequence (name, next) VALUES (%s, 2)"
            " ON CONFLICT (name) DO UPDATE SET next = people_sequence.next + 1 RETURNING next - 1",
            [name],
        )
        return int(cursor.fetchone()[0])


def _branch(code: str) -> Branch:
    row = Branch.objects.filter(code=code).first()
    if row is None:
        raise UnknownBranch
    return row


def _staff(staff_no: str) -> Staff:
    row = Staff.objects.select_related("branch").filter(staff_no=staff_no).first()
    if row is None:
        raise UnknownStaff
    return row


def locked(staff_no: str) -> Staff:
    """Return the row, locked for the rest of the transaction; UnknownStaff."""
    row = (
        Staff.objects.select_for_update(of=("self",))
        .select_related("branch")
        .filter(staff_no=staff_no)
        .first()
    )
    if row is None:
        raise UnknownStaff
    return row


def someone_else(*, actor: Actor, staff_no: str) -> Staff:
    """Return the row of anybody but the actor, under whichever account, locked; NotKeeper, SelfGrant, UnknownStaff."""
    require_staff_keeper(actor)
    if actor.kind == "staff" and selectors.same_person(actor.name, staff_no):
        raise SelfGrant
    return locked(staff_no)


def require_staff_keeper(actor: Actor) -> None:
    # What the register says now, not what the session was told when it began.
    if not rules.may_keep_staff(kind=actor.kind, role=actor.role) or not selectors.holds_post(actor):
        raise NotKeeper(gettext_noop("员工名册"))


def _require_branch_keeper(actor: Actor) -> None:
    if not rules.may_keep_branches(kind=actor.kind, role=actor.role):
        raise NotKeeper(gettext_noop("网点名册"))
