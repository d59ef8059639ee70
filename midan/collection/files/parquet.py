"""Parquet: a few rows at a time, so that memory stays flat whatever the size of a row group's text."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from midan.collection.errors import FileRefused
from midan.collection.files.reasons import FileReason, check_columns

_ROWS: Final = 128
_BUFFER: Final = 1 << 20


class ParquetRows:
    """The rows of a Parquet file; `total` comes from its footer."""

    def __init__(self, source: Path | BytesIO) -> None:
        # pyarrow costs 60 MB of memory: only who sends Parquet pays for it.
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._broken = (pa.ArrowException, OSError, EOFError, ValueError)
        try:
            self._file: Any = pq.ParquetFile(source, buffer_size=_BUFFER, pre_buffer=False, memory_map=False)
            names = list(self._file.schema_arrow.names)
            self.total = int(self._file.metadata.num_rows)
        except self._broken:
            raise FileRefused(FileReason.BROKEN) from None
        check_columns(names)
        if not self.total:
            raise FileRefused(FileReason.EMPTY)

    def __iter__(self) -> Iterator[tuple[int, dict[str, object]]]:
        number = 0
        batches = self._file.iter_batches(batch_size=_ROWS, use_threads=False)
        while True:
            try:
                batch = next(batches, None)
                if batch is None:
                    return
                names = batch.schema.names
                columns = [column.to_pylist() for column in batch.columns]
            except self._broken:
                raise FileRefused(FileReason.BROKEN) from None
            for values in zip(*columns, strict=True):
                number += 1
                yield number, dict(zip(names, values, strict=True))

    def close(self) -> None:
        """Close the file."""
        self._file.close()
