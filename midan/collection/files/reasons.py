"""Why a whole file is refused, and the check of its columns that every format shares."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from midan.collection.errors import FileRefused
from midan.collection.rules import COLUMNS

_SAFE_NAME: Final = re.compile(r"[a-z][a-z_]{0,31}")


class FileReason(StrEnum):
    """Stable codes."""

    EMPTY = "empty_file"
    ENCODING = "wrong_encoding"
    NUL = "nul_byte"
    MISSING_COLUMN = "missing_column"
    UNKNOWN_COLUMN = "unknown_column"
    REPEATED_COLUMN = "repeated_column"
    BROKEN = "broken_file"
    FORMAT = "unknown_format"
    TOO_LARGE = "file_too_large"
    UNREADABLE = "file_unreadable"


def check_columns(found: Sequence[str]) -> None:
    """Raise FileRefused unless `found` is exactly the contract's columns, in any order.

    A missing header line would put customers' data where column names are expected: names outside the
    contract are repeated only when they are plain lower-case words.
    """
    repeated = sorted({name for name in found if found.count(name) > 1})
    if repeated:
        raise FileRefused(FileReason.REPEATED_COLUMN, columns=_safe(repeated))
    unknown = sorted(set(found) - set(COLUMNS))
    missing = [name for name in COLUMNS if name not in found]
    # A file without any header names nothing we know: say that columns are missing.
    if missing and (not unknown or len(missing) == len(COLUMNS)):
        raise FileRefused(FileReason.MISSING_COLUMN, columns=missing)
    if unknown:
        raise FileRefused(FileReason.UNKNOWN_COLUMN, columns=_safe(unknown), missing=missing)


def _safe(names: Sequence[str]) -> list[str]:
    return sorted({name if name in COLUMNS or _SAFE_NAME.fullmatch(name) else "?" for name in names})
