"""`midan backup`: write a sealed set of this moment while everything goes on; hand out the key's copy; drill."""

import json
import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from midan.cli.shell import typed
from midan.cli.usage import UsageRefused
from midan.config.start import ready

if TYPE_CHECKING:
    from collections.abc import Iterator

    from midan.vault.backup.making import OnProgress


def backup(
    to: Annotated[Path | None, typer.Argument(help="folder for the set; default MIDAN_BACKUP_TO")] = None,
    escrow: Annotated[
        Path | None, typer.Option(help="write the backup key's copy for a safe into this new file")
    ] = None,
    drill: Annotated[
        bool, typer.Option("--drill", help="restore the newest set into a sandbox and check it")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="a full set, also where an increment would do")
    ] = False,
    prune: Annotated[bool, typer.Option("--prune", help="remove the sets whose life has ended")] = False,
) -> None:
    """Back up, sealed under the backup key, and read it back; the last line says which set and how much.

    After a full set an increment, where one will do.
    """
    if sum((to is not None or full, escrow is not None, drill, prune)) > 1:
        raise UsageRefused("一次只做一件事：备份、--escrow、--drill 或 --prune")
    ready()
    from django.utils import timezone

    from midan.vault.backup import services

    actor, now = typed(), timezone.now()
    if escrow is not None:
        services.escrow(actor=actor, file=escrow, now=now)
        print(json.dumps({"escrow": str(escrow)}))
    elif drill:
        _drill()
    elif prune:
        print(json.dumps({"removed": services.prune(actor=actor, now=now)}))
    else:
        _make(to, full=full)


def _make(to: Path | None, *, full: bool) -> None:
    """Write a set, read it back, and say which it is."""
    from django.utils import timezone

    from midan.catalog.settings import current
    from midan.vault.backup import services

    place = to or current().backup_to
    if place is None:
        raise UsageRefused("缺少 %(parameter)s。用法见 %(help)s", parameter="TO", help="midan backup --help")
    actor = typed()
    with bar("backup") as on_progress:
        made = services.make(
            actor=actor,
            to=place,
            now=timezone.now(),
            life_days=current().backup_keep_days,
            full=full,
            on_progress=on_progress,
        )
    services.verify(actor=actor, set_id=made.set, now=timezone.now())
    print(made.folder)
    print(json.dumps({name: value for name, value in asdict(made).items() if name != "folder"}))


def _drill() -> None:
    from django.utils import timezone

    from midan.vault.backup import drills

    found = asdict(drills.run(actor=typed(), now=timezone.now()))
    print(json.dumps(found, default=str))
    if not found["ok"]:
        raise typer.Exit(1)


@contextmanager
def bar(what: str) -> "Iterator[OnProgress | None]":
    """Show progress on standard error: a bar on a terminal, nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.fields[table]}"),
        BarColumn(),
        TextColumn("{task.fields[rows]:,}"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, table="", rows=0)
        yield lambda now: shown.update(
            task, completed=now.tables_done, total=now.tables, table=now.table, rows=now.rows
        )
