"""An empty place becomes the place of a set, with the keys of today: what was destroyed since stays destroyed.

The same database is emptied and restored into, so that the story runs on both; the home is another one each time.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from midan.audit import services as log
from midan.audit.selectors import verify
from midan.catalog.settings import current
from midan.config.start import refuse_unfinished
from midan.core.actor import Actor
from midan.core.blind import Kind
from midan.core.parts import PartCode
from midan.core.passphrase import WrongPassphrase
from midan.core.warrant import Cut
from midan.vault import keyd, selectors, services
from midan.vault.backup import key, opening, place, rebuilding, restoring
from midan.vault.backup import selectors as register
from midan.vault.backup import services as backups
from midan.vault.backup.errors import (
    BackupDamaged,
    BackupKeyMissing,
    BackupKeyWrong,
    BackupPlaceRefused,
    KeysOutdated,
    NewerRelease,
    OtherCompany,
    PlaceInUse,
    RestoreUnfinished,
)
from midan.vault.errors import VaultLocked
from midan.vault.keyd import inspection
from midan.vault.keyd.stored import sealed_parts
from midan.vault.keyd.wrapping import Generation
from midan.vault.models import Digest, Epoch, Identity, Part, Record
from tests.vault.orders import DAY, find, order, put
from tests.vault.runs import approved, warrant
from tests.vault.test_backup import DAMAGES, damage

ACTOR = Actor.system("test")


@dataclass
class Story:
    """A company with orders, its sets, and the empty places it restores into."""

    home: Path
    now: datetime
    use: Callable[[Path], None]
    sets: Path
    skipped: list[int] = field(default_factory=list)

    def backup(self) -> Path:
        return backups.make(actor=ACTOR, to=self.sets, now=self.now, life_days=35).folder

    def leave(self, name: str = "new", *, without: tuple[str, ...] = ()) -> Path:
        """Lose database and home; go to an empty place that has the keys as they are now."""
        home = self.home.parent / name
        shutil.copytree(current().keys, home / "keys", ignore=shutil.ignore_patterns(*without))
        empty()
        self.use(home)
        return home

    def restore(self, source: Path | None = None, **named) -> restoring.Restored:
        return restoring.restore(
            actor=ACTOR, source=source or self.sets, now=self.now, skip_numbers=self.skipped.append, **named
        )


def empty() -> None:
    call_command("flush", interactive=False, verbosity=0)


def table(name: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{name}"')
        return sorted(
            tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
            for row in cursor.fetchall()
        )


@pytest.fixture
def story(vault, now, tmp_path, monkeypatch) -> Story:
    def use(home: Path) -> None:
        for name in ("tiles", "media"):
            (home / name).mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv("MIDAN_HOME", str(home))

    put([order(seq) for seq in range(1, 31)])
    return Story(home=vault, now=now, use=use, sets=tmp_path / "sets")


def test_a_place_restored_is_the_place_that_was(story):
    tables = ("vault_part", "vault_record", "vault_digest", "vault_state", "vault_frontier", "vault_secret")
    folder = story.backup()
    before = {name: table(name) for name in tables}
    story.leave()
    done = story.restore()
    assert {name: table(name) for name in tables} == before
    assert (done.set, done.destroyed, done.parts_destroyed, done.parts_damaged) == (
        opening.open_set(folder, key.read()).manifest.set, 0, 0, 0,
    )  # fmt: skip
    assert done.digests == len(before["vault_digest"])
    assert selectors.masked([1])[1].recipient.phone == "*******5678"
    assert {hit.seq for hit in find(Kind.PHONE, "17000001234")} == set(range(1, 31))
    refuse_unfinished()


def test_a_repeated_order_is_known_after_a_restore_by_its_reference_without_its_content(story):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO collection_reference (reference, content, seq) VALUES (%s, %s, 1)",
            [b"r" * 16, b"c" * 16],
        )
    story.backup()
    story.leave()
    story.restore()
    with connection.cursor() as cursor:
        cursor.execute("SELECT reference, content, seq FROM collection_reference")
        assert [(bytes(row[0]), bytes(row[1]), row[2]) for row in cursor.fetchall()] == [(b"r" * 16, b"", 1)]


def test_records_handed_out_since_burn_and_their_numbers_are_skipped(story):
    story.backup()
    later = put([order(seq) for seq in range(31, 41)])
    story.leave()
    done = story.restore()
    (row,) = Epoch.objects.all()
    assert (row.next_record, row.mark) == (65_536, 65_536)
    assert done.burnt == 65_536 - 30
    assert story.skipped == [done.burnt]
    new = put([order(seq) for seq in range(31, 33)])
    assert min(one.record_no for one in new) >= 65_536 > max(one.record_no for one in later)


def test_a_day_opened_since_is_known_and_no_number_of_an_epoch_is_used_again(story):
    story.backup()
    put([order(50)], day=DAY + timedelta(days=1))
    story.leave()
    story.restore()
    assert [row.number for row in Epoch.objects.order_by("number")] == [1, 2]
    assert put([order(60)], day=DAY + timedelta(days=2))[0].epoch == 3
    # The day that was lost goes on in its own epoch, above its mark.
    again = put([order(61)], day=DAY + timedelta(days=1))[0]
    assert (again.epoch, again.record_no) == (2, 65_536)


def test_what_was_punctured_since_stays_destroyed(story):
    """One person of one order, one whole order, one whole day; and a ratchet, which makes the old set's keys useless."""
    put([order(seq) for seq in range(101, 106)], day=DAY - timedelta(days=9))
    story.backup()
    cuts = (Cut(3, PartCode.SENDER), Cut(7, None))
    services.puncture(actor=ACTOR, warrant=warrant(story.now, cuts=cuts), cuts=cuts, now=story.now)
    services.destroy(actor=ACTOR, warrant=approved(story.now, epochs=(2,)), epochs=(2,), now=story.now)
    services.rotate(actor=ACTOR, now=story.now)
    story.leave()
    done = story.restore()
    assert done.destroyed == 6
    assert done.parts_destroyed == 1 + 3 + 15
    shown = selectors.masked([3, 7, 101, 4])
    assert shown.keys() == {3, 4}
    assert shown[3].sender.name == ""
    assert shown[3].erased == {PartCode.SENDER}
    assert shown[4].sender.name
    assert not Record.objects.filter(seq__in=[7, *range(101, 106)]).exists()
    assert not Digest.objects.filter(seq__in=[7, *range(101, 106)]).exists()
    assert not Digest.objects.filter(seq=3, part=PartCode.SENDER).exists()
    assert {row.number: row.state for row in Epoch.objects.all()} == {1: "live", 2: "destroyed"}
    hits = {hit.seq for hit in find(Kind.PHONE, "17000001234")}
    assert hits == set(range(1, 31)) - {3, 7}
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry FROM audit_entry WHERE act = 'vault:backup:restored'")
        entry = json.loads(cursor.fetchone()[0])
    assert (entry["details"]["destroyed"], entry["details"]["parts"]) == (6, 19)


