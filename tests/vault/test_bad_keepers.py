"""Keepers that fail at the worst moment: absent, locked, lost in mid-ratchet, cut, swapped, out of room. Nothing alive is lost."""

import shutil
from contextlib import suppress
from datetime import timedelta
from errno import ENOSPC
from pathlib import Path

import pytest
from django.utils import timezone

from midan.core.warrant import Cut
from midan.vault import keyd, selectors, services
from midan.vault.errors import KeeperOutdated, KeeperUnreachable, KeyFileDamaged, VaultLocked, WrongPassphrase
from midan.vault.keyd import ratchet, shelf
from midan.vault.keyd import token as tokens
from midan.vault.models import Identity
from tests.vault.orders import order, put
from tests.vault.runs import OFFICER, warrant
from tests.vault.softhsm import needs_softhsm, one_token, place_of_tokens  # noqa: F401  the fixtures

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now():
    return timezone.now()


def cut(seq: int, now) -> None:
    cuts = [Cut(seq)]
    services.puncture(actor=OFFICER, warrant=warrant(now, cuts=cuts), cuts=cuts, now=now)


def afresh() -> None:
    """Go on as a process that has just started, after the last one ended in order."""
    keyd.connect().tenure.end()
    keyd.forget()


def readable() -> list[int]:
    afresh()
    return sorted(selectors.masked([1, 2]))


@pytest.fixture
def with_token(vault, config, monkeypatch) -> Path:
    """A file and a token keep the same generation; two orders are in."""
    monkeypatch.setenv("MIDAN_KEEPERS", f"file,token:{config}")
    afresh()
    put([order(1), order(2)])
    services.settle(actor=OFFICER, now=timezone.now())
    return config


@pytest.fixture
def token_alone(vault, config, monkeypatch) -> Path:
    """The token is the only keeper."""
    monkeypatch.setenv("MIDAN_KEEPERS", f"file,token:{config}")
    afresh()
    put([order(1), order(2)])
    services.settle(actor=OFFICER, now=timezone.now())
    monkeypatch.setenv("MIDAN_KEEPERS", f"token:{config}")
    afresh()
    return config


class Drawer:
    """The token is pulled out and put back."""

    def __init__(self, config: Path) -> None:
        self._config = config

    def pull(self) -> None:
        self._config.write_text(self._config.read_text("utf-8").replace("midan-", "pulled-"), "utf-8")

    def put_back(self) -> None:
        self._config.write_text(self._config.read_text("utf-8").replace("pulled-", "midan-"), "utf-8")


def lose_after(monkeypatch, step: str, drawer: Drawer) -> None:
    """Pull the token once this step of the ratchet is done."""
    real = getattr(ratchet, step)

    def lost(*arguments):
        found = real(*arguments)
        drawer.pull()
        return found

    monkeypatch.setattr(ratchet, step, lost)


@needs_softhsm
@pytest.mark.parametrize("step", ["_claim", "_give", "_turn"])
def test_a_token_lost_in_mid_ratchet_is_pending_until_it_is_back(with_token, now, monkeypatch, step):
    drawer, name = Drawer(with_token), f"token:{with_token}"
    cut(1, now)
    with monkeypatch.context() as patch:
        lose_after(patch, step, drawer)
        done = services.rotate(actor=OFFICER, now=now)
    assert done.pending == (name,)
    assert selectors.unreadable_since(1) is None
    assert readable() == [2]
    drawer.put_back()
    later = now + timedelta(hours=3)
    settled = services.settle(actor=OFFICER, now=later)
    assert settled.pending == ()
    assert ("token_key_destroyed", 1) in [(one.how, one.generation) for one in settled.receipts]
    assert selectors.unreadable_since(1) == later
    monkeypatch.setenv("MIDAN_KEEPERS", name)
    assert readable() == [2]


@needs_softhsm
@pytest.mark.parametrize("step", ["_claim", "_give"])
def test_the_only_token_lost_in_mid_ratchet_leaves_the_old_generation_whole(
    token_alone, now, monkeypatch, step
):
    drawer = Drawer(token_alone)
    cut(1, now)
    with monkeypatch.context() as patch:
        lose_after(patch, step, drawer)
        with pytest.raises(KeeperUnreachable) as caught:
            services.rotate(actor=OFFICER, now=now)
    assert caught.value.exit_code == 4
    assert (Identity.objects.get().generation, Identity.objects.get().claimed) == (1, 2)
    drawer.put_back()
    assert readable() == [2]
    done = services.rotate(actor=OFFICER, now=now)
    assert done.generation == 3  # no number ever stands for two secrets
    assert selectors.key_status().keepers[0].held == (3,)
    assert readable() == [2]


