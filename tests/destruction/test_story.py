"""The whole story, once for each class of keeper: what was destroyed stays destroyed, and where that ends.

Intake, a hold, a backup; then a day and a person are destroyed. Somebody brings everything that ever was: the old set, every
old row, every old key pack. What he may not have is an old secret of a keeper; with one, `file` opens again and `split` does
not. Run with -s, each telling prints its results (docs/tasks/prove-it-is-gone.md).
"""

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import transaction

from midan.approval import services as approval
from midan.audit import keys
from midan.catalog.settings import current
from midan.cli.keys import _tell
from midan.core.blind import Kind
from midan.core.errors import MidanError
from midan.destruction import selectors, services
from midan.destruction.rules.runs import CutPart, RunReason
from midan.destruction.services import Erasure
from midan.ui import keepers as words
from midan.vault import keyd, models
from midan.vault import selectors as vault
from midan.vault.backup import restoring
from midan.vault.backup import services as backups
from midan.vault.keyd import pack as packing
from midan.vault.rules import Contact
from tests.destruction.conftest import JOB
from tests.vault.orders import find
from tests.vault.softhsm import needs_softhsm, one_token, place_of_tokens  # noqa: F401  the fixtures
from tests.vault.test_restore import empty

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
VICTIM = Contact(name="阮青禾", phone="17000009911", address="江苏省苏州市姑苏区平江路77号2幢501室")
TABLES = (
    models.Identity, models.Epoch, models.State, models.FrontierRow, models.CompanySecret,
    models.Record, models.Part, models.Digest,
)  # fmt: skip


@dataclass
class Kept:
    """One class of keeper: how the setting names it, and the folders its secrets lie in."""

    kind: str
    word: str
    folders: tuple[Path, ...]
    stale: list[Path] = field(default_factory=list)

    def copy_secrets(self) -> None:
        """Do what nobody may: keep a copy of what the keeper holds now."""
        for folder in self.folders:
            self.stale.append(folder.with_name(f"stale-{folder.name}"))
            shutil.copytree(folder, self.stale[-1])

    @property
    def packs(self) -> Path:
        return self.folders[0] / "packs"


@pytest.fixture
def kept(request, keyed_home, tmp_path, monkeypatch) -> Kept:
    """A home whose only keeper is of this class from the beginning."""
    (keyed_home / "keys" / "keeper-file.key").unlink()
    if request.param == "token":
        place = request.getfixturevalue("config")
        one = Kept("token", f"token:{place}", (place.parent,))
    else:
        folders = tuple(tmp_path / name for name in ("host-a", "host-b")[: 1 + (request.param == "split")])
        for folder in folders:
            folder.mkdir(mode=0o700)
        one = Kept(request.param, ":".join((request.param, *map(str, folders))), folders)
    monkeypatch.setenv("MIDAN_KEEPERS", one.word)
    keyd.forget()
    return one


every_keeper = pytest.mark.parametrize(
    "kept", ["file", "split", pytest.param("token", marks=needs_softhsm)], indirect=True
)


@dataclass
class Parcels:
    """By their numbers: two of the day that goes, one of it held, one whose recipient goes, one nobody touches."""

    gone: list[str]
    held: str
    half: str
    live: str


@dataclass
class Old:
    """Everything there was before, as somebody may have copied it, but for the keeper's secret."""

    rows: dict[type, list[dict[str, object]]]
    packs: dict[str, bytes]
    set: Path
    seqs: dict[str, int]


def fill(office) -> Parcels:
    def order():
        number = office.world.order(recipient=VICTIM)
        office.deliver(number)
        return number

    gone = [order(), order()]
    held = office.order()
    office.hold(held)
    office.days(1)
    return Parcels(gone=gone, held=held, half=order(), live=office.order())


def remember(office, kept: Kept, parcels: Parcels, to: Path) -> Old:
    made = backups.make(actor=JOB, to=to, now=office.now, life_days=400)
    backups.verify(actor=JOB, set_id=made.set, now=office.now)
    numbers = (*parcels.gone, parcels.held, parcels.half, parcels.live)
    return Old(
        rows={model: list(model.objects.values()) for model in TABLES},
        packs={path.name: path.read_bytes() for path in kept.packs.iterdir()},
        set=made.folder,
        seqs={number: office.seq(number) for number in numbers},
    )


