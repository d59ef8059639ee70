"""Set working hours, or take them away (M4)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation.trans_null import gettext_noop

from midan.audit.services import record
from midan.core.actor import Actor
from midan.people import selectors
from midan.people.errors import BadHours, NotKeeper
from midan.people.events import Act
from midan.people.hours.rules import Hours, HoursOf, may_set
from midan.people.models import WorkingHours


@transaction.atomic
def set_hours(*, actor: Actor, kind: str, name: str, hours: Hours | None, now: datetime) -> None:
    """Set the hours of a person or a branch, or take them away (None: any hour is theirs, or what the branch has).

    Raise NotKeeper, BadHours, UnknownStaff, UnknownBranch.
    """
    of_staff, of_branch = _whose(kind, name)
    if not may_set(actor, of_branch=of_branch, of_staff=of_staff) or not selectors.holds_post(actor):
        raise NotKeeper(gettext_noop("工作时间"))
    if hours is not None and not hours.is_sound:
        raise BadHours
    if hours is None:
        WorkingHours.objects.filter(kind=kind, name=name).delete()
    else:
        values = {"days": hours.days, "begins": hours.begins, "ends": hours.ends}
        WorkingHours.objects.update_or_create(kind=kind, name=name, defaults=values)
    record(
        actor=actor,
        act=Act.HOURS_SET,
        object=f"staff:{name}" if kind == HoursOf.PERSON else f"branch:{name}",
        outcome="done",
        clause="M4",
        details={"hours": "none"} if hours is None else _said(hours),
        at=now,
    )


def _whose(kind: str, name: str) -> tuple[str, str]:
    """Return the person and the branch whose hours these are; raise BadHours for neither."""
    if kind == HoursOf.PERSON:
        return name, selectors.staff(name).branch
    if kind == HoursOf.BRANCH:
        return "", selectors.branch(name).code
    raise BadHours


def _said(hours: Hours) -> dict[str, str | int]:
    return {"days": hours.days, "begins": hours.begins, "ends": hours.ends}
