"""A clock set back brings no destroyed day back, and one set forward destroys nothing that a warrant does not name."""

import pytest

from midan.vault import models
from midan.vault.errors import EpochDestroyed

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_clock_set_back_opens_no_destroyed_day_again(office, old):
    delivered = old[0]
    day = models.Epoch.objects.get(number=office.epoch(delivered)).day
    (run,) = office.destroy_due()
    gone = run.epochs[0].number
    office.days(-211)
    assert office.now.date() == day
    before = models.Epoch.objects.count()
    with pytest.raises(EpochDestroyed):
        office.order()
    assert models.Epoch.objects.count() == before
    assert models.Epoch.objects.get(number=gone).state == models.DESTROYED
    assert not models.State.objects.filter(epoch=gone).exists()
    office.days(1)  # any day that never was one takes orders
    assert office.opens(office.order()) is not None


def test_a_clock_set_back_in_the_middle_of_a_run_writes_itself_a_new_warrant(office, old, monkeypatch):
    """keyd refuses an entry from the future; the run waits, and goes on when the clock does."""
    from midan.destruction.services import steps

    real = steps.vault.destroy

    def set_back(**named):
        office.days(-300)
        monkeypatch.setattr(steps.vault, "destroy", real)
        return real(**(named | {"now": office.now}))

    monkeypatch.setattr(steps.vault, "destroy", set_back)
    worked = office.work()
    assert [fault.code for fault in worked.faults] == ["warrant_refused"]
    assert worked.finished == ()
    assert office.opens(old[0]) is not None
    office.days(300)
    assert office.work().finished == worked.waiting
    assert office.opens(old[0]) is None
