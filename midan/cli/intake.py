"""`midan intake`: seal an order file into waybills. Ctrl-C ends between two commits; run it again to go on."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from midan.cli.rejects import RejectList, reject_list
from midan.cli.shell import typed
from midan.config.start import ready

if TYPE_CHECKING:
    from midan.collection.services import Progress

ACTOR = "cli"
# A file of orders can wait a little; whoever stands at a door with a parcel cannot.
_NICENESS = 10


def intake(
    file: Annotated[Path, typer.Argument(help=".csv, .jsonl or .parquet")],
    branch: Annotated[str, typer.Option(help="branch that takes the parcels in")] = "",
    rejects: Annotated[Path | None, typer.Option(help="write refused rows here: row, code, field")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="processes that check and seal")] = 1,
) -> None:
    """Take in an order file; the last line of output counts what was new, seen before and refused."""
    os.nice(_NICENESS)
    ready()
    from django.utils import timezone
    from django.utils.translation import gettext

    from midan.collection import services
    from midan.collection.errors import NothingAccepted
    from midan.collection.files import format_of
    from midan.collection.rules import desk_client

    with ExitStack() as stack:
        listed = stack.enter_context(reject_list(rejects, source=file)) if rejects else None
        file_format = format_of(file.name)
        place = branch or _only_or_first_branch()
        if not branch and place:
            print(
                gettext("没有用 --branch 指定网点，按网点 %(branch)s 收件") % {"branch": place},
                file=sys.stderr,
            )
        summary = services.intake_file(
            actor=replace(typed(), kind="client", name=ACTOR, role="integrator", branch=place),
            client=desk_client(place),
            branch=place,
            source=file,
            file_format=file_format,
            now=timezone.now(),
            workers=workers,
            on_progress=_told(stack.enter_context(_bar()), listed),
            on_reject=listed.write if listed else None,
            stop=stack.enter_context(_stopper()),
        )
    counts = {"accepted": summary.accepted, "replayed": summary.replayed, "rejected": summary.rejected}
    print(json.dumps(counts | {"seconds": summary.seconds}))
    if not summary.accepted and not summary.replayed:
        raise NothingAccepted("没有一行被接收", rejected=summary.rejected)


def _only_or_first_branch() -> str:
    """Return the company's first own branch when the caller names none; '' while there is no branch at all."""
    from midan.people.selectors import branches

    known = sorted(branches(), key=lambda view: (view.kind != "own", view.code))
    return known[0].code if known else ""


@contextmanager
def _stopper() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C or SIGTERM into a request to end after the running commit; a second one ends at once."""
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            signal.default_int_handler(number, frame)
        asked = True

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _told(show: "Callable[[Progress], None]", listed: RejectList | None) -> "Callable[[Progress], None]":
    """Return what hears of every commit: the bar, and the list of refused rows."""

    def tell(now: "Progress") -> None:
        if listed is not None:
            listed.flush()
        show(now)

    return tell


@contextmanager
def _bar() -> "Iterator[Callable[[Progress], None]]":
    """Show progress on standard error: a bar on a terminal, nothing where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("✓ {task.fields[accepted]}  ↻ {task.fields[replayed]}  ✗ {task.fields[rejected]}"),
        TimeRemainingColumn(),
    )
    console = Console(file=sys.stderr)
    with Bar(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("intake", total=1.0, accepted=0, replayed=0, rejected=0)

        def show(now: "Progress") -> None:
            bar.update(
                task,
                completed=now.fraction or 0.0,
                accepted=now.accepted,
                replayed=now.replayed,
                rejected=now.rejected,
            )

        yield show
