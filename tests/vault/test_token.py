"""The token keeper on SoftHSM2: generation keys never leave the token, and are destroyed by it."""

import shutil

import pytest
from django.utils import timezone

from midan.core.warrant import Cut
from midan.vault import keyd, selectors, services
from midan.vault.errors import KeeperUnreachable, KeyFileDamaged, VaultLocked
from midan.vault.keyd import token as tokens
from midan.vault.keyd.token import TokenKeeper
from midan.vault.keyd.wrapping import Generation
from midan.vault.models import FrontierRow, State
from tests.vault.orders import order, put
from tests.vault.runs import OFFICER, warrant
from tests.vault.softhsm import needs_softhsm, one_token, place_of_tokens  # noqa: F401  the fixtures

pytestmark = [pytest.mark.django_db(transaction=True), needs_softhsm]


@pytest.fixture
def keeper(config):
    return TokenKeeper(config, f"token:{config}")


def test_a_generation_comes_back_and_another_of_its_number_is_refused(keeper):
    keeper.create(Generation(3, b"k" * 32))
    assert keeper.held() == (3,)
    assert keeper.read(3) == Generation(3, b"k" * 32)
    with pytest.raises(FileExistsError):
        keeper.create(Generation(3, b"o" * 32))
    assert b"k" * 8 not in (keeper.places[0] / "token-3.key").read_bytes()


def test_the_tokens_key_is_not_given_out(keeper):
    import pkcs11

    keeper.create(Generation(3, b"k" * 32))
    with keeper._session() as session:
        (key,) = tokens._keys(session, 3)
        assert key[pkcs11.Attribute.EXTRACTABLE] is False
        assert key[pkcs11.Attribute.SENSITIVE] is True
        with pytest.raises(pkcs11.exceptions.PKCS11Error):
            key[pkcs11.Attribute.VALUE]


def test_a_copy_of_the_file_opens_nothing_once_the_token_destroyed_its_key(keeper):
    keeper.create(Generation(3, b"k" * 32))
    copy = (keeper.places[0] / "token-3.key").read_bytes()
    assert keeper.erase(3) == "token_key_destroyed"
    assert keeper.held() == ()
    (keeper.places[0] / "token-3.key").write_bytes(copy)
    with pytest.raises(VaultLocked):
        keeper.read(3)


@pytest.mark.parametrize("size", [0, 4, 20, 44])
def test_a_cut_file_is_named_as_damaged(keeper, size):
    keeper.create(Generation(3, b"k" * 32))
    path = keeper.places[0] / "token-3.key"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(KeyFileDamaged):
        keeper.read(3)


def test_a_wrong_pin_is_tried_once(keeper, config):
    keeper.create(Generation(3, b"k" * 32))
    pin = config.with_name("pin")
    pin.write_text("0000\n")
    for reason in ("PinIncorrect", "pin_refused_before"):
        with pytest.raises(KeeperUnreachable) as caught:
            keeper.read(3)
        assert caught.value.details["reason"] == reason
    pin.write_text("4711\n")
    assert keeper.read(3).number == 3


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("midan-", "absent-"), "NoSuchToken"),
        (("libsofthsm2", "libnone"), "module"),
        (("pin_file", "pin"), "config"),
    ],
)
def test_a_token_that_is_absent_is_a_keeper_away(keeper, config, change, reason):
    config.write_text(config.read_text().replace(*change))
    with pytest.raises(KeeperUnreachable) as caught:
        keeper.held()
    assert caught.value.details["reason"] == reason


def test_the_whole_story_on_a_token(vault, config, monkeypatch):
    """Seal, destroy, turn: with every old row and every old file of the keeper, nothing destroyed comes back."""
    now, cuts = timezone.now(), [Cut(1)]
    monkeypatch.setenv("MIDAN_KEEPERS", f"file,token:{config}")
    keyd._connections.clear()
    put([order(1), order(2)])
    services.settle(actor=OFFICER, now=now)
    monkeypatch.setenv("MIDAN_KEEPERS", f"token:{config}")
    keyd._connections.clear()
    assert sorted(selectors.masked([1, 2])) == [1, 2]
    old = {model: list(model.objects.values()) for model in (State, FrontierRow)}
    shutil.copytree(config.parent, config.parent.with_name("stale"))
    services.puncture(actor=OFFICER, warrant=warrant(now, cuts=cuts), cuts=cuts, now=now)
    done = services.rotate(actor=OFFICER, now=now)
    (receipt,) = done.receipts
    assert (receipt.kind, receipt.how, receipt.best_effort) == ("token", "token_key_destroyed", False)
    assert done.pending == ("file",)
    stale = config.parent.with_name("stale") / "token-1.key"
    shutil.copy(stale, config.parent / "token-1.key")
    with pytest.raises(VaultLocked):
        TokenKeeper(config, "token").read(1)
    for model, rows in old.items():
        model.objects.all().delete()
        model.objects.bulk_create([model(**row) for row in rows])
    keyd._connections.clear()
    with pytest.raises(VaultLocked):
        selectors.masked([1])
