"""What this room refuses.

MidanError
├── NotInTransaction   somebody wrote rows without a transaction around them
├── StorageFull        no room left
└── StorageFailed      the disk cannot be written (quota, rights, a fault)
"""

from typing import ClassVar

from midan.core.errors import MidanError


class NotInTransaction(MidanError):
    """A programming mistake: the write would not share a transaction with its log entry."""

    code: ClassVar[str] = "not_in_transaction"
    status: ClassVar[int] = 500


class StorageFull(MidanError):
    """`accepted`, `replayed`, `rejected` count what an intake committed before; it stays."""

    code: ClassVar[str] = "storage_full"
    status: ClassVar[int] = 503
    exit_code: ClassVar[int] = 4


class StorageFailed(MidanError):
    """Counts as StorageFull."""

    code: ClassVar[str] = "storage_failed"
    status: ClassVar[int] = 503
    exit_code: ClassVar[int] = 4
