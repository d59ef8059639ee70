"""What is destroyed no longer opens, is no longer found, and nothing beside it is touched."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from midan.audit import selectors as log
from midan.core.blind import Kind
from midan.core.parts import PartCode
from midan.core.warrant import Cut
from midan.vault import keyd, selectors, services
from midan.vault.errors import EpochDestroyed, WarrantRefused
from midan.vault.keyd import cutting, destroying, stored
from midan.vault.keyd.stored import sealed_parts
from midan.vault.models import DESTROYED, Digest, Epoch, FrontierRow, Part, Record, State
from tests.vault.orders import DAY, RECIPIENT, SENDER, find, order, put
from tests.vault.runs import OFFICER, approved, warrant

pytestmark = pytest.mark.django_db(transaction=True)
OLD = date(2024, 5, 1)


@pytest.fixture
def now():
    return timezone.now()


def cut(*cuts: Cut, now, basis="request"):
    return services.puncture(
        actor=OFFICER, warrant=warrant(now, cuts=cuts, basis=basis), cuts=list(cuts), now=now
    )


def fresh() -> None:
    """Ask as a process does that has just started."""
    keyd._connections.clear()


def readable(seqs) -> list[int]:
    return sorted(selectors.masked(list(seqs)))


@pytest.mark.parametrize("start", [lambda: None, fresh], ids=["same process", "new process"])
def test_a_record_that_was_cut_opens_no_more_and_its_neighbours_do(vault, now, start):
    put([order(seq) for seq in range(1, 9)])
    done = cut(Cut(3), Cut(6), now=now)
    start()
    assert (done.records, done.parts) == (2, 0)
    assert readable(range(1, 9)) == [1, 2, 4, 5, 7, 8]
    assert keyd.connect().check_parts(sealed_parts([3])) == [None] * 3
    assert all(keyd.connect().check_parts(sealed_parts([2, 4])))


def test_one_person_of_a_parcel_goes_without_the_other(vault, now):
    put([order(1), order(2)])
    done = cut(Cut(1, PartCode.RECIPIENT), now=now)
    shown = selectors.masked([1])[1]
    assert (done.records, done.parts) == (0, 1)
    assert shown.erased == {PartCode.RECIPIENT}
    assert shown.sender.phone.endswith(SENDER.phone[-4:])
    assert [hit.seq for hit in find(Kind.PHONE, RECIPIENT.phone)] == [2]
    assert [hit.seq for hit in find(Kind.PHONE, SENDER.phone)] == [2, 1]


def test_no_digest_leads_to_what_was_cut(vault, now):
    put([order(1), order(2)])
    before = Digest.objects.filter(seq=2).count()
    cut(Cut(1), now=now)
    assert Digest.objects.filter(seq=1).count() == 0
    assert Digest.objects.filter(seq=2).count() == before == 7


def test_a_part_that_no_longer_opens_loses_its_digests_too(vault, now):
    put([order(1), order(2)])
    Part.objects.filter(leaf=1).update(sealed=b"\x01" + bytes(80))
    cut(Cut(1), now=now)
    assert Digest.objects.filter(seq=1).count() == 0
    assert Digest.objects.filter(seq=2).count() == 7


def test_a_puncture_gives_the_epoch_a_fresh_state_and_seals_every_row_anew(vault, now):
    put([order(1), order(2)])
    before, rows = State.objects.get(), set(FrontierRow.objects.values_list("sealed", flat=True))
    cut(Cut(1), now=now)
    after = State.objects.get()
    assert after.version == before.version + 1
    assert after.wrapped != before.wrapped
    assert after.index_secret != before.index_secret
    assert not rows & set(FrontierRow.objects.values_list("sealed", flat=True))


def test_cutting_twice_is_cutting_once(vault, now):
    put([order(1), order(2)])
    cut(Cut(1), now=now)
    state = State.objects.get()
    again = cut(Cut(1), now=now)
    assert (again.records, again.parts) == (0, 0)
    assert State.objects.get() == state
    assert State.objects.get().version == state.version


def test_many_are_cut_in_steps_each_with_its_entry(vault, now, monkeypatch):
    monkeypatch.setattr(destroying, "STEP", 3)
    put([order(seq) for seq in range(1, 12)])
    put([order(seq) for seq in range(12, 16)], day=DAY + timedelta(days=1))
    done = cut(*(Cut(seq) for seq in range(1, 15, 2)), Cut(14, PartCode.GOODS), now=now)
    assert (done.records, done.parts) == (7, 1)
    assert readable(range(1, 16)) == [2, 4, 6, 8, 10, 12, 14, 15]
    entries = log.entries(log.EntryFilter(act="vault:records:punctured")).items
    assert sum(entry.entry.count for entry in entries) == 8
    assert len(entries) == 3


def test_a_large_frontier_still_opens_what_is_left_after_a_new_start(vault, now):
    put([order(seq) for seq in range(1, 301)])
    cut(*(Cut(seq) for seq in range(1, 301, 3)), now=now)
    fresh()
    assert readable(range(1, 301)) == [seq for seq in range(1, 301) if seq % 3 != 1]
    assert State.objects.get().frontier is not None
    assert FrontierRow.objects.count() < 9


def test_a_punctured_epoch_goes_on_taking_orders(vault, now):
    put([order(1), order(2)])
    cut(Cut(1), now=now)
    put([order(3)])
    assert readable([1, 2, 3]) == [2, 3]


def test_a_state_that_changed_meanwhile_is_read_again(vault, now, monkeypatch):
    put([order(1), order(2), order(3)])
    real, turns = cutting.prepare, []

    def overtaken(ring, step):
        prepared = real(ring, step)
        if not turns:
            turns.append(1)
            cut(Cut(2), now=now)
        return prepared

    monkeypatch.setattr(cutting, "prepare", overtaken)
    assert cut(Cut(1), now=now).records == 1
    assert readable([1, 2, 3]) == [3]


def test_the_old_copy_of_a_corrected_order_goes_and_the_new_one_stays(vault, now):
    """As a correction leaves it: the record leads to the new leaf, and the old one is named by its place."""
    put([order(1), order(2)])
    old = Record.objects.get(seq=1)
    Record.objects.filter(seq=1).delete()
    Digest.objects.filter(seq=1).delete()
    put([order(1, recipient_address="浙江省杭州市滨江区江南大道88号3栋1202")])
    cut(Cut(1, None, old.epoch, old.record_no), now=now, basis="correction")
    assert readable([1, 2]) == [1, 2]
    assert Digest.objects.filter(seq=1).count() == 7
    left = keyd.connect().check_parts(
        [row._replace(leaf=old.record_no * 4 + row.leaf % 4) for row in sealed_parts([1])]
    )
    assert left == [None] * 3


def test_an_epoch_is_destroyed_whole_and_never_made_again(vault, now):
    put([order(1), order(2)], day=OLD)
    put([order(3)])
    epoch = Record.objects.get(seq=1).epoch
    done = services.destroy(
        actor=OFFICER, warrant=warrant(now, epochs=[epoch], basis="due"), epochs=[epoch], now=now
    )
    assert (done.epochs, done.records) == (1, 2)
    assert readable([1, 2, 3]) == [3]
    assert [hit.seq for hit in find(Kind.PHONE, RECIPIENT.phone)] == [3]
    assert not State.objects.filter(epoch=epoch).exists()
    assert not FrontierRow.objects.filter(epoch=epoch).exists()
    assert Epoch.objects.get(number=epoch).state == DESTROYED
    with pytest.raises(EpochDestroyed):
        services.reserve(retention="standard", day=OLD, due=OLD.replace(year=2025), records=1)


def test_an_epoch_destroyed_twice_is_destroyed_once(vault, now):
    put([order(1)], day=OLD)
    paper = warrant(now, epochs=[1], basis="due")
    services.destroy(actor=OFFICER, warrant=paper, epochs=[1], now=now)
    again = services.destroy(actor=OFFICER, warrant=paper, epochs=[1], now=now)
    assert (again.epochs, again.records) == (0, 0)
    assert len(log.entries(log.EntryFilter(act="vault:epochs:destroyed")).items) == 1


def test_destroying_says_under_which_generation_old_copies_still_open(vault, now):
    put([order(1), order(2)])
    done = cut(Cut(1), now=now)
    assert keyd.connect().key_status().unratcheted == 1
    assert selectors.unreadable_since(done.generation) is None
    services.rotate(actor=OFFICER, now=now)
    assert keyd.connect().key_status().unratcheted == 0
    assert selectors.unreadable_since(done.generation) == now


def test_what_is_destroyed_is_swept_in_batches_and_nothing_else(vault, now, monkeypatch):
    monkeypatch.setattr("midan.vault.sweeping.BATCH", 5)
    put([order(seq) for seq in range(1, 6)], day=OLD)
    put([order(seq) for seq in range(6, 9)])
    cut(Cut(6), Cut(7, PartCode.SENDER), now=now)
    services.destroy(actor=OFFICER, warrant=warrant(now, epochs=[1], basis="due"), epochs=[1], now=now)
    gone = services.sweep(
        actor=OFFICER, epochs=[1, 2], cuts=[Cut(6), Cut(7, PartCode.SENDER), Cut(8)], now=now
    )
    assert (gone.parts, gone.digests, gone.records) == (5 * 3 + 3 + 1, 5 * 7, 5 + 1)
    assert sorted(Record.objects.values_list("seq", flat=True)) == [7, 8]
    assert Part.objects.count() == 5
    assert Digest.objects.count() == 4 + 7
    assert readable([7, 8]) == [7, 8]
    again = services.sweep(actor=OFFICER, epochs=[1, 2], cuts=[Cut(6), Cut(8)], now=now)
    assert (again.parts, again.digests, again.records) == (0, 0, 0)


def test_nothing_is_destroyed_inside_somebodys_transaction(vault, now):
    from django.db import transaction

    put([order(1)])
    with transaction.atomic(), pytest.raises(RuntimeError):
        cut(Cut(1), now=now)
    assert readable([1]) == [1]


def test_what_was_cut_keeps_at_most_three_hundred_bytes_a_record(vault, now):
    """Many more records than are cut: the worst of a day, in the frontier's own bytes."""
    put([order(1)])
    Epoch.objects.update(next_record=100_000)
    numbers = range(100, 100_000, 100)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO vault_record (seq, epoch, record_no) VALUES (%s, 1, %s)",
            [(10 + number, number) for number in numbers],
        )
    cut(*(Cut(10 + number) for number in numbers), now=now)
    kept = sum(len(bytes(row)) for row in FrontierRow.objects.values_list("sealed", flat=True))
    assert kept / len(numbers) <= 300
    assert readable([1]) == [1]
    assert len(stored.frontiers([1])[1]) <= len(numbers) * 7 / 128 + 1


def test_a_warrant_of_two_persons_destroys_before_the_day(vault, now):
    put([order(1)])
    with pytest.raises(WarrantRefused):
        services.destroy(actor=OFFICER, warrant=warrant(now, epochs=[1], basis="due"), epochs=[1], now=now)
    assert services.destroy(actor=OFFICER, warrant=approved(now, epochs=[1]), epochs=[1], now=now).epochs == 1
