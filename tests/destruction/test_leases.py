"""A certificate says "unreadable since" only when no process with keys can open by an older state any more."""

from datetime import UTC, datetime, timedelta
from time import time

import pytest

from midan.core.entry import rfc3339
from midan.vault import services as vault
from midan.vault.models import KeydLease

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def elsewhere():
    """The lease of a keyd on another host that has stopped answering; it ends in two seconds."""

    def made(seconds):
        return KeydLease.objects.create(
            name="0" * 32, host="elsewhere", pid=1, version=0, until=time() + seconds
        )

    return made


def test_the_moment_is_that_of_the_last_lease(office, old, elsewhere, monkeypatch):
    rows, turn = [], vault.rotate

    def turn_beside_another(**named):
        done = turn(**named)
        rows.append(elsewhere(2))
        return done

    monkeypatch.setattr(vault, "rotate", turn_beside_another)
    (run,) = office.destroy_due()
    times = office.certificate(run.code).facts["times"]
    stamped = datetime.fromisoformat(times["content_unreadable_since"])
    assert stamped - office.now > timedelta(seconds=1)
    assert datetime.now(UTC).timestamp() >= rows[0].until
    assert times["keys_destroyed"] == rfc3339(office.now)


def test_while_a_lease_does_not_end_the_run_waits_and_nothing_is_certified(
    office, old, elsewhere, monkeypatch
):
    elsewhere(3_600)
    patient = vault.all_acknowledge
    monkeypatch.setattr(vault, "all_acknowledge", lambda **named: patient(**named, patience=0.2))
    worked = office.work()
    assert (worked.finished, len(worked.waiting)) == ((), 1)
    KeydLease.objects.filter(host="elsewhere").delete()
    assert office.work(due=False).finished == worked.waiting
