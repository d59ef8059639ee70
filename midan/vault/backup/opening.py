"""Read a set: every byte of every piece is authenticated and counted before anything is written anywhere."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from midan.vault.backup import chunks, making
from midan.vault.backup import manifest as manifests
from midan.vault.backup.chunks import Rows
from midan.vault.backup.errors import BackupChainBroken, BackupDamaged, BackupPlaceRefused
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
from midan.vault.backup.manifest import Link, Manifest, Segment, Table
from midan.vault.backup.tables import find as find_table


@dataclass(frozen=True, slots=True, repr=False)
class OpenSet:
    """A set whose manifest was opened, and those it builds on, the full one first."""

    folder: Path
    header: Header
    secret: bytes
    manifest: Manifest
    earlier: tuple["OpenSet", ...] = ()

    def __repr__(self) -> str:
        return f"<OpenSet {self.manifest.set}>"

    @property
    def chain(self) -> tuple["OpenSet", ...]:
        """Return every set that has to be there, this one last."""
        return (*self.earlier, self)


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
    """Open the manifest, and those of the sets it builds on, which lie beside it.

    BackupKeyWrong, BackupDamaged; BackupChainBroken when one of those is missing, another one, or out of order.
    """
    opened = _open_one(folder, key)
    earlier: list[OpenSet] = []
    for link in opened.manifest.chain:
        found = _open_one(_beside(folder, link), key)
        if (found.manifest.set, found.header.company) != (link.set, opened.header.company):
            raise BackupChainBroken(link.set, "other")
        if found.manifest.digest != link.digest:
            raise BackupChainBroken(link.set, "altered")
        if found.manifest.chain != opened.manifest.chain[: len(earlier)]:
            raise BackupChainBroken(link.set, "order")
        earlier.append(found)
    return OpenSet(opened.folder, opened.header, opened.secret, opened.manifest, tuple(earlier))


def _beside(folder: Path, link: Link) -> Path:
    """Return the folder of a set a chain names; a folder's name is a hint, its manifest the judge."""
    for path in folder.parent.glob(f"midan-*-{link.set[:8]}"):
        if (path / f"{MANIFEST}{SUFFIX}").exists():
            return path
    raise BackupChainBroken(link.set, "missing")


def _open_one(folder: Path, key: bytes) -> OpenSet:
    file, header = _piece(folder, MANIFEST)
    with file:
        secret = unwrap(key, header)
        text = b"".join(plain for plain, _ in open_chunks(file, header, secret))
    found = manifests.read(text)
    if (found.set, found.company) != (header.set_id.hex(), header.company.hex()):
        raise BackupDamaged(MANIFEST, "manifest")
    return OpenSet(folder, header, secret, found)


def journals(opened: OpenSet, key: bytes) -> tuple[OpenSet, ...]:
    """Return the re-seal journals beside a set that know of later moves than it, in order, without a gap.

    BackupChainBroken('gap') when one in between is missing; whatever is wrong with one of them.
    """
    company, reached = opened.manifest.company, opened.manifest.moved
    paths = opened.folder.parent.glob(f"{making.stem(company, making.JOURNAL)}*/{MANIFEST}{SUFFIX}")
    found = [_open_one(path.parent, key) for path in paths]
    wanted: list[OpenSet] = []
    for one in sorted(found, key=lambda one: (one.manifest.moved, one.manifest.created)):
        if one.manifest.company != company or one.manifest.kind != "journal":
            raise BackupChainBroken(one.manifest.set, "other")
        if one.manifest.moved <= reached:
            continue
        if one.manifest.moved_from > reached:
            raise BackupChainBroken(one.manifest.set, "gap")
        wanted.append(one)
        reached = one.manifest.moved
    return tuple(wanted)


def check(opened: OpenSet, on_progress: OnProgress | None = None) -> None:
    """Read the whole set and all it builds on; BackupDamaged names the first piece that is not what it should be."""
    for one in opened.chain:
        check_own(one, on_progress)


def check_own(opened: OpenSet, on_progress: OnProgress | None = None) -> None:
    """Read the pieces of this set alone; BackupDamaged."""
    named = {table.name for table in opened.manifest.tables} | {MANIFEST}
    surplus = {path.name.removesuffix(SUFFIX) for path in opened.folder.glob(f"*{SUFFIX}")} - named
    if surplus:
        raise BackupDamaged(min(surplus), "surplus")
    total = 0
    for done, table in enumerate(opened.manifest.tables):
        if table.segments and sum(segment.rows for segment in table.segments) != table.rows:
            raise BackupDamaged(table.name, "rows")
        for rows in _own_blocks(opened, table, None):
            total += len(rows)
            if on_progress:
                on_progress(
                    Progress(
                        table=table.name, tables_done=done, tables=len(opened.manifest.tables), rows=total
                    )
                )


def blocks(opened: OpenSet, table: Table) -> Iterator[Rows]:
    """Yield the rows of a table at the moment of the set, from every piece of its chain that holds some of them.

    BackupDamaged at the end too, when there were too few.
    """
    if not table.segments:
        yield from _own_blocks(opened, table, None)
        return
    total = 0
    for one in opened.chain:
        mine = "" if one is opened else one.manifest.set
        wanted = {(part.group, part.at) for part in table.segments if part.set == mine}
        own = find_table(one.manifest.tables, table.name)
        if not wanted:
            continue
        if own is None or own.columns != table.columns:
            raise BackupDamaged(table.name, "columns")
        for rows in _own_blocks(one, own, wanted):
            total += len(rows)
            yield rows
    if total != table.rows:
        raise BackupDamaged(table.name, "rows")


def _own_blocks(opened: OpenSet, table: Table, wanted: Collection[tuple[int, int]] | None) -> Iterator[Rows]:
    """Yield the rows in a set's own piece, or those of the wanted segments; every chunk is authenticated all the same."""
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
        held = iter([segment for segment in table.segments if not segment.set])
        for plain, tag in open_chunks(file, header, opened.secret):
            tags += tag
            chunks += 1
            found = _decoded(plain, table)
            rows += len(found)
            if found and _is_wanted(table, next(held, None), len(found), wanted):
                yield found
        size = file.tell()
    if tags_digest(bytes(tags)) != table.tags:
        raise BackupDamaged(table.name, "tags")
    if (rows, chunks, size) != (table.held, table.chunks, table.bytes):
        raise BackupDamaged(table.name, "rows")


def _is_wanted(
    table: Table, segment: Segment | None, rows: int, wanted: Collection[tuple[int, int]] | None
) -> bool:
    if not table.segments:
        return True
    if segment is None or segment.rows != rows:
        raise BackupDamaged(table.name, "rows")
    return wanted is None or (segment.group, segment.at) in wanted


def _decoded(plain: bytes, table: Table) -> Rows:
    if not plain:
        return []
    try:
        return chunks.unpacked(plain, table.columns, table.form)
    except ValueError:
        raise BackupDamaged(table.name, "rows") from None


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
