"""Slow transactions, two sequencers and a killed one, over real connections and processes."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from midan.audit import selectors, services
from midan.audit.selectors.verification import verify
from tests.audit.conftest import CLERK, NOW

postgres = pytest.mark.skipif("os.environ.get('MIDAN_TEST_DB') != 'postgres'", reason="needs PostgreSQL")


def in_thread(work):
    """Run `work` over a connection of its own; return what is called to wait for its result."""
    found = []

    def run():
        try:
            found.append(work())
        except Exception as error:  # noqa: BLE001  (handed to the waiting test)
            found.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()

    def wait():
        thread.join(30)
        assert found
        if isinstance(found[0], Exception):
            raise found[0]
        return found[0]

    return wait


@postgres
def test_an_older_row_that_commits_late_is_not_skipped(log):
    written, go = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            entry_id = services.record(actor=CLERK, act="a:b:slow", object="o")
            written.set()
            assert go.wait(20)
        return entry_id

    wait = in_thread(slow)
    assert written.wait(20)
    (quick,) = log.write()
    log.integrate()
    assert selectors.entry(quick).index is None  # a younger transaction waits for the older one
    go.set()
    late = wait()
    head = log.integrate()
    assert head.size == 2
    assert {selectors.entry(late).index, selectors.entry(quick).index} == {0, 1}
    assert verify().ok


def opened_elsewhere(statement: str) -> psycopg.Connection:
    """Begin a transaction with a number of its own in another database of this server, and leave it open."""
    place = connection.get_connection_params() | {"dbname": "postgres"}
    place = {
        name: value for name, value in place.items() if name in {"host", "port", "user", "password", "dbname"}
    }
    assert place["dbname"] != connection.settings_dict["NAME"]
    elsewhere = psycopg.connect(**place)
    elsewhere.execute(statement)
    return elsewhere


@postgres
def test_a_transaction_open_in_another_database_does_not_hold_the_log_back(log):
    with closing(opened_elsewhere("CREATE TEMP TABLE left_open (word text)")) as elsewhere:
        assert elsewhere.execute("SELECT pg_current_xact_id_if_assigned()").fetchone()[0] is not None
        (entry_id,) = log.write()
        assert log.integrate().size == 1
        assert selectors.entry(entry_id).index == 0


@postgres
def test_a_turn_taken_in_another_database_is_not_ours(log):
    with closing(opened_elsewhere("SELECT pg_advisory_xact_lock_shared(7885059::bigint << 40)")):
        (entry_id,) = log.write()
        log.integrate()
        assert selectors.entry(entry_id).index == 0


@postgres
def test_a_transaction_of_ours_that_has_written_no_entry_holds_nothing_back(log):
    read, go = threading.Event(), threading.Event()

    def busy():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
            read.set()
            assert go.wait(20)

    wait = in_thread(busy)
    assert read.wait(20)
    (entry_id,) = log.write()
    log.integrate()
    assert selectors.entry(entry_id).index == 0
    go.set()
    wait()


@postgres
def test_one_that_began_early_and_wrote_its_entry_late_is_not_skipped(log):
    """It has its transaction number long before its entry: the order of numbers would put it behind what is signed."""
    begun, go, written, end = (threading.Event() for _ in range(4))

    def slow():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id()")
            begun.set()
            assert go.wait(20)
            entry_id = services.record(actor=CLERK, act="a:b:slow", object="o")
            written.set()
            assert end.wait(20)
        return entry_id

    wait = in_thread(slow)
    assert begun.wait(20)
    (first,) = log.write()
    assert log.integrate().size == 1
    go.set()
    assert written.wait(20)
    (second,) = log.write()
    log.integrate()
    assert selectors.entry(second).index is None
    end.set()
    late = wait()
    assert log.integrate().size == 3
    assert [selectors.entry(one).index for one in (first, late, second)] == [0, 1, 2]
    assert verify().ok


@postgres
def test_an_entry_taken_back_with_its_savepoint_holds_nothing_back(log):
    with transaction.atomic():
        log_before = services.record(actor=CLERK, act="a:b:kept", object="o")
        with contextlib.suppress(RuntimeError), transaction.atomic():
            services.record(actor=CLERK, act="a:b:gone", object="o")
            raise RuntimeError
    (after,) = log.write()
    assert log.integrate().size == 2
    assert [selectors.entry(one).index for one in (log_before, after)] == [0, 1]


@postgres
def test_many_writers_and_two_sequencers_agree(log):
    def write_some():
        for _ in range(20):
            log.write(3)

    def sequence_some():
        for _ in range(25):
            services.integrate(now=NOW)

    waits = [in_thread(work) for work in (write_some, write_some, sequence_some, sequence_some)]
    for wait in waits:
        wait()
    log.integrate()
    result = verify()
    assert (result.ok, result.size, result.pending) == (True, 120, 0)
    assert selectors.fsck().ok


PREPARE = """
import django; django.setup()
from django.core.management import call_command
from django.conf import settings
from django.db import transaction
from midan.audit import services
from midan.catalog.settings import current
from midan.core.actor import Actor
call_command("migrate", "audit", verbosity=0)
services.initialise(passphrase=current().passphrase())
with transaction.atomic():
    for number in range(600):
        services.record(actor=Actor.system("test"), act="a:b:c", object=f"o:{number}")
