"""The tree as files: what is full never changes, what is partial is written beside and then named.

A reader never sees half a file: content goes to a temporary name, is flushed to the disk, then renamed.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from midan.audit.errors import LogDamaged
from midan.core.merkle import (
    GetHash,
    Tile,
    TileReader,
    fold,
    node_hash,
    tile_bytes,
    tile_hashes,
    tile_path,
    tiles_for,
)
from midan.core.merkle.tiles import HEIGHT, WIDTH
from midan.core.sm import sm3

HASH: Final = 32
CHECKPOINT: Final = "checkpoint"


def write_durably(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Put `content` at `path` whole or not at all, also through a power cut."""
    aside = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class TileFolder:
    """The files `tile/…` and `checkpoint` below one folder."""

    folder: Path

    def fetch(self, tile: Tile) -> bytes:
        """Return the tile's bytes, cut from the full tile where the partial one is gone; LogDamaged if absent."""
        try:
            return (self.folder / tile_path(tile)).read_bytes()
        except OSError:
            full = self.folder / tile_path(Tile(level=tile.level, index=tile.index))
        try:
            return full.read_bytes()[: tile.width * HASH]
        except OSError as error:
            raise LogDamaged(
                "缺少日志块文件（层 %(level)d，号 %(index)d）", level=tile.level, index=tile.index
            ) from error

    def put(self, tile: Tile, content: bytes) -> None:
        """Write a tile once. The same bytes again are fine; other bytes for the same tile are LogDamaged."""
        path = self.folder / tile_path(tile)
        try:
            present = path.read_bytes()
        except OSError:
            path.parent.mkdir(parents=True, exist_ok=True)
            flush_folder(path.parent.parent)
            write_durably(path, content)
            return
        if present != content:
            raise LogDamaged(
                "日志块文件与日志不符（层 %(level)d，号 %(index)d）", level=tile.level, index=tile.index
            )

    def sweep(self, size: int, *, since: int) -> None:
        """Drop the partial tiles that a full one now replaces."""
        for tile in tiles_for(size, since=since):
            if tile.width != WIDTH:
                continue
            partials = (self.folder / tile_path(Tile(tile.level, tile.index, 1))).parent
            if partials.is_dir():
                for file in partials.iterdir():
                    file.unlink(missing_ok=True)
                partials.rmdir()

    def reader(self, size: int) -> TileReader:
        """Return the lookup of subtree heads in a tree of this size."""
        return TileReader(size, self.fetch)

    def publish(self, text: str) -> None:
        """Replace the published checkpoint, after its tiles."""
        write_durably(self.folder / CHECKPOINT, text.encode())

    def published(self) -> str | None:
        """Return the published checkpoint, or None before the first."""
        try:
            return (self.folder / CHECKPOINT).read_text("utf-8", "replace")
        except OSError:
            return None


def tree_head(size: int, get_hash: GetHash) -> bytes:
    """Return the root of the first `size` leaves from the heads of its complete subtrees."""
    heads: list[bytes] = []
    begin = 0
    while begin < size:
        level = (size - begin).bit_length() - 1
        heads.append(get_hash(level, begin >> level))
        begin += 1 << level
    if not heads:
        return sm3(b"")
    head = heads.pop()
    while heads:
        head = node_hash(heads.pop(), head)
    return head


def upper_tile(tile: Tile, *, since: int, folder: TileFolder) -> bytes:
    """Return the content of a tile above the lowest level, from its own older part and the full tiles below."""
    before = min(max((since >> (HEIGHT * tile.level)) - tile.index * WIDTH, 0), tile.width)
    content = folder.fetch(Tile(tile.level, tile.index, before)) if before else b""
    added = [
        _head(folder.fetch(Tile(tile.level - 1, tile.index * WIDTH + place)))
        for place in range(before, tile.width)
    ]
    return content + (tile_bytes(added) if added else b"")


def _head(full: bytes) -> bytes:
    return fold(tile_hashes(full, width=WIDTH, hash_size=HASH))
