"""An SQLite place moves into PostgreSQL whole, once, and goes on where it was killed."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from midan.bench.ground import ground

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="brings its own PostgreSQL"),
]
# Stops with SIGKILL before the batch of this number; small batches, so that a table takes several.
KILLED = """
import os, signal, sys
from midan.vault.backup import loading, moving
moving._BATCH = 50
real, done = loading.insert, []
def insert(table, rows):
    done.append(table)
    if len(done) == int(os.environ["DIES_AT"]):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(table, rows)
loading.insert = insert
"""
# The sender of the first order showed a document.
SHOWS = """
from midan.config.start import ready; ready()
from django.db import transaction
from django.utils import timezone
from midan.vault import services
from midan.vault.models import Record
lease = services.reserve_identity(day=timezone.localdate())
with transaction.atomic():
    services.seal_identity(lease=lease, seq=Record.objects.earliest("seq").seq, id_number="110101190001010006")
"""
STARTS = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "midan.config.settings")
source = os.environ.pop("MIDAN_DATABASE_URL", None)
os.environ["MIDAN_DATABASE_URL"] = os.environ["TARGET"]
import django; django.setup()
%s
if source is None:
    del os.environ["MIDAN_DATABASE_URL"]
from midan.cli import main
sys.argv = ["midan", "migrate-db", "--to", os.environ["TARGET"]]
main()
"""


def run(environ: dict[str, str], *words: str, code: int = 0) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "midan", *words], env=environ, capture_output=True, text=True, timeout=200, check=False
    )  # fmt: skip
    assert done.returncode == code, (words, done.stdout[-800:], done.stderr[-2000:])
    said = (done.stdout if code == 0 else done.stderr).strip().splitlines()
    return json.loads(said[-1]) if said and said[-1].startswith("{") else {}


def masked(environ: dict[str, str]) -> str:
    """Return what everybody may see of every parcel, as this place's own keys show it."""
    program = (
        "from midan.config.start import ready; ready()\n"
        "from midan.vault import selectors; from midan.vault.models import Record\n"
        "seqs = sorted(Record.objects.values_list('seq', flat=True))\n"
        "print(sorted((seq, repr(shown)) for seq, shown in selectors.masked(seqs).items()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, timeout=100, check=True
    )
    return done.stdout


def count(url: str, table: str) -> int:
    with closing(psycopg.connect(url)) as asking:
        return asking.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


@pytest.fixture(scope="module")
def field():
    with ground("postgres") as found:
        yield found


@pytest.fixture(scope="module")
def filled(field, tmp_path_factory):
    """An SQLite place with orders, one of them cut, and its environment."""
    home = tmp_path_factory.mktemp("filled") / "home"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MIDAN_")}
    environ |= {"MIDAN_HOME": str(home), "MIDAN_KEYD_OPENINGS": "1000000"}
    run(environ, "init")
    orders = home / "orders.csv"
    run(environ, "demo", "orders", "--rows", "120", "-o", str(orders))
    run(environ, "intake", str(orders))
    subprocess.run([sys.executable, "-c", SHOWS], env=environ, check=True, timeout=100)
    return environ


@pytest.fixture
def place(filled, tmp_path):
    """A copy of the filled place, for a test to move."""
    home = tmp_path / "home"
    subprocess.run(["cp", "-a", filled["MIDAN_HOME"], home], check=True)
    return {**filled, "MIDAN_HOME": str(home)}


