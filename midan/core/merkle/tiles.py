"""The log as static files of up to 256 hashes: the geometry of C2SP tlog-tiles, but with SM3.

Tile (L, N) holds, left to right, the heads of complete subtrees of 256^L leaves, number 256 N … 256 N + W-1.
W is 256 for a full tile; the last tile of a level may be partial. Full tiles never change.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from midan.core.merkle.errors import MalformedTile
from midan.core.merkle.hashing import Hash, fold
from midan.core.sm import sm3

HEIGHT = 8
WIDTH = 1 << HEIGHT
_TOP_LEVEL = 63
_PATH = re.compile(r"tile/(0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """Name one tile by place and width."""

    level: int
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not (0 <= self.level <= _TOP_LEVEL and self.index >= 0 and 1 <= self.width <= WIDTH):
            raise MalformedTile("没有这样的日志块", level=self.level, index=self.index, width=self.width)


def tile_path(tile: Tile) -> str:
    """Return the relative path, e.g. tile/0/x001/x234/067 or tile/1/000.p/5."""
    last = f"{tile.index % 1000:03d}"
    rest, groups = tile.index // 1000, [last]
    while rest:
        groups.insert(0, f"x{rest % 1000:03d}")
        rest //= 1000
    partial = "" if tile.width == WIDTH else f".p/{tile.width}"
    return f"tile/{tile.level}/{'/'.join(groups)}{partial}"


def parse_tile_path(path: str) -> Tile:
    """Read a path, accepting only the one spelling `tile_path` would give; raise MalformedTile."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise MalformedTile("日志块路径无法读取")
    level, index, width = int(found[1]), int(re.sub("[x/]", "", found[2])), int(found[3] or WIDTH)
    tile = Tile(level=level, index=index, width=width)
    if tile_path(tile) != path:
        raise MalformedTile("日志块路径写法不唯一")
    return tile


def tiles_for(size: int, *, since: int = 0) -> Iterator[Tile]:
    """Yield the tiles of a tree of `size` leaves that one of `since` leaves did not have, lowest first.

    Partial tiles are named too: what they hold may be dropped once the full tile stands.
    """
    level = 0
    while (now := size >> (HEIGHT * level)) > 0:
        before = since >> (HEIGHT * level)
        for index in range(before // WIDTH, now // WIDTH):
            yield Tile(level=level, index=index)
        if now % WIDTH and now != before:
            yield Tile(level=level, index=now // WIDTH, width=now % WIDTH)
        level += 1


def tile_bytes(hashes: Sequence[bytes]) -> bytes:
    """Return a tile's content: its hashes, one after the other."""
    if not 1 <= len(hashes) <= WIDTH or len({len(item) for item in hashes}) != 1:
        raise MalformedTile("日志块的散列个数或长度不对", count=len(hashes))
    return b"".join(hashes)


def tile_hashes(content: bytes, *, width: int, hash_size: int = 32) -> list[bytes]:
    """Return the hashes of a tile of exactly this width, or raise MalformedTile."""
    if len(content) != width * hash_size:
        raise MalformedTile("日志块长度不对", width=width, length=len(content))
    return [content[at : at + hash_size] for at in range(0, len(content), hash_size)]


class TileReader:
    """Look up the head of any complete subtree of a tree of `size` leaves from its tiles.

    `fetch` is asked for a tile exactly as it stands at that size; a caller that has dropped a partial tile
    may answer from the full one by cutting it to the asked width. Keeps the last tile of every level it read.
    """

    __slots__ = ("_digest", "_fetch", "_hash_size", "_seen", "size")

    def __init__(self, size: int, fetch: Callable[[Tile], bytes], *, digest: Hash = sm3) -> None:
        self.size = size
        self._fetch = fetch
        self._digest = digest
        self._hash_size = len(digest(b""))
        self._seen: dict[int, tuple[Tile, list[bytes]]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """Return the head of the subtree of 2^level leaves number `index`: a `GetHash` for proofs."""
        if level < 0 or index < 0 or (index + 1) << level > self.size:
            raise MalformedTile("该子树在日志中尚不完整", level=level, index=index, size=self.size)
        tile_level, height = divmod(level, HEIGHT)
        place = index << height
        hashes = self._hashes(tile_level, place // WIDTH)
        at = place % WIDTH
        return fold(hashes[at : at + (1 << height)], digest=self._digest)

    def _hashes(self, level: int, index: int) -> list[bytes]:
        width = min(WIDTH, (self.size >> (HEIGHT * level)) - index * WIDTH)
        tile = Tile(level=level, index=index, width=width)
        seen = self._seen.get(level)
        if seen is None or seen[0] != tile:
            seen = (tile, tile_hashes(self._fetch(tile), width=width, hash_size=self._hash_size))
            self._seen[level] = seen
        return seen[1]
