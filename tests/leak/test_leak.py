"""Planted people go through every journey; afterwards nothing of them stands anywhere but in sealed bytes."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from midan.vault.backup import key, opening
from tests.leak import journeys
from tests.leak.canaries import canary, forms, found_in
from tests.leak.journeys import World
from tests.leak.watch import Watched, tree

# Answers that carry masks (or, a reveal, one value) to somebody entitled to them; each is scanned for clear values.
MASKED = {"send", "read", "search", "page", "ticket", "sign in", "real name"}
SEALED = {("vault_part", "sealed"), ("vault_identitypart", "sealed")}


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    """Return the traces of all journeys, made once: they take half a minute."""
    watched = Watched(root=tmp_path_factory.mktemp("leak"))
    found = World(watched=watched)
    try:
        journeys.by_command(found)
        journeys.by_destruction(found)
        with journeys.serving(watched) as address:
            journeys.by_machine(found, address)
            journeys.by_person(found, address)
            journeys.by_lanes(found, address)
            # While it runs: the write-ahead log holds what was written last.
            found.live = {str(path): data for path, data in tree(watched.home).items()}
    finally:
        watched.end()
    return found


def hits(data: dict[str, bytes], needles: dict[bytes, str]) -> dict[str, list[str]]:
    return {name: words for name, content in data.items() if (words := found_in(content, needles))}


def dump(database: Path) -> dict[str, bytes]:
    """Return every text and blob of the database, sealed parts aside, by table and column."""
    found: dict[str, bytes] = {}
    with closing(sqlite3.connect(database)) as connection:
        connection.text_factory = bytes
        tables = [
            row[0].decode()
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            columns = [row[1].decode() for row in connection.execute(f"PRAGMA table_xinfo('{table}')")]
            for column in columns:
                if (table, column) not in SEALED:
                    rows = connection.execute(f'SELECT "{column}" FROM "{table}"').fetchall()  # fmt: skip
                    values = [value if isinstance(value, bytes) else str(value).encode() for (value,) in rows]
                    found[f"{table}.{column}"] = b"\x00".join(values)
    return found


def test_the_journeys_arrived(world):
    statuses = {
        what: {answer.status_code for name, answer in world.answers if name == what}
        for what, _ in world.answers
    }
    assert statuses["send"] == {200, 201}
    assert statuses["reveal"] == {200}
    assert statuses["label"] == {200}
    # A search breaks in the key process, which says only that it could not.
    assert statuses["broken"] == {500, 503}
    assert statuses["malformed"] == {422}
    assert statuses["real name"] == {200, 201}
    assert statuses["real name refused"] == {403, 404, 409, 422}
    assert statuses["unknown"] == {403, 404}
    assert statuses["refused reveal"] <= {400, 403, 422}
    assert len(world.numbers()) > 12
    assert len(world.canaries) > 30


def test_the_home_holds_nothing_while_serving_or_after(world):
    assert hits(world.live, world.needles()) == {}
    after = {str(path): data for path, data in tree(world.watched.home).items()}
    assert any(name.endswith("data.db") for name in after)
    assert hits(after, world.needles()) == {}


def test_no_column_but_the_sealed_one_holds_anything(world):
    columns = dump(world.watched.home / "data.db")
    assert len(columns) > 150
    assert hits(columns, world.needles()) == {}


def test_the_tables_of_holds_and_destruction_were_used_when_looked_at(world):
    with closing(sqlite3.connect(world.watched.home / "data.db")) as database:
        empty = [
            table
            for table in (
                "access_call",
                "approval_request",
                "destruction_certificate",
                "destruction_run",
                "destruction_runcut",
                "destruction_runepoch",
                "destruction_runstep",
                "vault_derivative",
                "vault_derivativeof",
                "collection_realname",
                "vault_held",
                "vault_identitypart",
                "vault_hold",
                "vault_reseal",
                "vault_share",
            )
            if not database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        ]
    assert empty == []


def test_no_column_of_a_backup_but_the_sealed_one_holds_anything(world, monkeypatch):
    monkeypatch.setenv("MIDAN_HOME", str(world.watched.home))
    opened = opening.open_set(opening.find(world.watched.root / "out" / "sets"), key.read())
    columns: dict[str, list[bytes]] = {}
    for table in opened.manifest.tables:
        for block in opening.blocks(opened, table):
            for at, column in enumerate(table.columns):
                values = (row[at] for row in block)
                columns.setdefault(f"{table.name}.{column.name}", []).extend(
                    value if isinstance(value, bytes) else str(value).encode() for value in values
                )
    rows = {name: b"\x00".join(values) for name, values in columns.items()}
    assert len(rows["vault_part.sealed"]) > 10_000
    sealed = {".".join(one) for one in SEALED}
    assert hits({name: data for name, data in rows.items() if name not in sealed}, world.needles()) == {}


def test_no_process_printed_anything(world):
    printed = {
        f"{' '.join(done.arguments[:2])} {stream}": getattr(done, stream)
        for done in world.watched.printed
        for stream in ("out", "err")
    }
    assert hits(printed, world.needles()) == {}


def test_no_file_made_for_people_holds_anything(world):
    """Labels carry masks, so they are left out; the log's export, reject files and the server's output are not."""
    made = {
        str(path): data for path, data in tree(world.watched.root / "out").items() if path.stem != "label"
    }
    assert any("rejects" in name for name in made)
    assert any("entries.jsonl" in name for name in made)
    assert hits(made, world.needles()) == {}


def test_nothing_was_spooled_however_briefly(world):
    watched = world.watched
    assert hits(watched.strays, world.needles()) == {}
    here = [watched.home, watched.root / "out", watched.root / "tmp", Path("/dev")]
    mine = {watched.root / "files" / "demo.csv"}
    written = watched.written()
    assert any(path.is_relative_to(watched.home) for path in written)
    # Orders of nobody, written beside their place first.
    mine |= {path for path in written if path.match(f"{watched.root}/files/.demo.csv.*.part")}
    elsewhere = {path for path in written - mine if not any(path.is_relative_to(place) for place in here)}
    assert elsewhere == set()
    spooled = {path for path in written if path.is_relative_to(watched.root / "tmp")}
    assert spooled == set()


def test_answers_carry_masks_at_most_and_refusals_nothing(world):
    clear = {
        form: word
        for word_of in (planted.needles() for planted in world.canaries)
        for form, word in word_of.items()
        # The contract gives the order reference back to who sent it; goods and remarks are masked as text, which
        # may leave ordinary words standing.
        if "mask" not in word
        and not any(what in word for what in ("order_ref", "goods_name", "remark", "road"))
    }
    for what, answer in world.answers:
        if what in {"reveal", "label"}:
            continue
        wanted = clear if what in MASKED or what == "upload" else world.needles()
        assert found_in(answer.content, wanted) == [], (what, answer.status_code, answer.url)
        assert not any(value in str(answer.headers) for value in world.revealed)


def test_a_planted_value_is_found_in_every_encoding_and_so_is_its_mask(world, tmp_path):
    """The scanner's own control: what it does not find here it would not find above."""
    planted = world.canaries[0]
    for what, value in planted.values():
        for encoding, form in forms(value):
            if len(form) >= 7:
                assert found_in(b"\x00\x01" + form + b"\xff", planted.needles()), (what, encoding)


