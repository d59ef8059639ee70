"""Full set, increments, re-seal journal: together they are one moment, and nothing that is not theirs gets in."""

import fcntl
import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from django.db import connection, transaction

from midan.core.blind import Kind
from midan.core.parts import PartCode
from midan.core.warrant import Cut
from midan.vault import selectors, services
from midan.vault.backup import jobs, journal, key, manifest, opening
from midan.vault.backup import selectors as register
from midan.vault.backup import services as backups
from midan.vault.backup.errors import BackupChainBroken, BackupDamaged, BackupPlaceRefused
from midan.vault.errors import OldKeysNeeded
from midan.vault.keyd import waiting
from midan.vault.models import Identity, Record, Reseal
from midan.vault.rules import seal_orders
from tests.vault.orders import DAY, find, order, put
from tests.vault.runs import approved, warrant
from tests.vault.test_restore import ACTOR, Story, story, table  # noqa: F401  the fixture

VAULT = ("vault_part", "vault_record", "vault_digest", "vault_state", "vault_frontier", "vault_secret")
OTHER_DAY = DAY - timedelta(days=9)


def increment(story: Story, hours: int = 1):  # noqa: F811
    story.now += timedelta(hours=hours)
    made = backups.make(actor=ACTOR, to=story.sets, now=story.now, life_days=35, full=False)
    backups.verify(actor=ACTOR, set_id=made.set, now=story.now)
    return made


def full(story: Story):  # noqa: F811
    made = backups.make(actor=ACTOR, to=story.sets, now=story.now, life_days=35)
    backups.verify(actor=ACTOR, set_id=made.set, now=story.now)
    return made


def carry(story: Story, *seqs: int) -> None:  # noqa: F811
    """Carry records of the second epoch on and destroy it, as a run does."""
    paper = approved(story.now, epochs=(2,))
    services.reseal(actor=ACTOR, warrant=paper, run="D1", causes=dict.fromkeys(seqs, "held"), now=story.now)
    journal.save(actor=ACTOR, now=story.now)
    services.destroy(actor=ACTOR, warrant=paper, epochs=(2,), now=story.now)
    services.rotate(actor=ACTOR, now=story.now)


def moment() -> dict[str, list[tuple[object, ...]]]:
    return {name: table(name) for name in VAULT}


def test_a_full_set_and_increments_are_the_place_that_was(story):  # noqa: F811
    first = full(story)
    put([order(seq) for seq in range(31, 41)])
    second = increment(story)
    put([order(seq) for seq in range(41, 43)], day=DAY + timedelta(days=1))
    cuts = (Cut(3, PartCode.SENDER), Cut(7, None))
    services.puncture(actor=ACTOR, warrant=warrant(story.now, cuts=cuts), cuts=cuts, now=story.now)
    services.sweep(actor=ACTOR, cuts=cuts, now=story.now)
    third = increment(story)
    assert [(one.kind, one.sets) for one in (first, second, third)] == [
        ("full", 1), ("increment", 2), ("increment", 3),
    ]  # fmt: skip
    before = moment()
    story.leave()
    done = story.restore()
    assert (done.set, done.sets, done.journals, done.destroyed) == (third.set, 3, 0, 0)
    assert moment() == before
    assert {hit.seq for hit in find(Kind.PHONE, "17000001234")} == set(range(1, 43)) - {3, 7}


def test_every_set_of_a_chain_restores_as_its_own_moment(story):  # noqa: F811
    full(story)
    put([order(seq) for seq in range(31, 41)])
    middle, then = increment(story), table("vault_record")
    put([order(seq) for seq in range(41, 51)])
    increment(story)
    story.leave()
    assert story.restore(middle.folder).sets == 2
    assert table("vault_record") == then


