"""What was printed is proved to an outsider, cannot be rewritten, and shows when it was rewritten all the same."""

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from midan.audit import selectors as log
from midan.audit import services as audit
from midan.core.actor import Actor
from midan.core.merkle import leaf_hash, verify_inclusion
from midan.core.merkle.proofs import Head
from midan.label import selectors, services
from midan.label.models import Print, Withdrawal
from midan.waybill import selectors as waybills

SYSTEM = Actor.system("test")
TakeIn = Callable[..., list[str]]


def printed(numbers: list[str], now: datetime, **wish: object) -> services.Printed:
    return services.print_labels(actor=SYSTEM, waybills=numbers, now=now, **({"format": "zpl"} | wish))


def proved(number: str, now: datetime) -> dict:
    audit.integrate(now=now)
    return log.prove(number, traces_of=selectors.traces)


@pytest.mark.parametrize("count", [1, 20, 40])
def test_the_proof_of_a_waybill_holds_its_prints_however_many_labels_were_in_the_file(
    take_in: TakeIn, now: datetime, count: int
):
    numbers = take_in(count)
    batch = printed(numbers, now)
    again = printed(numbers[-1:], now, reason="label_damaged")
    services.withdraw(actor=SYSTEM, print_id=batch.print_ids[-1], now=now)
    found = proved(numbers[-1], now)
    entries = {
        entry["object"]: entry
        for proof in found["proofs"]
        for entry in [json.loads(b64decode(proof["entry"]))]
    }
    places = [f"print:{batch.print_ids[0]}", f"print:{again.print_ids[0]}"]
    assert [member["object"] for member in found["prints"]] == places
    assert f"label:{batch.print_ids[-1]}" in entries
    for member in [*found["prints"], found["batch"]]:
        root = bytes.fromhex(entries[member["object"]]["details"]["root"])
        verify_inclusion(
            index=member["index"],
            leaf=leaf_hash(numbers[-1].encode()),
            proof=[bytes.fromhex(step) for step in member["proof"]],
            head=Head(member["size"], root),
        )
    if count > 1:
        assert proved(numbers[0], now)["prints"][0]["index"] == 0
        assert len(proved(numbers[0], now)["prints"]) == 1


@pytest.mark.parametrize("change", ["UPDATE label_print SET actor = 'x'", "DELETE FROM label_withdrawal"])
def test_the_database_refuses_to_change_what_was_printed(take_in: TakeIn, now: datetime, change: str):
    job = printed(take_in(), now)
    services.withdraw(actor=SYSTEM, print_id=job.print_ids[0], now=now)
    with pytest.raises(IntegrityError, match="insert-only"), transaction.atomic():
        connection.cursor().execute(change)
    assert Print.objects.get().actor == SYSTEM.reference
    assert Withdrawal.objects.count() == 1


def past_the_triggers(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(statement, values)
            cursor.execute("SET session_replication_role = origin")
            return
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'label_print'"
        )
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(statement, values)
        for _, sql in triggers:
            cursor.execute(sql)


REWRITES = {
    "another waybill": "UPDATE label_print SET seq = {other} WHERE print_id = {last}",
    "another hand": "UPDATE label_print SET actor = 'staff:S00001' WHERE print_id = {last}",
    "another branch": "UPDATE label_print SET branch = 'NJ001' WHERE print_id = {last}",
    "another size": "UPDATE label_print SET size = '100x150' WHERE print_id = {last}",
    "another reason": "UPDATE label_print SET reason = 'wrong_destination' WHERE print_id = {last}",
    "another copy": "UPDATE label_print SET copy_no = 9 WHERE print_id = {last}",
    "another batch": "UPDATE label_print SET batch = {first} WHERE print_id = {last}",
    "a row less": "DELETE FROM label_print WHERE print_id = {last}",
    "a batch less": "DELETE FROM label_print WHERE batch = {first}",
    "a row more": "INSERT INTO label_print SELECT print_id + 9, batch, seq, 7, actor, branch, at, format, size, dpi,"
    " reason FROM label_print WHERE print_id = {last}",
}


@pytest.mark.parametrize("what", REWRITES)
def test_a_register_rewritten_past_the_triggers_differs_from_the_log(
    take_in: TakeIn, now: datetime, what: str
):
    numbers = take_in(4)
    batch = printed(numbers[:3], now)
    again = printed(numbers[2:3], now, reason="label_damaged")
    assert selectors.departure() is None
    other = waybills.get(numbers[3]).seq
    past_the_triggers(REWRITES[what].format(other=other, first=batch.print_ids[0], last=again.print_ids[0]))
    assert selectors.departure() is not None


def test_verification_says_so_and_keeps_it(take_in: TakeIn, now: datetime):
    job = printed(take_in(2), now)
    audit.integrate(now=now)

    def check() -> log.VerifyResult:
        return audit.check(actor=SYSTEM, now=now, workers=1, registers=(selectors.departure,))

    assert check().ok
    past_the_triggers("UPDATE label_print SET actor = 'staff:S00001' WHERE print_id = %s", job.print_ids[1])
    found = check()
    assert (found.ok, found.reason) == (False, "label_print_differs")
    assert found.first_bad == log.entry(job.entry_id).index
    kept = log.last_verification()
    assert kept is not None
    assert (kept.ok, kept.reason) == (False, "label_print_differs")
