"""The reader's words for what paper is, where it is and how it ends."""

from typing import Final

from django.utils.translation.trans_null import gettext_noop as _

PAPER_KIND: Final = {"labels": _("面单"), "stubs": _("签收联")}
PAPER_METHOD: Final = {"shredded": _("粉碎"), "burnt": _("焚烧")}
PAPER_STATE: Final = {
    "sealed": _("已封袋"),
    "handed_over": _("销毁待见证"),
    "destroyed": _("已销毁"),
    "recorded": _("待见证"),
    "witnessed": _("已见证"),
    "disputed": _("见证人否认"),
}
