"""The menu of whoever is signed in."""

from typing import Any

from django import template

from midan.console.rules import MenuItem, menu

register = template.Library()


@register.simple_tag(takes_context=True)
def rooms(context: dict[str, Any]) -> tuple[MenuItem, ...]:
    """Return the menu of the person behind the request."""
    return menu(context["request"].user.role)
