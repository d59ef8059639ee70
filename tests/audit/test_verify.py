"""Whatever is changed in the log, checking it names the first place that is wrong."""

import os
import shutil
from datetime import timedelta

import pytest
from django.db import connection, transaction

from midan.audit import selectors, services
from midan.audit.rules import COLUMNS
from midan.audit.scan import Fault
from midan.audit.services.sequence import _assign
from midan.core.entry import Entry, entry_leaf
from midan.core.merkle import Checkpoint, Signed, fold, sign_checkpoint
from midan.core.sm import SigningKey
from tests.audit.conftest import CLERK, NOW

SIZE = 600


@pytest.fixture
def full(log):
    """A log of 600 entries under three checkpoints: 200, 500, 600."""
    for more in (200, 300, 100):
        log.write(more, party=True)
        log.integrate()
    assert selectors.verify().ok
    return log


def verdict():
    result = selectors.verify()
    assert not result.ok
    return result.first_bad, result.reason


def unguard(run):
    """Let the entry table be rewritten with plain columns, as somebody who wants to alter one would."""
    if connection.vendor == "postgresql":
        for name in COLUMNS:
            run(f'ALTER TABLE audit_entry ALTER COLUMN "{name}" DROP EXPRESSION')
        return
    columns = [row[1] for row in run("PRAGMA table_xinfo(audit_entry)")]
    names = ", ".join(f'"{name}"' for name in columns)
    run(f"CREATE TABLE plain AS SELECT {names} FROM audit_entry")
    run("DROP TABLE audit_entry")
    run("ALTER TABLE plain RENAME TO audit_entry")


@pytest.fixture
def plain(full, tamper):
    """The same log over a table without generated columns, rolled back afterwards."""
    with tamper() as run, transaction.atomic():
        unguard(run)
        assert selectors.verify().ok
        yield run
        transaction.set_rollback(True)


def number_at(run, index: int) -> int:
    return run('SELECT entry_id FROM audit_leaf WHERE "index" = %s', index)[0][0]


def test_an_untouched_log_holds(full):
    result = selectors.verify()
    assert (result.ok, result.size, result.first_bad, result.reason) == (True, SIZE, None, "")
    assert result.root == selectors.checkpoint().root
    assert (result.signed, result.pending) == (SIZE, 0)


def test_an_empty_log_holds(log):
    result = selectors.verify()
    assert (result.ok, result.size) == (True, 0)


def test_an_entry_that_still_waits_is_counted_not_blamed(full):
    full.write(2, party=True)
    result = selectors.verify()
    assert (result.ok, result.size, result.pending) == (True, SIZE, 2)


@pytest.mark.parametrize("index", [0, 255, 256, 317, SIZE - 1])
def test_one_changed_byte_is_named(full, tamper, index):
    with tamper() as run:
        number = number_at(run, index)
        run("UPDATE audit_entry SET entry = replace(entry, 'deliver', 'delivar') WHERE id = %s", number)
    assert verdict() == (index, Fault.LEAF_DIFFERS)


def test_a_changed_salt_is_named(full, tamper):
    with tamper() as run:
        run("UPDATE audit_entry SET salt = %s WHERE id = %s", os.urandom(32), number_at(run, 42))
    assert verdict() == (42, Fault.LEAF_DIFFERS)


def test_a_byte_moved_from_the_entry_to_its_salt_is_named(plain):
    number = number_at(plain, 42)
    entry, salt = plain("SELECT entry, salt FROM audit_entry WHERE id = %s", number)[0]
    moved = bytes(salt) + entry[:1].encode()
    plain("UPDATE audit_entry SET salt = %s, entry = %s WHERE id = %s", moved, entry[1:], number)
    assert verdict()[0] == 42


def test_an_entry_respelled_under_a_new_leaf_is_named(full, tamper):
    with tamper() as run:
        number = number_at(run, 42)
        entry, salt = run("SELECT entry, salt FROM audit_entry WHERE id = %s", number)[0]
        spelled = entry.replace('":', '": ')
        run("UPDATE audit_entry SET entry = %s WHERE id = %s", spelled, number)
        run('UPDATE audit_leaf SET leaf = %s WHERE "index" = 42', entry_leaf(bytes(salt), spelled.encode()))
    assert verdict() == (42, Fault.NOT_CANONICAL)


