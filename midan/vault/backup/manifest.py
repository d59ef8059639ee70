"""What a set holds, in canonical bytes: JSON, keys sorted, no spaces, UTF-8. Reading refuses any other spelling."""

import json
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from midan.core.sm import sm3
from midan.vault.backup.errors import BackupDamaged
from midan.vault.backup.format import MANIFEST

if TYPE_CHECKING:
    import builtins

Kinds = Literal["full", "increment", "journal"]
Kind = Literal["int", "float", "text", "bytes", "bool", "moment", "date", "json"]
# How the rows stand in the chunks of a piece: `chunks`.
Form = Literal["rows", "sqlite", "copy"]
VERSION: Final = 3


class Column(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A column and how its values are written."""

    name: str
    kind: Kind


class Segment(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A stretch of a table's keys: `group` and `at` say which, `mark` what stands in it.

    `set` names the set whose piece holds its rows; empty for this one, where it is one chunk, in the order of the list.
    """

    group: int
    at: int
    rows: int
    mark: str
    set: str


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One piece: `tags` is SM3 over the tags of its chunks, `bytes` the length of its file.

    `rows` counts those of the table at that moment; with segments, some of them may stand in the pieces of other sets.
    """

    name: str
    columns: tuple[Column, ...]
    rows: int
    chunks: int
    bytes: int
    tags: str
    form: Form = "rows"
    segments: tuple[Segment, ...] = ()

    @property
    def held(self) -> int:
        """Return how many of the rows stand in this set's own piece."""
        if not self.segments:
            return self.rows
        return sum(segment.rows for segment in self.segments if not segment.set)


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


class Link(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A set this one builds on: its id, and SM3 of its manifest's bytes."""

    set: str
    digest: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """The whole set. Times are RFC 3339 as in the log; ids are hex.

    `chain` names the sets an increment builds on, the full one first. `moved` is the number of the newest row of the
    re-seal journal in it; a journal holds the rows of those after `moved_from` up to it.
    """

    v: int
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
    kind: Kinds = "full"
    chain: tuple[Link, ...] = ()
    moved: int = 0
    moved_from: int = 0

    def to_bytes(self) -> "builtins.bytes":
        """Return the canonical bytes."""
        plain = msgspec.to_builtins(self)
        return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def digest(self) -> str:
        """Return the digest by which a later set names this one."""
        return sm3(self.to_bytes()).hex()


def read(data: bytes) -> Manifest:
    """Return the manifest; BackupDamaged when it is none, of another version, or spelled otherwise."""
    try:
        found = msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise BackupDamaged(MANIFEST, "manifest") from None
    if not _plausible(found) or found.to_bytes() != data:
        raise BackupDamaged(MANIFEST, "manifest")
    return found


def _plausible(found: Manifest) -> bool:
    """Return whether a manifest says nothing its version and kind do not know."""
    return found.v == VERSION and bool(found.chain) == (found.kind == "increment")
