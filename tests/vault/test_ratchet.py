"""After a ratchet nothing old opens what was destroyed, and everything else opens as before."""

import shutil
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from midan.audit import selectors as log
from midan.core.warrant import Cut
from midan.vault import keyd, selectors, services
from midan.vault.errors import (
    DatabaseOutdated,
    KeeperOutdated,
    KeeperUnreachable,
    RatchetRunning,
    StateDamaged,
    VaultLocked,
)
from midan.vault.keyd import packing, ratchet, stored, wrapping
from midan.vault.keyd.stored import sealed_parts
from midan.vault.models import CompanySecret, FrontierRow, Identity, Share, State
from tests.vault.orders import DAY, order, put
from tests.vault.runs import OFFICER, warrant

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = (State, FrontierRow, CompanySecret)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def filled(vault):
    put([order(1), order(2)])
    put([order(3)], day=DAY + timedelta(days=1))
    return vault


def rotate(now):
    return services.rotate(actor=OFFICER, now=now)


def cut(seq, now):
    cuts = [Cut(seq)]
    return services.puncture(actor=OFFICER, warrant=warrant(now, cuts=cuts), cuts=cuts, now=now)


def copy_of_keys() -> dict[type, list[dict[str, object]]]:
    """Take what a copy of the database holds of keys."""
    return {model: list(model.objects.values()) for model in TABLES}


def put_back(copied) -> None:
    """Bring an old copy back over the present rows, as a restore of the whole database would."""
    with transaction.atomic():
        for model, rows in copied.items():
            model.objects.all().delete()
            model.objects.bulk_create([model(**row) for row in rows])
    keyd._connections.clear()


def test_everything_opens_after_a_ratchet_in_this_process_and_in_a_new_one(filled, now):
    before, number = selectors.masked([1, 2, 3]), services.company_key("number")
    done = rotate(now)
    assert (done.generation, done.epochs, done.pending) == (2, 2, ())
    for _ in range(2):
        assert selectors.masked([1, 2, 3]) == before
        assert services.company_key("number") == number
        keyd._connections.clear()
    put([order(4)])
    assert len(selectors.masked([1, 2, 3, 4])) == 4


def test_every_state_and_company_secret_is_wrapped_anew_under_the_new_generation(filled, now):
    before = copy_of_keys()
    rotate(now)
    after = copy_of_keys()
    for model in (State, CompanySecret):
        assert {row["generation"] for row in after[model]} == {2}
        assert not {bytes(row["wrapped"]) for row in before[model]} & {
            bytes(row["wrapped"]) for row in after[model]
        }
    assert [row["version"] for row in before[State]] == [row["version"] for row in after[State]]
    assert before[FrontierRow] == after[FrontierRow]


def test_the_old_generation_is_erased_and_its_receipt_is_in_the_log(filled, now):
    done = rotate(now)
    assert not (filled / "keys" / "keeper-file.key").exists()
    assert (filled / "keys" / "keeper-file.2.key").stat().st_mode & 0o777 == 0o600
    (receipt,) = done.receipts
    assert (receipt.keeper, receipt.generation, receipt.best_effort) == ("file", 1, True)
    assert receipt.how == "overwritten_and_unlinked"
    (entry,) = log.entries(log.EntryFilter(act="vault:keeper:erased")).items
    assert entry.entry.details["generation"] == 1
    assert selectors.receipts(1) == done.receipts


def test_an_old_copy_opens_what_was_destroyed_before_the_ratchet_and_nothing_after(filled, now):
    """The claim and its limit: old rows and the present secret, before the ratchet and after it."""
    old = copy_of_keys()
    cut(1, now)
    present = copy_of_keys()
    put_back(old)
    assert 1 in selectors.masked([1])
    put_back(present)
    assert 1 not in selectors.masked([1])
    assert selectors.key_status().unratcheted == 1
    rotate(now)
    put_back(old)
    with pytest.raises((KeeperOutdated, StateDamaged, VaultLocked)):
        selectors.masked([1])
    State.objects.update(generation=2)
    keyd._connections.clear()
    with pytest.raises(StateDamaged):
        selectors.masked([1])


def test_a_stale_copy_of_the_keepers_file_does_open_it_again_which_is_the_claims_condition(filled, now):
    old, keys = copy_of_keys(), filled / "keys"
    stolen = (keys / "keeper-file.key").read_bytes()
    cut(1, now)
    rotate(now)
    put_back(old)
    (keys / "keeper-file.key").write_bytes(stolen)
    Identity.objects.update(generation=1)
    assert 1 in selectors.masked([1])


