"""Several keepers: what each promises to forget, what happens when one is away, and what an old copy of it opens."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from midan.audit import selectors as log
from midan.core.warrant import Cut
from midan.vault import keyd, selectors, services
from midan.vault.errors import KeeperUnreachable, KeyFileDamaged, PackDamaged, VaultLocked
from midan.vault.keyd import pack as packs
from midan.vault.keyd import packing, placement
from midan.vault.keyd.keeper import FileKeeper
from midan.vault.keyd.split import SplitKeeper
from midan.vault.keyd.wrapping import Generation
from midan.vault.models import FrontierRow, Identity, State
from tests.vault.orders import DAY, order, put
from tests.vault.runs import OFFICER, warrant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def hosts(tmp_path) -> dict[str, Path]:
    """Folders that stand for other hosts."""
    places = {name: tmp_path / name for name in ("host_a", "host_b", "stick")}
    for place in places.values():
        place.mkdir(mode=0o700)
    return places


def named(hosts, monkeypatch, *words: str) -> None:
    monkeypatch.setenv("MIDAN_KEEPERS", ",".join(word.format(**hosts) for word in words))
    keyd._connections.clear()


SPLIT, STICK = "split:{host_a}:{host_b}", "file:{stick}"


@pytest.fixture
def three(vault, hosts, monkeypatch, now):
    """A vault with a file, a split and a second file keeper, and two orders."""
    named(hosts, monkeypatch, "file", SPLIT, STICK)
    put([order(1), order(2)])
    services.settle(actor=OFFICER, now=now)
    return hosts


def cut(seq, now):
    cuts = [Cut(seq)]
    return services.puncture(actor=OFFICER, warrant=warrant(now, cuts=cuts), cuts=cuts, now=now)


def standing() -> dict[str, tuple[bool, int | None, int]]:
    return {
        keeper.name.partition(":")[0] + keeper.name[-5:]: (
            keeper.reachable,
            keeper.generation,
            keeper.pack_counter,
        )
        for keeper in selectors.key_status().keepers
    }


def test_a_keeper_that_joins_gets_generation_and_pack(three):
    counter = Identity.objects.get().pack_counter
    assert set(standing().values()) == {(True, 1, counter)}
    assert counter > 0


@pytest.mark.parametrize("left", ["file", SPLIT, STICK])
def test_any_one_of_them_is_enough_to_unlock(three, monkeypatch, left):
    before = selectors.masked([1])
    named(three, monkeypatch, left)
    assert selectors.masked([1]) == before


def test_a_damaged_keeper_does_not_hide_a_whole_one(three, midan_home):
    (midan_home / "keys" / "keeper-file.key").write_bytes(b"MIDANKEY")
    keyd._connections.clear()
    assert 1 in selectors.masked([1])


def test_a_ratchet_reaches_all_and_each_gives_its_receipt(three, now):
    done = services.rotate(actor=OFFICER, now=now)
    assert [receipt.kind for receipt in done.receipts] == ["file", "split", "file"]
    assert done.pending == ()
    assert {value[:2] for value in standing().values()} == {(True, 2)}
    assert len({value[2] for value in standing().values()}) == 1
    left = sorted(path.name for host in three.values() for path in host.rglob("*") if path.is_file())
    assert not [name for name in left if "1" in name]


def test_a_keeper_away_for_a_day_stays_pending_and_catches_up(three, now):
    cut(1, now)
    shutil.move(three["stick"], three["stick"].with_name("away"))
    done = services.rotate(actor=OFFICER, now=now)
    name = f"file:{three['stick']}"
    assert done.pending == (name,)
    assert selectors.key_status().pending == (name,)
    assert selectors.unreadable_since(1) is None
    assert "silent" in selectors.key_status().keepers[2].warnings
    services.rotate(actor=OFFICER, now=now + timedelta(hours=1))
    shutil.move(three["stick"].with_name("away"), three["stick"])
    later = now + timedelta(days=1)
    settled = services.settle(actor=OFFICER, now=later)
    assert [(receipt.keeper, receipt.generation) for receipt in settled.receipts] == [(name, 1)]
    assert settled.pending == ()
    assert selectors.unreadable_since(1) == later
    assert {value[:2] for value in standing().values()} == {(True, 3)}
    entries = log.entries(log.EntryFilter(act="vault:keeper:erased")).items
    assert len(entries) == 5


def test_an_emptied_keeper_is_away_and_not_begun_anew(three, now):
    for path in three["stick"].iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    done = services.rotate(actor=OFFICER, now=now)
    assert done.pending == (f"file:{three['stick']}",)
    assert not list(three["stick"].glob("*.key"))


def test_a_keeper_no_longer_named_still_owes_its_erasure(three, now, monkeypatch):
    named(three, monkeypatch, "file")
    done = services.rotate(actor=OFFICER, now=now)
    assert len(done.pending) == 2


def test_orders_are_taken_in_while_one_keeper_is_away_but_not_without_any(three, now, monkeypatch):
    named(three, monkeypatch, SPLIT, STICK)
    services.unlock()
    shutil.move(three["stick"], three["stick"].with_name("away"))
    put([order(3)], day=DAY + timedelta(days=3))
    shutil.move(three["host_a"], three["host_a"].with_name("gone"))
    with pytest.raises(KeeperUnreachable) as caught:
        put([order(4)], day=DAY + timedelta(days=4))
    assert caught.value.exit_code == 4
    assert 3 in selectors.masked([3])


def test_one_stale_half_of_a_split_keeper_opens_nothing(vault, hosts, monkeypatch, now):
    """The same story as with a stale file, and the other end: the half alone is worth nothing."""
    named(hosts, monkeypatch, "file", SPLIT)
    put([order(1)])
    services.settle(actor=OFFICER, now=now)
    shutil.copytree(hosts["host_a"], hosts["host_a"].with_name("stale"))
    old = {model: list(model.objects.values()) for model in (State, FrontierRow)}
    cut(1, now)
    services.rotate(actor=OFFICER, now=now)
    for model, rows in old.items():
        model.objects.all().delete()
        model.objects.bulk_create([model(**row) for row in rows])
    stale = SplitKeeper(hosts["host_a"].with_name("stale"), hosts["host_b"], "split")
    assert stale.held() == (1, 2)
    with pytest.raises((KeyFileDamaged, VaultLocked)):
        stale.read(1)
    shutil.copy(hosts["host_b"] / "split-2.half", hosts["host_b"] / "split-1.half")
    with pytest.raises(KeyFileDamaged):
        stale.read(1)


def test_the_split_keeper_needs_both_halves_as_they_were_made(hosts):
    keeper = SplitKeeper(hosts["host_a"], hosts["host_b"], "split")
    keeper.create(Generation(4, b"k" * 32))
    assert keeper.read(4) == Generation(4, b"k" * 32)
    for place in (hosts["host_a"], hosts["host_b"]):
        half = place / "split-4.half"
        assert half.stat().st_mode & 0o777 == 0o600
        whole = half.read_bytes()
        for damaged in (whole[:-1], b"", bytes(32)):
            half.write_bytes(damaged)
            with pytest.raises(KeyFileDamaged):
                keeper.read(4)
        half.write_bytes(whole)
    assert keeper.read(4).number == 4


def test_a_key_file_swapped_with_anothers_is_refused(tmp_path):
    keeper = FileKeeper(tmp_path, lambda: b"passphrase")
    keeper.create(Generation(1, bytes(32)))
    keeper.create(Generation(2, b"n" * 32))
    (tmp_path / "keeper-file.key").replace(tmp_path / "keeper-file.2.key")
    with pytest.raises(KeyFileDamaged):
        keeper.read(2)


def test_the_newest_pack_counts_wherever_it_lies(three, now):
    shutil.move(three["stick"], three["stick"].with_name("away"))
    cut(1, now)
    shutil.move(three["stick"].with_name("away"), three["stick"])
    found = packing.recover(reversed(list(keyd.keepers())))
    assert found.keeper.startswith("split")
    assert found.pack.counter == Identity.objects.get().pack_counter


def test_a_pack_with_any_byte_changed_does_not_open(three, midan_home):
    folder = midan_home / "keys" / "packs"
    (path,) = folder.glob("pack-*")
    whole, generation = path.read_bytes(), keyd.keepers().read(1, claimed=1)
    assert packs.unseal(whole, generation).counter == Identity.objects.get().pack_counter
    for at in (0, 8, 12, 20, 25, 60, len(whole) - 1):
        damaged = whole[:at] + bytes((whole[at] ^ 1,)) + whole[at + 1 :]
        with pytest.raises(PackDamaged):
            packs.unseal(damaged, generation)
    for cut_at in (0, 5, 20, 40, len(whole) - 1):
        with pytest.raises(PackDamaged):
            packs.unseal(whole[:cut_at], generation)


def test_a_large_frontier_lies_in_its_own_file_and_old_ones_are_removed(vault, now):
    put([order(seq) for seq in range(1, 201)])
    folder, seen = vault / "keys" / "packs", set()
    for first in (1, 2):
        cuts = [Cut(seq) for seq in range(first, 201, 5)]
        services.puncture(actor=OFFICER, warrant=warrant(now, cuts=cuts), cuts=cuts, now=now)
        (file,) = folder.glob("frontier-*")
        seen.add(file.name)
    assert len(seen) == 2
    before = file.stat().st_mtime_ns
    services.rotate(actor=OFFICER, now=now)
    assert file.stat().st_mtime_ns == before
    found = packing.recover(keyd.keepers())
    assert sorted(found.frontiers[1]) == sorted(
        (row.depth, row.prefix, bytes(row.sealed)) for row in FrontierRow.objects.all()
    )
    file.write_bytes(b"other")
    with pytest.raises(PackDamaged):
        packing.recover(keyd.keepers())


def test_no_record_is_handed_out_beyond_the_mark_of_the_last_pack(vault):
    def mark() -> int:
        return packing.recover(keyd.keepers()).pack.epochs[0].mark

    def lease(records: int) -> int:
        taken = services.reserve(retention="standard", day=DAY, due=DAY.replace(year=2028), records=records)
        return taken.first_record + records

    counters = []
    for records in (1, 65_000, 600, 70_000, 65_536 * 4):
        assert lease(records) <= mark()
        assert mark() % 65_536 == 0
        counters.append(Identity.objects.get().pack_counter)
    assert counters[0] == counters[1] < counters[2] < counters[4]


def test_what_weakens_a_keeper_is_said(three, midan_home, monkeypatch):
    file, split, _ = selectors.key_status().keepers
    assert {"best_effort", "same_disk_as_data"} <= set(file.warnings)
    assert {"halves_on_one_disk"} <= set(split.warnings)
    assert "only_keeper" not in file.warnings
    (midan_home / "backups").mkdir()
    inside = FileKeeper(midan_home / "backups", lambda: b"x", "file:x")
    assert {"inside_backups", "only_keeper"} <= set(placement.warnings(inside, alone=True))
    monkeypatch.setattr(placement, "_SNAPSHOTTING", {placement._file_system(midan_home)})
    assert "snapshotting_filesystem" in placement.warnings(inside, alone=False)


def test_an_old_database_in_the_same_generation_is_named(three, now):
    Identity.objects.update(pack_counter=1)
    assert all("database_older_than_pack" in keeper.warnings for keeper in selectors.key_status().keepers)
