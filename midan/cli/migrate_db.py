"""`midan migrate-db`: an SQLite place moves into an empty PostgreSQL database. Killed, it goes on."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from midan.cli.backup import bar
from midan.cli.shell import typed
from midan.config.start import setup


def migrate_db(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="postgresql://USER@HOST:PORT/NAME")],
) -> None:
    """Copy every row, compare every row, check the log; the last line says how many."""
    from midan.catalog.settings import current
    from midan.vault.backup.errors import MoveRefused

    source = current().database_url
    if not source.startswith("sqlite:///"):
        raise MoveRefused("source")
    if not to.startswith(("postgres://", "postgresql://")):
        raise MoveRefused("target")
    os.environ["MIDAN_DATABASE_URL"] = to
    setup()
    from django.db import OperationalError
    from django.utils import timezone

    from midan.config.start import DatabaseUnreachable
    from midan.core import sm
    from midan.vault.backup.moving import move

    sm.self_test()
    try:
        with bar("migrate-db") as on_progress:
            moved = move(
                source=Path(source.removeprefix("sqlite:///")),
                actor=typed(),
                now=timezone.now(),
                on_progress=on_progress,
            )
    except OperationalError as error:
        raise DatabaseUnreachable("无法打开数据库") from error
    print(json.dumps(asdict(moved)))
