"""midan duties: check a signed duty without the database."""

import json
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from midan.config.start import setup
from midan.core.errors import MidanError

app = typer.Typer(help="Check signed duties.", no_args_is_help=True, pretty_exceptions_enable=False)


class SignedDutyUnreadable(MidanError):
    """The file, or the log's public key, cannot be read."""

    code: ClassVar[str] = "signed_duty_unreadable"
    exit_code: ClassVar[int] = 3


@app.callback()
def duties() -> None:
    """Check signed duties."""


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The signed file, as its person downloaded it.")],
    key: Annotated[
        Path | None, typer.Option("--key", help="The log's public key; default that of this home.")
    ] = None,
) -> None:
    """Check a signed agreement or acknowledgement with the log's public key alone; exit 1 when it does not hold."""
    setup()
    from midan.audit.keys import public_key_file, read_verifier
    from midan.duties.statement import check

    known = _read(key) if key else public_key_file()
    said = check(_read(file), trusted=read_verifier(known.decode("ascii", "replace")))
    print(json.dumps({"ok": True, **said}, ensure_ascii=False))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SignedDutyUnreadable("签名文件或公钥无法读取") from error