def test_a_keeper_put_back_to_an_older_generation_is_refused(filled, now):
    keys = filled / "keys"
    shutil.copytree(keys, filled / "older")
    rotate(now)
    shutil.rmtree(keys)
    shutil.copytree(filled / "older", keys)
    keyd._connections.clear()
    with pytest.raises(KeeperOutdated) as caught:
        services.unlock()
    assert (caught.value.code, caught.value.exit_code) == ("keeper_outdated", 4)
    assert caught.value.details == {"held": 1, "wanted": 2}


def test_a_database_older_than_its_keeper_is_refused(filled, now):
    with connection.cursor() as cursor:
        rotate(now)
        cursor.execute("UPDATE vault_identity SET generation = 1, claimed = 1")
    keyd._connections.clear()
    with pytest.raises(DatabaseOutdated) as caught:
        services.unlock()
    assert caught.value.details == {"held": 2, "claimed": 1}


def test_another_process_goes_over_to_the_new_generation_by_itself(filled, now):
    other = keyd.local()
    assert other.check_parts(sealed_parts([1])) == [True] * 3
    rotate(now)
    assert other.check_parts(sealed_parts([1, 3])) == [True] * 6
    assert other.company_secret("number") == services.company_key("number")
    assert other.status().generation == 2
    lease = other.reserve(
        retention="standard", day=DAY + timedelta(days=9), due=DAY.replace(year=2029), records=1
    )
    assert State.objects.get(epoch=lease.epoch).generation == 2


def test_two_ratchets_at_once_are_one_and_a_refusal(filled, now):
    with ratchet._alone(), pytest.raises(RatchetRunning):
        rotate(now)
    assert rotate(now).generation == 2


@pytest.mark.parametrize("at", ["_give", "_turn", "_settle"])
def test_a_ratchet_that_broke_off_is_finished_by_the_next(filled, now, monkeypatch, at):
    before = selectors.masked([1, 2, 3])
    with monkeypatch.context() as patch:
        patch.setattr(ratchet, at, lambda *_: (_ for _ in ()).throw(OSError("cut off")))
        with pytest.raises(OSError, match="cut off"):
            rotate(now)
    keyd._connections.clear()
    assert selectors.masked([1, 2, 3]) == before
    done = rotate(now)
    assert (done.generation, done.pending) == (3, ())
    keys = {path.name for path in (filled / "keys").glob("keeper-file*")}
    assert keys == {"keeper-file.3.key"}
    assert {path.name for path in (filled / "keys" / "packs").iterdir()} == {"pack-3.mdp"}
    assert selectors.masked([1, 2, 3]) == before


def test_a_generation_left_behind_by_a_broken_ratchet_is_erased_without_another(filled, now, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(
            packing, "publish", lambda *_: (_ for _ in ()).throw(KeeperUnreachable("file", "ENOSPC"))
        )
        with pytest.raises(KeeperUnreachable):
            rotate(now)
    assert selectors.key_status().keepers[0].held == (1, 2)
    assert "older_generation_not_erased" in selectors.key_status().keepers[0].warnings
    settled = services.settle(actor=OFFICER, now=now)
    assert [receipt.generation for receipt in settled.receipts] == [2]
    assert selectors.key_status().keepers[0].held == (1,)
    assert 1 in selectors.masked([1])


def test_a_full_disk_in_mid_ratchet_changes_nothing_that_counts(filled, now, monkeypatch):
    states = stored.states(None)

    def full(*_):
        raise KeeperUnreachable("file", "ENOSPC")

    monkeypatch.setattr("midan.vault.keyd.keeper.FileKeeper.create", full)
    with pytest.raises(KeeperUnreachable) as caught:
        rotate(now)
    assert caught.value.details == {"keeper": "file", "reason": "ENOSPC"}
    assert stored.states(None) == states


def test_the_pack_of_the_present_has_what_the_database_has(filled, now):
    cut(1, now)
    rotate(now)
    found = packing.recover(keyd.keepers())
    states = stored.states(None)
    assert found.pack.counter == Identity.objects.get().pack_counter
    assert {one.number: one.wrapped for one in found.pack.epochs} == {
        n: row.wrapped for n, row in states.items()
    }
    assert {n: len(rows) for n, rows in found.frontiers.items()} == {
        n: len(rows) for n, rows in stored.frontiers(states).items()
    }
    assert dict(found.pack.secrets).keys() == set(wrapping.COMPANY_SECRETS)


def test_the_receipts_of_a_person_erased_name_every_generation_before(filled, now):
    rotate(now)
    done = cut(2, now)
    assert done.generation == 2
    assert selectors.unreadable_since(2) is None
    later = now + timedelta(minutes=5)
    rotate(later)
    assert selectors.unreadable_since(2) == later
    assert [receipt.generation for receipt in selectors.receipts(2)] == [1, 2]
    assert Share.objects.filter(erased_at=None).count() == 1
    assert selectors.masked([2]) == {}
