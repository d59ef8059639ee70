"""`midan restore`: make an empty place anew from a backup set and the keys of the present. Killed, it goes on."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from midan.cli.backup import bar
from midan.cli.shell import typed
from midan.config.start import setup


def restore(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="a set, or a folder of sets: the newest")],
    escrow: Annotated[
        Path | None, typer.Option(help="the backup key's copy, where keys/backup.key is lost")
    ] = None,
) -> None:
    """Restore into the empty place of this environment; the last line says what came back and what did not."""
    from midan.catalog.settings import current

    for folder in (current().home, current().keys, current().tiles, current().media):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    setup()
    from django.utils import timezone

    from midan.core import sm
    from midan.label import services as labels
    from midan.vault.backup.restoring import restore as run
    from midan.waybill import services as waybills

    def skip_numbers(count: int) -> None:
        waybills.reserve_numbers(count)
        labels.skip_copies()

    sm.self_test()
    with bar("restore") as on_progress:
        restored = run(
            actor=typed(),
            source=source,
            now=timezone.now(),
            escrow=escrow,
            skip_numbers=skip_numbers,
            on_progress=on_progress,
        )
    print(json.dumps(asdict(restored)))