def test_an_increment_holds_only_what_changed(story):  # noqa: F811
    put([order(seq) for seq in range(101, 3_101)], day=OTHER_DAY)
    first = full(story)
    put([order(31)])
    second = increment(story)
    opened = opening.open_set(second.folder, key.read())
    parts = next(one for one in opened.manifest.tables if one.name == "vault_part")
    assert parts.rows == 3 * 3_031
    assert parts.held == 3 * 31  # today's short segment again, and not one row of the other day
    assert {segment.set for segment in parts.segments} == {"", first.set}
    assert second.bytes < first.bytes / 3


def test_a_row_written_late_below_the_highest_key_is_not_missed(story):  # noqa: F811
    """A worker reserves, another reserves above it and stores first; the backup comes in between."""
    late = services.reserve(retention="standard", day=DAY, due=DAY.replace(year=2027), records=1)
    put([order(32)])
    full(story)
    with transaction.atomic():
        services.store(sealed=seal_orders(late, 0, [order(31)], os.urandom))
    increment(story)
    before = moment()
    story.leave()
    story.restore()
    assert moment() == before


def test_full_when_asked_when_the_week_is_over_and_when_the_chain_does_not_hold(story, monkeypatch):  # noqa: F811
    monkeypatch.setenv("MIDAN_BACKUP_FULL_DAYS", "3")
    assert increment(story).kind == "full"
    assert increment(story).kind == "increment"
    assert full(story).kind == "full"
    first = increment(story)
    assert first.kind == "increment"
    assert increment(story, hours=72).kind == "full"
    last = increment(story)
    (last.folder / "manifest.mbk").write_bytes(b"not a manifest")
    assert increment(story).kind == "full"
    elsewhere = backups.make(
        actor=ACTOR, to=story.sets / "other", now=story.now, life_days=1, full=False
    )  # fmt: skip
    assert elsewhere.kind == "full"


def broken(story: Story, source: Path | None = None) -> str:  # noqa: F811
    home = story.leave()
    with pytest.raises(BackupChainBroken) as caught:
        story.restore(source)
    assert not Identity.objects.exists()
    assert list((home / "tiles").iterdir()) == []
    assert caught.value.exit_code == 4
    return str(caught.value.details["what"])


def test_a_chain_with_a_set_missing_is_refused(story):  # noqa: F811
    full(story)
    middle = increment(story)
    increment(story)
    shutil.rmtree(middle.folder)
    assert broken(story) == "missing"


def test_a_set_in_the_place_of_another_is_refused(story):  # noqa: F811
    first = full(story)
    increment(story)
    other = backups.make(actor=ACTOR, to=story.sets / "other", now=story.now, life_days=1)
    shutil.rmtree(first.folder)
    shutil.copytree(other.folder, first.folder)
    assert broken(story) == "other"


def test_an_increment_that_names_its_sets_out_of_order_is_refused(story, monkeypatch):  # noqa: F811
    full(story)
    increment(story)
    to_bytes = manifest.Manifest.to_bytes

    def backwards(self):
        return to_bytes(msgspec.structs.replace(self, chain=self.chain[::-1]))

    with monkeypatch.context() as patch:
        patch.setattr(manifest.Manifest, "to_bytes", backwards)
        made = backups.make(
            actor=ACTOR, to=story.sets, now=story.now + timedelta(hours=1), life_days=1, full=False
        )
    with pytest.raises(BackupChainBroken) as caught:
        opening.open_set(made.folder, key.read())
    assert caught.value.details["what"] == "order"


def test_a_flipped_byte_anywhere_in_the_chain_writes_nothing(story):  # noqa: F811
    first = full(story)
    put([order(31)])
    last = increment(story)
    story.leave()
    for folder, name in (
        (first.folder, "vault_part"),
        (last.folder, "vault_part"),
        (first.folder, "people_staff"),
    ):
        piece = folder / f"{name}.mbk"
        data = bytearray(piece.read_bytes())
        data[-5] ^= 1
        piece.write_bytes(data)
        with pytest.raises(BackupDamaged) as caught:
            story.restore()
        assert caught.value.details["piece"] == name
        assert not Identity.objects.exists()
        data[-5] ^= 1
        piece.write_bytes(data)
    assert story.restore().sets == 2


