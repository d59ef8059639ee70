"""The whole story under each class of keeper: backup, a day destroyed but for one held record, the old backup restored.

Every old file is put back except the keepers' secrets: what was destroyed stays so. Then with a stale copy of a secret:
that is where the claim ends, and it ends elsewhere for a file, for two halves, and for a token.
"""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from midan.catalog.settings import current
from midan.core.errors import MidanError
from midan.vault import keyd, selectors, services
from midan.vault.backup import journal
from midan.vault.backup import services as backups
from midan.vault.models import Identity
from tests.vault.orders import DAY, order, put
from tests.vault.runs import approved
from tests.vault.softhsm import one_token, place_of_tokens  # noqa: F401  the fixtures
from tests.vault.test_restore import ACTOR, Story
from tests.vault.test_token import pytestmark  # noqa: F401  as there


@pytest.fixture
def hosts(tmp_path) -> dict[str, Path]:
    places = {name: tmp_path / name for name in ("host_a", "host_b")}
    for place in places.values():
        place.mkdir(mode=0o700)
    return places


@pytest.fixture(params=["file", "split", "token"])
def kind(request) -> str:
    return request.param


@pytest.fixture
def story(kind, hosts, request, keyed_home, transactional_db, now, tmp_path, monkeypatch) -> Story:
    words = {"file": "file", "split": f"split:{hosts['host_a']}:{hosts['host_b']}"}
    word = words.get(kind) or f"token:{request.getfixturevalue('config')}"
    monkeypatch.setenv("MIDAN_KEEPERS", word)
    keyd.forget()
    services.initialise(actor=ACTOR, now=now)

    def use(home: Path) -> None:
        for name in ("tiles", "media"):
            (home / name).mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv("MIDAN_HOME", str(home))

    put([order(seq) for seq in range(1, 6)])
    put([order(seq) for seq in range(101, 106)], day=DAY - timedelta(days=9))
    return Story(home=keyed_home, now=now, use=use, sets=tmp_path / "sets")


def destroy_all_but(story: Story, held: int) -> None:
    paper = approved(story.now, epochs=(2,))
    services.reseal(actor=ACTOR, warrant=paper, run="D1", causes={held: "held"}, now=story.now)
    journal.save(actor=ACTOR, now=story.now)
    services.destroy(actor=ACTOR, warrant=paper, epochs=(2,), now=story.now)
    assert services.rotate(actor=ACTOR, now=story.now).pending == ()


def test_the_old_backup_brings_back_what_lives_and_what_was_held_and_nothing_else(story, kind):
    folder = story.backup()
    packs = {keeper.name: keeper.packs for keeper in keyd.keepers()}
    old = {name: {file: shelf.get(file) for file in shelf.names()} for name, shelf in packs.items()}
    destroy_all_but(story, held=103)
    for name, shelf in packs.items():  # every old key pack is there again, beside the present one
        for file, data in old[name].items():
            if file not in shelf.names():
                shelf.add(file, data)
    story.leave()
    done = story.restore(folder)
    assert (done.destroyed, done.moved, done.journals) == (4, 1, 1)
    assert selectors.masked([1, 101, 102, 103, 104, 105]).keys() == {1, 103}
    assert {share.kind for share in selectors.key_status().keepers} == {kind}


def test_a_stale_copy_of_the_file_keeper_reads_it_again_and_two_halves_of_which_one_is_stale_do_not(
    story, kind, hosts, tmp_path
):
    if kind == "token":
        pytest.skip("a token's keys cannot be copied: that a vendor's backup of it can is said in the ideas")
    folder = story.backup()
    places = {"file": current().keys, **hosts}
    stale = {name: Path(shutil.copytree(place, tmp_path / f"stale-{name}")) for name, place in places.items()}
    destroy_all_but(story, held=103)
    home = story.leave()
    shutil.rmtree(tmp_path / "host_a")
    shutil.copytree(stale["host_a"], tmp_path / "host_a")
    if kind == "split":
        with pytest.raises(MidanError) as caught:
            story.restore(folder)
        assert caught.value.code in {
            "keys_outdated",
            "pack_damaged",
            "vault_locked",
            "keeper_unreachable",
            "key_file_damaged",
        }
        assert not Identity.objects.exists()
        return
    for path in (*(home / "keys").glob("keeper-file*"), *(home / "keys" / "packs").iterdir()):
        path.unlink()
    shutil.copytree(stale["file"] / "packs", home / "keys" / "packs", dirs_exist_ok=True)
    shutil.copy(stale["file"] / "keeper-file.key", home / "keys")
    # The journal knows a newer pack and refuses the stale one; whoever means harm leaves the journal out.
    with pytest.raises(MidanError) as caught:
        story.restore(folder)
    assert caught.value.code == "keys_outdated"
    for path in story.sets.glob("reseal-*"):
        shutil.rmtree(path)
    assert story.restore(folder).destroyed == 0
    assert selectors.masked([101]).keys() == {101}


def test_an_increment_on_top_restores_under_every_class(story):
    story.backup()
    put([order(seq) for seq in range(6, 9)])
    story.now += timedelta(hours=1)
    made = backups.make(actor=ACTOR, to=story.sets, now=story.now, life_days=35, full=False)
    services.rotate(actor=ACTOR, now=story.now)
    story.leave()
    done = story.restore()
    assert (done.set, done.sets, done.destroyed) == (made.set, 2, 0)
    assert selectors.masked([8, 105]).keys() == {8, 105}
