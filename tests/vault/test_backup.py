"""A set holds one moment of the whole place, sealed, whatever goes on meanwhile; what is not that set is found out."""

import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from django.db import connection, connections, transaction

from midan.audit.services import record
from midan.core.actor import Actor
from midan.vault.backup import (
    chunks,
    jobs,
    key,
    making,
    manifest,
    opening,
    selectors,
    services,
    snapshot,
    tables,
)
from midan.vault.backup.errors import (
    BackupDamaged,
    BackupKeyMissing,
    BackupKeyWrong,
    BackupPlaceRefused,
)
from midan.vault.backup.format import read_header
from midan.vault.errors import VaultNotInitialised
from midan.vault.models import Identity
from tests.vault.orders import order, put

ACTOR = Actor.system("test")


@pytest.fixture
def place(tmp_path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def filled(vault) -> Path:
    put([order(seq) for seq in range(1, 41)])
    return vault


def made(place, now, **changes):
    return services.make(actor=ACTOR, to=place, now=now, life_days=changes.get("life_days", 35))


def opened(folder) -> opening.OpenSet:
    found = opening.open_set(folder, key.read())
    opening.check(found)
    return found


def rows(found, name) -> list[list[object]]:
    table = tables.find(found.manifest.tables, name)
    return [row for block in opening.blocks(found, table) for row in block]


def test_a_set_holds_every_row_of_every_table_it_names(filled, place, now):
    one = made(place, now)
    found = opened(one.folder)
    assert (found.manifest.set, found.manifest.rows) == (one.set, one.rows)
    assert one.bytes == sum(
        path.stat().st_size for path in one.folder.iterdir() if path.name != "manifest.mbk"
    )
    with connection.cursor() as cursor:
        for table in found.manifest.tables:
            if table.name in {"audit_entry", "backup_set", "audit_leaf", "audit_checkpoint"}:
                continue  # the backup itself wrote there afterwards
            cursor.execute(f'SELECT count(*) FROM "{table.name}"')
            assert cursor.fetchone()[0] == table.rows == len(rows(found, table.name)), table.name
    assert len(rows(found, "vault_part")) == 120


def test_no_key_state_digest_session_or_token_is_in_a_set(filled, place, now):
    found = opened(made(place, now).folder)
    names = {table.name for table in found.manifest.tables}
    assert not names & tables.LEFT_OUT
    with connection.cursor() as cursor:
        known = set(connection.introspection.table_names(cursor))
    known = {
        name for name in known if not name.startswith("sqlite_")
    }  # what ANALYZE leaves is the database's own
    # A new table is decided about: it is in a set, or named as left out.
    assert known - {"django_migrations"} == names | tables.LEFT_OUT
    assert {"vault_state", "vault_frontier", "vault_secret", "vault_digest"} <= tables.LEFT_OUT


def test_nothing_of_a_customer_stands_in_a_set_outside_sealed_parts(filled, place, now):
    one = made(place, now)
    found = opened(one.folder)
    needles = [b"\xe6\xb2\x88\xe6\xbe\x84", b"17000001234", b"*******1234", b"TB-2026", "曙光路".encode()]
    clear = b""
    for table in found.manifest.tables:
        sealed = [at for at, column in enumerate(table.columns) if column.name == "sealed"]
        for row in rows(found, table.name):
            clear += b"\n".join(
                value if isinstance(value, bytes) else str(value).encode()
                for at, value in enumerate(row)
                if at not in sealed
            )
    assert len(clear) > 1_500
    assert [needle for needle in needles if needle in clear] == []
    written = b"".join(path.read_bytes() for path in one.folder.iterdir())
    assert [needle for needle in (*needles, b"HZ001", b"vault_part.sealed") if needle in written] == []


def test_the_register_the_log_and_the_folder_say_the_same(filled, place, now):
    one = made(place, now)
    (view,) = selectors.sets()
    assert (view.set_id, view.path, view.rows, view.bytes) == (one.set, one.folder, one.rows, one.bytes)
    assert view.life_until - view.created_at == timedelta(days=35)
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry FROM audit_entry WHERE act = 'vault:backup:made'")
        entry = json.loads(cursor.fetchone()[0])
    assert (entry["object"], entry["count"], entry["clause"]) == (f"backup:{one.set}", one.rows, "L2.3")
    assert one.folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in one.folder.iterdir())


