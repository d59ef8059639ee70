"""Whole files: counts, rejects, workers, kills, interruptions; the same orders in the end, whatever happened."""

import json
import os
import random
import signal
import time
import tracemalloc
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import OperationalError, connection, connections
from django.http import UnreadablePostError

from midan.audit import selectors as audit
from midan.collection import selectors, services
from midan.collection.errors import FileBroken, FileRefused, IntakeInterrupted, UnknownBranch
from midan.collection.rules import COLUMNS
from midan.core.number import is_well_formed
from midan.store.errors import StorageFull
from midan.vault.errors import KeeperFull, VaultLocked
from tests.collection.orders import ACTOR, CLIENT, canary, csv_text, leaked, order

file_module = import_module("midan.collection.services.file")
pytestmark = pytest.mark.usefixtures("company")


def take_in(source, now: datetime, file_format="csv", **changes):
    given = {
        "actor": ACTOR,
        "client": CLIENT,
        "branch": "HZ001",
        "source": source,
        "file_format": file_format,
        "now": now,
    }
    return services.intake_file(**given | changes)


def counts(summary):
    return summary.accepted, summary.replayed, summary.rejected


def rows_of(table: str, columns: str = "count(*)"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table}")
        return cursor.fetchall()


def whole() -> bool:
    """Return whether every order stands in every table: no torn batch, no waybill without its sealed parts."""
    waybills = {seq for (seq,) in rows_of("waybill_waybill", "seq")}
    references = {seq for (seq,) in rows_of("collection_reference", "seq")}
    records = {seq for (seq,) in rows_of("vault_record", "seq")}
    parts = rows_of("vault_part")[0][0]
    batched = rows_of("collection_batch", "coalesce(sum(accepted), 0)")[0][0]
    logged = rows_of("audit_entry WHERE act = 'collection:batch:accepted'")[0][0]
    return (
        waybills == references == records
        and parts == 3 * len(waybills)
        and batched == len(waybills)
        and logged == rows_of("collection_batch")[0][0]
    )


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "big.csv"
    path.write_text(csv_text(order(number) for number in range(2600)), "utf-8")
    return path


@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet"])
def test_each_format_is_taken_in_and_a_second_time_replayed(tmp_path, now, file_format):
    rows = [order(number) for number in range(620)]
    path = tmp_path / f"o.{file_format}"
    if file_format == "csv":
        path.write_text(csv_text(rows), "gb18030")
    elif file_format == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    else:
        pq.write_table(pa.table({name: [row[name] for row in rows] for name in COLUMNS}), path)
    assert counts(take_in(path, now, file_format)) == (620, 0, 0)
    assert counts(take_in(path, now, file_format)) == (0, 620, 0)
    with path.open("rb") as file:
        assert counts(take_in(file, now, file_format)) == (0, 620, 0)
    assert whole()


def test_rejects_name_row_field_and_code_and_repeat_nothing(tmp_path, now, caplog):
    caplog.set_level("DEBUG")
    rows = [canary(), canary(quantity=0), canary(order_ref="=1"), canary(weight_g=9), order(5)]
    path = tmp_path / "o.csv"
    path.write_text(csv_text(rows), "utf-8")
    seen = []
    summary = take_in(path, now, on_reject=lambda row, rejects: seen.append((row, rejects)))
    assert counts(summary) == (2, 0, 3)
    assert [(row, why.field, str(why.code)) for row, rejects in seen for why in rejects] == [
        (2, "quantity", "out_of_range"),
        (3, "order_ref", "formula_not_allowed"),
        (4, "order_ref", "order_conflict"),
    ]
    assert leaked(seen, caplog.text, summary) == []


def test_a_stream_is_taken_in_as_it_arrives_and_its_progress_can_be_followed(now):
    content = csv_text(order(number) for number in range(1200)).encode()
    seen = []

    def chunks():
        for at in range(0, len(content), 40_000):
            yield content[at : at + 40_000]
            seen.extend(selectors.uploads(branch="HZ001", limit=1))

    summary = services.intake_stream(
        actor=ACTOR, client=CLIENT, branch="HZ001", chunks=chunks(), file_format="csv", now=now
    )
    assert counts(summary) == (1200, 0, 0)
    view = selectors.upload(summary.upload_id)
    assert (view.state, view.accepted, view.actor) == ("done", 1200, "client:shop")
    assert {each.state for each in seen} == {"running"}


