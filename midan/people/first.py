"""The first administrator: appointed by whoever holds the one link that `midan init` printed, and by nobody after.

There is no default password. The link dies when it is used, when a new one is made, after a day, and once anybody
was appointed. HR is the post that appoints all others and sees no customer's data (M1).
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.crypto import salted_hmac

from midan.audit.services import record
from midan.core.actor import Actor
from midan.people import selectors, services
from midan.people.errors import LinkSpent
from midan.people.events import Act
from midan.people.rules import BranchKind, Role, StaffView
from midan.people.signin_models import FirstLink

_LIVES: Final = timedelta(hours=24)
HEAD_OFFICE: Final = "HQ"


@transaction.atomic
def make_link(*, now: datetime) -> str:
    """Return a new token, once: only its digest is kept, and an older one opens nothing any more. '' if too late."""
    if selectors.anybody():
        return ""
    token = secrets.token_urlsafe(32)
    FirstLink.objects.update_or_create(id=1, defaults={"digest": _digest(token), "expires_at": now + _LIVES})
    record(actor=Actor.system("init"), act=Act.FIRST_LINK, object="first-link:1", clause="T3")
    return token


def check(token: str, *, now: datetime) -> None:
    """Raise LinkSpent unless this token opens the page now."""
    if (
        selectors.anybody()
        or not FirstLink.objects.filter(digest=_digest(token), expires_at__gt=now).exists()
    ):
        raise LinkSpent


@transaction.atomic
def appoint(  # noqa: PLR0913  one argument a field
    *, token: str, username: str, display_name: str, password: str, address: str, now: datetime
) -> StaffView:
    """Use the link: open a head office and appoint the first person, for HR; raise LinkSpent or WeakPassword."""
    check(token, now=now)
    # Of two who use it at once one deletes the row; the other finds nothing to delete and is refused.
    if not FirstLink.objects.filter(digest=_digest(token)).delete()[0]:
        raise LinkSpent
    maker = Actor.system("first_administrator")
    if not selectors.exists(HEAD_OFFICE):
        services.create_branch(
            actor=maker, code=HEAD_OFFICE, name="总部", kind=BranchKind.OWN, district_code="", city=""
        )
    person = services.create_staff(
        actor=maker,
        username=username,
        display_name=display_name,
        role=Role.HR,
        branch=HEAD_OFFICE,
        password=password,
        now=now,
    )
    who = Actor(kind="public", name="first_administrator", address=address)
    record(actor=who, act=Act.FIRST_APPOINTED, object=f"staff:{person.staff_no}", clause="T3")
    return person


def _digest(token: str) -> str:
    return salted_hmac("midan.people.first", token, algorithm="sha256").hexdigest()
