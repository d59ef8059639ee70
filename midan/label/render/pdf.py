"""Labels as one PDF: typst sets the page, the font goes in as a subset, codes are vectors on whole printer dots."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from midan.label.render import symbols
from midan.label.render.font import FAMILY
from midan.label.render.items import Bar, Code128, Item, Qr, Text
from midan.label.render.layout import Plan, place
from midan.label.render.typeset import typeset
from midan.label.rules import CheckedLabel

_SOURCE: Final = Path(__file__).with_name("label.typ")


def pdf(labels: Sequence[CheckedLabel], where: Plan, dpi: int) -> bytes:
    """Return one document with a page a label, in order."""
    job = {
        "dpi": dpi,
        "family": FAMILY,
        "width": where.width,
        "height": where.height,
        "bars": [item for item in where.fixed if isinstance(item, Bar)],
        "texts": _texts(where.fixed),
        "labels": [_label(label, where) for label in labels],
    }
    return typeset(_SOURCE, job)


def _label(label: CheckedLabel, where: Plan) -> dict[str, object]:
    items = place(label, where)
    return {"texts": _texts(items), "codes": _svg(items, where)}


def _texts(items: Sequence[Item]) -> list[tuple[object, ...]]:
    return [
        (item.x, item.y, item.size, item.text, int(item.heavy), int(item.white))
        for item in items
        if isinstance(item, Text)
    ]


def _svg(items: Sequence[Item], where: Plan) -> str:
    """Return the codes as one filled path in a picture of the whole label, one unit a dot."""
    moves = "".join(_path(item) for item in items if isinstance(item, Code128 | Qr))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {where.width} {where.height}"'
        f' width="{where.width}" height="{where.height}"><path d="{moves}"/></svg>'
    )


def _path(code: Code128 | Qr) -> str:
    module = code.module
    if isinstance(code, Qr):
        runs, high = symbols.qr(code.data), module
    else:
        runs, high = symbols.code128(code.data), code.height
    return "".join(
        f"M{code.x + x * module} {code.y + y * high}h{w * module}v{h * high}h-{w * module}z"
        for x, y, w, h in runs
    )
