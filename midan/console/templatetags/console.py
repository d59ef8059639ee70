"""The menu of whoever is signed in."""

from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext

from midan.access.selectors.glass import waiting_breaks
from midan.catalog.rules import PURPOSES, Purpose
from midan.console.doors import person
from midan.console.menu import MenuItem, menu
from midan.console.rules import Room, enters
from midan.duties.selectors import standing
from midan.paper.selectors import waiting_for

register = template.Library()


@register.simple_tag(takes_context=True)
def witness_duties(context: dict[str, Any]) -> int:
    """Return how many destructions of paper wait for the word of who is signed in: whatever their post."""
    return len(waiting_for(person(context["request"]).staff_no))


@register.simple_tag(takes_context=True)
def glass_alarms(context: dict[str, Any]) -> int:
    """Return how many broken glasses wait for who is signed in to review them: none for a post that reviews none."""
    return waiting_breaks() if enters(person(context["request"]).role, Room.REVIEW_GLASS) else 0


@register.simple_tag(takes_context=True)
def neglected_duties(context: dict[str, Any]) -> int:
    """Return how many duties of who is signed in are not fulfilled today."""
    who = person(context["request"])
    stands = standing(staff_no=who.staff_no, role=who.role, today=timezone.localdate())
    return len(stands.missing())


@register.simple_tag(takes_context=True)
def rooms(context: dict[str, Any]) -> tuple[MenuItem, ...]:
    """Return the menu of the person behind the request."""
    who = person(context["request"])
    return menu(who.role, who.state)


@register.filter
def purpose(code: str) -> str:
    """Return a purpose's title in the reader's language; a code the catalogue does not know is shown as it is."""
    return gettext(PURPOSES[Purpose(code)].title) if code in set(Purpose) else code
