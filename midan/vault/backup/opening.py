"""Read a set: every byte of every piece is authenticated and counted before anything is written anywhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from midan.vault.backup import manifest as manifests
from midan.vault.backup.errors import BackupDamaged, BackupPlaceRefused
from midan.vault.backup.format import (
    MANIFEST,
    SUFFIX,
    Header,
    open_chunks,
    read_header,
    tags_digest,
    unwrap,
)
from midan.vault.backup.making import OnProgress, Progress
from midan.vault.backup.manifest import Manifest, Table

_rows: Final = msgspec.msgpack.Decoder(list[list[Any]]).decode
Row = list[Any]


@dataclass(frozen=True, slots=True, repr=False)
class OpenSet:
    """A set whose manifest was opened."""

    folder: Path
    header: Header
    secret: bytes
    manifest: Manifest

    def __repr__(self) -> str:
        return f"<OpenSet {self.manifest.set}>"


def sets_below(folder: Path) -> list[Path]:
    """Return the whole sets in a folder, oldest first by the time in their names."""
    found = [path.parent for path in folder.glob(f"midan-*/{MANIFEST}{SUFFIX}")]
    return sorted(found, key=lambda path: path.name.split("-", 2)[-1])


def find(place: Path) -> Path:
    """Return the set at `place`, or the newest below it; BackupPlaceRefused."""
    if not place.is_dir():
        raise BackupPlaceRefused("missing")
    if (place / f"{MANIFEST}{SUFFIX}").exists():
        return place
    found = sets_below(place)
    if not found:
        raise BackupPlaceRefused("none")
    if len({path.name.split("-")[1] for path in found}) > 1:
        raise BackupPlaceRefused("many")
    return found[-1]


def open_set(folder: Path, key: bytes) -> OpenSet:
    """Open the manifest; BackupKeyWrong, BackupDamaged."""
    file, header = _piece(folder, MANIFEST)
    with file:
        secret = unwrap(key, header)
        text = b"".join(plain for plain, _ in open_chunks(file, header, secret))
    found = manifests.read(text)
    if (found.set, found.company) != (header.set_id.hex(), header.company.hex()):
        raise BackupDamaged(MANIFEST, "manifest")
    return OpenSet(folder, header, secret, found)


def check(opened: OpenSet, on_progress: OnProgress | None = None) -> None:
    """Read the whole set once; BackupDamaged names the first piece that is not what the manifest says."""
    named = {table.name for table in opened.manifest.tables} | {MANIFEST}
    surplus = {path.name.removesuffix(SUFFIX) for path in opened.folder.glob(f"*{SUFFIX}")} - named
    if surplus:
        raise BackupDamaged(min(surplus), "surplus")
    total = 0
    for done, table in enumerate(opened.manifest.tables):
        for rows in blocks(opened, table):
            total += len(rows)
            if on_progress:
                on_progress(
                    Progress(
                        table=table.name, tables_done=done, tables=len(opened.manifest.tables), rows=total
                    )
                )


def blocks(opened: OpenSet, table: Table) -> Iterator[list[Row]]:
    """Yield the rows of a table, chunk by chunk; BackupDamaged at the end too, when there were too few."""
    file, header = _piece(opened.folder, table.name)
    with file:
        mine = Header(
            company=opened.header.company,
            set_id=opened.header.set_id,
            wrapped=opened.header.wrapped,
            name=table.name,
        )
        if header != mine:
            raise BackupDamaged(table.name, "other_set")
        tags, rows, chunks = bytearray(), 0, 0
        for plain, tag in open_chunks(file, header, opened.secret):
            tags += tag
            chunks += 1
            found = _decoded(plain, table)
            rows += len(found)
            if found:
                yield found
        size = file.tell()
    if tags_digest(bytes(tags)) != table.tags:
        raise BackupDamaged(table.name, "tags")
    if (rows, chunks, size) != (table.rows, table.chunks, table.bytes):
        raise BackupDamaged(table.name, "rows")


def _decoded(plain: bytes, table: Table) -> list[Row]:
    if not plain:
        return []
    try:
        rows = _rows(plain)
    except msgspec.MsgspecError:
        raise BackupDamaged(table.name, "rows") from None
    if any(len(row) != len(table.columns) for row in rows):
        raise BackupDamaged(table.name, "columns")
    return rows


def _piece(folder: Path, name: str) -> tuple[Any, Header]:
    try:
        file = (folder / f"{name}{SUFFIX}").open("rb")
    except OSError:
        raise BackupDamaged(name, "missing") from None
    try:
        return file, read_header(file, name)
    except BaseException:
        file.close()
        raise
