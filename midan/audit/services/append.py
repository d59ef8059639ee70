"""Write an entry: in the transaction of the act it speaks of, or, before a read, in one of its own."""

from collections.abc import Mapping
from datetime import datetime
from os import urandom
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from midan.audit.errors import NotInTransaction
from midan.core.actor import Actor
from midan.core.entry import SALT_SIZE, Entry, rfc3339

_INSERT = "INSERT INTO audit_entry (entry, salt) VALUES (%s, %s)"
_INSERT_PARTY = "INSERT INTO audit_party (token, entry_id) VALUES (%s, %s)"


def record(  # noqa: PLR0913  (the members of an entry)
    *,
    actor: Actor,
    act: str,
    object: str,  # noqa: A002  (the entry's own word)
    outcome: str = "done",
    purpose: str = "",
    reason: str = "",
    clause: str = "",
    policy: str = "",
    party: tuple[bytes, ...] = (),
    count: int | None = None,
    details: Mapping[str, str | int] | None = None,
    at: datetime | None = None,
) -> str:
    """Insert one entry in the current transaction and return its id: 32 hex digits.

    `at` defaults to the clock. Raises NotInTransaction without a transaction, MalformedEntry when a member is not
    a code, a count or a token. The role, the branch and the client of the actor are kept as they were that day.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction("审计条目必须与业务操作在同一事务内写入")
    day = {"role": actor.role, "branch": actor.branch, "via": actor.via}
    entry = Entry(
        entry_id=urandom(16).hex(),
        time=rfc3339(at or timezone.now()),
        actor=actor.reference,
        act=str(act),
        object=object,
        outcome=str(outcome),
        party=tuple(token.hex() for token in dict.fromkeys(party)),
        purpose=str(purpose),
        reason=str(reason),
        clause=clause,
        policy=policy,
        device=actor.device,
        address=actor.address,
        count=count,
        details={key: text for key, text in day.items() if text} | dict(details or {}),
    )
    _insert(entry.to_bytes().decode(), [bytes.fromhex(token) for token in entry.party])
    return entry.entry_id


# The entry of a read, committed before its id comes back, so that nothing is opened unlogged. RuntimeError inside a
# transaction: what could still be rolled back is not yet logged.
commit_read: Final = transaction.atomic(durable=True)(record)


def _insert(entry: str, party: list[bytes]) -> None:
    with connection.cursor() as cursor:
        if not party:
            cursor.execute(_INSERT, (entry, urandom(SALT_SIZE)))
            return
        cursor.execute(f"{_INSERT} RETURNING id", (entry, urandom(SALT_SIZE)))
        row = cursor.fetchone()
        cursor.executemany(_INSERT_PARTY, [(token, row[0]) for token in party])