def destroy(office, parcels: Parcels):
    """The day by the schedule, the person by two people; return the runs, all of them finished."""
    office.days(210)
    code = services.request_run(
        actor=office.officer,
        reason=RunReason.DELETION_REQUESTED,
        erasures=[Erasure(waybill=parcels.half, part=CutPart.RECIPIENT)],
        now=office.now,
    )
    approval.approve(actor=office.second, code=selectors.run(code).approval, now=office.now)
    runs = office.destroy_due()
    assert {run.basis for run in runs} == {"due", "approved"}
    return runs


@contextmanager
def put_back(old: Old, *, generation: int = 0):
    """Every old row in its place for a while; with a generation, as if it were the present one."""
    with transaction.atomic():
        for model, rows in old.rows.items():
            model.objects.all().delete()
            model.objects.bulk_create([model(**row) for row in rows])
        if generation:
            for model in (models.State, models.CompanySecret):
                model.objects.update(generation=generation)
            models.Identity.objects.update(generation=generation, claimed=generation)
        keyd.forget()
        yield
        transaction.set_rollback(True)
    keyd.forget()


def opens(seqs) -> list[int]:
    """Return what of these opens in any part of it; a vault that refuses altogether opens nothing."""
    found = []
    for seq in seqs:
        with suppress(MidanError):
            order = vault.masked([seq]).get(seq)
            found += [seq] if order is not None and order.recipient.phone else []
    return found


def packs_open(old: Old) -> bool:
    """Return whether an old key pack opens under a secret of today."""
    for keeper in keyd.keepers():
        for number in keeper.held():
            for name, data in old.packs.items():
                with suppress(MidanError):
                    if name.startswith("pack-"):
                        packing.unseal(data, keeper.read(number))
                        return True
    return False


