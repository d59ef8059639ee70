"""A disk that is full or fails, as an error with a name: what the system and the two databases say of it is not kept."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, EFBIG, EIO, ENOSPC, EROFS
from typing import Final

from django.db import DatabaseError, connection
from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError
from midan.store.errors import StorageFailed, StorageFull

_FULL: Final = frozenset({ENOSPC, EDQUOT})
# A limit on the size of a file is a quota that may be there at any time; the rest are faults of the disk.
_FAILED: Final = frozenset({EFBIG, EIO, EROFS})
_SAY_FULL: Final = ("disk is full", "disk full", "no space left", "could not extend file")
# A quota shows itself to SQLite as a failed write, not as a full disk.
_SAY_FAILED: Final = ("disk i/o error", "readonly database", "could not write", "could not fsync")

_SQLITE_GROWS_BY: Final = 1 << 15  # bytes of its shared memory file at a time


def disk_error(error: BaseException | None, **counts: int) -> MidanError | None:
    """Return StorageFull or StorageFailed when the disk is why, else None; `counts` tell what was committed before."""
    full = failed = False
    if isinstance(error, OSError):
        full, failed = error.errno in _FULL, error.errno in _FAILED
    elif isinstance(error, StorageFull | StorageFailed):  # told by keyd, or by a keeper, without the counts
        full, failed = isinstance(error, StorageFull), isinstance(error, StorageFailed)
    elif isinstance(error, DatabaseError):
        said = str(error).lower()
        full = any(words in said for words in _SAY_FULL)
        failed = any(words in said for words in _SAY_FAILED)
        full = full or (failed and _no_room())
    if full:
        return StorageFull(
            gettext_noop("存储空间不足，操作没有做完；已提交的内容不丢，腾出空间后请再做一次"), **counts
        )
    if failed:
        return StorageFailed(
            gettext_noop("存储无法写入（配额、权限或磁盘故障），操作没有做完；已提交的内容不丢"), **counts
        )
    return None


def _no_room() -> bool:
    """Return whether SQLite's own folder is full: where its index of the log does not fit it says only that it failed."""
    if connection.vendor != "sqlite":
        return False
    try:
        left = os.statvfs(os.path.dirname(str(connection.settings_dict["NAME"])) or ".")  # noqa: PTH120
    except OSError:
        return False
    return left.f_bavail * left.f_frsize < _SQLITE_GROWS_BY


@contextmanager
def disk_errors() -> Iterator[None]:
    """Raise StorageFull or StorageFailed where the disk is why."""
    try:
        yield
    except (OSError, DatabaseError) as error:
        if found := disk_error(error):
            raise found from None
        raise
