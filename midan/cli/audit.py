"""midan audit: verify, check the published files, show the checkpoint, prove, export."""

import json
import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midan.cli.draft import written
from midan.cli.quiet import without_library_remarks
from midan.cli.shell import typed
from midan.config.start import ready
from midan.core.errors import MidanError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from midan.audit.selectors.verification import Progress

app = typer.Typer(
    help="Verify, prove and export the log.", no_args_is_help=True, pretty_exceptions_enable=False
)


@app.callback()
def audit(ctx: typer.Context) -> None:
    """Verify, prove and export the log."""
    ctx.with_resource(without_library_remarks())


@app.command()
def verify(
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; default one a core.")] = None,
) -> None:
    """Recompute the whole log; the last line says whether it holds and where it first does not."""
    ready()
    from django.utils import timezone

    from midan.audit import services
    from midan.label.selectors import departure

    standstill = _integrate()
    with _progress() as progress:
        result = services.check(
            actor=typed(),
            now=timezone.now(),
            progress=progress,
            workers=workers,
            registers=(departure,),
        )
    _print({**asdict(result), "sequencer": standstill})
    _integrate()
    if not result.ok:
        raise typer.Exit(1)


@app.command()
def fsck() -> None:
    """Check the published tiles against the published checkpoint, without the database."""
    from midan.config.start import setup

    setup()
    from midan.audit import selectors

    result = selectors.fsck()
    _print(asdict(result))
    if not result.ok:
        raise typer.Exit(1)


@app.command()
def checkpoint() -> None:
    """Bring the log up to date and print its signed checkpoint."""
    ready()
    from midan.audit import selectors

    _integrate()
    head = selectors.checkpoint()
    sys.stdout.write(head.text if head else "")


@app.command()
def prove(
    what: Annotated[str, typer.Argument(metavar="WAYBILL|ENTRY|INDEX")],
    out: Annotated[Path | None, typer.Option("-o", help="Write to a file instead of stdout.")] = None,
) -> None:
    """Write a proof that an outsider checks with nothing but the public key."""
    ready()
    from midan.audit import selectors
    from midan.label.selectors import traces

    _integrate()
    text = json.dumps(selectors.prove(what, traces_of=traces), ensure_ascii=False, indent=1)
    if out is None:
        print(text)
    else:
        with written(out) as draft:
            draft.write_text(text + "\n", "utf-8")


@app.command()
def export(to: Annotated[Path, typer.Argument(help="A folder that does not exist or is empty.")]) -> None:
    """Write the log with everything an outsider needs to check it."""
    ready()
    from django.utils import timezone

    from midan.audit import services

    _integrate()
    _print(asdict(services.export(actor=typed(), to=to, now=timezone.now())))


def _integrate() -> str:
    """Take in what is pending; return why that was not possible, or ''. Verification works without the key."""
    from django.utils import timezone

    from midan.audit import services

    try:
        services.integrate(now=timezone.now())
    except MidanError as error:
        return error.code
    return ""


@contextmanager
def _progress() -> "Iterator[Progress | None]":
    """Show a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("verify")
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False))
