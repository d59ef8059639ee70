"""Pure rules of posts: which exclude each other, which grants need two persons, who takes a post back."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from midan.core.actor import Actor
from midan.people.rules import Role

# A quarter: 等保 8.1.4.2 c wants surplus accounts dealt with in time and gives no number; this one is the company's.
REVIEW_EVERY: Final = timedelta(days=90)
# Who proposes a post, and takes one back: the staff keeper everywhere, a manager in the own branch.
PROPOSERS: Final = frozenset({Role.BRANCH_MANAGER, Role.HR})
# Taking needs no second person; whose own the register is, the privacy officer looks over.
REVIEWERS: Final = PROPOSERS | {Role.PRIVACY_OFFICER}
# What a branch runs with: such a post acts there and nowhere else. A manager neither fills nor empties any other.
BRANCH_POSTS: Final = frozenset({Role.COURIER, Role.SORTER, Role.CLERK, Role.AGENT, Role.INTEGRATOR})
# Two people have to be at work for any post to be given: the last of either neither goes nor sleeps.
GIVERS: Final = frozenset({Role.HR, Role.PRIVACY_OFFICER})


class GrantReason(StrEnum):
    """Why a post is given or changed."""

    HIRED = "hired"
    MOVED = "moved"
    RETURNED = "returned"
    WOKEN = "woken"
    POST_CORRECTED = "post_corrected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One row of the matrix. `days` after a post of one side no post of the other is given; 0: not both at once."""

    id: str
    posts: frozenset[str]
    against: frozenset[str]
    days: int
    clause: str
    zh: str
    en: str

    def between(self, one: str, other: str) -> bool:
        """Return whether the two posts stand on its two sides."""
        return (one in self.posts and other in self.against) or (one in self.against and other in self.posts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A post one person holds or held, under whichever account; `until` None: still."""

    staff_no: str
    role: str
    branch: str
    until: datetime | None

    def ended(self, at: datetime) -> "Held":
        """Return the same post as one that ends at this moment."""
        return replace(self, until=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A post that may not be given, or should not be held, and the held one it does not go with."""

    conflict: Conflict
    role: str
    held: Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A post to be given: to whom, from which and from which state of the account, to which."""

    staff_no: str
    old_role: str
    old_branch: str
    role: str
    branch: str
    state: str
    active: bool

    @property
    def subject(self) -> str:
        """Return what an approval is bound to: it fits this very change and no other."""
        account = f"{self.staff_no}|{self.state}|{'open' if self.active else 'closed'}"
        return f"role-grant|{account}|{self.old_role}|{self.old_branch}|{self.role}|{self.branch}"


def personnel_number(text: str) -> str:
    """Return a personnel number as it is kept and compared: width, case and spaces around it make no other person."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def clash(matrix: Iterable[Conflict], role: str, held: Sequence[Held], *, now: datetime) -> Clash | None:
    """Return the first conflict a post would make with what the person holds, or held lately."""
    for conflict in matrix:
        for one in held:
            over = one.until is not None and one.until + timedelta(days=conflict.days) <= now
            if not over and conflict.between(role, one.role):
                return Clash(conflict=conflict, role=role, held=one)
    return None


def standing(matrix: Iterable[Conflict], held: Sequence[Held], *, now: datetime) -> tuple[Clash, ...]:
    """Return the conflicts among one person's posts: each running one against all others, whichever began first.

    Two that both run are told once.
    """
    rows = tuple(matrix)
    found = []
    for place, one in enumerate(held):
        if one.until is None:
            others = [other for at, other in enumerate(held) if other.until is not None or at < place]
            found.append(clash(rows, one.role, others, now=now))
    return tuple(hit for hit in found if hit is not None)


def needs_second(*, keeper_branch: str, change: Change) -> bool:
    """Return whether a grant takes two: in the keeper's own branch, and to or from a post that acts beyond its branch."""
    near = keeper_branch in (change.old_branch, change.branch)
    return near or not {change.old_role, change.role} <= BRANCH_POSTS


def may_take_back(*, actor: Actor, role: str, branch: str) -> bool:
    """Return whether the actor may take a post of this role in this branch back, or leave it."""
    if actor.kind != "staff":
        return actor.kind == "system"
    if actor.role == Role.BRANCH_MANAGER:
        return branch == actor.branch and role in BRANCH_POSTS
    return actor.role == Role.HR or (actor.role == Role.PRIVACY_OFFICER and role == Role.HR)