def test_what_was_carried_out_of_a_destroyed_day_comes_back_from_the_journal(story):  # noqa: F811
    """The last set knows only the place whose key is gone; without the journal a held record would be lost."""
    put([order(seq) for seq in range(101, 111)], day=OTHER_DAY)
    folder = full(story).folder
    carry(story, 103, 107)
    (view,) = register.journals()
    assert view.verified_at == story.now
    story.leave()
    done = story.restore(folder)
    assert (done.journals, done.moved, done.destroyed) == (1, 2, 8)
    shown = selectors.masked([101, 103, 107])
    assert shown.keys() == {103, 107}
    assert shown[103].recipient.name
    assert {hit.seq for hit in find(Kind.PHONE, "17000001234")} == {*range(1, 31), 103, 107}
    assert Reseal.objects.count() == 2
    waiting.check_saved()  # the register of the restored place knows its journals


def test_without_its_journal_the_held_record_is_gone_which_is_why_it_is_asked_for(story):  # noqa: F811
    put([order(seq) for seq in range(101, 104)], day=OTHER_DAY)
    folder = full(story).folder
    carry(story, 103)
    shutil.rmtree(register.journals()[0].path)
    story.leave()
    assert story.restore(folder).destroyed == 3
    assert selectors.masked([103]) == {}


def test_an_increment_after_the_journal_needs_it_no_more(story):  # noqa: F811
    put([order(seq) for seq in range(101, 104)], day=OTHER_DAY)
    full(story)
    carry(story, 103)
    increment(story)
    story.leave()
    assert story.restore().journals == 0
    assert selectors.masked([103]).keys() == {103}


def test_a_journal_missing_in_between_is_refused(story):  # noqa: F811
    put([order(seq) for seq in range(101, 106)], day=OTHER_DAY)
    folder = full(story).folder
    paper = approved(story.now, epochs=(2,))
    for seq in (101, 102):
        services.reseal(actor=ACTOR, warrant=paper, run="D1", causes={seq: "held"}, now=story.now)
        assert journal.save(actor=ACTOR, now=story.now) == 1
        story.now += timedelta(minutes=1)
    assert journal.save(actor=ACTOR, now=story.now) == 0
    shutil.rmtree(register.journals()[-1].path)
    assert broken(story, folder) == "gap"


def test_an_epoch_does_not_die_before_what_left_it_is_with_the_backups(story):  # noqa: F811
    put([order(seq) for seq in range(101, 106)], day=OTHER_DAY)
    made = backups.make(actor=ACTOR, to=story.sets, now=story.now, life_days=35)
    paper = approved(story.now, epochs=(2,))
    services.reseal(actor=ACTOR, warrant=paper, run="D1", causes={103: "held"}, now=story.now)
    for act in (
        lambda: services.destroy(actor=ACTOR, warrant=paper, epochs=(2,), now=story.now),
        lambda: services.rotate(actor=ACTOR, now=story.now),
        lambda: services.settle(actor=ACTOR, now=story.now),
    ):
        with pytest.raises(OldKeysNeeded) as caught:
            act()
        assert caught.value.details == {"what": "journal"}
    assert Record.objects.get(seq=101).epoch == 2
    assert selectors.masked([101])
    backups.make(actor=ACTOR, to=story.sets, now=story.now + timedelta(hours=1), life_days=35)
    with pytest.raises(OldKeysNeeded):  # a set that was not read back is no set
        services.rotate(actor=ACTOR, now=story.now)
    increment(story, hours=2)
    services.destroy(actor=ACTOR, warrant=paper, epochs=(2,), now=story.now)
    services.rotate(actor=ACTOR, now=story.now)
    assert selectors.masked([101, 103]).keys() == {103}
    assert made.folder.exists()


