"""Sign-ins of the invented staff and clients: random per installation, kept only in demo.json."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from midan.core.actor import Actor
from midan.people import selectors as people_read
from midan.people import services as people
from midan.people.ownership.rules import AssetKind
from midan.people.ownership.selectors import without_owner
from midan.people.ownership.services import name_owner
from midan.people.rules import StaffView

_ACTOR: Final = Actor.system("demo")
# username, name shown, role, branch
STAFF: Final = (
    ("officer", "程知远", "privacy_officer", "HZ001"),
    ("manager", "沈听澜", "branch_manager", "HZ001"),
    ("agent", "顾雨棠", "agent", "HZ001"),
    ("courier", "石磊磊", "courier", "HZ001"),
    ("courier2", "韩小路", "courier", "HZ002"),
    ("sorter", "毕有序", "sorter", "HZ001"),
    ("clerk", "何其多", "clerk", "HZ101"),
    ("hr", "任人贤", "hr", "HZ001"),
    ("analyst", "卓见微", "analyst", "HZ001"),
    ("auditor", "严以明", "auditor", "HZ001"),
    ("regulator", "邢正", "regulator", "HZ001"),
    ("sysadmin", "路由之", "sysadmin", "HZ001"),
    ("manager_bj", "白塔山", "branch_manager", "BJ001"),
)
CLIENTS: Final = (
    (
        "shop",
        "HZ001",
        "waybills:write waybills:read waybills:label",
    ),
    (
        "hall",
        "HZ001",
        (
            "waybills:write waybills:read waybills:search waybills:scan waybills:label waybills:reveal"
            " waybills:real-name"
        ),
    ),
    ("supervisor", "HZ001", "audit:read"),
    ("telephone", "HZ001", "tickets:call"),
)


def open_accounts(*, now: datetime) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return what demo.json says of users and clients, after making them."""
    users = [_user(username, name, role, branch, now) for username, name, role, branch in STAFF]
    clients = [_client(name, branch, scopes, now) for name, branch, scopes in CLIENTS]
    return users, clients


def invented() -> list[StaffView]:
    """Return the invented people who still work here."""
    names = {username for username, *_ in STAFF}
    return [person for person in people_read.staff_of() if person.username in names and person.active]


def name_owners(*, now: datetime) -> None:
    """Name somebody who answers for everything nobody answers for yet: data, systems, uses (G4)."""
    posts = {staff.role: staff.staff_no for staff in people_read.staff_of()}
    answers = {
        AssetKind.ASSET: "privacy_officer",
        AssetKind.SYSTEM: "sysadmin",
        AssetKind.USE: "branch_manager",
    }
    for kind, post in answers.items():
        names = tuple(name for of, name in without_owner() if of == kind)
        if names:
            name_owner(actor=_ACTOR, kind=kind, names=names, staff_no=posts[post], now=now)


def _user(username: str, name: str, role: str, branch: str, now: datetime) -> Mapping[str, Any]:
    from midan.people.factors import enrol_totp

    password = secrets.token_urlsafe(15)
    known = {staff.username: staff for staff in people_read.staff_of()}
    if username in known:
        staff = known[username]
        people.set_password(actor=_ACTOR, staff_no=staff.staff_no, password=password)
    else:
        staff = people.create_staff(
            actor=_ACTOR,
            username=username,
            display_name=name,
            role=role,
            branch=branch,
            password=password,
            now=now,
        )
    return {
        "staff_no": staff.staff_no,
        "role": role,
        "branch": branch,
        "username": username,
        "password": password,
        "totp_secret": enrol_totp(actor=_ACTOR, staff_no=staff.staff_no),
    }


def _client(name: str, branch: str, scopes: str, now: datetime) -> Mapping[str, Any]:
    from midan.gateway.rules import Limits
    from midan.gateway.services import create_client

    # Room enough for whoever measures, and a limit all the same: a client has one.
    limits = Limits(per_minute=1_000_000, per_day=100_000_000)
    made = create_client(
        actor=_ACTOR, name=name, branch=branch, scopes=tuple(scopes.split()), limits=limits, now=now
    )
    said = {
        "client_id": made.client_id,
        "client_secret": made.client_secret,
        "scopes": list(made.scopes),
        "branch": branch,
    }
    return said | ({"signing_key": made.signing_key} if made.signing_key else {})
