"""Entries ride in the transaction of their act, and nothing but an insert is possible."""

import pytest
from django.db import DatabaseError, connection, transaction

from midan.audit import selectors, services
from midan.audit.errors import EntryUnknown, NotInTransaction
from midan.core.actor import Actor
from midan.core.entry import Entry, MalformedEntry

CLERK = Actor(kind="staff", name="S00017", role="clerk", branch="HZ001", device="dev-1", address="192.0.2.7")
TOKEN = bytes(range(16))


def write(**changes: object) -> str:
    given = {"actor": CLERK, "act": "access:part:revealed", "object": "waybill:MD0000000000017"} | changes
    with transaction.atomic():
        return services.record(**given)


@pytest.mark.django_db
def test_an_entry_keeps_the_actor_as_it_was_that_day():
    found = selectors.entry(write(purpose="deliver", reason="no_answer", clause="L2.2"))
    assert found.entry.actor == "staff:S00017"
    assert (found.entry.device, found.entry.address) == ("dev-1", "192.0.2.7")
    assert dict(found.entry.details) == {"role": "clerk", "branch": "HZ001"}
    assert found.index is None


@pytest.mark.django_db
def test_the_stored_bytes_are_canonical_and_the_query_columns_come_from_them():
    entry_id = write(purpose="deliver", reason="no_answer", clause="L2.2", party=(TOKEN,), count=2)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry, entry_id, time, actor, act, object, purpose, reason, outcome, clause FROM audit_entry"
        )
        text, *columns = cursor.fetchone()
        cursor.execute("SELECT token FROM audit_party")
        tokens = [bytes(row[0]) for row in cursor.fetchall()]
    entry = Entry.from_bytes(text.encode())
    assert columns == [
        entry_id,
        entry.time,
        "staff:S00017",
        "access:part:revealed",
        "waybill:MD0000000000017",
        "deliver",
        "no_answer",
        "done",
        "L2.2",
    ]
    assert tokens == [TOKEN]


@pytest.mark.django_db
def test_two_like_entries_have_salts_and_ids_of_their_own():
    write()
    write()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT salt), count(DISTINCT entry_id), min(length(salt)) FROM audit_entry"
        )
        assert cursor.fetchone() == (2, 2, 32)


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_nothing_is_written():
    with pytest.raises(NotInTransaction):
        services.record(actor=CLERK, act="access:part:revealed", object="waybill:MD1")
    assert selectors.total() == 0


@pytest.mark.django_db(transaction=True)
def test_an_act_that_fails_takes_its_entry_with_it():

    def fail():
        with transaction.atomic():
            services.record(actor=CLERK, act="access:part:revealed", object="waybill:MD1")
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fail()
    assert selectors.total() == 0


@pytest.mark.django_db(transaction=True)
def test_the_entry_of_a_read_is_committed_before_anything_is_opened():
    entry_id = services.commit_read(actor=CLERK, act="access:part:revealed", object="waybill:MD1")
    assert not connection.in_atomic_block
    assert selectors.entry(entry_id).entry.entry_id == entry_id


@pytest.mark.django_db(transaction=True)
def test_the_entry_of_a_read_refuses_a_transaction_that_could_take_it_back():
    with pytest.raises(RuntimeError), transaction.atomic():
        services.commit_read(actor=CLERK, act="access:part:revealed", object="waybill:MD1")
    assert selectors.total() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "客户要求查看"},
        {"reason": "two words"},
        {"object": "search:17000001234"},
        {"object": "17000001234"},
        {"details": {"note": "call him back"}},
        {"details": {"phone": "17000001234"}},
        {"act": "revealed"},
        {"outcome": "maybe"},
    ],
)
def test_free_text_and_telephone_numbers_have_no_place_in_an_entry(changes):
    with pytest.raises(MalformedEntry) as caught:
        write(**changes)
    assert "1700" not in str(caught.value.as_dict())
    assert selectors.total() == 0


@pytest.mark.django_db
def test_an_unknown_entry_is_said_to_be_unknown():
    with pytest.raises(EntryUnknown):
        selectors.entry("0" * 32)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET salt = salt",
        "DELETE FROM audit_entry",
        "UPDATE audit_party SET token = token",
        "DELETE FROM audit_party",
    ],
)
def test_the_database_refuses_to_change_or_remove(statement):
    write(party=(TOKEN,))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert selectors.total() == 1
