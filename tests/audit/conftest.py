"""A log with a key, and the hands of somebody who may write to the database past its guards."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, transaction

from midan.audit import keys, services
from midan.core.actor import Actor
from midan.core.merkle import Verifier

CLERK = Actor(kind="staff", name="S00017", role="clerk", branch="HZ001")
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Log:
    home: Path
    verifier: Verifier

    def write(self, count: int = 1, *, party: bool = False) -> list[str]:
        with transaction.atomic():
            return [
                services.record(
                    actor=CLERK,
                    act="access:part:revealed",
                    object=f"waybill:MD{number:013d}",
                    purpose="deliver",
                    party=(os.urandom(16), os.urandom(16)) if party and number % 2 else (),
                )
                for number in range(count)
            ]

    def integrate(self):
        return services.integrate(now=NOW)

    @property
    def tiles(self) -> Path:
        return self.home / "tiles"


@pytest.fixture
def log(keyed_home: Path, transactional_db: None) -> Log:
    return Log(home=keyed_home, verifier=keys.verifier())


@contextmanager
def _past_the_guards() -> Iterator[Callable[..., list[tuple[object, ...]]]]:
    """Run SQL as one who owns the database file: triggers and references rest meanwhile."""
    with connection.cursor() as cursor:

        def run(statement: str, *parameters: object) -> list[tuple[object, ...]]:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

        if connection.vendor == "postgresql":
            run("SET session_replication_role = replica")
            yield run
            run("SET session_replication_role = origin")
            return
        triggers = run("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        run("PRAGMA foreign_keys = OFF")
        for name, _ in triggers:
            run(f"DROP TRIGGER {name}")
        yield run
        for name, sql in triggers:
            if not run("SELECT 1 FROM sqlite_master WHERE name = %s", name):
                run(sql)
        run("PRAGMA foreign_keys = ON")


@pytest.fixture
def tamper() -> Callable[[], object]:
    return _past_the_guards
