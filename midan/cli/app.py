"""The table of commands and the one place where errors become exit codes.

Exit codes: 0 done · 1 refused or a failed check · 2 usage · 3 input rejected entirely · 4 state · 5 interrupted.
"""

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import typer
from typer._click import (
    exceptions as click_errors,  # typer carries its own click and does not re-export these
)
from typer._click.core import Command, Context
from typer._click.formatting import HelpFormatter
from typer.core import TyperGroup

from midan.cli.usage import usage_refused
from midan.config.start import error_line
from midan.core.errors import MidanError

# name → (module, attribute, one line of help); a Typer application is a group, a function is one command.
COMMANDS: Mapping[str, tuple[str, str, str]] = {
    "access": ("midan.cli.access", "app", "Explain who may see what."),
    "audit": ("midan.cli.audit", "app", "Verify, prove and export the log."),
    "backup": ("midan.cli.backup", "backup", "Write a sealed backup set; --drill restores one to see."),
    "bench": ("midan.cli.bench", "bench", "Measure against a twin in the same run."),
    "controls": ("midan.cli.controls", "controls", "Show the 42 clauses, live."),
    "db": ("midan.cli.db", "app", "Make the database's own accounts."),
    "demo": ("midan.cli.demo", "app", "Write invented orders."),
    "destroy": ("midan.cli.destroy", "app", "Show what is due, destroy it, check certificates."),
    "device": ("midan.cli.device", "app", "Enrol this computer and report how it stands."),
    "duties": ("midan.cli.duties", "app", "Check signed duties."),
    "init": ("midan.cli.init", "init", "Make the keys and the database; --demo adds an invented company."),
    "intake": ("midan.cli.intake", "intake", "Seal an order file into waybills."),
    "keys": ("midan.cli.keys", "app", "Show generation and keepers; turn the ratchet."),
    "label": ("midan.cli.label", "label", "Print privacy labels."),
    "mask": ("midan.cli.mask", "mask", "Mask lines from standard input."),
    "migrate-db": ("midan.cli.migrate_db", "migrate_db", "Move an SQLite place into PostgreSQL."),
    "restore": ("midan.cli.restore", "restore", "Make an empty place anew from a backup set."),
    "serve": ("midan.cli.serve", "serve", "Serve the pages and the API."),
}


class CommandTable(TyperGroup):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002  # the parent's signature
        """Return the names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:  # noqa: ARG002
        """Return the command, or None for a name we do not know."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _help = COMMANDS[cmd_name]
        found: Any = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(name=cmd_name)(found)
        return typer.main.get_command(single)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in sorted(COMMANDS)])


class Interrupted(MidanError):
    """Ctrl-C or SIGTERM; what was committed stays, run the same command again."""

    code: ClassVar[str] = "interrupted"
    exit_code: ClassVar[int] = 5


class Unexpected(MidanError):
    """A mistake of ours; `kind` names the exception's type and the line of our code, never its words."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    group = CommandTable(
        name="midan", rich_markup_mode=None, help="Midan (密单): seal, mask, decide, log, destroy, prove."
    )
    try:
        result = _called(group, arguments)
        sys.stdout.flush()  # a full disk shows itself here at the latest
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # the outermost edge
        _let_go_of_output()
        return report(_refusal(error))
    return result if isinstance(result, int) else 0


def _called(group: CommandTable, arguments: Sequence[str]) -> object:
    try:
        return group.main(args=list(arguments), prog_name="midan", standalone_mode=False)
    except typer.Exit as stop:
        return stop.exit_code


def _let_go_of_output() -> None:
    """Drop what standard output does not take: Python would try again as it exits, and complain in its own words."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _refusal(error: BaseException) -> MidanError:
    """Return what to tell: a traceback's message could carry a value, so an unknown error gives only its place."""
    match error:
        case MidanError():
            return error
        case typer.Abort() | KeyboardInterrupt():
            return Interrupted("已中断；已提交的内容不丢，请重新运行同一命令")
        case click_errors.ClickException():
            return usage_refused(error)
        case _:
            from midan.store.disk import disk_error

            return disk_error(error) or Unexpected(
                "内部错误（%(kind)s），操作没有做完；已提交的内容不丢", kind=_where(error)
            )


def _where(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "midan" in frame.filename]
    place = f" {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def report(error: MidanError) -> int:
    """Write the error as one JSON line on stderr and return its exit code."""
    print(error_line(error), file=sys.stderr)
    return error.exit_code
