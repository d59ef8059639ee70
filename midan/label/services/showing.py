"""Look without printing: a small picture for the console, the printer's font, the rule tried on stored orders."""

from dataclasses import dataclass
from datetime import datetime

from midan.catalog import settings
from midan.core.actor import Actor
from midan.core.labeltoken import LENGTH
from midan.label import rules, selectors
from midan.label.errors import BadLabelRequest, ForbiddenOnLabel
from midan.label.render import Output, font_job, render_preview
from midan.label.rules import Format, Size
from midan.label.services.drafts import choose, drafts, drafts_held, printable, registered
from midan.waybill import selectors as waybills

_NO_TOKEN = "A" * LENGTH  # decodes to nothing: a preview is not a copy


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCheck:
    """The rule applied to the labels printed last: how many were tried, refused, and sorted by machine."""

    checked: int
    refused: int
    sortable: int


def preview(*, actor: Actor, waybill: str, size: str = Size.SMALL, width: int = 380, now: datetime) -> Output:
    """Return a small PNG of the label as it would be printed, with a QR code that names nothing.

    Raise BadLabelRequest, NotPrintable, NothingToPrint, ForbiddenOnLabel, VaultLocked.
    """
    chosen = choose(Size, field="size", text=size)
    if not 100 <= width <= 1_000:
        raise BadLabelRequest(field="width", allowed=("100-1000",))
    numbers = rules.distinct([waybill])
    rows = printable(actor=registered(actor), numbers=numbers)
    copy_no = selectors.copies([rows[0].seq]).get(rows[0].seq, 0) + 1
    payload = rules.payload_of(settings.current().base_url, _NO_TOKEN)
    label = rules.check(drafts(rows, now=now)[0].model(payload=payload, copy_no=copy_no))
    return render_preview(label, size=chosen, width=width)


def printer_font(*, format: str) -> Output:  # noqa: A002  (the user's word)
    """Return the job that stores the label font on a ZPL or TSPL printer; BadLabelRequest for other formats."""
    chosen = choose(Format, field="format", text=format)
    if chosen not in {Format.ZPL, Format.TSPL}:
        raise BadLabelRequest(field="format", allowed=(Format.ZPL.value, Format.TSPL.value))
    return font_job(chosen)


def self_check(*, sample: int, now: datetime) -> SelfCheck:
    """Build the labels printed last anew and try the rule on them; orders erased meanwhile are passed over."""
    rows = waybills.by_seqs(selectors.newest(sample)).values()
    payload = rules.payload_of(settings.current().base_url, _NO_TOKEN)
    found = drafts_held(list(rows), now=now).values()
    refused = 0
    for draft in found:
        try:
            rules.check(draft.model(payload=payload, copy_no=1))
        except ForbiddenOnLabel:
            refused += 1
    return SelfCheck(
        checked=len(found),
        refused=refused,
        sortable=sum(bool(draft.waybill.destination) for draft in found),
    )
