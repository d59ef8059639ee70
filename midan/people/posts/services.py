"""The steps of a post: begun, ended, refused beside another of the same person, or where nobody is left to give any."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from midan.core.merkle.hashing import leaf_hash
from midan.people.errors import LastOfPost, PostConflict
from midan.people.models import Posting, Staff
from midan.people.posts import selectors
from midan.people.posts.marks import person_mark
from midan.people.posts.rules import Clash, Held, clash, standing
from midan.store.bulk import is_postgres

_LOCKS: Final = 0x6D64_7073  # 'mdps': the namespace of these locks


def refuse_clash(*, staff_no: str, hr_no: str, role: str, now: datetime, beside: Sequence[str] = ()) -> None:
    """Raise PostConflict when the post does not go with what the person holds elsewhere, or held lately (M1).

    The post they leave for it ends now, so of this account only what is forbidden for some time after counts.
    `beside` are posts the same person is to hold that are in no register yet. Whatever else touches the same person waits
    for the end of the transaction.
    """
    if hr_no:
        _one_at_a_time(f"person:{person_mark(hr_no)}")
    held = [
        one if one.staff_no != staff_no or one.until is not None else one.ended(now)
        for one in selectors.held_by(staff_no=staff_no, hr_no=hr_no, now=now)
    ]
    held += [Held(staff_no="", role=post, branch="", until=None) for post in beside]
    _refuse(clash(selectors.matrix(), role, held, now=now))


def refuse_one_person(*, row: Staff, hr_no: str, now: datetime) -> None:
    """Raise PostConflict when a personnel number makes one person of posts that do not go together, whichever came first."""
    refuse_clash(staff_no=row.staff_no, hr_no=hr_no, role=row.role, now=now)
    held = selectors.held_by(staff_no=row.staff_no, hr_no=hr_no, now=now)
    _refuse(next(iter(standing(selectors.matrix(), held, now=now)), None))


def refuse_last(row: Staff) -> None:
    """Raise LastOfPost when without this person nobody at work could give posts: the company would be locked out."""
    _one_at_a_time(f"post:{row.role}")
    if selectors.last_of_post(row):
        raise LastOfPost


def begin(*, row: Staff, now: datetime) -> None:
    """Write that somebody's post begins; the caller has made sure that none is running."""
    Posting.objects.create(
        staff=row, role=row.role, branch=row.branch.code, since=now, person=person_mark(row.hr_no)
    )


def end(*, row: Staff, now: datetime) -> None:
    """Write that somebody's post ends, if one is running."""
    Posting.objects.filter(staff=row, until__isnull=True).update(until=now)


def _refuse(found: Clash | None) -> None:
    if found is not None:
        raise PostConflict(conflict=found.conflict.id, post=found.role, other=found.held.role)


def _one_at_a_time(what: str) -> None:
    """Wait until no other transaction is about the same; SQLite lets only one write anyway."""
    if is_postgres():
        key = int.from_bytes(leaf_hash(what.encode())[:4], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCKS, key])
