"""What the log refuses.

MidanError
├── NotInTransaction     store: an entry outside the transaction of the act it speaks of
├── LogNotInitialised    no signing key yet
├── LogKeyExists         a second key would make a second log
├── EntryUnknown         no such entry, index or waybill in the log
├── TileUnknown          no checkpoint covers that tile
├── EntryNotIntegrated   written, but not in the tree yet: try again in a second
├── LogDamaged           the sequencer will not build on a log that contradicts itself
└── ExportRefused        the place for an export is not empty
"""

from typing import ClassVar

from midan.core.errors import MidanError
from midan.store.errors import NotInTransaction

__all__ = [
    "EntryNotIntegrated",
    "EntryUnknown",
    "ExportRefused",
    "LogDamaged",
    "LogKeyExists",
    "LogNotInitialised",
    "NotInTransaction",
    "TileUnknown",
]


class LogNotInitialised(MidanError):
    """Checkpoints cannot be signed or checked: the key files are missing."""

    code: ClassVar[str] = "log_not_initialised"
    clause: ClassVar[str | None] = "T4"
    status: ClassVar[int] = 503
    exit_code: ClassVar[int] = 4


class LogKeyExists(MidanError):
    """The log has a key already."""

    code: ClassVar[str] = "log_key_exists"
    clause: ClassVar[str | None] = "T4"
    status: ClassVar[int] = 409
    exit_code: ClassVar[int] = 4


class EntryUnknown(MidanError):
    """Nothing in the log answers to that."""

    code: ClassVar[str] = "entry_unknown"
    status: ClassVar[int] = 404


class TileUnknown(MidanError):
    """No checkpoint covers that tile."""

    code: ClassVar[str] = "tile_unknown"
    status: ClassVar[int] = 404


class EntryNotIntegrated(MidanError):
    """The entry is committed and waits for the sequencer."""

    code: ClassVar[str] = "entry_not_integrated"
    status: ClassVar[int] = 503


class LogDamaged(MidanError):
    """Leaves, tiles and checkpoints do not tell one story."""

    code: ClassVar[str] = "log_damaged"
    clause: ClassVar[str | None] = "T4"
    status: ClassVar[int] = 503
    exit_code: ClassVar[int] = 1


class ExportRefused(MidanError):
    """An export never overwrites."""

    code: ClassVar[str] = "export_refused"
    exit_code: ClassVar[int] = 4
