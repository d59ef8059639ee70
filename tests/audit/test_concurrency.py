"""Slow transactions, two sequencers and a killed one, over real connections and processes."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

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