def test_everything_moves_is_compared_and_opens_with_the_same_keys(field, place):
    target = field.blank()["MIDAN_DATABASE_URL"]
    before = masked(place)
    there = {**place, "MIDAN_DATABASE_URL": target}
    moved = run(place, "migrate-db", "--to", target)
    assert moved["rows"] == moved["copied"] > 120 * (3 + 7 + 1)
    assert masked(there) == before
    assert run(there, "audit", "verify")["ok"] is True
    assert run(there, "intake", str(Path(place["MIDAN_HOME"]) / "orders.csv"))["replayed"] == 120
    assert count(target, "vault_part_rest") == count(target, "vault_digest_rest") == 0
    assert (count(target, "vault_identitypart"), count(target, "vault_identitypart_rest")) == (1, 0)
    assert count(target, "vault_identityrecord") == 1
    # The file is no place to work in any more, and moves no second time.
    assert run(place, "audit", "verify", code=4)["code"] == "restore_unfinished"
    other = field.blank()["MIDAN_DATABASE_URL"]
    refused = run(place, "migrate-db", "--to", other, code=4)
    assert (refused["code"], refused["details"]["why"]) == ("move_refused", "moved")
    assert run(place, "migrate-db", "--to", target, code=4)["code"] == "place_in_use"


@pytest.mark.parametrize("dies_at", [1, 9, 25])
def test_killed_it_goes_on_where_it_was(field, place, tmp_path, dies_at):
    target = field.blank()["MIDAN_DATABASE_URL"]
    before = masked(place)
    script = tmp_path / "killed.py"
    script.write_text(STARTS % KILLED)
    killed = subprocess.run(
        [sys.executable, str(script)],
        env={**place, "TARGET": target, "DIES_AT": str(dies_at)},
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    there = {**place, "MIDAN_DATABASE_URL": target}
    assert (
        run(there, "audit", "verify", code=4)["code"] == "restore_unfinished"
    )  # half of it is nothing to work with
    moved = run(place, "migrate-db", "--to", target)
    assert moved["copied"] < moved["rows"] or dies_at == 1
    assert masked(there) == before
    assert run(there, "audit", "verify")["ok"] is True


def test_a_row_that_differs_stops_it(field, place, tmp_path):
    target = field.blank()["MIDAN_DATABASE_URL"]
    script = tmp_path / "bent.py"
    bent = """
from midan.vault.backup import loading
real = loading.insert
def insert(table, rows):
    if table.name == "vault_part":
        rows = [[*rows[0][:-1], rows[0][-1][:-1] + bytes([rows[0][-1][-1] ^ 1])], *rows[1:]]
    return real(table, rows)
loading.insert = insert
"""
    script.write_text(STARTS % bent)
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**place, "TARGET": target},
        capture_output=True,
        text=True,
        check=False,
    )
    said = json.loads(done.stderr.strip().splitlines()[-1])
    assert (said["code"], said["details"]) == (
        "restore_failed",
        {"check": "rows", "table": "vault_part", "row": 1},
    )
    assert (
        run({**place, "MIDAN_DATABASE_URL": target}, "audit", "verify", code=4)["code"]
        == "restore_unfinished"
    )


def test_another_companys_database_and_a_strangers_are_left_alone(field, place):
    taken = field.installation()["MIDAN_DATABASE_URL"]
    assert run(place, "migrate-db", "--to", taken, code=4)["code"] == "other_company"
    strange = field.blank()["MIDAN_DATABASE_URL"]
    with closing(psycopg.connect(strange, autocommit=True)) as there:
        there.execute("CREATE TABLE theirs (id int)")
    refused = run(place, "migrate-db", "--to", strange, code=4)
    assert (refused["code"], refused["details"]["found"]) == ("place_in_use", "rows")
    assert run(place, "audit", "verify")["ok"] is True  # the source is as it was


def test_nothing_moves_while_somebody_writes_or_into_anything_but_postgresql(field, place):
    target = field.blank()["MIDAN_DATABASE_URL"]
    with closing(sqlite3.connect(Path(place["MIDAN_HOME"]) / "data.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert run(place, "migrate-db", "--to", target, code=4)["details"] == {"found": "served"}
        writer.execute("ROLLBACK")
    refused = run(place, "migrate-db", "--to", "sqlite:///elsewhere.db", code=4)
    assert (refused["code"], refused["details"]["why"]) == ("move_refused", "target")
    gone = {**place, "MIDAN_DATABASE_URL": target}
    assert run(gone, "migrate-db", "--to", target, code=4)["details"]["why"] == "source"
