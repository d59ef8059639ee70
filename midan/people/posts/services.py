"""The steps of a post: begun, ended, refused where it meets another of the same person."""

from collections.abc import Sequence
from datetime import datetime

from midan.people.errors import PostConflict
from midan.people.models import Posting, Staff
from midan.people.posts import selectors
from midan.people.posts.rules import Held, clash


def refuse_clash(*, staff_no: str, hr_no: str, role: str, now: datetime, beside: Sequence[str] = ()) -> None:
    """Raise PostConflict when the post does not go with what the person holds elsewhere, or held lately (M1).

    The post they leave for it ends now, so of this account only what is forbidden for some time after counts.
    `beside` are posts the same person is to hold that are in no register yet.
    """
    held = [
        one if one.staff_no != staff_no or one.until is not None else one.ended(now)
        for one in selectors.held_by(staff_no=staff_no, hr_no=hr_no)
    ]
    held += [Held(staff_no="", role=post, branch="", until=None) for post in beside]
    found = clash(selectors.matrix(), role, held, now=now)
    if found is not None:
        raise PostConflict(conflict=found.conflict.id, post=role, other=found.held.role)


def begin(*, row: Staff, now: datetime) -> None:
    """Write that somebody's post begins; the caller has made sure that none is running."""
    Posting.objects.create(staff=row, role=row.role, branch=row.branch.code, since=now)


def end(*, row: Staff, now: datetime) -> None:
    """Write that somebody's post ends, if one is running."""
    Posting.objects.filter(staff=row, until__isnull=True).update(until=now)