"""
KILLED = """
import django; django.setup()
import os, signal
from django.utils import timezone
from midan.audit import services
from midan.audit.tiles import TileFolder
real, done = TileFolder.put, []
def put(self, tile, content):
    done.append(tile)
    if len(done) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    real(self, tile, content)
TileFolder.put = put
services.integrate(now=timezone.now())
"""
INTEGRATE = """
import django; django.setup()
from django.utils import timezone
from midan.audit import services
services.integrate(now=timezone.now())
"""
VERIFY = """
import django; django.setup()
import json
from dataclasses import asdict
from midan.audit import selectors
print(json.dumps([asdict(selectors.verify()), asdict(selectors.fsck())]))
"""


def spawn(home: Path, program: str, *, out: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Run a program against a data file of its own; a file, so that a scan may start processes of its own."""
    script = home / f"program-{os.urandom(4).hex()}.py"
    lines = "\n".join(f"    {line}" for line in program.strip().splitlines())
    script.write_text(f"if __name__ == '__main__':\n{lines}\n")
    environ = os.environ | {
        "MIDAN_HOME": str(home),
        "MIDAN_DATABASE_URL": f"sqlite:///{home / 'data.db'}",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    return subprocess.Popen([sys.executable, str(script)], env=environ, stdout=out)


def run(home: Path, program: str) -> int:
    with spawn(home, program) as process:
        return process.wait(60)


def checked(home: Path, program: str) -> list[dict[str, object]]:
    with spawn(home, program, out=subprocess.PIPE) as process:
        output, _ = process.communicate(timeout=60)
    return json.loads(output)


def test_a_killed_sequencer_and_then_two_at_once_leave_a_whole_log(midan_home):
    assert run(midan_home, PREPARE) == 0
    assert run(midan_home, KILLED) == -signal.SIGKILL
    with spawn(midan_home, INTEGRATE) as one, spawn(midan_home, INTEGRATE) as two:
        assert [one.wait(60), two.wait(60)] == [0, 0]
    found, files = checked(midan_home, VERIFY)
    assert (found["ok"], found["size"], found["signed"], found["pending"]) == (True, 600, 600, 0)
    assert (files["ok"], files["size"]) == (True, 600)


def test_a_large_log_is_shared_among_processes_with_the_same_result(midan_home):
    assert run(midan_home, PREPARE) == 0
    assert run(midan_home, INTEGRATE) == 0
    shared = VERIFY.replace(
        "print",
        "from midan.audit.selectors import verification\nverification._MANY, verification._WIDTH = 1, 256\nprint",
    )
    assert [part["root"] for part in checked(midan_home, shared)] == [
        part["root"] for part in checked(midan_home, VERIFY)
    ]
    found, _ = checked(midan_home, shared)
    assert (found["ok"], found["size"]) == (True, 600)
