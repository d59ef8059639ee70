"""Take up a log whose rows were restored: its files follow from the rows, and what had no place yet gets one."""

from collections.abc import Sequence

from django.db import connection, transaction

from midan.audit.errors import LogDamaged
from midan.audit.keys import verifier
from midan.audit.services.sequence import newest_checkpoint, write_tiles
from midan.audit.tiles import TileFolder, tree_head
from midan.catalog.settings import current
from midan.core.entry import entry_leaf
from midan.core.merkle import open_checkpoint
from midan.store import bulk

_SIZE = 'SELECT coalesce(max("index") + 1, 0) FROM audit_leaf'


def take_up(*, pending: Sequence[int]) -> int:
    """Write the tiles up to the newest checkpoint, publish it, place `pending` in this order; return the log's size.

    LogDamaged when the leaves do not lead to the checkpoint's root. May be run again.
    """
    folder = TileFolder(current().tiles)
    size, text = newest_checkpoint()
    if text:
        known = verifier()
        head = open_checkpoint(text, trusted=[known], origin=known.name)
        current().tiles.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_tiles(folder, size, since=0)
        if head.size != size or tree_head(size, folder.reader(size)) != head.root:
            raise LogDamaged("日志块文件与检查点不符，拒绝继续", size=size)
        folder.publish(text)
    return _place(pending)


def _place(pending: Sequence[int]) -> int:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_SIZE)
        size = int(cursor.fetchone()[0])
        rows: list[tuple[int, int, bytes]] = []
        for number in pending:
            cursor.execute(
                "SELECT entry, salt FROM audit_entry e WHERE id = %s"
                " AND NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.entry_id = e.id)",
                [number],
            )
            found = cursor.fetchone()
            if found:
                entry, salt = found
                rows.append((size + len(rows), number, entry_leaf(bytes(salt), entry.encode())))
        bulk.insert("audit_leaf", ('"index"', "entry_id", "leaf"), ("int8", "int8", "bytea"), rows)
    return size + len(rows)