def forge(run, index: int) -> None:
    """Change an entry and its leaf so that the two agree."""
    number = number_at(run, index)
    entry, salt = run("SELECT entry, salt FROM audit_entry WHERE id = %s", number)[0]
    changed = entry.replace("deliver", "contact")
    Entry.from_bytes(changed.encode())
    run("UPDATE audit_entry SET entry = %s WHERE id = %s", changed, number)
    leaf = entry_leaf(bytes(salt), changed.encode())
    run('UPDATE audit_leaf SET leaf = %s WHERE "index" = %s', leaf, index)


def test_an_entry_forged_with_its_leaf_is_named_by_the_tiles(full, tamper):
    with tamper() as run:
        forge(run, 317)
    assert verdict() == (317, Fault.TILE_DIFFERS)


def test_forged_with_leaf_and_tiles_the_roots_still_say_from_where(full, tamper):
    with tamper() as run:
        forge(run, 317)
        forge(run, 555)
        leaves = [bytes(leaf) for (leaf,) in run('SELECT leaf FROM audit_leaf ORDER BY "index"')]
    shutil.rmtree(full.tiles / "tile")
    for path, content in {
        "0/000": leaves[:256],
        "0/001": leaves[256:512],
        "0/002.p/88": leaves[512:],
        "1/000.p/2": [fold(leaves[:256]), fold(leaves[256:512])],
    }.items():
        (full.tiles / "tile" / path).parent.mkdir(parents=True, exist_ok=True)
        (full.tiles / "tile" / path).write_bytes(b"".join(content))
    assert verdict() == (200, Fault.ROOT_DIFFERS)


def test_a_deleted_entry_is_named(full, tamper):
    with tamper() as run:
        run("DELETE FROM audit_entry WHERE id = %s", number_at(run, 300))
    assert verdict() == (300, Fault.ENTRY_MISSING)


def test_an_entry_deleted_with_its_leaf_leaves_a_gap(full, tamper):
    with tamper() as run:
        number = number_at(run, 300)
        run('DELETE FROM audit_leaf WHERE "index" = 300')
        run("DELETE FROM audit_party WHERE entry_id = %s", number)
        run("DELETE FROM audit_entry WHERE id = %s", number)
    assert verdict() == (300, Fault.INDEX_GAP)


def test_an_entry_deleted_and_the_rest_moved_up_is_named(full, tamper):
    with tamper() as run:
        number = number_at(run, 300)
        run('DELETE FROM audit_leaf WHERE "index" = 300')
        run("DELETE FROM audit_party WHERE entry_id = %s", number)
        run("DELETE FROM audit_entry WHERE id = %s", number)
        run('UPDATE audit_leaf SET "index" = -"index" WHERE "index" > 300')
        run('UPDATE audit_leaf SET "index" = -"index" - 1 WHERE "index" < 0')
    assert verdict() == (300, Fault.TILE_DIFFERS)


def test_a_log_cut_short_is_named(full, tamper):
    with tamper() as run:
        run('DELETE FROM audit_leaf WHERE "index" >= 550')
        run("DELETE FROM audit_party WHERE entry_id NOT IN (SELECT entry_id FROM audit_leaf)")
        run("DELETE FROM audit_entry WHERE id NOT IN (SELECT entry_id FROM audit_leaf)")
        run("DELETE FROM audit_checkpoint WHERE size > 550")
    assert verdict() == (550, Fault.TRUNCATED)


def copy_of(run, number: int) -> tuple[str, bytes]:
    entry, salt = run("SELECT entry, salt FROM audit_entry WHERE id = %s", number)[0]
    entry_id = Entry.from_bytes(entry.encode()).entry_id
    return entry.replace(entry_id, os.urandom(16).hex()), bytes(salt)


def test_an_entry_put_in_the_middle_is_named(full, tamper):
    """With everything after it moved down, leaves and all."""
    with tamper() as run:
        entry, salt = copy_of(run, number_at(run, 10))
        run("INSERT INTO audit_entry (id, entry, salt) VALUES (1000000, %s, %s)", entry, salt)
        run('UPDATE audit_leaf SET "index" = -"index" WHERE "index" >= 10')
        run('UPDATE audit_leaf SET "index" = -"index" + 1 WHERE "index" < 0')
        run(
            'INSERT INTO audit_leaf ("index", entry_id, leaf) VALUES (10, 1000000, %s)',
            entry_leaf(salt, entry.encode()),
        )
        parties = run("SELECT token FROM audit_party WHERE entry_id = %s", number_at(run, 11))
        for (token,) in parties:
            run("INSERT INTO audit_party (token, entry_id) VALUES (%s, 1000000)", token)
    assert verdict() == (10, Fault.TILE_DIFFERS)


