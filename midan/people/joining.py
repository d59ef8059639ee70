"""How somebody gets into their account: HR makes one link, hands it over in person, and never learns the password.

Whoever was appointed or taken in from a list has no password: nobody can sign in as them before. The same way leads back
in after a password was lost. A link dies when it is used, when a new one is made, after three days, and when the person
leaves. It opens nothing by itself: the second factor is asked for as ever, or set up at the first sign-in.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.crypto import salted_hmac

from midan.audit.services import record
from midan.core.actor import Actor
from midan.people import passwords, selectors
from midan.people.errors import HasLeft, LinkSpent
from midan.people.events import Act
from midan.people.leaving.closing import end_sessions
from midan.people.models import Staff
from midan.people.rules import Employment, StaffView
from midan.people.services import choose_password, require_staff_keeper, someone_else
from midan.people.signin_models import JoinLink

_LIVES: Final = timedelta(days=3)


@transaction.atomic
def make_link(*, actor: Actor, staff_no: str, now: datetime) -> str:
    """Return a new token, once: only its digest is kept. Raise NotKeeper, SelfGrant, UnknownStaff or HasLeft."""
    require_staff_keeper(actor)
    row = someone_else(actor=actor, staff_no=staff_no)
    if row.state == Employment.LEFT:
        raise HasLeft
    token = secrets.token_urlsafe(32)
    JoinLink.objects.update_or_create(
        staff=row, defaults={"digest": _digest(token), "expires_at": now + _LIVES}
    )
    record(actor=actor, act=Act.JOIN_LINK, object=f"staff:{staff_no}", clause="T3")
    return token


def owner(token: str, *, now: datetime) -> StaffView:
    """Return whose link this is while it opens the page; raise LinkSpent."""
    return selectors.staff_view(_owner(token, now))


@transaction.atomic
def use(*, token: str, password: str, address: str, now: datetime) -> StaffView:
    """Set the password and spend the link; every session of the person ends. Raise LinkSpent or WeakPassword."""
    row = _owner(token, now)
    # Of two who use it at once one deletes the row; the other finds nothing to delete and is refused.
    if not JoinLink.objects.filter(digest=_digest(token)).delete()[0]:
        raise LinkSpent
    choose_password(row=row, password=password)
    row.save(update_fields=["password"])
    passwords.remember(row)
    end_sessions(row.pk)
    who = Actor(kind="public", name="join_link", address=address)
    record(actor=who, act=Act.JOIN_LINK_USED, object=f"staff:{row.staff_no}", clause="T3")
    return selectors.staff_view(row)


def _owner(token: str, now: datetime) -> Staff:
    links = JoinLink.objects.filter(digest=_digest(token), expires_at__gt=now)
    link = links.select_related("staff__branch").first()
    if link is None or link.staff.state == Employment.LEFT:
        raise LinkSpent
    return link.staff


def _digest(token: str) -> str:
    return salted_hmac("midan.people.joining", token, algorithm="sha256").hexdigest()