def verified_offline(certificate: bytes, folder: Path) -> dict[str, object]:
    """Check it as an inspector does: the file, the log's public key, and nothing else of ours."""
    folder.mkdir()
    (folder / "certificate.json").write_bytes(certificate)
    (folder / "log.pub").write_bytes(keys.public_key_file())
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("MIDAN_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "midan", "destroy", "verify", "certificate.json", "--key", "log.pub"],
        cwd=folder, env=bare | {"MIDAN_HOME": str(folder / "nothing")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done
    assert not (folder / "nothing" / "data.db").exists()
    return json.loads(done.stdout.splitlines()[-1])


def restore(office, kept: Kept, old: Old, monkeypatch) -> restoring.Restored:
    """Lose the place; begin an empty one with the old set, the keepers of today, and every old pack beside theirs."""
    home = current().home.parent / "new"
    for name in ("tiles", "media"):
        (home / name).mkdir(parents=True)
    shutil.copytree(current().keys, home / "keys", dirs_exist_ok=True)
    for name, data in old.packs.items():
        if not (kept.packs / name).exists():
            (kept.packs / name).write_bytes(data)
    empty()
    monkeypatch.setenv("MIDAN_HOME", str(home))
    keyd.forget()
    return restoring.restore(actor=JOB, source=old.set, now=office.now, skip_numbers=lambda _count: None)


def said(capsys) -> str:
    """Return what `midan keys status` tells."""
    capsys.readouterr()
    _tell(vault.key_status())
    return capsys.readouterr().out


@every_keeper
def test_with_everything_old_but_a_keepers_secret_nothing_comes_back(kept, office, tmp_path, monkeypatch):
    parcels = fill(office)
    old = remember(office, kept, parcels, tmp_path / "sets")
    victims = [old.seqs[number] for number in (*parcels.gone, parcels.half)]
    others = [old.seqs[number] for number in (parcels.held, parcels.live)]
    assert opens([*victims, *others]) == [*victims, *others]
    runs = destroy(office, parcels)
    assert opens([*victims, *others]) == others

    for run in runs:
        line = verified_offline(selectors.certificate(run.code), tmp_path / run.code)
        assert (line["ok"], line["status"]) == (True, "final")
        assert line["content_unreadable_since"]

    assert not packs_open(old)
    for generation in (0, vault.key_status().generation):
        with put_back(old, generation=generation):
            assert opens(victims) == []

    done = restore(office, kept, old, monkeypatch)
    assert opens([*victims, *others]) == others
    assert done.destroyed == 2
    assert vault.masked([old.seqs[parcels.half]])[old.seqs[parcels.half]].sender.phone
    assert find(Kind.PHONE, VICTIM.phone) == ()
    (day,) = [epoch.number for run in runs for epoch in run.epochs]
    assert not models.Part.objects.filter(epoch=day).exists()
    sys.stdout.write(
        f"\n{kept.kind}: 0 of 3 destroyed open with everything old but the secret; 2 of 2 others do" + "\n"
    )


@pytest.mark.parametrize("kept", ["file"], indirect=True)
def test_with_a_stale_copy_of_a_file_keeper_it_opens_again_and_that_was_said_before(
    kept, office, tmp_path, monkeypatch, capsys
):
    parcels = fill(office)
    old = remember(office, kept, parcels, tmp_path / "sets")
    before = said(capsys)
    assert words.COPY["file"] in before
    assert words.WARNING["best_effort"] in before
    kept.copy_secrets()
    (run, _) = destroy(office, parcels)
    facts = office.certificate(run.code).facts
    assert "口令" in facts["copies"]["zh"][0]
    assert facts["keepers"][0]["best_effort"] is True
    victims = [old.seqs[number] for number in parcels.gone]
    monkeypatch.setenv("MIDAN_KEEPERS", f"file:{kept.stale[0]}")
    with put_back(old):
        again = opens(victims)
    assert again == victims
    sys.stdout.write(
        f"\nfile, a stale copy of its secret: {len(again)} of {len(victims)} destroyed open again" + "\n"
    )


@pytest.mark.parametrize("kept", ["split"], indirect=True)
@pytest.mark.parametrize("stale", [0, 1])
def test_one_stale_half_of_a_split_keeper_opens_nothing(kept, stale, office, tmp_path, monkeypatch, capsys):
    parcels = fill(office)
    old = remember(office, kept, parcels, tmp_path / "sets")
    assert words.COPY["split"] in said(capsys)
    kept.copy_secrets()
    destroy(office, parcels)
    hosts = [kept.stale[at] if at == stale else kept.folders[at] for at in range(2)]
    monkeypatch.setenv("MIDAN_KEEPERS", f"split:{hosts[0]}:{hosts[1]}")
    everything = list(old.seqs.values())
    for generation in (0, 2):
        with put_back(old, generation=generation):
            assert opens(everything) == []
    sys.stdout.write(f"\nsplit, a stale copy of half {'ab'[stale]}: 0 of {len(everything)} open" + "\n")
    # And both halves are as good as the whole, which is why they lie on two hosts.
    monkeypatch.setenv("MIDAN_KEEPERS", f"split:{kept.stale[0]}:{kept.stale[1]}")
    with put_back(old):
        assert opens(everything) == everything
    sys.stdout.write(f"split, stale copies of both: {len(everything)} of {len(everything)} open again" + "\n")


@pytest.mark.parametrize("kept", [pytest.param("token", marks=needs_softhsm)], indirect=True)
def test_a_stale_copy_of_the_file_beside_a_token_opens_nothing(kept, office, tmp_path, monkeypatch, capsys):
    parcels = fill(office)
    old = remember(office, kept, parcels, tmp_path / "sets")
    assert words.COPY["token"] in said(capsys)
    kept.copy_secrets()
    destroy(office, parcels)
    monkeypatch.setenv("MIDAN_KEEPERS", f"token:{kept.stale[0] / 'token.toml'}")
    with put_back(old):
        assert opens(old.seqs.values()) == []
    sys.stdout.write("\ntoken, a stale copy of the wrapped secret: 0 open" + "\n")
