"""What the customer's pages can show for clause G5 at this moment: every address the notice names is asked for."""

import re
from datetime import date
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import Control
from midan.collection import selectors as collection
from midan.review.stranger import status_of

_ADDRESS: Final = re.compile(r"(?<=\s)(?:https?://[0-9A-Za-z.:\-]+)?/[0-9A-Za-z/._\-]*[0-9A-Za-z]")


def controls(today: date) -> list[Control]:  # noqa: ARG001  every area has this signature
    """Return whether every version, and every page the notice in force promises, answers anybody who asks."""
    title = _("告知的每个版本和告知中写明的每个页面，任何人都打得开")
    now = timezone.now()
    current = collection.current_version()
    if not current:
        return [Control.of("portal", "G5", title, ("not_yet", _("尚未发布中英文告知")), now)]
    versions = collection.notice_spans()
    promised = {
        url
        for view in collection.notices()
        if view.version == current
        for url in named(view.body.canonical())
    }
    closed = sum(status_of(reverse("portal:notice", args=[version])) != 200 for version in versions)
    broken = sum(not _answers(url) for url in promised)
    text = _(
        "刚打开 %(versions)d 个版本的页面，%(closed)d 个打不开；现行告知写明 %(promised)d 个页面，"
        "%(broken)d 个打不开或不在本系统"
    )
    whole = not closed and not broken
    figures = {"versions": len(versions), "closed": closed, "promised": len(promised), "broken": broken}
    return [Control.of("portal", "G5", title, ("proved" if whole else "not_yet", text), now, **figures)]


def named(text: bytes) -> frozenset[str]:
    """Return every address a notice names, of this site or another's: a word of its own that begins as one."""
    return frozenset(_ADDRESS.findall(text.decode()))


def _answers(url: str) -> bool:
    """Return whether the address is this installation's and shows a page."""
    path = url.removeprefix(settings.SITE_BASE_URL)
    return path.startswith("/") and status_of(path) == 200
