"""Two branches and somebody in each post that keeps, decides or is kept: for tests of posts and of leaving."""

from midan.core.actor import Actor
from midan.people import services
from midan.people.rules import BranchKind

SYSTEM = Actor.system("test")
PASSWORD = "nine purple otters recite a tide table"


def open_branch(code):
    return services.create_branch(
        actor=SYSTEM,
        code=code,
        name="测试网点",
        kind=BranchKind.OWN,
        district_code="330106",
        city="杭州市",
    )


def appoint(now, role, branch="HZ001", *, username="", actor=SYSTEM, password=None, **more):
    """Return the actor of a new person; `username` only where two of one post stand in a branch."""
    person = services.create_staff(
        actor=actor,
        username=username or f"{role}-{branch}",
        display_name="测试员工",
        role=role,
        branch=branch,
        password=password,
        now=now,
        **more,
    )
    return Actor(kind="staff", name=person.staff_no, role=role, branch=branch)
