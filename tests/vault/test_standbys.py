"""A standby that takes over knows the present states before the generation that opened older ones is erased."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from midan.vault import selectors, services
from midan.vault.keyd import standbys
from tests.vault.orders import order, put
from tests.vault.runs import OFFICER

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("os.environ.get('MIDAN_TEST_DB') != 'postgres'", reason="needs PostgreSQL"),
]


@pytest.fixture
def soon(monkeypatch):
    """Wait for nobody long."""
    monkeypatch.setattr(standbys.behind, "__defaults__", (0.5,))


@pytest.fixture
def slot() -> Iterator[str]:
    """Return the slot of a standby that never came."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_create_physical_replication_slot('away', true)")
    yield "away"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_drop_replication_slot('away')")


class Standby:
    """A copy of the server that follows it, in a folder of its own."""

    def __init__(self, folder: Path, server: str) -> None:
        with closing(psycopg.connect(server)) as own:
            first = Path(own.execute("SHOW data_directory").fetchone()[0])
            (place,) = own.execute("SELECT setting FROM pg_config() WHERE name = 'BINDIR'").fetchone()
        subprocess.run(
            [f"{place}/pg_basebackup", "-D", folder, "-d", server, "-R", "-X", "stream", "--checkpoint=fast"],
            check=True,
        )  # fmt: skip
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        # PostgreSQL refuses root: whoever the copied server runs as runs this one.
        owner = first.stat()
        self.account = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
        if self.account:
            subprocess.run(["chown", "-R", f"{owner.st_uid}:{owner.st_gid}", folder], check=True)
        self.running = subprocess.Popen(
            [
                f"{place}/postgres", "-D", folder, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
                "-c", f"unix_socket_directories={folder}", "-c", "cluster_name=second", "-c", "fsync=off",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.account,
        )  # fmt: skip

    def says(self, statement: str) -> object:
        with closing(
            psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", dbname="postgres")
        ) as own:
            own.autocommit = True
            return own.execute(statement).fetchone()

    def end(self) -> None:
        self.running.send_signal(signal.SIGINT)  # a fast shutdown
        self.running.wait(timeout=30)


def followers() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'")
        return [name for (name,) in cursor.fetchall()]


@pytest.fixture
def standby(tmp_path_factory) -> Iterator[Standby]:
    folder = tmp_path_factory.mktemp("standby") / "data"
    for above in list(folder.parents)[:-2]:
        above.chmod(above.stat().st_mode | 0o011)
    second = Standby(folder, os.environ["MIDAN_DATABASE_URL"])
    try:
        end = time.monotonic() + 30
        while "second" not in followers() and time.monotonic() < end:
            time.sleep(0.1)
        assert "second" in followers()
        yield second
    finally:
        second.end()


def test_a_standby_that_is_away_keeps_every_old_generation(vault, now, slot, soon):
    put([order(1)])
    done = services.rotate(actor=OFFICER, now=now)
    assert (done.generation, done.receipts, done.pending) == (2, (), ("file",))
    status = selectors.key_status()
    assert (status.standbys, status.pending, status.keepers[0].held) == ((slot,), ("file",), (1, 2))
    assert services.settle(actor=OFFICER, now=now).pending == ("file",)


def test_once_it_is_struck_off_the_old_generation_goes(vault, now, soon):
    put([order(1)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_create_physical_replication_slot('away', true)")
    services.rotate(actor=OFFICER, now=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_drop_replication_slot('away')")
    settled = services.settle(actor=OFFICER, now=now)
    assert ([receipt.generation for receipt in settled.receipts], settled.pending) == ([1], ())
    assert selectors.key_status().standbys == ()


def test_a_standby_that_follows_is_waited_for_and_one_that_pauses_is_named(vault, now, standby, soon):
    put([order(1)])
    assert services.rotate(actor=OFFICER, now=now).pending == ()
    standby.says("SELECT pg_wal_replay_pause()")
    assert services.rotate(actor=OFFICER, now=now).pending == ("file",)
    assert selectors.key_status().standbys == ("second",)
    standby.says("SELECT pg_wal_replay_resume()")
    settled = services.settle(actor=OFFICER, now=now)
    assert ([receipt.generation for receipt in settled.receipts], settled.pending) == ([2], ())
