"""An index of the database that says something else than its table hides entries; checking the log finds it."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from midan.audit import services
from midan.audit.selectors.indexes import DIFFERS
from midan.core.actor import Actor
from tests.audit.conftest import NOW

POSTGRES = "os.environ.get('MIDAN_TEST_DB') == 'postgres'"


def checked():
    services.integrate(now=NOW)
    return services.check(actor=Actor.system("test"), now=NOW)


@pytest.fixture
def full(log):
    log.write(60, party=True)
    log.integrate()
    assert checked().ok
    return log


def midan(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MIDAN_", "DJANGO_"))}
    command = [sys.executable, "-m", "midan", *words]
    environment = kept | {"MIDAN_HOME": str(home)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)


def alter_last_key(file: Path, index: str) -> int:
    """Change the key added last to an index of one page, as a hex editor would; return the place of its entry."""
    with closing(sqlite3.connect(file)) as data:
        data.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = data.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [index]).fetchone()
        (size,) = data.execute("PRAGMA page_size").fetchone()
        number, actor = data.execute("SELECT id, actor FROM audit_entry ORDER BY id DESC LIMIT 1").fetchone()
        (place,) = data.execute('SELECT "index" FROM audit_leaf WHERE entry_id = ?', [number]).fetchone()
    said = actor.encode()
    with file.open("r+b") as pages:
        pages.seek((root - 1) * size)
        page = pages.read(size)
        assert page[0] == 10  # a leaf of an index: its cells lie behind each other, the last one first
        pages.seek((root - 1) * size + page.index(said))
        pages.write(said[:-1] + b"~")
    return int(place)


@pytest.mark.skipif(POSTGRES, reason="SQLite's own check")
def test_a_changed_copy_of_a_column_inside_an_index_is_named(tmp_path):
    home = tmp_path / "home"
    assert midan(home, "init").returncode == 0
    assert midan(home, "audit", "verify").returncode == 0
    place = alter_last_key(home / "data.db", "audit_entry_actor")
    found = midan(home, "audit", "verify")
    result = json.loads(found.stdout.splitlines()[-1])
    assert (found.returncode, result["first_bad"], result["reason"]) == (1, place, DIFFERS)


@pytest.mark.skipif(f"not {POSTGRES}", reason="PostgreSQL's catalogue")
@pytest.mark.parametrize("name", ["audit_entry_actor", "audit_entry_object", "audit_entry_time"])
def test_an_entry_that_an_index_does_not_lead_to_is_noticed(full, tamper, name):
    ready = f"UPDATE pg_index SET indisready = %s WHERE indexrelid = '{name}'::regclass"
    with tamper() as run:
        run(ready, False)
        full.write(1)
        run(ready, True)
    full.integrate()
    result = checked()
    assert (result.ok, result.reason) == (False, DIFFERS)
    with connection.cursor() as cursor:
        cursor.execute(f"REINDEX INDEX {name}")
    assert checked().ok


@pytest.mark.skipif(f"not {POSTGRES}", reason="PostgreSQL's catalogue")
def test_an_index_that_leads_to_an_entry_by_another_name_is_noticed(full, tamper):
    with tamper() as run:
        number = run('SELECT entry_id FROM audit_leaf WHERE "index" = 41')[0][0]
        run("DROP INDEX audit_entry_actor")
        run(
            "CREATE INDEX audit_entry_actor ON audit_entry"
            f" ((CASE id WHEN {number} THEN 'staff:S00099' ELSE actor END), id)"
        )
        run(
            "UPDATE pg_index SET indexprs = NULL, indkey = (SELECT attnum || ' 1' FROM pg_attribute"
            " WHERE attrelid = 'audit_entry'::regclass AND attname = 'actor')::int2vector"
            " WHERE indexrelid = 'audit_entry_actor'::regclass"
        )
        full.write(
            1
        )  # another actor's order would not be seen in a log of one: the last key is another row's
    connection.close()
    full.integrate()
    result = checked()
    assert (result.ok, result.reason) == (False, DIFFERS)
