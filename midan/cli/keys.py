"""midan keys: how generation and keepers stand, and turning the ratchet."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from midan.cli.shell import typed
from midan.config.start import ready

if TYPE_CHECKING:
    from midan.vault.keyd.interface import KeyStatus

app = typer.Typer(help="Generation, keepers, ratchet.", no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def keys() -> None:
    """Show and turn the keys."""


@app.command()
def status() -> None:
    """Show generation and keepers, and what old copies could still open; exit 1 while they could."""
    ready()
    from midan.vault import selectors

    found = selectors.key_status()
    _tell(found)
    _print(asdict(found))
    if found.pending or found.unratcheted:
        raise typer.Exit(1)


@app.command()
def rotate() -> None:
    """Turn the ratchet: wrap every state under a new generation and let the keepers forget the old one."""
    ready()
    from django.utils import timezone

    from midan.vault import selectors, services

    done = services.rotate(actor=typed(), now=timezone.now())
    _tell(selectors.key_status())
    _print(asdict(done))
    if done.pending:
        raise typer.Exit(1)


def _tell(found: "KeyStatus") -> None:
    """Say in words what the last line says in codes."""
    from django.utils.translation import gettext

    from midan.ui import keepers

    for keeper in found.keepers:
        held = ", ".join(map(str, keeper.held)) or "—"
        words = {"name": keeper.name, "held": held, "pack": keeper.pack_counter}
        print(gettext(keepers.LINE) % words)
        print(f"  {gettext(keepers.COPY[keeper.kind])}")
        for warning in keeper.warnings:
            print(f"  ! {gettext(keepers.WARNING[warning])}")
    for holder in found.keyds:
        print(gettext(keepers.KEYD) % asdict(holder))
    if found.unratcheted:
        print(gettext(keepers.OPEN) % {"count": found.unratcheted})
    owing = {"names": ", ".join(found.owing)}
    print(gettext(keepers.PENDING) % owing if found.owing else gettext(keepers.SETTLED))
    for standby in found.standbys:
        name, _, word = standby.rpartition(":")
        print(gettext(keepers.STANDBY) % {"name": name, "why": gettext(keepers.WHY_STANDBY[word])})
    print(gettext(keepers.CLAIM))


def _print(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False, default=str))
