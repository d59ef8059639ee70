"""Opening a file or a stream of chunks as rows."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from io import BufferedReader, BytesIO, TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from midan.collection.errors import FileRefused
from midan.collection.files.encoding import CHUNK, ChunkStream, encoding_of_head, encoding_of_path
from midan.collection.files.parquet import ParquetRows
from midan.collection.files.reasons import FileReason
from midan.collection.files.text import Row, read_csv, read_jsonl

FORMATS: Final = ("csv", "jsonl", "parquet")
MOST_BUFFERED: Final = 256 << 20
Source = Path | Iterable[bytes]


def format_of(name: str) -> str:
    """Return the format a file name's ending shows, or raise FileRefused."""
    ending = Path(name).suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise FileRefused(FileReason.FORMAT, formats=list(FORMATS))
    return ending


class Rows(AbstractContextManager["Rows"]):
    """Rows to walk once; `fraction` says how much of the source has been read, None when nobody can know."""

    def __init__(
        self, rows: Iterator[Row], *, close: Callable[[], None], fraction: Callable[[int], float | None]
    ) -> None:
        self._rows = rows
        self._close = close
        self._fraction = fraction
        self._read = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self._read = row[0]
            yield row

    def fraction(self) -> float | None:
        """Return how much has been read, 0.0 to 1.0."""
        return self._fraction(self._read)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()


def open_rows(source: Source, *, file_format: str) -> Rows:
    """Open the source; raise FileRefused at once, or while walking when the fault lies deeper."""
    if file_format not in FORMATS:
        raise FileRefused(FileReason.FORMAT, formats=list(FORMATS))
    if file_format == "parquet":
        return _open_parquet(source)
    read = read_csv if file_format == "csv" else read_jsonl
    if isinstance(source, Path):
        return _open_text(source, read)
    stream = ChunkStream(source)
    encoding = encoding_of_head(stream.head())
    text = TextIOWrapper(BufferedReader(stream, CHUNK), encoding=encoding, newline="")
    return Rows(read(text), close=text.close, fraction=lambda _: None)


def _open_text(path: Path, read: Callable[[TextIOWrapper], Iterator[Row]]) -> Rows:
    try:
        encoding = encoding_of_path(path)
        size = path.stat().st_size
        raw = path.open("rb", buffering=CHUNK)
    except OSError:
        raise FileRefused(FileReason.UNREADABLE) from None
    text = TextIOWrapper(raw, encoding=encoding, newline="")
    return Rows(read(text), close=text.close, fraction=lambda _: min(raw.tell() / size, 1.0))


def _open_parquet(source: Source) -> Rows:
    if isinstance(source, Path):
        if not source.is_file():
            raise FileRefused(FileReason.UNREADABLE)
        if not source.stat().st_size:
            raise FileRefused(FileReason.EMPTY)
        rows = ParquetRows(source)
    else:
        rows = ParquetRows(_buffered(source))
    return Rows(iter(rows), close=rows.close, fraction=lambda read: read / rows.total)


def _buffered(chunks: Iterable[bytes]) -> BytesIO:
    """Hold a stream in memory: Parquet keeps its table of contents at the end, and nothing plain goes to disk."""
    held = BytesIO()
    for chunk in chunks:
        held.write(chunk)
        if held.tell() > MOST_BUFFERED:
            raise FileRefused(FileReason.TOO_LARGE, limit=MOST_BUFFERED)
    if not held.tell():
        raise FileRefused(FileReason.EMPTY)
    held.seek(0)
    return held
