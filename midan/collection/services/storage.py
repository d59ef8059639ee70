"""A full disk as an error with a name."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from midan.collection.errors import StorageFull

_FULL = ("disk is full", "disk full", "no space left", "could not extend file")


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise StorageFull for what the two drivers say when there is no room. Their text is not kept."""
    try:
        yield
    except DatabaseError as error:
        if any(words in str(error).lower() for words in _FULL):
            raise StorageFull("存储空间不足，本批未写入任何内容") from None
        raise
