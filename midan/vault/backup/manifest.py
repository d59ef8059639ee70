"""What a set holds, in canonical bytes: JSON, keys sorted, no spaces, UTF-8. Reading refuses any other spelling."""

import json
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from midan.vault.backup.errors import BackupDamaged
from midan.vault.backup.format import MANIFEST

if TYPE_CHECKING:
    import builtins

Kind = Literal["int", "float", "text", "bytes", "bool", "moment", "date", "json"]
VERSION: Final = 1


class Column(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A column and how its values are written."""

    name: str
    kind: Kind


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One piece: `tags` is SM3 over the tags of its chunks, `bytes` the length of its file."""

    name: str
    columns: tuple[Column, ...]
    rows: int
    chunks: int
    bytes: int
    tags: str


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The log at that moment: its newest checkpoint with signature, and the entries that had no place in it yet.

    `size` counts the leaves, `pending` names entries in the order in which they get theirs.
    """

    size: int
    checkpoint: str
    pending: tuple[int, ...]


class Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which generation and key pack were the newest then: a restore takes none that is older."""

    generation: int
    pack: int


class Mark(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """How far an epoch's records were handed out."""

    epoch: int
    next_record: int


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole set. Times are RFC 3339 as in the log; ids are hex."""

    v: int = VERSION
    set: str
    company: str
    created: str
    life_until: str
    engine: Literal["sqlite", "postgresql"]
    migrations: dict[str, tuple[str, ...]]
    tables: tuple[Table, ...]
    log: Log
    keys: Keys
    next_epoch: int
    marks: tuple[Mark, ...]
    rows: int
    bytes: int

    def to_bytes(self) -> "builtins.bytes":
        """Return the canonical bytes."""
        plain = msgspec.to_builtins(self)
        return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def read(data: bytes) -> Manifest:
    """Return the manifest; BackupDamaged when it is none, of another version, or spelled otherwise."""
    try:
        found = msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise BackupDamaged(MANIFEST, "manifest") from None
    if found.v != VERSION or found.to_bytes() != data:
        raise BackupDamaged(MANIFEST, "manifest")
    return found