def test_the_moment_is_one_moment_while_orders_come_in(filled, place, now, monkeypatch):
    stop, began = Event(), Event()
    failures: list[BaseException] = []

    def take_in() -> None:
        seq = 1_000
        try:
            while not stop.is_set():
                put([order(seq + at) for at in range(20)])
                seq += 20
                began.set()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)
        finally:
            connections.close_all()

    # Slowed down, so that many commits fall between two tables.
    packed = chunks.packed

    def slowly(*given):
        time.sleep(0.01)
        return packed(*given)

    monkeypatch.setattr(chunks, "packed", slowly)
    thread = Thread(target=take_in)
    thread.start()
    assert began.wait(10)
    found = [opened(made(place, now).folder) for _ in range(3)]
    stop.set()
    thread.join(30)
    assert failures == []
    sizes = []
    for one in found:
        records = {row[0]: (row[1], row[2]) for row in rows(one, "vault_record")}
        parts = rows(one, "vault_part")
        assert len(parts) == 3 * len(records)
        assert {(epoch, leaf // 4) for epoch, leaf, _ in parts} == set(records.values())
        (mark,) = one.manifest.marks
        assert all(number < mark.next_record for _, number in records.values())
        entries = {row[0] for row in rows(one, "audit_entry")}
        leafed = {row[1] for row in rows(one, "audit_leaf")}
        assert entries == leafed | set(one.manifest.log.pending)
        sizes.append(len(records))
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]


def test_an_entry_without_a_place_is_named_as_pending(filled, place, now, monkeypatch):
    monkeypatch.setattr(services.log, "integrate", lambda **_: None)
    with transaction.atomic():
        record(actor=ACTOR, act="test:entry:late", object="test:1")
    found = opened(made(place, now).folder)
    ids = sorted(row[0] for row in rows(found, "audit_entry"))
    assert list(found.manifest.log.pending) == ids
    assert found.manifest.log.size == 0


def damage(folder: Path, how: str, other: Path) -> None:
    part = folder / "vault_part.mbk"
    match how:
        case "flipped byte":
            data = bytearray(part.read_bytes())
            data[-40] ^= 1
            part.write_bytes(data)
        case "flipped byte of the manifest":
            manifest = folder / "manifest.mbk"
            data = bytearray(manifest.read_bytes())
            data[200] ^= 4
            manifest.write_bytes(data)
        case "missing piece":
            part.unlink()
        case "cut":
            part.write_bytes(part.read_bytes()[:-1])
        case "emptied":
            part.write_bytes(b"")
        case "longer":
            part.write_bytes(part.read_bytes() + b"\x00")
        case "swapped pieces":
            record_file = folder / "vault_record.mbk"
            first, second = part.read_bytes(), record_file.read_bytes()
            part.write_bytes(second)
            record_file.write_bytes(first)
        case "piece of another set":
            shutil.copy(other / "vault_part.mbk", part)
        case "surplus piece":
            shutil.copy(part, folder / "vault_digest.mbk")


DAMAGES = (
    "flipped byte", "flipped byte of the manifest", "missing piece", "cut", "emptied", "longer", "swapped pieces",
    "piece of another set", "surplus piece",
)  # fmt: skip


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_set_is_found_out(filled, place, now, how):
    whole, other = made(place, now).folder, made(place / "other", now).folder
    opened(whole)
    damage(whole, how, other)
    with pytest.raises(BackupDamaged) as caught:
        opened(whole)
    assert caught.value.details["piece"] in {"vault_part", "vault_record", "vault_digest", "manifest"}


def test_another_companys_key_opens_nothing(filled, place, now):
    folder = made(place, now).folder
    with pytest.raises(BackupKeyWrong):
        opening.open_set(folder, os.urandom(32))


def test_the_newest_set_of_a_folder_is_found_and_two_companies_are_not_guessed_between(filled, place, now):
    first, second = made(place, now).folder, made(place, now + timedelta(days=1)).folder
    assert opening.find(place) == second
    assert opening.find(first) == first
    (place / f".midan-{'a' * 8}-20270101T000000Z-00000000.partial").mkdir()
    assert opening.find(place) == second
    shutil.copytree(first, place / first.name.replace(first.name.split("-")[1], "0" * 8))
    for where, word in ((place, "many"), (place / "none", "missing"), (first.parent.parent, "none")):
        with pytest.raises(BackupPlaceRefused) as caught:
            opening.find(where)
        assert caught.value.details == {"place": word}


def test_a_lost_backup_key_is_not_replaced_in_silence(filled, place, now):
    made(place, now)
    key.path().unlink()
    with pytest.raises(BackupKeyMissing):
        made(place, now)
    assert len(selectors.sets()) == 1


def test_the_escrow_copy_opens_the_sets_and_is_logged(filled, place, now, tmp_path):
    folder = made(place, now).folder
    services.escrow(actor=ACTOR, file=tmp_path / "safe.txt", now=now)
    copied = key.read_escrow((tmp_path / "safe.txt").read_text())
    opening.check(opening.open_set(folder, copied))
    assert (tmp_path / "safe.txt").stat().st_mode & 0o077 == 0
    with pytest.raises(BackupPlaceRefused):
        services.escrow(actor=ACTOR, file=tmp_path / "safe.txt", now=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry WHERE act = 'vault:backup:escrowed'")
        assert cursor.fetchone()[0] == 1


def test_a_place_without_a_vault_has_nothing_to_back_up(keyed_home, transactional_db, place, now):
    with pytest.raises(VaultNotInitialised):
        made(place, now)
    assert not place.exists()
    assert not key.path().exists()


def test_ended_sets_go_but_never_the_newest(filled, place, now):
    old, newer = made(place, now, life_days=1), made(place, now + timedelta(days=2), life_days=1)
    later = now + timedelta(days=30)
    assert services.prune(actor=ACTOR, now=now) == 0
    assert services.prune(actor=ACTOR, now=later) == 1
    assert (old.folder.exists(), newer.folder.exists()) == (False, True)
    assert [view.set_id for view in selectors.sets()] == [newer.set]
    assert {view.set_id: view.ended_at for view in selectors.sets(ended=True)}[old.set] == later
    assert services.prune(actor=ACTOR, now=later) == 0


def test_a_set_whose_disk_is_away_stays_in_the_register(filled, place, now):
    made(place, now, life_days=1)
    made(place.parent / "second", now + timedelta(days=2))
    place.rename(place.parent / "unplugged")
    assert services.prune(actor=ACTOR, now=now + timedelta(days=30)) == 0
    assert len(selectors.sets()) == 2


def test_something_else_in_a_sets_place_is_not_removed(filled, place, now):
    old, newer = made(place, now, life_days=1), made(place, now + timedelta(days=2))
    shutil.rmtree(old.folder)
    newer.folder.rename(old.folder)
    assert services.prune(actor=ACTOR, now=now + timedelta(days=30)) == 0
    assert old.folder.exists()


def test_one_backup_at_a_time(filled, place, now):
    with making.alone(), pytest.raises(BackupPlaceRefused) as caught:
        made(place, now)
    assert caught.value.details == {"place": "busy"}


def test_a_folder_that_takes_nothing_is_refused_and_nothing_is_entered(filled, now, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BackupPlaceRefused):
        made(tmp_path / "file", now)
    assert selectors.sets() == ()


def test_what_a_killed_run_left_is_cleared_away_and_was_never_a_set(filled, place, now):
    company = bytes(Identity.objects.get().company_id).hex()
    left = place / f".midan-{company[:8]}-20261101T000000Z-01234567.partial"
    foreign = place / ".midan-ffffffff-20261101T000000Z-01234567.partial"
    for folder in (left, foreign):
        folder.mkdir(parents=True)
        (folder / "vault_part.mbk").write_bytes(b"half")
    made(place, now)
    assert (left.exists(), foreign.exists()) == (False, True)
    assert len(opening.sets_below(place)) == 1


def test_what_is_due_follows_the_settings(filled, place, now, monkeypatch):
    assert jobs.due(now) == ()
    monkeypatch.setenv("MIDAN_BACKUP_TO", str(place))
    monkeypatch.setenv("MIDAN_BACKUP_DAYS", "2")
    assert jobs.due(now) == ("backup",)
    made(place, now, life_days=1)
    assert jobs.due(now) == ("--drill",)
    assert jobs.due(now + timedelta(days=2)) == ("backup", "--drill")
    made(place, now + timedelta(days=2))
    assert jobs.due(now + timedelta(days=2)) == ("--prune", "--drill")


def test_the_job_does_what_is_due_and_rests_for_an_hour_after_a_failure(
    filled, place, now, monkeypatch, caplog
):
    monkeypatch.setenv("MIDAN_BACKUP_TO", str(place))
    asked: list[list[str]] = []
    stop = Event()

    def command(words, **_given):
        asked.append(words[3:])
        if len(asked) == 2:
            return subprocess.CompletedProcess(words, 4, b"", b'{"code":"backup_place_refused"}\n')
        return subprocess.CompletedProcess(words, 0, b"", b"")

    monkeypatch.setattr(jobs.subprocess, "run", command)
    monkeypatch.setattr(jobs, "close_old_connections", lambda: None)
    turns = iter(range(5))
    monkeypatch.setattr(stop, "wait", lambda _seconds: next(turns, None) is None and stop.set())
    jobs.keep_backups(stop, interval=0)
    assert asked == [["backup"], ["backup"]]
    assert "backup_place_refused" in caplog.text


def test_a_header_names_the_set_and_the_table(filled, place, now):
    one = made(place, now)
    for path in one.folder.iterdir():
        with path.open("rb") as file:
            header = read_header(file, path.name.removesuffix(".mbk"))
        assert header.set_id.hex() == one.set


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a home of its own, by command")
def test_a_backup_killed_at_any_moment_leaves_no_set_and_the_next_one_is_whole(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MIDAN_", "DJANGO_"))}
    environ = kept | {"MIDAN_HOME": str(tmp_path / "home")}
    place = tmp_path / "sets"

    def midan(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "midan", *words], env=environ, capture_output=True, text=True, timeout=120, check=False
        )  # fmt: skip

    assert midan("init").returncode == 0
    orders = tmp_path / "orders.csv"
    assert midan("demo", "orders", "--rows", "3000", "-o", str(orders)).returncode == 0
    assert midan("intake", str(orders)).returncode == 0
    for pause in (0.0, 0.02, 0.1):
        running = subprocess.Popen(
            [sys.executable, "-m", "midan", "backup", str(place)], env=environ, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 20
        while not list(place.glob(".midan-*")) and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(pause)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait(timeout=30)
    whole = len(opening.sets_below(place))
    done = midan("backup", str(place))
    assert done.returncode == 0, done
    last = json.loads(done.stdout.splitlines()[-1])
    assert set(last) == {"set", "kind", "sets", "tables", "rows", "bytes", "seconds"}
    assert len(opening.sets_below(place)) == whole + 1
    assert list(place.glob(".midan-*")) == []


def test_a_segment_the_database_writes_gives_the_rows_it_has(filled, place, now):
    """Every kind of value, at lengths short and long, NULLs among them, in whole numbers of every width."""
    numbers = [None, 0, 1, 255, 256, 65_536, 1 << 32, -1, -(1 << 40), (1 << 63) - 1, -(1 << 63)]
    lengths = [0, 1, 31, 32, 255, 256, 65_535, 65_536, 70_000]
    texts = [None, *("沈" * (size // 3) + "x" * (size % 3) for size in lengths)]
    earlier = datetime(1999, 12, 31, 23, 59, 59, 5, tzinfo=UTC)
    values = {
        "int": numbers, "text": texts, "bytes": [None if text is None else text.encode() for text in texts],
        "bool": [None, True, False], "float": [None, 0.1, -1e300], "json": [None, '{"b": [1, "沈"], "a": null}', "[]"],
        "moment": [None, now, earlier], "date": [None, now.date(), earlier.date()],
    }  # fmt: skip
    kinds = {
        "int": "bigint", "text": "text", "bytes": "bytea", "bool": "boolean", "float": "float8", "json": "jsonb",
        "moment": "timestamptz", "date": "date",
    }  # fmt: skip
    columns = tuple(manifest.Column(f"{kind}_{at}", kind) for kind in kinds for at in range(3))
    rows = [
        [values[c.kind][(at + i) % len(values[c.kind])] for i, c in enumerate(columns)] for at in range(30)
    ]
    if connection.vendor == "sqlite":
        rows = [[as_sqlite_keeps_it(value) for value in row] for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE every_kind (" + ", ".join(f"{c.name} {kinds[c.kind]}" for c in columns) + ")"
        )
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO every_kind VALUES ({marks})", rows)
    try:
        with snapshot.taken() as moment:
            blocks = [chunks.packed(block, columns) for block in moment.blocks("every_kind", columns)]
            expected = [row for block in blocks for row in chunks.unpacked(block, columns, "rows")]
            count, plain = moment.segment("every_kind", columns, "")
            again = moment.segment("every_kind", columns, "")
            none = moment.segment("every_kind", columns, " WHERE 1 = 0")
        assert count == len(rows)
        assert chunks.unpacked(plain, columns, moment.form) == expected
        assert {value for row in expected for value in row} >= {now.strftime("%Y-%m-%d %H:%M:%S.%f"), "[]"}
        assert again == (count, plain)
        assert (none[0], chunks.unpacked(none[1], columns, moment.form)) == (0, [])
        for bent, told in (
            (plain[: len(plain) // 2], columns),
            (plain[1:], columns),
            (b"", columns),
            (plain, columns[1:]),
        ):
            with pytest.raises(ValueError, match=r"copy|image|form|columns"):
                chunks.unpacked(bent, told, moment.form)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE every_kind")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="an image is SQLite's")
def test_an_image_holds_nothing_of_the_one_before_it(filled, place, now):
    """Its pages come from the memory of this process: what no row takes up is zeros."""
    columns = (manifest.Column("seq", "int"), manifest.Column("said", "bytes"))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE told (seq integer primary key, said blob)")
        cursor.executemany("INSERT INTO told VALUES (%s, %s)", [(at, b"BEFORE" * 90) for at in range(1, 200)])
        cursor.execute("INSERT INTO told VALUES (1000, %s)", [b"after"])
    try:
        with snapshot.taken() as moment:
            first = moment.segment("told", columns, " WHERE seq < 1000")[1]
            _, second = moment.segment("told", columns, " WHERE seq = 1000")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE told")
    assert b"BEFORE" in first
    assert b"BEFORE" not in second
    assert len(second) < 10_000
    for image in (first, second):
        assert {byte for at in range(0, len(image), 4096) for byte in unused(image, at)} == {0}


def unused(image: bytes, page: int) -> bytes:
    """The room between the list of a page's rows and the first of them (SQLite's file format, 1.6)."""
    head = page + (100 if page == 0 else 0)
    kind, _, cells, start = struct.unpack_from(">BHHH", image, head)
    assert kind in {5, 13}
    return image[head + (12 if kind == 5 else 8) + 2 * cells : page + start]


def as_sqlite_keeps_it(value):
    """As Django writes it: moments without a zone, and without a fraction where there is none."""
    if isinstance(value, datetime):
        return str(value.replace(tzinfo=None))
    return str(value) if isinstance(value, date) else value
