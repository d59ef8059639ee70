"""A place to throw away: a set restored into a folder of the home, by the very command, with the keys of the present.

It has an own SQLite database whatever the company runs on; its keys folder is the home's by a link, so that no key is
copied. It is removed afterwards; what a killed drill left, by the next one.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from midan.catalog.settings import Settings, current

_PREFIX: Final = "drill-"
_NOT_HANDED_ON: Final = ("MIDAN_DATABASE_URL", "MIDAN_KEYD", "MIDAN_BACKUP_TO")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command said: the code of its refusal, or the figures of its last line."""

    code: str
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The folder, and the commands that run in it."""

    path: Path

    def midan(self, *words: str) -> Said:
        """Run one command there."""
        done = subprocess.run(
            [sys.executable, "-m", "midan", *words],
            env=_environment(current(), self.path),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return _read(done)


@contextmanager
def opened() -> Iterator[Sandbox]:
    """Yield an empty sandbox; it goes with the block."""
    settings = current()
    for left in settings.home.glob(f"{_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=settings.home))
    try:
        (path / "keys").symlink_to(settings.keys, target_is_directory=True)
        yield Sandbox(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _environment(settings: Settings, sandbox: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON}
    return kept | {
        "MIDAN_HOME": str(sandbox),
        "MIDAN_PASSPHRASE_FILE": str(settings.passphrase_file),
        "MIDAN_SECRET_KEY_FILE": str(settings.secret_key_file),
    }


def _read(done: "subprocess.CompletedProcess[bytes]") -> Said:
    """Return the last line of what a command printed, or the code of its refusal."""
    lines = (done.stdout if done.returncode == 0 else done.stderr).splitlines()
    try:
        said = json.loads(lines[-1])
    except (IndexError, ValueError):
        return Said(code="internal", figures={})
    if done.returncode:
        return Said(code=str(said.get("code", "internal")), figures={})
    return Said(code="", figures=said)
