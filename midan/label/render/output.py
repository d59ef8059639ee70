"""One batch, one file: the right renderer, the media type, the name's ending."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from midan.label.render import pdf, png, tspl, zpl
from midan.label.render.font import path
from midan.label.render.layout import Plan, plan_of
from midan.label.rules import CheckedLabel, Format, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A finished file. `suffix` is the usual ending of its name."""

    content: bytes
    media_type: str
    suffix: str


def render(labels: Sequence[CheckedLabel], *, format: Format, size: Size, dpi: int) -> Output:  # noqa: A002  (the user's word)
    """Return the file of a batch; one size and payload length for all."""
    where = plan_of(labels[0], size, dpi)
    match format:
        case Format.PDF:
            return Output(content=pdf.pdf(labels, where, dpi), media_type="application/pdf", suffix=".pdf")
        case Format.PNG:
            return _pictures(labels, where, dpi)
        case Format.ZPL:
            return Output(content=zpl.zpl(labels, where), media_type="application/zpl", suffix=".zpl")
        case Format.TSPL:
            content = tspl.tspl(labels, where, dpi)
            return Output(content=content, media_type="application/octet-stream", suffix=".tspl")


def render_preview(label: CheckedLabel, *, size: Size, width: int) -> Output:
    """Return a small picture for a screen."""
    dpi = 203
    content = png.preview(label, plan_of(label, size, dpi), width)
    return Output(content=content, media_type="image/png", suffix=".png")


def font_job(format: Format) -> Output:  # noqa: A002  (the user's word)
    """Return the job that stores the label font on a printer; ValueError for formats that carry their own font."""
    font = path().read_bytes()
    match format:
        case Format.ZPL:
            return Output(content=zpl.font_job(font), media_type="application/zpl", suffix=".zpl")
        case Format.TSPL:
            return Output(content=tspl.font_job(font), media_type="application/octet-stream", suffix=".tspl")
        case _:
            raise ValueError("only printer languages need the font on the printer")


def _pictures(labels: Sequence[CheckedLabel], where: Plan, dpi: int) -> Output:
    if len(labels) == 1:
        return Output(content=png.png(labels[0], where, dpi), media_type="image/png", suffix=".png")
    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for label in labels:
            # A fixed time: the file says nothing beyond its labels.
            archive.writestr(ZipInfo(f"{label.number}.png"), png.png(label, where, dpi))
    return Output(content=out.getvalue(), media_type="application/zip", suffix=".zip")
