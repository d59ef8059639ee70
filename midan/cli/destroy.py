"""midan destroy: what is due, destroy it, check a certificate without the database."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from midan.cli.quiet import without_library_remarks
from midan.cli.shell import typed
from midan.config.start import ready, setup
from midan.core.errors import MidanError

app = typer.Typer(
    help="Show what is due, destroy it, check certificates.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


class CertificateUnreadable(MidanError):
    """The file, or the log's public key, cannot be read."""

    code: ClassVar[str] = "certificate_unreadable"
    exit_code: ClassVar[int] = 3


@app.callback()
def destroy(ctx: typer.Context) -> None:
    """Show what is due, destroy it, check certificates."""
    ctx.with_resource(without_library_remarks())


@app.command()
def due() -> None:
    """Show the epochs whose day has passed; the last line counts what would be destroyed."""
    ready()
    from django.utils import timezone

    from midan.destruction.selectors import due_plan

    plan = due_plan(timezone.localdate())
    for epoch in (*plan.epochs, *plan.waiting):
        print(
            f"{epoch.number:>8} {epoch.retention:<10} {epoch.day} {epoch.due}"
            f" {epoch.records:>9} {epoch.held:>7} {epoch.stragglers:>7} {epoch.destroyable:>9}"
        )
    _print(plan.as_dict())


@app.command()
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count only; nothing is destroyed.")] = False,
) -> None:
    """Destroy what is due, and take up what was approved or broke off; the last line names the runs."""
    ready()
    from django.utils import timezone

    from midan.destruction.selectors import due_plan
    from midan.destruction.services import work

    plan = due_plan(timezone.localdate())
    if dry_run:
        _print({"dry_run": True, **plan.as_dict()})
        return
    worked = work(
        actor=typed(),
        clock=timezone.now,
        due=True,
        progress=lambda code, step: print(f"{code} {step}", file=sys.stderr),
    )
    _print({**plan.as_dict(), "finished": list(worked.finished), "open": list(worked.waiting)})
    if worked.faults:
        raise worked.faults[0]


@app.command()
def drill() -> None:
    """Restore old backups with every key of today and try to bring the destroyed back; exit 1 when anything comes."""
    ready()
    from django.utils import timezone

    from midan.destruction import services

    actor = typed()
    services.plant(actor=actor, now=timezone.now())
    found = services.drill(actor=actor, now=timezone.now())
    _print(
        {
            "ok": found.ok,
            "number": found.code,
            "reason": found.reason,
            **found.totals,
            "certificates": dict(found.tried),
            "searched": found.facts["searched"],
            "seconds": found.facts["seconds"],
        }
    )
    if not found.ok:
        raise typer.Exit(1)


@app.command(hidden=True)
def probe(
    file: Annotated[Path, typer.Argument(help="What to try, as the drill wrote it.")],
) -> None:
    """Inside a drill's sandbox: try what the file names and print counts."""
    ready()
    from midan.destruction.services import probing

    _print(probing.run(file))


@app.command()
def verify(
    certificate: Annotated[Path, typer.Argument(help="The JSON certificate.")],
    key: Annotated[
        Path | None, typer.Option("--key", help="The log's public key; default that of this home.")
    ] = None,
) -> None:
    """Check a certificate, or a drill's record, with the log's public key alone: no database, no other key."""
    setup()
    from midan.audit.keys import public_key_file, read_verifier
    from midan.core.certificate import DRILL, form_of, read

    known = _read(key) if key else public_key_file()
    data = _read(certificate)
    form = form_of(data)
    found = read(data, trusted=read_verifier(known.decode("ascii", "replace")), form=form)
    if form is DRILL:
        _print({"ok": True, "number": found.number, "status": found.status, **found.facts["totals"]})
        return
    _print(
        {
            "ok": True,
            "number": found.number,
            "status": found.status,
            "records": found.facts["totals"]["records"],
            "persons": found.facts["totals"]["persons"],
            "content_unreadable_since": found.facts["times"]["content_unreadable_since"],
            "entry_id": found.entry_id,
            "log_index": found.log_index,
            "log_size": found.log_size,
        }
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateUnreadable("无法读取文件") from error


def _print(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False))
