"""The sequencer gives every committed entry one place, for ever, whatever happens to it on the way."""

from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from midan.audit import keys, models, selectors, services
from midan.audit.errors import LogDamaged, LogKeyExists, LogNotInitialised
from midan.audit.services import sequence
from midan.audit.tiles import TileFolder
from midan.core import merkle
from midan.core.entry import Entry, entry_leaf, rfc3339
from midan.core.merkle import open_checkpoint, parse_checkpoint
from midan.core.passphrase import WrongPassphrase
from tests.audit.conftest import NOW


def rows():
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT l."index", l.leaf, e.entry, e.salt FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id'
            ' ORDER BY l."index"'
        )
        return cursor.fetchall()


def recomputed_root() -> bytes:
    return merkle.fold([entry_leaf(bytes(salt), entry.encode()) for _, _, entry, salt in rows()])


def test_nothing_to_do_signs_nothing(log):
    assert log.integrate() is None
    assert selectors.checkpoint() is None


def test_an_entry_whose_transaction_ended_after_a_later_one_was_placed_still_waits(log):
    assert selectors.oldest_pending_age(NOW) is None
    for transaction, minutes in ((2, 5), (1, 3)):
        entry = Entry(
            entry_id=f"{transaction:032x}",
            time=rfc3339(NOW - timedelta(minutes=minutes)),
            actor="staff:S00017",
            act="access:part:revealed",
            object="waybill:MD",
            outcome="done",
        )
        row = models.Entry.objects.create(
            entry=entry.to_bytes().decode(), salt=bytes(32), transaction=transaction
        )
    models.Leaf.objects.create(index=0, entry=row, leaf=bytes(32))
    assert selectors.oldest_pending_age(NOW) == timedelta(minutes=5)
    models.Leaf.objects.create(index=1, entry=models.Entry.objects.get(transaction=2), leaf=bytes(32))
    assert selectors.oldest_pending_age(NOW) is None


def test_an_entry_is_placed_and_the_checkpoint_pins_it(log):
    (entry_id,) = log.write()
    head = log.integrate()
    assert selectors.entry(entry_id).index == 0
    assert (head.size, head.root) == (1, recomputed_root())
    kept = selectors.checkpoint()
    assert open_checkpoint(kept.text, trusted=[log.verifier], origin=log.verifier.name) == head
    assert (log.tiles / "checkpoint").read_text() == kept.text


def test_integrating_again_changes_nothing(log):
    log.write(3)
    log.integrate()
    before = sorted(path.read_bytes() for path in log.tiles.rglob("*") if path.is_file())
    assert log.integrate() is None
    assert sorted(path.read_bytes() for path in log.tiles.rglob("*") if path.is_file()) == before


@settings(max_examples=6)
@given(st.lists(st.integers(1, 300), min_size=1, max_size=4))
def test_however_entries_arrive_tiles_root_and_older_roots_agree(log, sizes):
    earlier = selectors.checkpoint()
    for size in sizes:
        log.write(size)
        head = log.integrate()
        assert head.root == recomputed_root()
        folder = TileFolder(log.tiles)
        if earlier:
            proof = merkle.consistency_proof(earlier.size, head.size, folder.reader(head.size))
            old = parse_checkpoint(earlier.text).checkpoint
            merkle.verify_consistency(
                merkle.Head(old.size, old.root), merkle.Head(head.size, head.root), proof=proof
            )
        earlier = selectors.checkpoint()
        assert selectors.fsck().ok
    assert [index for index, *_ in rows()] == list(range(head.size))
    assert selectors.verify().ok


def test_full_tiles_replace_partial_ones(log):
    log.write(200)
    log.integrate()
    assert (log.tiles / "tile/0/000.p/200").exists()
    log.write(100)
    log.integrate()
    assert (log.tiles / "tile/0/000").stat().st_size == 256 * 32
    assert not (log.tiles / "tile/0/000.p").exists()
    assert (log.tiles / "tile/0/001.p/44").exists()


class Killed(BaseException):
    """Stands for SIGKILL at one point."""


@pytest.mark.parametrize("point", ["write_tiles", "sign_checkpoint", "_keep", "publish", "sweep"])
def test_a_crash_at_any_point_leaves_only_work_for_the_next_run(log, monkeypatch, point):
    log.write(300)
    log.integrate()
    log.write(300)

    def die(*_given, **_named):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(TileFolder if point in {"publish", "sweep"} else sequence, point, die)
        with pytest.raises(Killed):
            log.integrate()
    assert selectors.verify().ok
    assert selectors.fsck().ok
    log.write(5)
    log.integrate()
    assert selectors.checkpoint().size == 605
    result = selectors.verify()
    assert (result.ok, result.size, result.root) == (True, 605, recomputed_root().hex())
    assert selectors.fsck().ok


def test_a_tile_half_written_when_the_power_went_is_not_seen(log, monkeypatch):
    log.write(300)
    real = sequence.TileFolder.put
    done = []

    def put_two(self, tile, content):
        if len(done) == 1:
            (self.folder / "tile/0/.001.p.part").write_bytes(content[:7])
            raise Killed
        done.append(tile)
        real(self, tile, content)

    with monkeypatch.context() as patch:
        patch.setattr(sequence.TileFolder, "put", put_two)
        with pytest.raises(Killed):
            log.integrate()
    assert selectors.verify().ok
    log.integrate()
    assert selectors.fsck().ok
    assert selectors.verify().ok


def test_a_rolled_back_database_is_never_signed_anew(log, tamper):
    log.write(3)
    log.integrate()
    log.write(3)
    log.integrate()
    with tamper() as run:
        run('DELETE FROM audit_leaf WHERE "index" >= 3')
        run("DELETE FROM audit_checkpoint WHERE size > 3")
    with pytest.raises(LogDamaged):
        log.integrate()
    assert selectors.checkpoint().size == 3


def test_a_changed_tile_is_never_built_upon(log):
    log.write(300)
    log.integrate()
    tile = log.tiles / "tile/1/000.p/1"
    tile.write_bytes(bytes(32))
    log.write(1)
    with pytest.raises(LogDamaged):
        log.integrate()
    assert selectors.checkpoint().size == 300


def test_without_a_key_nothing_is_placed(midan_home, transactional_db):
    with pytest.raises(LogNotInitialised):
        services.integrate(now=None)
    assert rows() == []


def test_a_wrong_passphrase_places_nothing(log):
    log.write()
    (log.home / "keys" / "passphrase").write_bytes(b"another one")
    with pytest.raises(WrongPassphrase):
        log.integrate()
    assert rows() == []


def test_a_second_key_is_refused(log):
    with pytest.raises(LogKeyExists):
        services.initialise(passphrase=b"anything")


def test_the_key_file_is_private_and_the_public_one_says_who_signs(log):
    assert (log.home / "keys" / "log.key").stat().st_mode & 0o777 == 0o600
    assert keys.read_verifier((log.home / "keys" / "log.pub").read_text()) == log.verifier


def test_a_damaged_public_key_file_is_refused(log):
    public = log.home / "keys" / "log.pub"
    text = public.read_text()
    for damaged in ("", text.replace("midan.log/", "midan.log/0"), text[:-20]):
        public.write_text(damaged)
        with pytest.raises(LogNotInitialised):
            keys.verifier()


def test_the_published_checkpoint_is_put_back_when_it_is_missing(log):
    log.write()
    log.integrate()
    (log.tiles / "checkpoint").unlink()
    assert log.integrate() is None
    assert parse_checkpoint((log.tiles / "checkpoint").read_text()).checkpoint.size == 1
