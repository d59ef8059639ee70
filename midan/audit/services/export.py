"""Hand the log out: a folder that an outsider checks without Midan's database (specs/audit-log.md)."""

import json
import shutil
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection

from midan.audit.errors import ExportRefused, LogDamaged
from midan.audit.events import Act
from midan.audit.keys import public_key_file, verifier
from midan.audit.services.append import commit_read
from midan.audit.tiles import CHECKPOINT, TileFolder, write_durably
from midan.catalog.settings import current
from midan.core.actor import Actor
from midan.core.merkle import Checkpoint, open_checkpoint, tile_path, tiles_for

_CHUNK: Final = 8_192
HANDED_OUT: Final = "handed-out.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What a pack holds."""

    size: int
    root: str
    entries: int
    checkpoints: int
    tiles: int


def export(*, actor: Actor, to: Path, now: datetime) -> Exported:
    """Write the log up to the published checkpoint into the folder `to`; log it first.

    Raises ExportRefused when `to` holds anything already or nothing is published yet, LogDamaged when an entry is
    missing. The file `checkpoint` is written last: a pack without it is incomplete. `handed-out.json`
    says who asked for it.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise ExportRefused("导出目录已存在且不为空")
    known = verifier()
    source = TileFolder(current().tiles)
    text = source.published()
    if text is None:
        raise ExportRefused("日志还没有检查点，无可导出")
    head = open_checkpoint(text, trusted=[known], origin=known.name)
    entry_id = commit_read(
        actor=actor, act=Act.LOG_EXPORTED, object="log:entries", clause="T4", count=head.size, at=now
    )
    made = not to.exists()
    to.mkdir(parents=True, exist_ok=True)
    try:
        _mark(to, actor, now, entry_id)
        return _write_pack(to, source, head, text)
    except BaseException:
        _leave_nothing(to, folder_too=made)
        raise


def _mark(to: Path, actor: Actor, now: datetime, entry_id: str) -> None:
    """Say for whom the pack was made: no part of what is verified, and as easily removed as a stamp cut off."""
    said = {"by": actor.reference, "at": now.astimezone(UTC).isoformat(), "entry_id": entry_id}
    (to / HANDED_OUT).write_text(json.dumps(said, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_pack(to: Path, source: TileFolder, head: Checkpoint, text: str) -> Exported:
    (to / "log.pub").write_bytes(public_key_file())
    done = Exported(
        size=head.size,
        root=head.root.hex(),
        entries=_write_lines(to / "entries.jsonl", _entries(head.size)),
        checkpoints=_write_lines(to / "checkpoints.jsonl", _checkpoints(head.size)),
        tiles=_copy_tiles(source, to, head),
    )
    write_durably(to / CHECKPOINT, text.encode())
    return done


def _leave_nothing(to: Path, *, folder_too: bool) -> None:
    """Remove what was written of a pack, so that the same folder can be asked for again."""
    for path in to.iterdir():
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    if folder_too:
        to.rmdir()


def _write_lines(path: Path, lines: Iterator[dict[str, Any]]) -> int:
    count = 0
    with path.open("w", encoding="ascii") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
            count += 1
    return count


def _entries(size: int) -> Iterator[dict[str, Any]]:
    for start in range(0, size, _CHUNK):
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT l."index", e.entry, e.salt FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id'
                ' WHERE l."index" >= %s AND l."index" < %s ORDER BY l."index"',
                [start, min(start + _CHUNK, size)],
            )
            rows = cursor.fetchall()
        for expected, (index, entry, salt) in enumerate(rows, start=start):
            if index != expected:
                raise LogDamaged("日志缺少一条条目，拒绝导出", index=expected)
            yield {"entry": b64encode(entry.encode()).decode(), "salt": bytes(salt).hex()}
        if len(rows) != min(_CHUNK, size - start):
            raise LogDamaged("日志缺少一条条目，拒绝导出", index=start + len(rows))


def _checkpoints(size: int) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, text FROM audit_checkpoint WHERE size <= %s ORDER BY size", [size])
        while rows := cursor.fetchmany(_CHUNK):
            for place, text in rows:
                yield {"size": place, "text": text}


def _copy_tiles(source: TileFolder, to: Path, head: Checkpoint) -> int:
    count = 0
    for tile in tiles_for(head.size):
        path = to / tile_path(tile)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source.fetch(tile))
        count += 1
    return count