def test_a_file_sent_again_is_seen_to_be_alive_though_it_brings_nothing_new(big, now):
    """Batches of nothing but replays move the upload's row: the sweep ends what stands still for an hour."""
    take_in(big, now)
    seen = []
    take_in(big, now, on_progress=lambda _: seen.append(selectors.uploads(branch="HZ001", limit=1)[0]))
    assert len(seen) > 2
    assert [view.replayed for view in seen[:-1]] == [500 * turn for turn in range(1, len(seen))]
    assert seen[0].updated_at < seen[-1].updated_at


def test_a_stream_leaves_nothing_on_the_disk(now, tmp_path, monkeypatch):
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    services.intake_stream(
        actor=ACTOR,
        client=CLIENT,
        branch="HZ001",
        chunks=[csv_text([canary()]).encode()],
        file_format="csv",
        now=now,
    )
    assert list(spool.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty_file"), (b"a,b\n1,2\n", "missing_column"), (b"\xff\xfe\x00", "wrong_encoding")],
)
def test_a_refused_file_stores_nothing_and_its_upload_says_why(now, content, reason):
    with pytest.raises(FileRefused) as caught:
        take_in([content] if content else [], now)
    assert caught.value.exit_code == 3
    (view,) = selectors.uploads(branch="HZ001", limit=9)
    assert (view.state, view.reason, view.accepted) == ("refused", reason, 0)
    assert rows_of("waybill_waybill")[0][0] == 0


def test_a_stream_that_breaks_off_keeps_what_came_before(now):
    content = csv_text(order(number) for number in range(1600)).encode()
    with pytest.raises(FileBroken) as caught:
        take_in([content[: 1 << 18], content[1 << 18 :], b"\xff\xff\xff\n"], now)
    assert caught.value.reason == "wrong_encoding"
    assert caught.value.details["accepted"] == rows_of("waybill_waybill")[0][0] > 0
    assert whole()


def test_workers_end_with_the_same_orders_as_one_process(big, now):
    summary = take_in(big, now, workers=2)
    assert counts(summary) == (2600, 0, 0)
    assert whole()
    assert counts(take_in(big, now, workers=1)) == (0, 2600, 0)
    assert counts(take_in(big, now, workers=2)) == (0, 2600, 0)
    assert all(is_well_formed(number) for (number,) in rows_of("waybill_waybill", "number"))


def test_workers_find_replays_conflicts_and_twins_too(tmp_path, now):
    rows = [order(number) for number in range(700)]
    path = tmp_path / "o.csv"
    path.write_text(csv_text(rows[:300]), "utf-8")
    take_in(path, now)
    path.write_text(csv_text([*rows, rows[650], order(3, quantity=9), order(800, quantity=0)]), "utf-8")
    rejects = []
    summary = take_in(path, now, workers=2, on_reject=lambda row, why: rejects.append(row))
    assert counts(summary) == (400, 301, 2)
    assert rejects == [702, 703]
    assert whole()


def test_an_intake_asked_to_stop_ends_between_two_commits_and_goes_on_later(big, now):
    calls = []

    def stop():
        calls.append(1)
        return len(calls) > 2

    with pytest.raises(IntakeInterrupted) as caught:
        take_in(big, now, stop=stop)
    assert caught.value.exit_code == 5
    assert caught.value.details["accepted"] == 1000
    assert selectors.uploads(branch="HZ001", limit=9)[0].state == "interrupted"
    assert counts(take_in(big, now)) == (1600, 1000, 0)
    assert whole()


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_ten_times_at_any_point_it_ends_with_exactly_the_same_orders(big, now, workers):
    luck = random.Random(97)
    deaths = 0
    for _ in range(5):
        pid = _take_in_as_a_child(big, now, workers)
        time.sleep(luck.uniform(0.02, 0.9 if workers == 1 else 1.6))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        deaths += os.WIFSIGNALED(status)
        assert whole()
    summary = take_in(big, now)
    assert deaths > 0
    assert summary.accepted + summary.replayed == 2600
    assert summary.rejected == 0
    assert rows_of("waybill_waybill")[0][0] == 2600
    assert whole()