def test_an_old_set_and_an_old_key_pack_together_are_refused(story):
    """The pack of before the puncture, put back beside the new generation, or instead of it."""
    story.backup()
    old = story.home.parent / "old-keys"
    shutil.copytree(current().keys, old)
    cuts = (Cut(7, None),)
    services.puncture(actor=ACTOR, warrant=warrant(story.now, cuts=cuts), cuts=cuts, now=story.now)
    services.rotate(actor=ACTOR, now=story.now)
    newer = story.backup()
    home = story.leave()
    # Everything of the keeper is of the past: the newest set knows a newer pack.
    shutil.rmtree(home / "keys" / "packs")
    (home / "keys" / "keeper-file.2.key").unlink()
    shutil.copytree(old / "packs", home / "keys" / "packs")
    shutil.copy(old / "keeper-file.key", home / "keys" / "keeper-file.key")
    with pytest.raises(KeysOutdated):
        story.restore(newer)
    assert not Identity.objects.exists()


def test_a_stale_keeper_beside_a_present_one_is_not_believed(story, monkeypatch, tmp_path):
    stale = tmp_path / "stale"
    shutil.copytree(current().keys, stale)
    story.backup()
    cuts = (Cut(7, None),)
    services.puncture(actor=ACTOR, warrant=warrant(story.now, cuts=cuts), cuts=cuts, now=story.now)
    story.leave()
    monkeypatch.setenv("MIDAN_KEEPERS", f"file:{stale},file")
    assert story.restore().destroyed == 1


def test_a_newer_pack_whose_generation_nobody_holds_is_not_passed_over(story):
    story.backup()
    shutil.copy(current().keys / "keeper-file.key", story.home.parent / "kept.key")
    shutil.copy(current().keys / "packs" / "pack-1.mdp", story.home.parent / "kept.mdp")
    services.rotate(actor=ACTOR, now=story.now)
    home = story.leave(without=("keeper-file.2.key",))
    shutil.copy(story.home.parent / "kept.key", home / "keys" / "keeper-file.key")
    shutil.copy(story.home.parent / "kept.mdp", home / "keys" / "packs" / "pack-1.mdp")
    with pytest.raises((KeysOutdated, VaultLocked)):
        story.restore()
    assert not Identity.objects.exists()


