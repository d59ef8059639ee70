"""The key file: its passphrase, its mode, and what happens when it is cut, lost or another one's."""

import os
import stat

import pytest

from midan.catalog.settings import PassphraseUnreadable
from midan.core.actor import Actor
from midan.vault import keyd, selectors, services
from midan.vault.errors import KeyFileDamaged, VaultLocked, VaultNotInitialised, WrongPassphrase
from midan.vault.keyd import wrapping
from midan.vault.keyd.keeper import FileKeeper
from midan.vault.keyd.wrapping import Generation
from tests.vault.orders import order, put

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key_file(vault):
    """The key file of an initialised vault, as a fresh process finds it."""
    keyd._connections.clear()
    return vault / "keys" / "keeper-file.key"


def test_the_key_file_is_for_its_owner_only_and_leaves_no_draft(midan_home):
    keyd.connect().create_generation()
    keys = midan_home / "keys"
    assert stat.S_IMODE((keys / "keeper-file.key").stat().st_mode) == 0o600
    assert {path.name for path in keys.iterdir()} == {"keeper-file.key", "passphrase"}


def test_the_right_passphrase_unlocks(key_file):
    services.unlock()
    assert keyd.connect().status().generation == 1


def test_another_passphrase_does_not(key_file):
    key_file.with_name("passphrase").write_bytes(b"another passphrase altogether")
    with pytest.raises(WrongPassphrase) as caught:
        services.unlock()
    assert caught.value.exit_code == 4


def test_a_passphrase_file_others_can_read_is_refused(key_file):
    key_file.with_name("passphrase").chmod(0o640)
    with pytest.raises(PassphraseUnreadable):
        services.unlock()


@pytest.mark.parametrize("size", [0, 8, 30, 50])
def test_a_truncated_key_file_is_named_as_damaged(key_file, size):
    key_file.write_bytes(key_file.read_bytes()[:size])
    with pytest.raises(KeyFileDamaged) as caught:
        services.unlock()
    assert caught.value.exit_code == 4


def test_a_key_file_cut_late_does_not_open(key_file):
    key_file.write_bytes(key_file.read_bytes()[:-1])
    with pytest.raises(WrongPassphrase):
        services.unlock()


def test_a_lost_key_file_is_never_replaced_by_a_new_one(key_file, now):
    key_file.unlink()
    with pytest.raises(VaultLocked):
        services.unlock()
    with pytest.raises(VaultLocked):
        services.initialise(actor=Actor.system("init"), now=now)
    assert not key_file.exists()


def test_a_repaired_key_file_counts_without_a_restart(key_file):
    good = key_file.read_bytes()
    key_file.write_bytes(good[:20])
    with pytest.raises(KeyFileDamaged):
        services.unlock()
    key_file.write_bytes(good)
    services.unlock()


def test_what_was_sealed_opens_after_a_restart(vault):
    put([order(1)])
    before = selectors.masked([1])
    keyd._connections.clear()
    assert selectors.masked([1]) == before != {}


def test_an_interrupted_beginning_is_taken_up(midan_home, transactional_db, now):
    keyd.connect().create_generation()
    file = (midan_home / "keys" / "keeper-file.key").read_bytes()
    assert services.initialise(actor=Actor.system("init"), now=now) is True
    assert (midan_home / "keys" / "keeper-file.key").read_bytes() == file


def test_before_the_beginning_the_vault_says_so(midan_home, transactional_db):
    with pytest.raises(VaultNotInitialised) as caught:
        services.unlock()
    assert caught.value.exit_code == 4


def test_a_keeper_never_overwrites_a_generation(tmp_path):
    keeper = FileKeeper(tmp_path, lambda: b"passphrase")
    keeper.create(Generation(1, bytes(32)))
    with pytest.raises(FileExistsError):
        keeper.create(Generation(1, b"o" * 32))
    assert keeper.read() == Generation(1, bytes(32))
    keeper.create(Generation(2, b"n" * 32))
    assert keeper.read() == Generation(2, b"n" * 32)
    assert {path.name for path in tmp_path.iterdir()} == {"keeper-file.key", "keeper-file.2.key"}


def test_neither_keyd_nor_a_generation_shows_a_secret(vault):
    services.unlock()
    shown = f"{keyd.connect()!r} {Generation(1, b'k' * 32)!r} {wrapping.new_epoch(Generation(1, b'k' * 32), 9, os.urandom)!r}"
    assert "kkk" not in shown
    assert "\\x" not in shown
