"""Prove entries to an outsider, and check the tiles against the checkpoint without the database.

A proof file is the JSON that specs/audit-log.md describes; for a waybill, several of them in one wrapper, with the
proofs that its number belongs to the batches, of intake and of printing, whose entries are among them.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from midan.audit.errors import EntryNotIntegrated, EntryUnknown, TileUnknown
from midan.audit.keys import verifier
from midan.audit.scan import first_difference, read_tile
from midan.audit.selectors.entries import checkpoint
from midan.audit.tiles import TileFolder, tree_head
from midan.catalog.settings import current
from midan.core.errors import MidanError
from midan.core.merkle import Membership, fold, inclusion_proof, open_checkpoint, tiles_for
from midan.core.merkle.tiles import HEIGHT, WIDTH, Tile, parse_tile_path, tile_hashes

VERSION: Final = 1
_ENTRY_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_INDEX: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_ROW: Final = (
    'SELECT l."index", e.entry, e.salt FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry_id = e.id WHERE '
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """Where else the log speaks of a waybill: its batch of intake, the batches it was printed in, other objects."""

    batch: Membership | None = None
    prints: tuple[Membership, ...] = ()
    objects: tuple[str, ...] = ()


TracesOf = Callable[[str], Traces]


def prove(what: str, *, traces_of: TracesOf | None = None) -> dict[str, Any]:
    """Return the proof file for an entry id, a log index or a waybill number.

    For a waybill: one proof for every entry about it, and for those of its batches that `traces_of` knows. Raises
    EntryUnknown, or EntryNotIntegrated when something found is not in the tree yet.
    """
    known = verifier()
    folder = TileFolder(current().tiles)
    text = folder.published()
    if text is None:
        raise EntryNotIntegrated("日志还没有检查点，请稍后再试")
    size = open_checkpoint(text, trusted=[known], origin=known.name).size
    if _ENTRY_ID.fullmatch(what):
        rows = _rows(_ROW + "e.entry_id = %s", [what])
    elif _INDEX.fullmatch(what):
        rows = _rows(_ROW + 'l."index" = %s', [int(what)])
    else:
        traces = traces_of(what) if traces_of else Traces()
        batch = _member(traces.batch) if traces.batch else None
        prints = [_member(found) for found in traces.prints]
        proofs = _proofs(_rows_about(what, traces), size, text, folder)
        return {"v": VERSION, "waybill": what, "batch": batch, "prints": prints, "proofs": proofs}
    return _proofs(rows, size, text, folder)[0]


def _proofs(
    rows: Sequence[tuple[int | None, str, bytes]], size: int, text: str, folder: TileFolder
) -> list[dict[str, Any]]:
    if not rows:
        raise EntryUnknown("日志中没有这一条")
    reader = folder.reader(size)
    proofs = []
    for index, entry, salt in rows:
        if index is None or index >= size:
            raise EntryNotIntegrated("条目尚未进入检查点，请稍后再试")
        proofs.append(
            {
                "v": VERSION,
                "entry": b64encode(entry.encode()).decode(),
                "salt": bytes(salt).hex(),
                "index": index,
                "size": size,
                "proof": [item.hex() for item in inclusion_proof(index, size, reader)],
                "checkpoint": text,
            }
        )
    return proofs


def _rows_about(waybill: str, traces: Traces) -> Sequence[tuple[int | None, str, bytes]]:
    members = [traces.batch, *traces.prints]
    objects = {f"waybill:{waybill}", *traces.objects, *(found.object for found in members if found)}
    marks = ", ".join(["%s"] * len(objects))
    return _rows(_ROW + f"e.object IN ({marks}) ORDER BY e.id", sorted(objects))


def _member(member: Membership) -> dict[str, Any]:
    proof = [item.hex() for item in member.proof]
    return {"object": member.object, "index": member.index, "size": member.size, "proof": proof}


def _rows(statement: str, parameters: Sequence[Any]) -> Sequence[tuple[int | None, str, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True, kw_only=True)
class FsckResult:
    """Whether the tiles alone lead to the published checkpoint; `bad` names the first tile that does not."""

    ok: bool
    size: int
    root: str
    tiles: int
    bad: str
    reason: str


def fsck() -> FsckResult:
    """Check the published files against each other and the checkpoint's signature, without the database."""
    known = verifier()
    folder = TileFolder(current().tiles)
    text = folder.published()
    if text is None:
        return FsckResult(ok=True, size=0, root="", tiles=0, bad="", reason="")
    try:
        head = open_checkpoint(text, trusted=[known], origin=known.name)
    except MidanError as error:
        return FsckResult(ok=False, size=0, root="", tiles=0, bad="checkpoint", reason=error.code)
    bad, reason, count = _check_tiles(folder, head.size)
    if not bad and tree_head(head.size, folder.reader(head.size)) != head.root:
        bad, reason = "checkpoint", "root_differs"
    return FsckResult(ok=not bad, size=head.size, root=head.root.hex(), tiles=count, bad=bad, reason=reason)


def _check_tiles(folder: TileFolder, size: int) -> tuple[str, str, int]:
    """Fold every tile into the one above it; return the first that is missing or differs, why, and the count."""
    count = 0
    below: list[bytes] = []
    heads: list[bytes] = []
    level = 0
    for tile in tiles_for(size):
        if tile.level != level:
            below, heads, level = heads, [], tile.level
        content = read_tile(folder.folder, tile)
        name = f"{tile.level}/{tile.index}"
        if content is None or len(content) != tile.width * 32:
            return name, "tile_missing", count
        if level:
            expected = below[tile.index * WIDTH : tile.index * WIDTH + tile.width]
            place = first_difference(content, expected, width=tile.width)
            if place is not None:
                child = Tile(level - 1, tile.index * WIDTH + place)
                return f"{child.level}/{child.index}", "tile_differs", count
        if tile.width == WIDTH:
            heads.append(fold(tile_hashes(content, width=WIDTH)))
        count += 1
    return "", "", count


def tile(path: str) -> bytes:
    """Return a published tile by its path, such as `tile/0/000`; raise MalformedTile or TileUnknown."""
    wanted = parse_tile_path(path)
    known = checkpoint()
    # Only what the newest checkpoint covers is published: a tile ahead of it would speak of unsigned entries.
    if known is None or not _covers(known.size, wanted):
        raise TileUnknown("没有这个日志块")
    return TileFolder(current().tiles).fetch(wanted)


def _covers(size: int, wanted: Tile) -> bool:
    return wanted.index * WIDTH + wanted.width <= size >> (HEIGHT * wanted.level)