def test_a_stale_keeper_is_not_believed_where_the_present_one_lost_its_packs(story, monkeypatch, tmp_path):
    folder = story.backup()
    stale = tmp_path / "stale"
    shutil.copytree(current().keys, stale)
    services.rotate(actor=ACTOR, now=story.now)
    home = story.leave()
    shutil.rmtree(home / "keys" / "packs")
    monkeypatch.setenv("MIDAN_KEEPERS", f"file:{stale},file")
    with pytest.raises(KeysOutdated):
        story.restore(folder)
    assert not Identity.objects.exists()


def test_a_place_lost_in_the_middle_of_a_ratchet_is_restored_with_the_generation_that_stands(story):
    story.backup()
    next(iter(keyd.keepers())).create(Generation(2, os.urandom(32)))
    story.leave()
    story.restore()
    assert selectors.masked([1])[1].sender.phone == "*******1234"
    assert services.rotate(actor=ACTOR, now=story.now).generation == 3
    assert put([order(90)])


def test_the_log_goes_on_from_the_sets_checkpoint(story):
    log.integrate(now=story.now)
    story.backup()
    head = log.integrate(now=story.now)  # the entry of the backup itself: lost with the place
    assert head is not None
    story.leave()
    done = story.restore()
    found = verify()
    assert found.ok, found
    assert (found.pending, found.size) == (0, done.log + 1)  # the check's own entry
    put([order(40)], day=DAY + timedelta(days=1))
    log.integrate(now=story.now)
    assert verify().ok


def test_entries_without_a_place_get_theirs_in_their_order(story, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(backups.log, "integrate", lambda **_: None)
        folder = story.backup()
    pending = opening.open_set(folder, key.read()).manifest.log.pending
    assert len(pending) >= 2
    story.leave()
    story.restore()
    with connection.cursor() as cursor:
        cursor.execute('SELECT entry_id FROM audit_leaf ORDER BY "index"')
        assert tuple(number for (number,) in cursor.fetchall())[: len(pending)] == pending
    assert verify().ok


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_set_writes_nothing(story, how):
    folder, other = story.backup(), backups.make(
        actor=ACTOR, to=story.sets / "other", now=story.now, life_days=1
    ).folder  # fmt: skip
    damage(folder, how, other)
    home = story.leave()
    with pytest.raises(BackupDamaged):
        story.restore(folder)
    assert not Identity.objects.exists()
    assert not Part.objects.exists()
    assert list((home / "tiles").iterdir()) == []
    assert register.unfinished() is None


def test_a_live_place_is_not_restored_into(story):
    story.backup()
    before = table("vault_part")
    with pytest.raises(PlaceInUse) as caught:
        story.restore()
    assert caught.value.details == {"found": "vault"}
    assert caught.value.exit_code == 4
    assert table("vault_part") == before


@pytest.mark.parametrize("what", ["served", "log", "rows"])
def test_a_place_in_use_is_not_restored_into(story, monkeypatch, what):
    story.backup()
    home = story.leave()
    match what:
        case "served":
            monkeypatch.setattr(place, "answers", lambda _path: True)
        case "log":
            (home / "tiles" / "checkpoint").write_text("a log of somebody")
        case "rows":
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO people_branch (code, name, kind, district_code, city)"
                    " VALUES ('HZ001', '一', 'own', '330102', '杭州')"
                )
    with pytest.raises(PlaceInUse) as caught:
        story.restore()
    assert caught.value.details == {"found": what}
    assert not Identity.objects.exists()


def test_another_companys_set_is_refused(story, monkeypatch):
    """Its backup key does not open it; where somebody brought that too, the key pack is not its own."""
    folder = story.backup()
    home = story.leave(without=("backup.key",))
    with pytest.raises(BackupKeyMissing):
        story.restore(folder)
    key.create(os.urandom(32))
    with pytest.raises(BackupKeyWrong):
        story.restore(folder)
    (home / "keys" / "backup.key").unlink()
    shutil.copy(story.home / "keys" / "backup.key", home / "keys" / "backup.key")
    shutil.rmtree(home / "keys" / "packs")
    services.initialise(actor=ACTOR, now=story.now)
    put([order(1)])
    assert Identity.objects.get().pack_counter >= 1
    empty()
    with pytest.raises((OtherCompany, KeysOutdated)):
        story.restore(folder)
    assert not Identity.objects.exists()


def test_without_keeper_or_passphrase_nothing_is_written(story):
    folder = story.backup()
    home = story.leave(without=("keeper-file.key",))
    with pytest.raises(VaultLocked):
        story.restore(folder)
    shutil.copy(story.home / "keys" / "keeper-file.key", home / "keys" / "keeper-file.key")
    (home / "keys" / "passphrase").write_bytes(b"another one altogether")
    with pytest.raises(WrongPassphrase):
        story.restore(folder)
    assert not Identity.objects.exists()