@needs_softhsm
def test_a_locked_token_is_away_and_its_pin_is_not_tried_again(with_token, now, monkeypatch):
    import pkcs11

    tries = []
    real = tokens._library

    class Locked:
        def get_token(self, *, token_label):
            tries.append(token_label)
            return self

        def open(self, **_named):
            raise pkcs11.exceptions.PinLocked

    keyd.forget()
    with monkeypatch.context() as patch:
        patch.setattr(tokens, "_library", lambda module: Locked() if real(module) else None)
        assert sorted(selectors.masked([1, 2])) == [1, 2]
        done = services.rotate(actor=OFFICER, now=now)
        assert "silent" in selectors.key_status().keepers[1].warnings
    assert done.pending == (f"token:{with_token}",)
    assert len(tries) == 1
    keyd.forget()
    assert services.settle(actor=OFFICER, now=now).pending == ()


@needs_softhsm
def test_an_absent_token_as_the_only_keeper_locks_the_vault_and_loses_nothing(token_alone):
    Drawer(token_alone).pull()
    keyd.forget()
    with pytest.raises(VaultLocked):
        selectors.masked([1])
    Drawer(token_alone).put_back()
    assert readable() == [1, 2]


def test_a_key_file_swapped_with_an_older_copy_is_refused_by_name(vault, now):
    put([order(1), order(2)])
    keys = vault / "keys"
    shutil.copy(keys / "keeper-file.key", keys.parent / "older")
    cut(1, now)
    services.rotate(actor=OFFICER, now=now)
    present = (keys / "keeper-file.2.key").read_bytes()
    # Under its own name beside nothing newer, and in the place of the present one.
    (keys / "keeper-file.2.key").unlink()
    shutil.copy(keys.parent / "older", keys / "keeper-file.key")
    keyd.forget()
    with pytest.raises(KeeperOutdated):
        selectors.masked([2])
    (keys / "keeper-file.key").replace(keys / "keeper-file.2.key")
    keyd.forget()
    with pytest.raises(KeyFileDamaged):
        selectors.masked([2])
    (keys / "keeper-file.2.key").write_bytes(present)
    assert readable() == [2]


@pytest.mark.parametrize("size", [0, 9, 60])
def test_a_truncated_key_file_is_named_and_its_copy_of_today_serves(vault, size):
    put([order(1), order(2)])
    path = vault / "keys" / "keeper-file.key"
    whole = path.read_bytes()
    path.write_bytes(whole[:size])
    keyd.forget()
    # One that is long enough to be a key file says so together with the passphrase: nobody can tell which it is.
    with pytest.raises((KeyFileDamaged, WrongPassphrase)):
        selectors.masked([1])
    path.write_bytes(whole)
    assert readable() == [1, 2]


class Full:
    """A disk that takes so many files more."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.real = shelf.os.fsync

    def fsync(self, handle: int) -> None:
        self.room -= 1
        if self.room < 0:
            raise OSError(ENOSPC, "no room")
        self.real(handle)


@pytest.mark.parametrize("room", range(6))
def test_a_disk_that_fills_at_any_moment_of_the_ratchet_loses_nothing(vault, now, monkeypatch, room):
    put([order(1), order(2)])
    cut(1, now)
    disk = Full(room)
    with monkeypatch.context() as patch:
        patch.setattr(shelf.os, "fsync", disk.fsync)
        with suppress(KeeperUnreachable):
            # Where it turned, there was no room even to overwrite the old one.
            assert services.rotate(actor=OFFICER, now=now).pending == ("file",)
    assert disk.room < 0
    assert Identity.objects.get().claimed == 2
    assert selectors.unreadable_since(1) is None
    assert readable() == [2]
    assert services.rotate(actor=OFFICER, now=now).pending == ()
    assert len(selectors.key_status().keepers[0].held) == 1
    assert readable() == [2]
    assert selectors.unreadable_since(1) is not None
