"""`midan label`: print privacy labels into one file, or the font job a label printer needs once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from midan.cli.draft import written
from midan.cli.shell import typed
from midan.config.start import ready, setup
from midan.core.errors import MidanError
from midan.store.disk import disk_error

if TYPE_CHECKING:
    from midan.label.services import Printed


class OutputUnwritable(MidanError):
    """The file cannot be written."""

    code: ClassVar[str] = "output_unwritable"
    exit_code: ClassVar[int] = 2


class NothingNamed(MidanError):
    """No waybill was named."""

    code: ClassVar[str] = "usage"
    exit_code: ClassVar[int] = 2


def label(  # noqa: PLR0913, PLR0917  (what a user types)
    waybills: Annotated[list[str] | None, typer.Argument(metavar="WAYBILL…")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--output", help="the file to write")] = None,
    format: Annotated[str, typer.Option(help="pdf, png, zpl or tspl")] = "pdf",  # noqa: A002  (the user's word)
    size: Annotated[str, typer.Option(help="76x130, 100x150 or 100x180")] = "76x130",
    dpi: Annotated[int, typer.Option(help="203 or 300")] = 203,
    reason: Annotated[str, typer.Option(help="why a label is printed again")] = "",
    printer_font: Annotated[
        bool, typer.Option("--printer-font", help="write the font job of a ZPL or TSPL printer instead")
    ] = False,
) -> None:
    """Print one label for each waybill into one file; several PNGs become a ZIP.

    The last line of output tells what was printed.
    """
    if out is None:
        raise NothingNamed("请用 -o 指定输出文件")
    if printer_font:
        _font(out, format)
        return
    if not waybills:
        raise NothingNamed("请至少给出一个运单号")
    ready()
    with _file(out) as draft:
        printed = _print(waybills, format=format, size=size, dpi=dpi, reason=reason)
        _enter(waybills, out, printed.content)
        draft.write_bytes(printed.content)
    summary = {
        "printed": printed.count,
        "reprinted": printed.reprints,
        "file": str(out),
        "media_type": printed.media_type,
        "bytes": len(printed.content),
        "entry_id": printed.entry_id,
    }
    print(json.dumps(summary, ensure_ascii=False))


def _print(waybills: list[str], *, format: str, size: str, dpi: int, reason: str) -> "Printed":  # noqa: A002
    from django.utils import timezone

    from midan.label.services import print_labels

    return print_labels(
        actor=typed(),
        waybills=waybills,
        format=format,
        size=size,
        dpi=dpi,
        reason=reason,
        now=timezone.now(),
    )


def _enter(waybills: list[str], out: Path, content: bytes) -> None:
    """Register the file before it is written: one that is never written does no harm, one nobody knows of does."""
    from django.utils import timezone

    from midan.label.services import register_file

    actor, location = typed(), str(out.resolve())
    register_file(actor=actor, numbers=waybills, location=location, content=content, now=timezone.now())


def _font(out: Path, wanted: str) -> None:
    setup()
    from midan.label.services import printer_font

    with _file(out) as draft:
        job = printer_font(format=wanted)
        draft.write_bytes(job.content)
    print(json.dumps({"file": str(out), "bytes": len(job.content)}, ensure_ascii=False))


@contextmanager
def _file(out: Path) -> Iterator[Path]:
    """Yield where to write; a place that takes no file is refused before anything is logged as printed."""
    try:
        with written(out) as draft:
            yield draft
    except OSError as error:
        raise disk_error(error) or OutputUnwritable("无法写入输出文件") from error
