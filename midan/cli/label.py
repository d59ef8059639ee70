"""`midan label`: print privacy labels into one file, or the font job a label printer needs once."""

import json
import os
import tempfile
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from midan.config.start import ready, setup
from midan.core.errors import MidanError


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
    from django.utils import timezone

    from midan.core.actor import Actor
    from midan.label.services import print_labels

    _check_writable(out)  # before anything is logged as printed
    printed = print_labels(
        actor=Actor.system("cli"),
        waybills=waybills,
        format=format,
        size=size,
        dpi=dpi,
        reason=reason,
        now=timezone.now(),
    )
    _keep(waybills, out, printed.content)
    summary = {
        "printed": printed.count,
        "reprinted": printed.reprints,
        "file": str(out),
        "media_type": printed.media_type,
        "bytes": len(printed.content),
        "entry_id": printed.entry_id,
    }
    print(json.dumps(summary, ensure_ascii=False))


def _keep(waybills: list[str], out: Path, content: bytes) -> None:
    """Register the file, then write it: one that is never written does no harm, one that nobody knows of does."""
    from django.utils import timezone

    from midan.core.actor import Actor
    from midan.label.services import register_file

    actor, location = Actor.system("cli"), str(out.resolve())
    register_file(actor=actor, numbers=waybills, location=location, content=content, now=timezone.now())
    _write(out, content)


def _font(out: Path, wanted: str) -> None:
    setup()
    from midan.label.services import printer_font

    _check_writable(out)
    job = printer_font(format=wanted)
    _write(out, job.content)
    print(json.dumps({"file": str(out), "bytes": len(job.content)}, ensure_ascii=False))


def _check_writable(out: Path) -> None:
    folder = out.parent
    if out.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise OutputUnwritable("无法写入输出文件")


def _write(out: Path, content: bytes) -> None:
    """Write beside the target and rename: there is never half a file, and nobody else may read it."""
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=".label-")
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        written.replace(out)
    except OSError as error:
        written.unlink(missing_ok=True)
        raise OutputUnwritable("无法写入输出文件") from error
