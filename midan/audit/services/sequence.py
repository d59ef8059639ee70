"""Give entries their places in the tree, write the tiles, sign a checkpoint: in that order, each step durable.

1. Leaves: under a lock, entries that have no place yet get the next indexes (committed).
2. Tiles: files that follow from the leaves alone, so writing them twice writes the same bytes.
3. Checkpoint: signed over the tiles' root (committed), then published as a file.
A crash between any two leaves only work that the next run finishes; nothing is ever taken back. Two sequencers
cannot disagree: only step 1 chooses, and it holds the lock.

PostgreSQL: a slow transaction may commit an older row after a newer one was seen. Whoever writes an entry therefore
takes a turn first (migration 0003): a shared lock, kept to the transaction's end, that names the number r drawn last. Its
own numbers are drawn after that and are larger. The sequencer reads the number s drawn last, then the turns that stand,
then takes entries up to the smaller of s and the least r. Of those none can be missing: whoever drew a number up to s
had its turn before s was read; it either stands yet, and then the number is beyond r, or its transaction has ended, and
the reading that follows sees what it committed. Only our own writers count, whatever else is open on the server.
SQLite writes one transaction at a time, so row numbers suffice.
"""

from datetime import datetime
from itertools import groupby
from typing import Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from midan.audit.errors import LogDamaged
from midan.audit.keys import signing_key, verifier
from midan.audit.tiles import TileFolder, tree_head, upper_tile
from midan.catalog.settings import current
from midan.core.entry import entry_leaf
from midan.core.merkle import (
    Checkpoint,
    Signed,
    Tile,
    Verifier,
    open_checkpoint,
    sign_checkpoint,
    tiles_for,
)
from midan.core.merkle.tiles import HEIGHT
from midan.store import bulk

_LOCK: Final = 0x6D69_6461_6E6C_6F67  # 'midanlog': the advisory lock of the one sequencer
_BLOCK: Final = 16_384  # leaves a transaction: intake never waits long for the lock

