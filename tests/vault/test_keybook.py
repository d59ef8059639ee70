"""What the key tables tell: epochs, punctures, generations and since when nothing opens. Never a key."""

from dataclasses import asdict
from datetime import date, timedelta

import pytest

from midan.core.actor import Actor
from midan.vault import keybook, services
from midan.vault.keyd.statebook import StateBook
from midan.vault.models import Epoch, Share
from tests.vault.orders import order, put

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = Actor.system("test")


def states(since=date(2026, 1, 1)):
    return keybook.states(since=since, limit=5)


def test_a_fresh_vault_has_one_generation_and_no_epoch(vault):
    (first,) = keybook.generations(limit=5)
    assert (first.number, first.ended, first.unreadable_at) == (1, None, None)
    assert states() == StateBook(live=0, destroyed=0, size=0, days=(), epochs=())


def test_an_epoch_tells_what_was_taken_and_how_small_its_state_is(vault):
    put([order(seq) for seq in range(1, 4)])
    (epoch,) = states().epochs
    assert (epoch.reserved, epoch.punctures, epoch.nodes, epoch.generation) == (3, 0, 1, 1)
    assert epoch.mark >= epoch.reserved
    assert 0 < epoch.size < 300
    assert states().size == epoch.size
    assert states(epoch.day).days == ((epoch.day, 1, 0),)
    assert states(epoch.day + timedelta(days=1)).days == ()


def test_no_byte_of_a_state_is_told(vault):
    put([order(1)])
    (epoch,) = states().epochs
    assert not [value for value in asdict(epoch).values() if isinstance(value, bytes)]


def test_a_ratchet_ends_a_generation_and_its_receipt_says_since_when(vault, now):
    put([order(1)])
    later = now + timedelta(days=3)
    services.rotate(actor=ACTOR, now=later)
    present, before = keybook.generations(limit=5)
    assert (present.number, present.unreadable_at, before.ended) == (2, None, present.began)
    assert before.unreadable_at == later
    assert [(share.how, share.best_effort) for share in before.shares] == [("overwritten_and_unlinked", True)]


def test_while_one_keeper_owes_nothing_after_it_is_unreadable(vault, now):
    put([order(1)])
    for days in (1, 2):
        services.rotate(actor=ACTOR, now=now + timedelta(days=days))
    Share.objects.filter(generation=1).update(erased_at=None)
    assert [one.unreadable_at for one in keybook.generations(limit=5)] == [None, None, None]


def test_a_destroyed_epoch_is_counted_and_has_no_state(vault):
    put([order(1)])
    Epoch.objects.create(
        number=9, retention="standard", day="2026-01-01", due="2026-01-02", state="destroyed"
    )
    assert (states().live, states().destroyed) == (1, 1)
    assert 9 not in {epoch.number for epoch in states().epochs}
