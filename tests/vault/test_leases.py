"""Two keyds on one database: each acknowledges a new state within a second, or opens nothing after its lease."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from django.db import connection, transaction
from django.utils import timezone

from midan.catalog import settings
from midan.core.parts import PartCode
from midan.core.warrant import Cut
from midan.vault import keyd, selectors, services
from midan.vault.errors import VaultLocked
from midan.vault.keyd import tenure
from midan.vault.keyd.remote import RemoteKeyd, answers
from midan.vault.models import Identity, KeydLease
from tests.vault.orders import grant_for, order, put
from tests.vault.runs import OFFICER, warrant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
SHORT = 3.0
PHONE = frozenset({"recipient_phone"})
ALL = frozenset(PartCode)


@dataclass
class Other:
    """The keyd of another host."""

    process: subprocess.Popen[bytes]
    home: Path

    @property
    def asked(self) -> RemoteKeyd:
        return RemoteKeyd(self.home / "run" / "keyd.sock")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop_inside_an_opening(self) -> None:
        (self.home / "stop").touch()

    def is_stopped(self) -> bool:
        stat = Path(f"/proc/{self.process.pid}/stat").read_text("utf-8")
        return stat.rpartition(")")[2].split()[0] == "T"


@contextmanager
def serving(home: Path, lease: float):
    """Start it, with the keepers of this home and this database."""
    here = settings.current()
    home.mkdir(mode=0o700)
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = os.environ["MIDAN_DATABASE_URL"].replace("/postgres?", f"/{name}?")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MIDAN_", "DJANGO_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.vault.stuck", str(lease)],
        env=kept | {
            "MIDAN_HOME": str(home), "MIDAN_DATABASE_URL": url, "MIDAN_KEEPERS": f"file:{here.keys}",
            "MIDAN_PASSPHRASE_FILE": str(here.passphrase_file),
        },
    )  # fmt: skip
    other = Other(process, home)
    try:
        until(lambda: answers(home / "run" / "keyd.sock"))
        yield other
    finally:
        process.kill()
        process.wait()


def until(holds) -> None:
    end = monotonic() + 30
    while not holds():
        assert monotonic() < end
        sleep(0.02)


@pytest.fixture
def filled(vault, monkeypatch):
    monkeypatch.setattr(tenure, "LEASE", SHORT)
    put([order(1), order(2)])
    return vault


@pytest.fixture
def other(filled, tmp_path):
    with serving(tmp_path / "other", SHORT) as one:
        assert len(one.asked.mask_orders([1], ALL)) == 3
        yield one


def destroy(seq: int) -> int:
    """Erase and turn; return the version to wait for."""
    now, cuts = timezone.now(), [Cut(seq)]
    services.puncture(actor=OFFICER, warrant=warrant(now, cuts=cuts), cuts=cuts, now=now)
    services.rotate(actor=OFFICER, now=now)
    return selectors.state_version()


def test_keyds_that_answer_are_waited_for_no_longer_than_a_second_or_two(other):
    version, began = destroy(1), monotonic()
    assert services.all_acknowledge(version=version)
    assert monotonic() - began < 2
    assert [one.version for one in tenure.standing()] == [version, version]
    assert {one.pid for one in tenure.standing()} == {os.getpid(), other.process.pid}
    assert other.asked.mask_orders([1], ALL) == []


def test_a_keyd_that_does_not_answer_holds_the_moment_back_until_its_lease_ends(other):
    other.asked.acknowledge()
    other.stop()
    began = monotonic()
    version = destroy(1)
    assert not services.all_acknowledge(version=version, patience=0.3)
    assert [one.pid for one in tenure.behind(version)] == [other.process.pid]
    assert selectors.unreadable_since(1) is None
    assert services.all_acknowledge(version=version)
    assert SHORT - 0.5 < monotonic() - began < SHORT + 2
    assert selectors.unreadable_since(1) is not None
    other.go_on()
    assert other.asked.mask_orders([1], ALL) == []
    assert len(other.asked.mask_orders([2], ALL)) == 3


def test_a_keyd_stopped_with_the_keys_in_its_hand_opens_nothing_when_it_goes_on(other):
    said = []
    other.stop_inside_an_opening()
    asking = Thread(target=lambda: said.append(other.asked.mask_orders([1, 2], ALL)))
    asking.start()
    until(other.is_stopped)
    version = destroy(1)
    assert not services.all_acknowledge(version=version, patience=0.3)
    assert services.all_acknowledge(version=version)
    other.go_on()
    asking.join(10)
    assert sorted(one.seq for one in said[0]) == [2] * 3


def test_a_keyd_with_a_call_under_way_does_not_acknowledge_what_came_after_it_began(filled):
    """It renews its lease, for it lives; but what it has in its hands is of the version before."""
    holder = keyd.connect()
    before = holder.acknowledge()
    seen = []

    def work():
        if not seen:
            Identity.objects.update(pack_counter=before + 1)
            seen.append(holder.acknowledge())

    holder.tenure.answer(work)
    assert seen == [before]
    assert [one.version for one in tenure.behind(before + 1)] == [before]
    assert holder.acknowledge() == before + 1
    assert tenure.behind(before + 1) == ()


def test_a_call_longer_than_the_lease_is_answered_when_nothing_was_destroyed(filled, monkeypatch):
    moments = iter([0.0, 0.0, 0.0, 60.0])
    monkeypatch.setattr(tenure, "clock", lambda: next(moments, 60.0))
    assert 1 in selectors.masked([1])


def test_an_answer_that_is_always_late_is_none(filled, monkeypatch):
    hours = iter(range(0, 36_000_000, 3_600))
    monkeypatch.setattr(tenure, "clock", lambda: float(next(hours)))
    grant = grant_for(1, PHONE, timezone.now())
    with pytest.raises(VaultLocked):
        services.open_fields(grant=grant, seq=1, now=timezone.now())


def test_a_lease_is_renewed_only_when_it_is_needed(filled):
    holder = keyd.connect()
    holder.acknowledge()
    row = KeydLease.objects.get()
    selectors.masked([1])
    assert KeydLease.objects.get() == row
    assert KeydLease.objects.get().until == row.until
    holder.tenure.attend()
    assert KeydLease.objects.get().until >= row.until


def test_a_keyd_that_ends_leaves_no_lease_behind(filled):
    holder = keyd.connect()
    holder.acknowledge()
    holder.tenure.end()
    assert tenure.standing() == ()
    assert 1 in selectors.masked([1])
    assert len(tenure.standing()) == 1


def test_nobody_waits_inside_a_transaction(filled):
    with transaction.atomic(), pytest.raises(RuntimeError):
        services.all_acknowledge(version=1)


@pytest.mark.soak
def test_the_lease_is_ten_seconds(vault, tmp_path):
    put([order(1), order(2)])
    with serving(tmp_path / "other", tenure.LEASE) as one:
        one.asked.mask_orders([1], ALL)
        one.asked.acknowledge()
        one.stop()
        began, version = monotonic(), destroy(1)
        assert services.all_acknowledge(version=version)
        assert 9 < monotonic() - began < 12
