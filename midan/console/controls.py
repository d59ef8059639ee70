"""What the pages can show for clause M4 at this moment: its own templates, as they stand in the program."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import Control, Found

_PAGES: Final = Path(__file__).parent / "templates" / "console"
_LAYOUT: Final = '{% extends "console/layout.html" %}'
_UNMARKED: Final = "{% block watermark %}{% endblock watermark %}"
# Pages of texts and figures: whoever photographs them carries nobody's data away.
PLAIN: Final = frozenset(
    {"algorithms.html", "clauses.html", "course_page.html", "notice.html", "notices.html", "overview.html"}
)
_control = partial(Control.of, "console")


def controls(today: date) -> list[Control]:  # noqa: ARG001  every area has this signature
    """Return the live checks."""
    return [_marked()]


def _marked() -> Control:
    """Hold while no page but those of texts and figures does without the mark of who looks and when."""
    pages = {page.name: page.read_text(encoding="utf-8") for page in _PAGES.glob("*.html")}
    ours = {name for name, text in pages.items() if text.startswith(_LAYOUT)}
    bare = {name for name in ours if _UNMARKED in pages[name]} - PLAIN
    title = _("屏幕少泄露：页面带工号和时间的水印，明文限时显示、不能复制和打印")
    text = _(
        "%(pages)d 个页面中 %(marked)d 个带水印，不该省略而省略的 %(bare)d 个；明文 30 秒或离开窗口即隐藏。"
        "挡不住对着屏幕拍照：水印只能指认是谁的屏幕"
    )
    found: Found = ("not_yet" if bare else "enforced", text)
    figures = {"pages": len(ours), "marked": len(ours) - len(ours & PLAIN), "bare": len(bare)}
    return _control("M4", title, found, timezone.now(), **figures)
