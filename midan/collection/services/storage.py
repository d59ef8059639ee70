"""A disk that is full or fails as an error with a name."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from midan.collection.errors import StorageFailed, StorageFull

_FULL = ("disk is full", "disk full", "no space left", "could not extend file")
# A quota shows itself to SQLite as a failed write, not as a full disk.
_FAILED = ("disk i/o error", "readonly database", "could not write", "could not fsync")


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise StorageFull or StorageFailed for what the two drivers say of the disk. Their text is not kept."""
    try:
        yield
    except DatabaseError as error:
        said = str(error).lower()
        if any(words in said for words in _FULL):
            raise StorageFull("存储空间不足，本批未写入任何内容") from None
        if any(words in said for words in _FAILED):
            raise StorageFailed("存储无法写入（配额、权限或磁盘故障），本批未写入任何内容") from None
        raise
