"""The bench measures what it says: twins write as many rows as we do, every answer has the promised shape."""

import os
import sqlite3
from pathlib import Path

import pytest

from midan.bench import decided, runs
from midan.bench.ground import Ground, run_leg
from midan.bench.labelled.addresses import Labelled, visible_share
from midan.bench.lookups import column_step
from midan.bench.result import Comparison, middle

ROWS = 60
# What the act writes and the plaintext twin must write as well.
OF_AN_ORDER = (
    "waybill_waybill",
    "vault_record",
    "vault_part",
    "vault_digest",
    "collection_reference",
    "collection_batch",
    "collection_upload",
)


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(tmp_path_factory.mktemp("bench"), "")


@pytest.fixture(scope="module")
def orders(field: Ground) -> Path:
    file = field.folder / "few.csv"
    runs.midan("demo", "orders", "--rows", str(ROWS), "-o", str(file))
    return file


def taken_in(field: Ground, orders: Path, *, workers: int, plain: bool) -> Path:
    environ = field.installation()
    figures = run_leg(environ, "intake", file=str(orders), workers=workers, plain=plain)
    assert figures["accepted"] == ROWS
    return Path(environ["MIDAN_HOME"]) / "data.db"


def test_the_time_in_the_log_is_measured_where_intake_writes_its_entries(field: Ground, orders: Path):
    figures = run_leg(field.installation(), "intake", file=str(orders), workers=1, plain=False)
    assert figures["entries"] == 2  # of the batch, and of the file
    assert 0 < figures["log"] < figures["seconds"]


def counts(data: Path) -> dict[str, int]:
    with sqlite3.connect(data) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def lengths(data: Path, table: str, column: str) -> int:
    with sqlite3.connect(data) as connection:
        return int(connection.execute(f"SELECT sum(length({column})) FROM {table}").fetchone()[0])


@pytest.fixture(scope="module")
def ours(field: Ground, orders: Path) -> Path:
    return taken_in(field, orders, workers=1, plain=False)


@pytest.fixture(scope="module")
def twin(field: Ground, orders: Path) -> Path:
    return taken_in(field, orders, workers=1, plain=True)


def test_the_plaintext_twin_writes_the_same_rows_into_every_table(ours: Path, twin: Path):
    assert counts(ours) == counts(twin)
    assert all(counts(ours)[table] for table in OF_AN_ORDER)
    assert counts(ours)["vault_part"] == 3 * ROWS


def test_the_twins_rows_are_as_long_as_ours(ours: Path, twin: Path):
    for table, column in (
        ("vault_part", "sealed"),
        ("vault_digest", "digest"),
        ("collection_reference", "content"),
    ):
        assert lengths(ours, table, column) == lengths(twin, table, column)


def test_the_twin_is_plain_and_we_are_not(ours: Path, twin: Path, orders: Path):
    phones = [line.split(",")[2].encode() for line in orders.read_text("utf-8").splitlines()[1:]]
    phone = next(text for text in phones if text.isdigit())
    found = []
    for data in (ours, twin):
        with sqlite3.connect(data) as connection:
            found.append(any(phone in row[0] for row in connection.execute("SELECT sealed FROM vault_part")))
    assert found == [False, True]


def test_two_workers_store_what_one_process_stores(field: Ground, orders: Path, ours: Path):
    assert counts(taken_in(field, orders, workers=2, plain=False)) == counts(ours)


@pytest.mark.parametrize(
    ("name", "rows", "comparisons"),
    [("intake", 40, 3), ("search", 600, 2), ("audit", 600, 2), ("labels", 100, 2), ("masks", 500, 5)],
)
def test_every_comparison_names_its_twin_and_gives_a_ratio(
    field: Ground, monkeypatch: pytest.MonkeyPatch, name: str, rows: int, comparisons: int
):
    monkeypatch.setattr(runs, "TURNS", 1)
    monkeypatch.setattr(runs, "EPOCHS", {2: "", 5: ""})
    found = [comparison.as_dict() for comparison in getattr(runs, name)(field, rows, "sqlite")]
    assert len(found) == comparisons
    for figure in found:
        assert {"name", "unit", "ours", "twin", "twin_is", "goal", "notes", "ratio"} == figure.keys()
        assert figure["ours"] > 0
        assert figure["twin"] > 0
        assert figure["ratio"] > 0
        assert figure["twin_is"]