def test_a_run_waits_while_the_backups_disk_is_away(story):  # noqa: F811
    put([order(seq) for seq in range(101, 106)], day=OTHER_DAY)
    full(story)
    paper = approved(story.now, epochs=(2,))
    services.reseal(actor=ACTOR, warrant=paper, run="D1", causes={103: "held"}, now=story.now)
    story.sets.rename(story.sets.with_name("unplugged"))
    with pytest.raises(BackupPlaceRefused):
        journal.save(actor=ACTOR, now=story.now)
    story.sets.with_name("unplugged").rename(story.sets)
    assert journal.save(actor=ACTOR, now=story.now) == 1


def test_no_generation_dies_while_a_restore_reads_keys(story):  # noqa: F811
    handle = os.open(story.home / "keys", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_SH)  # as a restore in another process holds it
    with pytest.raises(OldKeysNeeded) as caught:
        services.rotate(actor=ACTOR, now=story.now)
    assert caught.value.details == {"what": "restore"}
    os.close(handle)
    assert services.rotate(actor=ACTOR, now=story.now).generation == 2


def test_where_no_backup_was_ever_made_nothing_waits(story):  # noqa: F811
    put([order(seq) for seq in range(101, 106)], day=OTHER_DAY)
    carry(story, 103)
    assert register.journals() == ()
    assert selectors.masked([103])


def test_sets_age_out_on_their_day_and_never_under_one_that_builds_on_them(story):  # noqa: F811
    start = story.now
    old = full(story)
    first = increment(story, hours=24)
    last = increment(story, hours=24)
    newer = backups.make(actor=ACTOR, to=story.sets, now=start + timedelta(days=10), life_days=35)
    ends = {view.set_id: view.life_until for view in register.sets()}
    # What others build on lives as long as they do: the register says until when.
    assert ends[old.set] == ends[first.set] == ends[last.set] == start + timedelta(days=2 + 35)
    assert backups.prune(actor=ACTOR, now=start + timedelta(days=36)) == 0
    assert backups.prune(actor=ACTOR, now=start + timedelta(days=37)) == 3
    assert [view.set_id for view in register.sets()] == [newer.set]
    assert not old.folder.exists()


def test_the_newest_sets_chain_stays_whatever_its_age(story):  # noqa: F811
    full(story)
    increment(story)
    assert backups.prune(actor=ACTOR, now=story.now + timedelta(days=400)) == 0


def test_a_journal_goes_once_no_older_set_lives(story):  # noqa: F811
    put([order(seq) for seq in range(101, 104)], day=OTHER_DAY)
    full(story)
    carry(story, 103)
    later = story.now + timedelta(days=36)
    assert register.needless_journals(later) == ()
    backups.make(actor=ACTOR, to=story.sets, now=story.now + timedelta(days=10), life_days=35)
    assert backups.prune(actor=ACTOR, now=later) == 1
    assert [view.set_id for view in register.needless_journals(later)] == [
        view.set_id for view in register.journals()
    ]  # fmt: skip
    assert backups.prune(actor=ACTOR, now=later) == 1
    assert register.journals() == ()


def test_the_job_prunes_what_ended(story, monkeypatch):  # noqa: F811
    monkeypatch.setenv("MIDAN_BACKUP_TO", str(story.sets))
    full(story)
    backups.make(actor=ACTOR, to=story.sets, now=story.now + timedelta(days=1), life_days=35)
    assert "--prune" not in jobs.due(story.now + timedelta(days=34))
    assert "--prune" in jobs.due(story.now + timedelta(days=36))


def test_another_companys_increment_is_no_part_of_the_chain(story):  # noqa: F811
    first = full(story)
    last = increment(story)
    opened = opening.open_set(last.folder, key.read())
    header = replace(opened.header, company=bytes(16))
    piece = last.folder / "vault_part.mbk"
    data = piece.read_bytes()
    mine = replace(opened.header, name="vault_part").to_bytes()
    piece.write_bytes(replace(header, name="vault_part").to_bytes() + data[len(mine) :])
    with pytest.raises(BackupDamaged) as caught:
        opening.check(opened)
    assert caught.value.details == {"piece": "vault_part", "what": "other_set"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry WHERE act = 'vault:backup:verified'")
        assert cursor.fetchone()[0] == 2
    assert first.folder.exists()