def test_an_entry_slipped_in_before_old_rows_is_named_and_never_taken_in(full, tamper):
    with tamper() as run:
        entry, salt = copy_of(run, number_at(run, 100))
        first = run('SELECT min(id), min("transaction") FROM audit_entry')[0]
        run(
            'INSERT INTO audit_entry (id, entry, salt, "transaction") VALUES (%s, %s, %s, %s)',
            first[0] - 1,
            entry,
            salt,
            first[1],
        )
    assert full.integrate() is None
    assert verdict() == (0, Fault.ENTRY_INSERTED)


def test_two_swapped_entries_are_named_by_the_first(full, tamper):
    with tamper() as run:
        one, two = number_at(run, 50), number_at(run, 400)
        run("UPDATE audit_leaf SET entry_id = -1 WHERE entry_id = %s", one)
        run("UPDATE audit_leaf SET entry_id = %s WHERE entry_id = %s", one, two)
        run("UPDATE audit_leaf SET entry_id = %s WHERE entry_id = -1", two)
    assert verdict() == (50, Fault.LEAF_DIFFERS)


def test_two_entries_swapped_with_their_leaves_are_named_by_the_first(full, tamper):
    with tamper() as run:
        run('UPDATE audit_leaf SET "index" = -1 WHERE "index" = 50')
        run('UPDATE audit_leaf SET "index" = 50 WHERE "index" = 400')
        run('UPDATE audit_leaf SET "index" = 400 WHERE "index" = -1')
    assert verdict() == (50, Fault.TILE_DIFFERS)


@pytest.mark.parametrize(
    ("column", "value"),
    [("actor", "staff:S00018"), ("act", "access:part:printed"), ("purpose", ""), ("purpose", None)],
)
def test_a_query_column_that_no_longer_says_what_the_entry_says_is_named(plain, column, value):
    plain(f"UPDATE audit_entry SET {column} = %s WHERE id = %s", value, number_at(plain, 333))
    assert verdict() == (333, Fault.COLUMNS_DIFFER)


@pytest.mark.skipif(
    "os.environ.get('MIDAN_TEST_DB') == 'postgres'", reason="SQLite keeps its schema in a table"
)
def test_a_generated_column_altered_under_a_writable_schema_is_named(full, tamper):
    with tamper() as run:
        (sql,) = run("SELECT sql FROM sqlite_master WHERE name = 'audit_entry'")[0]
        plain = sql.replace(
            """ GENERATED ALWAYS AS (COALESCE(json_extract("entry", '$.actor'), '')) STORED""", ""
        )
        assert plain != sql
        version = run("PRAGMA schema_version")[0][0]
        for text, more in ((plain, 1), (sql, 2)):
            run("PRAGMA writable_schema = ON")
            run("UPDATE sqlite_master SET sql = %s WHERE name = 'audit_entry'", text)
            run(f"PRAGMA schema_version = {version + more}")
            run("PRAGMA writable_schema = OFF")
            if text == plain:
                run("UPDATE audit_entry SET actor = 'staff:S00018' WHERE id = %s", number_at(run, 77))
    assert verdict() == (77, Fault.COLUMNS_DIFFER)


@pytest.mark.parametrize("change", ["taken away", "added", "altered"])
def test_party_rows_that_differ_from_the_entry_are_named(full, tamper, change):
    with tamper() as run:
        number = number_at(run, 201)
        if change == "taken away":
            run("DELETE FROM audit_party WHERE entry_id = %s", number)
        elif change == "added":
            run("INSERT INTO audit_party (token, entry_id) VALUES (%s, %s)", bytes(16), number)
        else:
            token = run("SELECT token FROM audit_party WHERE entry_id = %s LIMIT 1", number)[0][0]
            run("UPDATE audit_party SET token = %s WHERE token = %s", bytes(16), bytes(token))
    assert verdict() == (201, Fault.PARTIES_DIFFER)


def full_size(run):
    return run("SELECT count(*) FROM audit_leaf")[0][0]


def test_a_party_row_of_no_entry_is_named(full, tamper):
    with tamper() as run:
        run("INSERT INTO audit_party (token, entry_id) VALUES (%s, 5000000)", bytes(16))
        # Its entry is gone: the log was cut at its end, or before the entry that stands there now.
        assert verdict() == (full_size(run), Fault.PARTIES_DIFFER)
        run("DELETE FROM audit_party WHERE entry_id = 5000000")
        run("INSERT INTO audit_party (token, entry_id) VALUES (%s, %s)", bytes(16), -5)
        assert verdict() == (0, Fault.PARTIES_DIFFER)
        run("DELETE FROM audit_party WHERE entry_id = -5")


