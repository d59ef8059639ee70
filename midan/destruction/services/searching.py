"""Search raw bytes for the values of canaries and their masks: files, streams, rows, whatever they belong to.

Values are looked for in UTF-8, which is how everything here writes them; compressed or sealed bytes show nothing, which
is why unsealed rows of backups are searched besides the files they lie in.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from django.db import DatabaseError, connection, transaction

from midan.destruction.rules.canaries import ORDER_HEAD, PHONE_HEAD, STREET_HEAD, Needles
from midan.store import bulk

_CHUNK: Final = 1 << 22
_PHONE_MASK_HEAD: Final = b"*" * 7


class Search:
    """A search for these needles; `found` counts by kind, `searched` bytes by place."""

    def __init__(self, needles: Needles) -> None:
        self._wanted = tuple(
            (head, len(next(iter(values))), values, kind)
            for head, values, kind in (
                (PHONE_HEAD.encode(), needles.phones, "phone"),
                (_PHONE_MASK_HEAD, needles.phone_masks, "phone_mask"),
                (STREET_HEAD.encode(), needles.streets, "street"),
                (ORDER_HEAD.encode(), needles.orders, "order"),
            )
            if values
        )
        self._overlap = max((length for _, length, _, _ in self._wanted), default=1) - 1
        self.found: Counter[str] = Counter()
        self.searched: Counter[str] = Counter()

    def stream(self, place: str, chunks: Iterable[bytes]) -> None:
        """Search chunks that follow each other; a value may lie across two."""
        rest = b""
        for chunk in chunks:
            self.searched[place] += len(chunk)
            data = rest + chunk
            for head, length, values, kind in self._wanted:
                self.found[kind] += _count(data, head, length, values, len(rest))
            rest = data[-self._overlap :]

    def tree(self, place: str, folder: Path, *, without: frozenset[Path] = frozenset()) -> None:
        """Search every file below a folder as it lies there, names included."""
        for path in sorted(folder.rglob("*")):
            if not any(one == path or one in path.parents for one in without):
                self.stream(place, (str(path.relative_to(folder)).encode("utf-8", "surrogateescape"),))
                if path.is_file() and not path.is_symlink():
                    self.file(place, path)

    def file(self, place: str, path: Path) -> None:
        """Search one file; one that goes meanwhile, or is no regular file, has nothing to say."""
        try:
            with path.open("rb") as file:
                self.stream(place, iter(lambda: file.read(_CHUNK), b""))
        except OSError:
            return

    def server(self) -> None:
        """Search PostgreSQL: its files and write-ahead log where this process may read them, else the rows it gives."""
        folder = _data_directory()
        if folder is not None:
            self.tree("database", folder)
        with connection.cursor() as cursor:
            for table in sorted(connection.introspection.table_names(cursor)):
                self.stream("tables", _rows(table))


def _count(data: bytes, head: bytes, length: int, values: frozenset[bytes], seen: int) -> int:
    """Return how many values begin in data and do not end inside its first `seen` bytes, which were searched before."""
    found, at = 0, data.find(head)
    while at >= 0:
        found += at + length > seen and data[at : at + length] in values
        at = data.find(head, at + 1)
    return found


def _data_directory() -> Path | None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            folder = Path(cursor.fetchone()[0])
        next(iter(folder.iterdir()), None)
    except (DatabaseError, OSError):
        return None
    return folder


def _rows(table: str) -> Iterator[bytes]:
    """Yield what PostgreSQL gives of a table, as it sends it; nothing where this role may not read it."""
    if not bulk.is_postgres():
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            raw = cursor.cursor
            with raw.copy(f'COPY (SELECT * FROM "{table}") TO STDOUT (FORMAT BINARY)') as copy:
                for block in copy:
                    yield bytes(block)
    except DatabaseError:
        return


def sees(needles: Needles) -> bool:
    """Return whether a search finds every kind it looks for, also across two chunks: one that cannot proves nothing."""
    search = Search(needles)
    kinds = (needles.phones, needles.phone_masks, needles.streets, needles.orders)
    text = b"".join(b"\x00\xffx" + next(iter(values)) for values in kinds)
    for cut in range(1, len(text), 7):
        search.found.clear()
        search.stream("control", (text[:cut], text[cut:]))
        if len(+search.found) != len(kinds):
            return False
    return True
