"""midan device: enrol the computer at hand and report how it stands. Needs no Django and no installation."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Enrol this computer and report how it stands.", no_args_is_help=True, pretty_exceptions_enable=False
)
_Folder = Annotated[
    Path | None, typer.Option("--folder", help="Where the device's key is kept; default the person's own.")
]


@app.command()
def enroll(
    server: Annotated[str, typer.Option("--server", help="Address of the company's Midan, https://…")],
    code_file: Annotated[
        Path, typer.Option("--code-file", help="File with the one-time code of the security page.")
    ],
    name: Annotated[str, typer.Option("--name", help="What to call this computer.")] = "",
    folder: _Folder = None,
) -> None:
    """Make a key for this computer and enrol it; print the device and a one-time address for the browser."""
    import platform

    from midan.agent.keyfile import folder as own
    from midan.agent.talking import enrol

    called = name or platform.node()[:40] or "computer"
    place, now = folder or own(), datetime.now(UTC)
    _say(enrol(server=server, code_file=code_file, name=called, place=place, now=now))


@app.command()
def report(
    link: Annotated[bool, typer.Option("--link", help="Also ask for a new one-time address.")] = False,
    folder: _Folder = None,
) -> None:
    """Read what this computer says of itself, sign and send it; print the verdict with each failing point."""
    from midan.agent.keyfile import folder as own
    from midan.agent.talking import report as send

    _say(send(place=folder or own(), now=datetime.now(UTC), link=link))


def _say(answer: dict[str, object]) -> None:
    print(json.dumps(answer, ensure_ascii=False))