def flip(path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("tile", "at", "index"), [("0/001", 32 * 44 + 5, 300), ("0/002.p/88", 0, 512), ("1/000.p/2", 40, 256)]
)
def test_a_changed_tile_is_named_by_the_first_index_it_misstates(full, tile, at, index):
    flip(full.tiles / "tile" / tile, at)
    assert verdict() == (index, Fault.TILE_DIFFERS)
    result = selectors.fsck()
    assert (result.ok, bool(result.bad)) == (False, True)


@pytest.mark.parametrize("tile", ["0/000", "0/002.p/88", "1/000.p/2"])
def test_a_missing_tile_is_named(full, tile):
    (full.tiles / "tile" / tile).unlink()
    assert verdict()[1] == Fault.TILE_MISSING
    assert selectors.fsck().reason == "tile_missing"


def test_a_short_tile_is_named(full):
    path = full.tiles / "tile/0/001"
    path.write_bytes(path.read_bytes()[:-1])
    assert verdict() == (511, Fault.TILE_DIFFERS)
    assert selectors.fsck().bad == "0/1"


def test_a_checkpoint_with_a_broken_signature_vouches_for_nothing(full, tamper):
    """What it alone covered is in doubt: everything from the older checkpoint on."""
    other = SigningKey.generate()
    head = Checkpoint(origin=full.verifier.name, size=SIZE, root=bytes.fromhex(selectors.checkpoint().root))
    signed = Signed(checkpoint=head, signatures=(sign_checkpoint(head, name=full.verifier.name, key=other),))
    with tamper() as run:
        run("UPDATE audit_checkpoint SET text = %s WHERE size = %s", signed.to_text(), SIZE)
    (full.tiles / "checkpoint").write_text(signed.to_text())
    assert verdict() == (500, Fault.CHECKPOINT_UNSIGNED)
    assert selectors.fsck().bad == "checkpoint"


def test_an_older_checkpoint_with_another_root_is_named(full, tamper):
    with tamper() as run:
        run("UPDATE audit_checkpoint SET root = %s WHERE size = 500", bytes(32))
    assert verdict() == (200, Fault.ROOT_DIFFERS)


def test_a_checkpoint_text_that_says_something_else_is_named(full, tamper):
    with tamper() as run:
        text = run("SELECT text FROM audit_checkpoint WHERE size = 200")[0][0]
        run("UPDATE audit_checkpoint SET text = %s WHERE size = 500", text)
    assert verdict() == (200, Fault.CHECKPOINT_DIFFERS)


def test_a_changed_published_checkpoint_is_noticed(full):
    (full.tiles / "checkpoint").write_text("nothing\n")
    assert verdict() == (SIZE, Fault.CHECKPOINT_UNSIGNED)


def test_a_published_checkpoint_that_the_database_lost_is_noticed(full, tamper):
    with tamper() as run:
        run("DELETE FROM audit_checkpoint WHERE size = %s", SIZE)
    assert verdict()[1] == Fault.CHECKPOINT_MISSING


@pytest.mark.parametrize("placed", [False, True], ids=["without a leaf", "with a leaf nobody signed"])
def test_a_log_nobody_signs_for_a_minute_does_not_hold(full, tamper, placed):
    full.write(1)
    if placed:
        _assign()
    written = selectors.first_unsigned().time
    assert services.check(actor=CLERK, now=written + timedelta(seconds=60)).ok
    result = services.check(actor=CLERK, now=written + timedelta(seconds=61), patience=0.3)
    assert (result.ok, result.first_bad, result.reason) == (False, SIZE, "sequencer_behind")


def test_the_result_is_kept_and_logged(full, tamper):
    good = services.check(actor=CLERK, now=NOW)
    assert good.ok
    kept = selectors.last_verification()
    assert (kept.ok, kept.size, kept.root, kept.at) == (True, SIZE, good.root, NOW)
    with tamper() as run:
        run("UPDATE audit_entry SET salt = %s WHERE id = %s", bytes(32), number_at(run, 9))
    services.check(actor=CLERK, now=NOW)
    kept = selectors.last_verification()
    assert (kept.ok, kept.first_bad, kept.reason) == (False, 9, Fault.LEAF_DIFFERS)
    page = selectors.entries(selectors.EntryFilter(act="audit:log:verified"))
    assert [view.entry.outcome for view in page.items] == ["failed", "done"]
