"""PostgreSQL's partitions of sealed parts and digests, one an epoch (migration 0006); SQLite has none.

Made ahead, so that taking in orders never waits for one. An epoch that began without its partition lies in the rest:
everything works there too, only its end is deletion row by row.
"""

import logging
from typing import Final

from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.db.utils import OperationalError

from midan.store import bulk
from midan.vault.models import DESTROYED, Digest, Epoch, Identity, IdentityPart, IdentityRecord, Part, Record

_LOGGER = logging.getLogger(__name__)
TABLES: Final[dict[str, type[Model]]] = {
    "vault_digest": Digest,
    "vault_part": Part,
    "vault_identitypart": IdentityPart,
}
# Two weeks of two classes and of what is carried on.
AHEAD: Final = 32
_TRIES: Final = 3


def make(first: int, numbers: int = 1) -> int:
    """Make the partitions of these epochs as far as they are missing, and return how many came; 0 on SQLite.

    What cannot be made now is logged and left: no failure here may stop an intake.
    """
    if not bulk.is_postgres():
        return 0
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT vault_partition_make(%s, %s)", [first, numbers])
            return int(cursor.fetchone()[0])
    except DatabaseError as error:
        _LOGGER.warning("partitions from %d on wait: %s", first, type(error).__name__)
        return 0


def make_ahead(numbers: int = AHEAD) -> int:
    """Make the partitions of the next epochs, whatever their class and day will be."""
    following = Identity.objects.values_list("next_epoch", flat=True).first()
    return 0 if following is None else make(following, numbers)


def drop(epoch: int, table: str) -> bool:
    """Drop the partition of a dead epoch, in the caller's transaction; return whether it went.

    False where it has none, on SQLite, and where others need the table longer than we wait: its rows can be deleted
    then. IntegrityError for an epoch that lives or that a record still leads to.
    """
    if not bulk.is_postgres():
        return False
    for _ in range(_TRIES):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT vault_partition_drop(%s, %s)", [epoch, table])
                return bool(cursor.fetchone()[0])
        except OperationalError:  # somebody reads all of it: a backup, or a count
            continue
    return False


def drop_empty() -> int:
    """Drop what could not go with its dead epoch and was emptied row by row; return how many partitions went."""
    if not bulk.is_postgres():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT substring(relname FROM '_e(\\d+)$')::bigint FROM pg_class"
            " JOIN pg_inherits ON inhrelid = oid"
            " WHERE inhparent = ANY(%s::regclass[]) AND relname ~ '_e\\d+$'",
            [list(TABLES)],
        )
        numbers = [number for (number,) in cursor.fetchall()]
    dead = Epoch.objects.filter(number__in=numbers, state=DESTROYED).order_by("number")
    return sum(
        drop(epoch, table)
        for epoch in dead.values_list("number", flat=True)
        for table, model in TABLES.items()
        if not model._default_manager.filter(epoch=epoch).exists()  # noqa: SLF001  Django's name for it
        and not Record.objects.filter(epoch=epoch).exists()
        and not IdentityRecord.objects.filter(epoch=epoch).exists()
    )