def _take_in_as_a_child(path: Path, now: datetime, workers: int) -> int:
    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    try:
        take_in(path, now, workers=workers)
    finally:
        os._exit(0)


def test_memory_stays_flat_whatever_the_length_of_the_stream(now, monkeypatch):
    monkeypatch.setattr("midan.collection.services.file.settle", lambda *_, **__: _Nothing())

    def peak(rows: int) -> int:
        header, body = csv_text([order(1)]).split("\r\n", 1)
        chunk = body.encode() * 500
        tracemalloc.start()
        take_in(iter([header.encode() + b"\r\n", *[chunk] * (rows // 500)]), now)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(500)
    assert peak(3000) < 1.1 * peak(1500) + 100_000


class _Nothing:
    rows = ()

    def count(self, *_):
        return 0


def test_a_full_disk_in_the_middle_of_a_file_keeps_whole_batches_only(big, now):
    if connection.vendor != "sqlite":
        pytest.skip("the page limit is SQLite's")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 500}")
        with pytest.raises(StorageFull) as caught:
            take_in(big, now)
        cursor.execute("PRAGMA max_page_count = 1073741823")
    assert caught.value.exit_code == 4
    kept = rows_of("waybill_waybill")[0][0]
    assert 0 < kept < 2600
    assert kept % 500 == 0
    assert whole()
    assert counts(take_in(big, now)) == (2600 - kept, kept, 0)


def ends_of(view) -> list[tuple[str, str, int | None]]:
    return [
        (entry.entry.outcome, entry.entry.reason, entry.entry.count)
        for entry in audit.of_object(f"upload:{view.id}")
    ]


def broken_by(error: BaseException):
    """Send a whole batch, then fail as whatever reads or writes could."""
    content = csv_text(order(number) for number in range(1600)).encode()
    yield content[: 1 << 18]
    raise error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (UnreadablePostError("the client left"), "source_lost"),
        (VaultLocked("locked"), "vault_locked"),
        (StorageFull("full"), "storage_full"),
        (KeeperFull("file"), "storage_full"),
        (OperationalError("database or disk is full"), "storage_full"),
        (KeyboardInterrupt(), "interrupted"),
        (ZeroDivisionError("13800138000"), "broken_off"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else value,
)
def test_an_upload_that_breaks_off_is_ended_and_logged_whatever_broke_it(now, error, reason):
    with pytest.raises((type(error), StorageFull)) as raised:
        take_in(broken_by(error), now)
    (view,) = selectors.uploads(branch="HZ001", limit=9)
    assert (view.state, view.reason, view.accepted) == (
        "interrupted",
        reason,
        rows_of("waybill_waybill")[0][0],
    )
    assert ends_of(view) == [("failed", reason, view.accepted)]
    assert reason != "storage_full" or raised.value.details["accepted"] == view.accepted


def test_an_upload_left_running_by_a_kill_is_ended_by_the_sweep_once(now, monkeypatch):
    # As a kill leaves it: nothing of its end was written.
    monkeypatch.setattr(file_module, "end_upload", lambda **_: None)
    with pytest.raises(KeyboardInterrupt):
        take_in(broken_by(KeyboardInterrupt()), now)
    (view,) = selectors.uploads(branch="HZ001", limit=9)
    assert view.state == "running"
    assert services.sweep_uploads(now=view.updated_at + timedelta(minutes=59)) == 0
    later = view.updated_at + timedelta(minutes=61)
    assert (services.sweep_uploads(now=later), services.sweep_uploads(now=later)) == (1, 0)
    (swept,) = selectors.uploads(branch="HZ001", limit=9)
    assert (swept.state, swept.reason, swept.accepted) == ("interrupted", "abandoned", view.accepted)
    assert ends_of(swept) == [("failed", "abandoned", view.accepted)]


def test_an_unknown_branch_stops_a_file_before_its_first_row(big, now):
    with pytest.raises(UnknownBranch):
        take_in(big, now, branch="XX999")
    assert selectors.uploads(branch="HZ001", limit=9) == ()


def test_progress_grows_to_the_end(big, now):
    seen = []
    take_in(big, now, on_progress=seen.append)
    assert [each.accepted for each in seen] == [500, 1000, 1500, 2000, 2500, 2600]
    assert seen[-1].fraction == 1.0
    assert [each.fraction for each in seen] == sorted(each.fraction for each in seen)
