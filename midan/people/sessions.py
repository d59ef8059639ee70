"""Sessions of staff: where they live, how long, and how they end (T3; 等保 8.1.4.1 b).

One a person and class of device; ten minutes without a request and twelve hours in all end it; a cookie that comes
from another browser or another class of device ends it at once. allauth keeps a row for each; no row, no session.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation.trans_null import gettext_noop

from midan.audit.services import record
from midan.catalog.settings import current
from midan.core.actor import Actor
from midan.people.browsers import Browser, browser_of
from midan.people.errors import NotKeeper, UnknownSession
from midan.people.events import Act
from midan.people.rules import may_end_sessions

# A request a second need not be a write a second: the end comes this much early at most.
_LAG: Final = timedelta(seconds=15)


class End(StrEnum):
    """Why a session ended by itself."""

    GONE = "gone"
    IDLE = "idle"
    LONG = "long"
    DEVICE = "device"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """One session as its owner and those who may end it see it. `number` names it and opens nothing."""

    number: int
    staff_no: str
    display_name: str
    role: str
    branch: str
    address: str
    browser: Browser
    since: datetime
    seen: datetime


def ended(request: HttpRequest, *, now: datetime) -> End | None:
    """Return why this request's session is over, or None; then the session was seen now."""
    chosen = current().sign_in
    row = (
        UserSession.objects.filter(session_key=request.session.session_key, user_id=request.user.pk)
        .values_list("id", "user_agent", "created_at", "last_seen_at")
        .first()
    )
    if row is None:
        return End.GONE
    number, agent, since, seen = row
    # allauth keeps the first 200 letters of what a browser says of itself.
    if browser_of(agent) != browser_of(request.headers.get("User-Agent", "")[:200]):
        return End.DEVICE
    if now - since > timedelta(hours=chosen.session_hours):
        return End.LONG
    if now - seen > timedelta(minutes=chosen.idle_minutes):
        return End.IDLE
    if now - seen > _LAG:
        UserSession.objects.filter(id=number).update(last_seen_at=now)
    return None


def keep_one(request: HttpRequest) -> int:
    """End the person's older sessions on devices of this class and return how many they were."""
    own = UserSession.objects.filter(session_key=request.session.session_key).first()
    if own is None:
        return 0
    # Of two that begin at the same moment the later one stays: each ends only what is older than itself.
    older = UserSession.objects.filter(user_id=request.user.pk, id__lt=own.id)
    kind = browser_of(own.user_agent).kind
    rivals = [row for row in older if browser_of(row.user_agent).kind == kind]
    for row in rivals:
        row.end()
    return len(rivals)


def number_of(request: HttpRequest) -> int:
    """Return the number of the session of a request; 0 where there is none."""
    row = UserSession.objects.filter(session_key=request.session.session_key).values_list("id", flat=True)
    return int(row.first() or 0)


def live(*, branch: str = "", staff_no: str = "") -> tuple[Live, ...]:
    """Return the sessions that may still be used, newest first: of all, of a branch or of one person."""
    rows = UserSession.objects.select_related("user__branch").order_by("-last_seen_at")
    if branch:
        rows = rows.filter(user__branch__code=branch)
    if staff_no:
        rows = rows.filter(user__staff_no=staff_no)
    return tuple(_live(row) for row in rows if row.exists())


@transaction.atomic
def end(*, actor: Actor, number: int) -> None:
    """End a session: one's own, or another's where the post may; raise UnknownSession or NotKeeper."""
    row = UserSession.objects.select_related("user__branch").filter(id=number).first()
    if row is None:
        raise UnknownSession
    found = _live(row)
    may = may_end_sessions(role=actor.role, branch=actor.branch, of_branch=found.branch)
    if actor.name != found.staff_no and not may:
        raise NotKeeper(gettext_noop("登录会话"))
    record(
        actor=actor,
        act=Act.SESSION_ENDED,
        object=f"session:{found.staff_no}",
        clause="T3",
        details={"why": "own" if actor.name == found.staff_no else "other"},
    )
    row.end()


def _live(row: UserSession) -> Live:
    person = row.user
    return Live(
        number=row.id,
        staff_no=person.staff_no,
        display_name=person.display_name,
        role=person.role,
        branch=person.branch.code,
        address=row.ip,
        browser=browser_of(row.user_agent),
        since=row.created_at,
        seen=row.last_seen_at,
    )
