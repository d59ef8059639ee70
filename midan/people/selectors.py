"""Reads of the organisation: frozen views, never rows."""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection
from django.db.models import Count

from midan.core.actor import Actor
from midan.people.errors import UnknownBranch, UnknownStaff
from midan.people.models import Branch, Company, Staff
from midan.people.rules import BranchView, CompanyView, StaffView

_STAFF = (
    "SELECT s.staff_no, s.username, s.display_name, s.role, b.code, s.is_active, s.state"
    " FROM people_staff s JOIN people_branch b ON b.id = s.branch_id WHERE s.staff_no = %s"
)
_HASHED = "argon2"
_PARENT = "SELECT p.code FROM people_branch b JOIN people_branch p ON p.id = b.parent_id WHERE b.code = %s"


def company() -> CompanyView | None:
    """Return the company, or None before it is named."""
    row = Company.objects.first()
    if row is None:
        return None
    return CompanyView(
        name=row.name,
        credit_code=row.credit_code,
        contact_phone=row.contact_phone,
        contact_email=row.contact_email,
        address=row.address,
        complaint_phone=row.complaint_phone,
    )


def branch(code: str) -> BranchView:
    """Return a branch; raise UnknownBranch."""
    row = Branch.objects.select_related("parent").filter(code=code).first()
    if row is None:
        raise UnknownBranch
    return branch_view(row)


def parent_branch(code: str) -> str:
    """Return the code of the branch above; empty when there is none. Every call for a person asks: plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute(_PARENT, [code])
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def exists(code: str) -> bool:
    """Return whether a branch has this code."""
    return Branch.objects.filter(code=code).exists()


def at_or_below(code: str, above: str) -> bool:
    """Return whether there is a branch `code` and it is `above` or stands somewhere under it."""
    if not exists(code):
        return False
    seen: set[str] = set()
    while code and code != above and code not in seen:
        seen.add(code)
        code = parent_branch(code)
    return code == above != ""


def branches() -> tuple[BranchView, ...]:
    return tuple(branch_view(row) for row in Branch.objects.select_related("parent").order_by("code"))


def cities() -> Mapping[str, str]:
    """Return each branch's city: all that a stranger may learn about where a parcel is."""
    return dict(Branch.objects.values_list("code", "city"))


def staff(staff_no: str) -> StaffView:
    """Return a staff member by number, active or not; raise UnknownStaff.

    Every reveal and search asks this, so it is plain SQL: building a model took four times as long.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STAFF, [staff_no])
        row = cursor.fetchone()
    if row is None:
        raise UnknownStaff
    number, username, display_name, role, place, active, state = row
    return StaffView(
        staff_no=number,
        username=username,
        display_name=display_name,
        role=role,
        branch=place,
        active=bool(active),
        state=state,
    )


def number_of(username: str) -> str:
    """Return the staff number of whoever signs in by this name; empty where nobody does."""
    found = Staff.objects.filter(username__iexact=username).values_list("staff_no", flat=True).first()
    return found or ""


def anybody() -> bool:
    """Return whether anybody was ever appointed: the first administrator is appointed only before."""
    return Staff.objects.exists()


def holds_post(actor: Actor) -> bool:
    """Return whether a person is at work in the post they act under; a task of the system is."""
    if actor.kind != "staff":
        return actor.kind == "system"
    try:
        person = staff(actor.name)
    except UnknownStaff:
        return False
    return person.at_work and (person.role, person.branch) == (actor.role, actor.branch)


def accounts_of(staff_no: str) -> frozenset[str]:
    """Return every account of the person behind one, this one too: all that bear the same personnel number."""
    number = Staff.objects.filter(staff_no=staff_no).values_list("hr_no", flat=True).first()
    if not number:
        return frozenset({staff_no})
    return frozenset({staff_no, *Staff.objects.filter(hr_no=number).values_list("staff_no", flat=True)})


def same_person(one: str, other: str) -> bool:
    """Return whether two accounts are one person's: who does something to the other does it to themselves (M1)."""
    return one == other or one in accounts_of(other)


def staff_of(*, branch: str = "", role: str = "") -> tuple[StaffView, ...]:
    """Return the staff of a branch or a role, by number."""
    rows = Staff.objects.select_related("branch").order_by("staff_no")
    if branch:
        rows = rows.filter(branch__code=branch)
    if role:
        rows = rows.filter(role=role)
    return tuple(staff_view(row) for row in rows)


def active_by_role() -> Mapping[str, int]:
    """Return how many active people hold each role."""
    rows = Staff.objects.filter(is_active=True).values("role").annotate(people=Count("id")).order_by("role")
    return {row["role"]: row["people"] for row in rows}


def inactive_count() -> int:
    return Staff.objects.filter(is_active=False).count()


def unused_count(*, since: datetime) -> int:
    """Return how many active people could sign in and, appointed before then, have not since."""
    rows = Staff.objects.filter(is_active=True, created_at__lt=since).exclude(last_login__gte=since)
    return rows.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).count()


def readable_passwords() -> int:
    """Return how many passwords are kept in another form than the one asked for (Argon2)."""
    rows = Staff.objects.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return rows.exclude(password__startswith=_HASHED).count()


def branch_view(row: Branch) -> BranchView:
    return BranchView(
        code=row.code,
        name=row.name,
        kind=row.kind,
        district_code=row.district_code,
        city=row.city,
        parent=row.parent.code if row.parent else "",
    )


def staff_view(row: Staff) -> StaffView:
    return StaffView(
        staff_no=row.staff_no,
        username=row.username,
        display_name=row.display_name,
        role=row.role,
        branch=row.branch.code,
        active=row.is_active,
        state=row.state,
    )