def test_masks_are_judged_by_the_labels_of_the_same_lines_as_their_twin(
    field: Ground, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(runs, "TURNS", 1)
    told = {found.name.removeprefix("mask "): found.notes for found in runs.masks(field, 1_600, "sqlite")}
    address, text = told["address"], told["text"]
    assert address["leak_share"] < 0.02 < address["twin_leak_share"]
    # One line over and over would leak always or never.
    assert 0 < address["twin_leak_share"] < 1
    assert address["room_leak_share"] < 0.003 < address["twin_room_leak_share"]
    assert address["leaked_characters"] <= address["leak_share"]
    assert address["kept_share"] >= 0.97
    assert all(told[kind]["safe_share"] >= 0.99 for kind in ("name", "phone", "id"))
    assert told["phone"]["twin_safe_share"] < told["phone"]["safe_share"]
    assert all(text[name] > text[f"twin_{name}"] for name in text if name.startswith("found_"))
    assert 0.9 <= text["harmless_untouched"] < 1


def test_what_shows_is_counted_against_what_had_to_go():
    made = Labelled("路9号2栋501", "koouurrr")
    assert visible_share(made, made.text) == 1
    assert visible_share(made, "路9号*****") == 0
    assert visible_share(made, "路9号**50*") == 0.4


def test_reveals_and_their_twin_are_served_and_each_leaves_one_entry(
    field: Ground, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(runs, "TURNS", 1)
    monkeypatch.setattr(decided, "_TURNS", 1)
    monkeypatch.setattr(decided, "_DECISIONS", 50)
    throughput, slowest, decisions, gated, tap = runs.reveal(field, 16, "sqlite")
    assert decisions.notes["gates"] > 20
    assert decisions.ours > 0
    assert gated.ratio > 0
    assert throughput.ratio > 0
    assert slowest.notes["median_ms"] > 0
    assert slowest.ours >= slowest.notes["median_ms"]
    assert tap.ours >= tap.notes["median_ms"] > 0
    homes = [home for home in field.folder.iterdir() if (home / "data.db").exists()]
    revealed = {
        home: sqlite3.connect(home / "data.db")
        .execute("SELECT count(*) FROM audit_entry WHERE act = 'access:part:revealed'")
        .fetchone()[0]
        for home in homes
    }
    # Warming up, quiet and busy, for us and for the twin: all in one installation.
    asked = 2 * 8 * (10 + 2 + 2)
    assert max(revealed.values()) == asked
    # By taps and by the API, each with ten to warm up: in an installation of their own.
    assert 2 * 8 * (10 + 2) in revealed.values()


def test_a_rate_and_a_time_both_rate_more_as_better():
    rate = Comparison(name="r", unit="orders/s", ours=50, twin=100, twin_is="plain")
    time = Comparison(name="t", unit="ms", ours=50, twin=100, twin_is="plain")
    assert (rate.ratio, time.ratio) == (0.5, 2.0)
    assert middle([3.0, 1.0, 2.0]) == 2.0


def test_the_column_type_of_the_vault_steps_twin_does_encrypt():
    assert column_step(rows=1)["seconds"] > 0


def test_a_leg_that_fails_stops_the_bench(field: Ground):
    import subprocess

    environ = {**os.environ, "MIDAN_HOME": str(field.folder / "nothing here")}
    with pytest.raises(subprocess.CalledProcessError):
        run_leg(environ, "verify")


@pytest.mark.soak
def test_a_million_rows_are_taken_in_flat_memory(field: Ground):
    file = field.folder / "million.csv"
    runs.midan("demo", "orders", "--rows", "1000000", "-o", str(file))
    figures = run_leg(field.installation(), "intake", file=str(file), workers=1, plain=False)
    assert figures["accepted"] == 1_000_000
    assert figures["peak_mb"] <= 400


def test_destroying_is_measured_beside_its_twins_and_leaves_the_rest_open(field: Ground):
    whole, scattered, opening, *ratchets = runs.destroy(field, 2_000, "sqlite")
    assert whole.notes == {"state_bytes_after": 0}
    assert scattered.notes["records"] == 20
    assert (scattered.notes["still_open"], scattered.notes["cut_open"]) == (1.0, 0)
    assert scattered.notes["swept"] == 60
    assert [one.notes["pending"] for one in ratchets] == [0, 0]
    assert all(one.ratio > 0 for one in (whole, scattered, opening, *ratchets))
