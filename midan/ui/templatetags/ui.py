"""Tags every page may use: icons, moments, durations."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import urlencode

from django import template
from django.forms import BoundField
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from midan.core.errors import MidanError
from midan.ui.saying import sentence
from midan.ui.words import WORDS

register = template.Library()


class Control(Protocol):
    """A live check of a clause, as `catalog` defines it; ui and catalog stand on one line and do not import."""

    @property
    def evidence(self) -> str: ...
    @property
    def figures(self) -> Mapping[str, str | int]: ...


class Algorithm(Protocol):
    """One place that enciphers, as `catalog` defines it."""

    @property
    def note(self) -> str: ...
    @property
    def figures(self) -> Mapping[str, str | int]: ...


_MINUTE, _HOUR, _DAY = 60, 3600, 86400
# What a list filters by: codes and places in it, nothing that is typed.
_FILTERS: Final = frozenset({"status", "span", "act", "outcome", "after", "next"})


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return an icon of the sprite. It is decoration: the words beside it say the same."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("vendor/icons.svg"),
        name,
    )


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """Return a moment in Shanghai time; the page's script adds how long ago on hover."""
    if value is None:
        return "—"
    local = timezone.localtime(value)
    return format_html(
        '<time class="nowrap" datetime="{}">{}</time>', local.isoformat(), f"{local:%Y-%m-%d %H:%M:%S}"
    )


@register.filter
def ago(value: datetime | None) -> str:
    """Return how long ago in words, rounded down to the largest unit."""
    if value is None:
        return gettext("从未")
    seconds = max(0, int((timezone.now() - value).total_seconds()))
    if seconds < _MINUTE:
        return gettext("刚刚")
    return gettext("%(duration)s前") % {"duration": duration(timedelta(seconds=seconds))}


@register.filter
def duration(value: timedelta) -> str:
    """Return a duration in its largest unit: 12 分钟, 3 小时, 5 天."""
    seconds = int(value.total_seconds())
    if seconds < _MINUTE:
        return ngettext("%(count)d 秒", "%(count)d 秒", seconds) % {"count": seconds}
    if seconds < _HOUR:
        count = seconds // _MINUTE
        return ngettext("%(count)d 分钟", "%(count)d 分钟", count) % {"count": count}
    if seconds < _DAY:
        count = seconds // _HOUR
        return ngettext("%(count)d 小时", "%(count)d 小时", count) % {"count": count}
    count = seconds // _DAY
    return ngettext("%(count)d 天", "%(count)d 天", count) % {"count": count}


@register.filter
def word(code: object, book: str) -> str:
    """Return the reader's word for a code; a code nobody has put into words is shown as it is."""
    found = WORDS[book].get(str(code))
    return gettext(found) if found else str(code)


@register.simple_tag(takes_context=True)
def here(context: Context) -> str:
    """Return the page's own address with its filters; whatever else stands in the address is not repeated."""
    request = context["request"]
    kept = [(name, value) for name, value in request.GET.items() if name in _FILTERS]
    return f"{request.path}?{urlencode(kept, safe=':')}" if kept else str(request.path)


@register.filter
def translated(msgid: str) -> str:
    """Return a message id of another area in the reader's language."""
    return gettext(msgid) if msgid else ""


@register.filter
def said(error: MidanError) -> str:
    """Return an error's message in the reader's language, filled in with its details."""
    return sentence(error)


@register.filter
def evidence(control: Control) -> str:
    """Return what an area shows for a clause, with its figures filled in."""
    text = gettext(control.evidence)
    return text % dict(control.figures) if "%(" in text else text.replace("%%", "%")


@register.filter
def note(algorithm: Algorithm) -> str:
    """Return what is said of one place that enciphers, with its figures filled in."""
    text = gettext(algorithm.note)
    return text % dict(algorithm.figures) if "%(" in text else text


@register.filter
def control(field: BoundField) -> SafeString:
    """Return a form field's input dressed like every other."""
    return field.as_widget(attrs={"class": "form-control", "placeholder": ""})