_LAST: Final = (
    'SELECT l."index", e."transaction", e.id FROM audit_leaf l LEFT JOIN audit_entry e ON e.id = l.entry_id'
    ' ORDER BY l."index" DESC LIMIT 1'
)
_ABSENT: Final = "NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.entry_id = e.id)"
_PENDING: Final = (
    f'SELECT e.id, e.entry, e.salt FROM audit_entry e WHERE (e."transaction", e.id) > (%s, %s) AND {_ABSENT}'
    ' {settled} ORDER BY e."transaction", e.id LIMIT %s'
)
_DRAWN: Final = "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM audit_entry_id_seq"
_TURNS: Final = (
    "SELECT min((classid::bigint & 255) << 32 | objid::bigint) FROM pg_locks"
    " WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 8 = 7885059"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
# Rows from before turns were taken had all ended when the migration made the first one.
_SETTLED: Final = 'AND (e.id <= {until} OR e."transaction" < 4611686018427387904)'


def integrate(*, now: datetime) -> Checkpoint | None:
    """Bring everything committed into the tree and return the new checkpoint, or None if nothing was new.

    Raises LogNotInitialised or WrongPassphrase before it touches anything, LogDamaged rather than sign what
    contradicts the newest checkpoint, RuntimeError inside a transaction.
    """
    key, known = signing_key(), verifier()
    folder = TileFolder(current().tiles)
    older, text = (
        newest_checkpoint()
    )  # before the leaves: what another sequencer adds meanwhile only makes `size` larger
    size = _assign()
    before = open_checkpoint(text, trusted=[known], origin=known.name) if text else None
    since = before.size if before else 0
    _refuse_rollback(folder, known, older)
    if size == older:
        if text and folder.published() != text:
            folder.publish(text)
        return None
    if since != older or size < older:
        raise LogDamaged("日志比检查点短，拒绝继续", size=size, checkpoint=older)
    if before and tree_head(since, folder.reader(since)) != before.root:
        raise LogDamaged("日志块文件与检查点不符，拒绝继续", size=since)
    write_tiles(folder, size, since=since)
    head = Checkpoint(origin=known.name, size=size, root=tree_head(size, folder.reader(size)))
    signed = Signed(checkpoint=head, signatures=(sign_checkpoint(head, name=known.name, key=key),))
    folder.publish(_keep(signed, now))
    folder.sweep(size, since=since)
    return head


def _refuse_rollback(folder: TileFolder, known: Verifier, size: int) -> None:
    """Raise LogDamaged when a larger log was published than the database remembers: never sign it anew."""
    text = folder.published()
    published = open_checkpoint(text, trusted=[known], origin=known.name).size if text else 0
    if published > size:
        newest, _ = newest_checkpoint()  # another sequencer may have gone ahead meanwhile
        if published > newest:
            raise LogDamaged("数据库中的日志比已公布的检查点短，拒绝继续", size=newest, published=published)


def _assign() -> int:
    """Give every settled entry its index and return the size of the log."""
    while True:
        with transaction.atomic(durable=True):
            size, given = _assign_block()
        if given < _BLOCK:
            return size


def _assign_block() -> tuple[int, int]:
    with connection.cursor() as cursor:
        if bulk.is_postgres():
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_LAST)
        index, last_transaction, last_id = cursor.fetchone() or (-1, -1, -1)
        if last_id is None:
            raise LogDamaged("日志缺少一条条目，拒绝继续", index=index)
        settled = ""
        if bulk.is_postgres():
            settled = _SETTLED.format(until=_until(cursor))
        cursor.execute(_PENDING.format(settled=settled), [last_transaction, last_id, _BLOCK])
        rows = [
            (place, number, entry_leaf(bytes(salt), entry.encode()))
            for place, (number, entry, salt) in enumerate(cursor.fetchall(), start=index + 1)
        ]
    bulk.insert("audit_leaf", ('"index"', "entry_id", "leaf"), ("int8", "int8", "bytea"), rows)
    return index + 1 + len(rows), len(rows)


def _until(cursor: CursorWrapper) -> int:
    """Return up to which number every entry has been committed or never will be; each statement sees what is new."""
    cursor.execute(_DRAWN)
    (drawn,) = cursor.fetchone() or (0,)
    cursor.execute(_TURNS)
    (turn,) = cursor.fetchone() or (None,)
    return int(drawn if turn is None else min(drawn, turn))


def newest_checkpoint() -> tuple[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, text FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
        return cursor.fetchone() or (0, "")


def write_tiles(folder: TileFolder, size: int, *, since: int) -> None:
    for level, tiles in groupby(tiles_for(size, since=since), key=lambda tile: tile.level):
        for tile in tiles:
            folder.put(tile, upper_tile(tile, since=since, folder=folder) if level else _lowest_tile(tile))


def _lowest_tile(tile: Tile) -> bytes:
    begin = tile.index << HEIGHT
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT leaf FROM audit_leaf WHERE "index" >= %s AND "index" < %s ORDER BY "index"',
            [begin, begin + tile.width],
        )
        leaves = [bytes(leaf) for (leaf,) in cursor.fetchall()]
    if len(leaves) != tile.width:
        raise LogDamaged("日志序号不连续，拒绝继续", index=begin, expected=tile.width, found=len(leaves))
    return b"".join(leaves)


def _keep(signed: Signed, now: datetime) -> str:
    """Insert the checkpoint unless another sequencer just did; return the text that stands."""
    head = signed.checkpoint
    row = (head.size, head.root, signed.to_text(), now)
    with transaction.atomic(durable=True):
        bulk.insert_new(
            "audit_checkpoint",
            ("size", "root", "text", "created"),
            ("int8", "bytea", "text", "timestamptz"),
            [row],
        )
    _, text = newest_checkpoint()
    return text
