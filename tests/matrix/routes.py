"""Every address of the product, taken from its own URL map: nothing here knows one by heart."""

from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from tests.gateway.page import operations


@dataclass(frozen=True)
class Route:
    """One address: its name with the area before it, and the words in it that stand for an object."""

    name: str
    arguments: tuple[str, ...]


def pages():
    """Return every named address outside the API, each once."""
    found = {}
    for area, pattern in _walk(get_resolver().url_patterns):
        if area != "gateway" and pattern.name:
            name = f"{area}:{pattern.name}" if area else pattern.name
            found.setdefault(name, Route(name, tuple(pattern.pattern.converters)))
    return found


def nameless():
    """Return the addresses without a name, as they are written."""
    return sorted(
        {str(pattern.pattern) for _, pattern in _walk(get_resolver().url_patterns) if not pattern.name}
    )


def calls():
    """Return every operation of the API as (method, path), its description and token endpoint included."""
    described = {
        f"/{pattern.pattern}".replace("<path:place>", "{place}").replace("<number>", "{number}").rstrip("/")
        or "/"
        for area, pattern in _walk(get_resolver().url_patterns)
        if area == "gateway"
    }
    return set(operations()), described


def _walk(patterns, area=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, pattern.namespace or area)
        elif isinstance(pattern, URLPattern):
            yield area, pattern
