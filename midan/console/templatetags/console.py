"""The menu of whoever is signed in."""

from typing import Any

from django import template
from django.utils.translation import gettext

from midan.catalog.rules import PURPOSES, Purpose
from midan.console.rules import MenuItem, menu

register = template.Library()


@register.simple_tag(takes_context=True)
def rooms(context: dict[str, Any]) -> tuple[MenuItem, ...]:
    """Return the menu of the person behind the request."""
    return menu(context["request"].user.role)


@register.filter
def purpose(code: str) -> str:
    """Return a purpose's title in the reader's language; a code the catalogue does not know is shown as it is."""
    return gettext(PURPOSES[Purpose(code)].title) if code in set(Purpose) else code