def test_the_escrow_copy_restores_where_the_key_file_is_lost(story, tmp_path):
    folder = story.backup()
    backups.escrow(actor=ACTOR, file=tmp_path / "safe.txt", now=story.now)
    whole = key.read()
    story.leave(without=("backup.key",))
    story.restore(folder, escrow=tmp_path / "safe.txt")
    assert key.read() == whole
    assert story.backup().exists()


@pytest.mark.parametrize("point", ["go_forward", "install", "rebuild", "take_up", "check", "integrate"])
def test_a_restore_that_breaks_off_goes_on_and_nothing_else_runs_meanwhile(story, monkeypatch, point):
    put([order(seq) for seq in range(101, 106)], day=DAY - timedelta(days=9))
    folder = story.backup()
    other = story.backup()
    cuts = (Cut(7, None),)
    services.puncture(actor=ACTOR, warrant=warrant(story.now, cuts=cuts), cuts=cuts, now=story.now)
    story.leave()

    class Killed(BaseException):
        pass

    def die(*_given, **_named):
        raise Killed

    owner = {
        "go_forward": restoring.loading, "install": restoring.present, "rebuild": rebuilding,
    }.get(point, restoring.log)  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr(owner, point, die)
        with pytest.raises(Killed):
            story.restore(folder)
    with pytest.raises(RestoreUnfinished):
        refuse_unfinished()
    with pytest.raises(RestoreUnfinished):
        story.restore(other)
    done = story.restore(folder)
    assert done.sample > 0
    assert not Record.objects.filter(seq=7).exists()
    assert Record.objects.count() == 34
    assert verify().ok
    refuse_unfinished()
    with pytest.raises(PlaceInUse):
        story.restore(folder)


def test_a_restore_killed_while_rows_are_loaded_leaves_an_empty_place(story, monkeypatch):
    folder = story.backup()
    story.leave()

    class Killed(BaseException):
        pass

    def die(*_given, **_named):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(restoring.loading, "count_on", die)
        with pytest.raises(Killed):
            story.restore(folder)
    assert not Identity.objects.exists()
    assert not Part.objects.exists()
    assert story.restore(folder).sample > 0


def test_a_part_that_was_damaged_before_the_backup_is_counted_and_stays(story):
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM vault_part WHERE epoch = 1 AND leaf = 20")
        sealed = bytearray(cursor.fetchone()[0])
        sealed[-1] ^= 1
        cursor.execute("UPDATE vault_part SET sealed = %s WHERE epoch = 1 AND leaf = 20", [bytes(sealed)])
    story.backup()
    story.leave()
    with pytest.MonkeyPatch.context() as patch:
        # The sample would find it too; here it is the counting that is looked at.
        patch.setattr(inspection, "sample", lambda count: sealed_parts([1]))
        done = story.restore()
    assert (done.parts_damaged, done.destroyed) == (1, 0)
    assert Part.objects.filter(epoch=1, leaf=20).exists()
    assert Digest.objects.filter(seq=6, part=1).count() == 0


def test_a_set_of_a_newer_release_is_refused(story, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('vault', '0999_future', %s)",
            [story.now],
        )
    try:
        folder = story.backup()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '0999_future'")
    story.leave()
    with pytest.raises(NewerRelease):
        story.restore(folder)
    assert not Identity.objects.exists()


def test_numbers_of_rows_go_on_after_the_restored_ones(story):
    story.backup()
    story.leave()
    story.restore()
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM audit_entry")
        highest = cursor.fetchone()[0]
    put([order(70)], day=date(2026, 12, 24))
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM audit_entry")
        assert cursor.fetchone()[0] == highest + 1


def test_the_register_knows_the_set_it_came_from(story):
    folder = story.backup()
    story.leave()
    done = story.restore()
    assert [(view.set_id, view.path) for view in register.sets()] == [(done.set, folder)]


def test_nothing_is_opened_by_digests_without_the_entry_of_a_restore(story):
    from midan.audit.services import commit_read
    from midan.vault.errors import GrantRefused

    parts = sealed_parts([1])
    entry = commit_read(actor=ACTOR, act="test:entry:other", object="test:1", outcome="allowed")
    for entry_id in (entry, "0" * 32):
        with pytest.raises(GrantRefused):
            keyd.local().digests_of(parts, entry_id=entry_id)


def test_a_folder_without_a_set_says_so(story, tmp_path):
    story.leave()
    for where in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(BackupPlaceRefused):
            story.restore(where)