@pytest.mark.parametrize(
    "which", ["sender name", "recipient phone mask", "recipient address mask", "goods_name", "order_ref"]
)
def test_a_value_planted_in_a_copy_of_the_database_is_found(world, tmp_path, which):
    planted = canary(0, "control")
    value = dict(planted.values())[which]
    copy = Path(shutil.copy(world.watched.home / "data.db", tmp_path / "data.db"))
    with closing(sqlite3.connect(copy)) as database:
        database.execute(
            "UPDATE waybill_waybill SET goods_kind = ? WHERE seq = (SELECT max(seq) FROM waybill_waybill)",
            (value,),
        )
        database.commit()
    assert "waybill_waybill.goods_kind" in hits(dump(copy), planted.needles())
    assert found_in(copy.read_bytes(), planted.needles())


def test_a_spooled_upload_would_have_been_noticed(tmp_path):
    (tmp_path / "control").mkdir()
    watched = Watched(root=tmp_path / "control")
    planted = canary(1, "control")
    script = f"import tempfile; file = tempfile.NamedTemporaryFile(); file.write({planted.row['remark']!r}.encode()); file.flush(); import time; time.sleep(0.2)"
    import subprocess
    import sys

    subprocess.run([sys.executable, "-c", script], env=watched.environment, check=True)
    watched.end()
    assert any(path.is_relative_to(watched.root / "tmp") for path in watched.written())
    assert hits(watched.strays, planted.needles())
