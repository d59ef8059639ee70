"""Cached keys hold as long as the database's own tag says that nothing changed."""

from datetime import date

import pytest
from django.db import connection, transaction

from midan.core.blind import Kind
from midan.vault import keyd, services
from midan.vault.keyd import stored
from midan.vault.models import CompanySecret, Identity, State, StateTag

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def epoch(vault) -> int:
    lease = services.reserve(retention="standard", day=date(2026, 1, 1), due=date(2027, 1, 1), records=1)
    return lease.epoch


def statements(run) -> list[str]:
    with connection.execute_wrapper(lambda *a: seen.append(a[1]) or a[0](*a[1:])):
        seen: list[str] = []
        run()
    return seen


def search() -> list[tuple[int, bytes]]:
    return keyd.connect().digests(Kind.PHONE, "16000000000")


@pytest.mark.parametrize(
    "change",
    [
        lambda epoch: State.objects.filter(epoch=epoch).update(version=9),
        lambda epoch: State.objects.filter(epoch=epoch).delete(),
        lambda epoch: CompanySecret.objects.filter(name="number").update(wrapped=b"other"),
        lambda epoch: Identity.objects.update(next_epoch=99),
    ],
    ids=["state changed", "state deleted", "secret changed", "identity changed"],
)
def test_every_change_draws_a_new_tag(epoch, change):
    before = stored.state_tag()
    change(epoch)
    assert len(before) == 16
    assert stored.state_tag() != before


def test_a_search_reads_the_tag_and_no_state_when_nothing_changed(epoch):
    search()
    asked = statements(search)
    assert [text for text in asked if "vault_tag" in text]
    assert not [text for text in asked if "vault_state" in text]


def test_a_state_that_goes_stops_opening_in_a_process_that_has_its_keys(epoch):
    assert [number for number, _ in search()] == [epoch]
    State.objects.filter(epoch=epoch).delete()
    assert search() == []


def test_a_change_that_is_rolled_back_leaves_the_keys_in_use(epoch):
    search()
    with transaction.atomic():
        State.objects.filter(epoch=epoch).delete()
        assert search() == []
        transaction.set_rollback(True)
    assert [number for number, _ in search()] == [epoch]


def test_without_a_tag_nothing_cached_is_trusted(epoch):
    search()
    StateTag.objects.all().delete()
    assert [text for text in statements(search) if "vault_state" in text]
