"""Recompute the whole log from its bytes and say where it first departs from what was signed.

What is compared: every entry with its leaf, its query columns and its party rows; indexes without a gap; the
tiles; the root at every checkpoint that was ever signed; the newest checkpoints' signatures; the published
checkpoint. `first_bad` is a log index. Where only roots contradict each other, it is the first index that no
good checkpoint covers: everything before it stands.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from typing import Any, Final

from django.db import connection

from midan.audit.keys import verifier
from midan.audit.pyramid import Pyramid
from midan.audit.scan import (
    Fault,
    Finding,
    PostgresSource,
    Scanned,
    SqliteSource,
    Stretch,
    first_difference,
    read_tile,
    scan,
    scan_postgres,
    scan_sqlite,
)
from midan.audit.tiles import TileFolder
from midan.catalog.settings import current
from midan.core.errors import MidanError
from midan.core.merkle import Verifier, fold, open_checkpoint, parse_checkpoint, tiles_for
from midan.core.merkle.tiles import HEIGHT, WIDTH
from midan.core.sm import sm3
from midan.store import bulk

Progress = Callable[[int, int], None]
_WIDTH: Final = 1 << 14
_MANY: Final = 40_000  # below this, starting processes costs more than it saves
_SIGNATURES: Final = 64
_ORDER: Final = {fault: place for place, fault in enumerate(Fault)}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResult:
    """What a full check found. `root` is recomputed, in hex; `signed` is the newest good checkpoint's size.

    `pending` entries are committed and not in the tree yet; `unsigned` leaves wait for their checkpoint.
    """

    ok: bool
    size: int
    root: str
    first_bad: int | None
    reason: str
    signed: int
    pending: int
    seconds: float


@dataclass(slots=True)
class _Check:
    """One run's memory."""

    known: Verifier
    folder: TileFolder
    findings: list[Finding] = field(default_factory=list)
    doubts: list[tuple[int, int, Fault]] = field(default_factory=list)  # somewhere from … before …
    pyramid: Pyramid = field(default_factory=Pyramid)
    vouched: int = 0
    parties: int = 0
    root: bytes = b""


def verify(*, progress: Progress | None = None, workers: int | None = None) -> VerifyResult:
    """Check the whole log; raise LogNotInitialised without a public key. Never changes anything.

    `workers` processes (default: one a core) share a large log; `progress` is told entries done and in all.
    """
    begun = time.perf_counter()
    check = _Check(known=verifier(), folder=TileFolder(current().tiles))
    signed = _check_signatures(check)  # before the size, which only grows: the sequencer may be at work
    (leaves, last, entries) = _one(
        'SELECT (SELECT count(*) FROM audit_leaf), (SELECT max("index") FROM audit_leaf),'
        " (SELECT count(*) FROM audit_entry)"
    )
    size = min(-1 if last is None else last, leaves) + 1  # with a gap, as far as the gap
    if signed > size:
        check.findings.append((size, Fault.TRUNCATED))
    done = 0
    for scanned, marks in _scan_all(check.folder, size, signed, workers):
        _merge(check, scanned, marks)
        done = min(done + _WIDTH, size)
        if progress:
            progress(done, size)
    if not size:
        check.root = sm3(b"")
    _check_upper_tiles(check, signed)
    pending = entries - leaves
    spare_parties = _check_pending(check)
    first_bad, reason = _verdict(check)
    if not reason and _one("SELECT count(*) FROM audit_party")[0] != check.parties + spare_parties:
        first_bad, reason = _orphan_place(size), Fault.PARTIES_DIFFER
    return VerifyResult(
        ok=not reason,
        size=size,
        root=check.root.hex(),
        first_bad=first_bad,
        reason=reason,
        signed=signed,
        pending=max(pending, 0),
        seconds=round(time.perf_counter() - begun, 3),
    )


def _verdict(check: _Check) -> tuple[int | None, str]:
    """Return the first bad index and why. A place that was seen beats a range that a root only implies."""
    seen = min(check.findings, key=lambda item: (item[0], _ORDER[item[1]]), default=None)
    unexplained = [doubt for doubt in check.doubts if seen is None or seen[0] >= doubt[1]]
    if unexplained:
        begin, _, fault = min(unexplained)
        return begin, fault
    return (seen[0], seen[1]) if seen else (None, "")


def _check_signatures(check: _Check) -> int:
    """Check the newest checkpoints and the published one; return the size of the largest good one."""
    text_published = check.folder.published()  # before the rows: each is kept before it is published
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT size, text FROM audit_checkpoint ORDER BY size DESC LIMIT {_SIGNATURES}")
        kept: list[tuple[int, str]] = cursor.fetchall()[::-1]
    good = 0
    for size, text in kept:
        if _opens(check.known, text) is None:
            check.doubts.append((good, size, Fault.CHECKPOINT_UNSIGNED))
        else:
            good = max(good, size)
    if text_published is None:
        return good
    published = _opens(check.known, text_published)
    if published is None:
        check.doubts.append((good, good + 1, Fault.CHECKPOINT_UNSIGNED))
    elif published > good:  # its row was committed before it was published
        check.doubts.append((good, published, Fault.CHECKPOINT_MISSING))
    return max(good, published or 0)


def _opens(known: Verifier, text: str) -> int | None:
    try:
        return open_checkpoint(text, trusted=[known], origin=known.name).size
    except MidanError:
        return None


_Mark = tuple[int, bytes, str]


def _scan_all(
    folder: TileFolder, size: int, signed: int, workers: int | None
) -> Iterator[tuple[Scanned, list[_Mark]]]:
    stretches: list[Stretch] = []
    marks: list[list[_Mark]] = []
    for start in range(0, size, _WIDTH):
        stop = min(start + _WIDTH, size)
        marks.append(_marks(start, stop))
        sizes = tuple(mark[0] for mark in marks[-1])
        stretches.append(
            Stretch(start=start, stop=stop, tiles=str(folder.folder), signed=signed, marks=sizes)
        )
    count = workers or os.cpu_count() or 1
    elsewhere = _scanner_elsewhere() if size >= _MANY and count > 1 else None
    if elsewhere is None:
        yield from zip(map(_scan_here, stretches), marks, strict=True)
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        yield from zip(pool.map(elsewhere, stretches), marks, strict=True)


def _marks(start: int, stop: int) -> list[_Mark]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT size, root, text FROM audit_checkpoint WHERE size > %s AND size <= %s ORDER BY size",
            [start, stop],
        )
        return [(size, bytes(root), text) for size, root, text in cursor.fetchall()]


def _scan_here(stretch: Stretch) -> Scanned:
    connection.ensure_connection()
    raw: Any = connection.connection
    return scan(stretch, PostgresSource(raw) if bulk.is_postgres() else SqliteSource(raw))


def _scanner_elsewhere() -> Callable[[Stretch], Scanned] | None:
    """Return a scan that opens its own connection, or None where another process cannot see the same rows."""
    if connection.in_atomic_block:
        return None
    settings = connection.settings_dict
    if not bulk.is_postgres():
        path = str(settings["NAME"])
        return partial(scan_sqlite, path=path) if os.path.isfile(path) else None  # noqa: PTH113  # ':memory:' too
    wanted = ("dbname", "user", "password", "host", "port", "sslmode", "sslrootcert")
    given: dict[str, Any] = connection.get_connection_params()
    return partial(scan_postgres, parameters={name: given[name] for name in wanted if name in given})


def _merge(check: _Check, scanned: Scanned, marks: list[_Mark]) -> None:
    check.findings += scanned.findings
    check.parties += scanned.parties
    for head in scanned.heads:
        check.pyramid.push(head)
    for size, root, text in marks:
        recomputed = check.pyramid.root(size, scanned.tails.get(size))
        fault = _contradiction(size, root, text, recomputed)
        if fault is None:
            check.vouched = size
        else:
            check.doubts.append((check.vouched, size, fault))
    full = scanned.start + len(scanned.heads) * WIDTH
    check.root = check.pyramid.root(full + len(scanned.rest), fold(scanned.rest) if scanned.rest else None)


def _contradiction(size: int, root: bytes, text: str, recomputed: bytes) -> Fault | None:
    if root != recomputed:
        return Fault.ROOT_DIFFERS
    try:
        said = parse_checkpoint(text).checkpoint
    except MidanError:
        return Fault.CHECKPOINT_UNSIGNED
    return None if (said.size, said.root) == (size, root) else Fault.CHECKPOINT_DIFFERS


def _check_upper_tiles(check: _Check, signed: int) -> None:
    for tile in tiles_for(signed):
        if not tile.level:
            continue
        level = (tile.level - 1) * HEIGHT
        row = check.pyramid.levels[level] if level < len(check.pyramid.levels) else []
        begin = tile.index * WIDTH
        content = read_tile(check.folder.folder, tile)
        width = HEIGHT * tile.level  # a hash stands for 2^width leaves: it narrows down only
        if content is None:
            check.doubts.append((begin << width, (begin + tile.width) << width, Fault.TILE_MISSING))
            continue
        place = first_difference(content, row[begin : begin + tile.width], width=tile.width)
        if place is not None:
            place += begin
            check.doubts.append((place << width, (place + 1) << width, Fault.TILE_DIFFERS))


_BEHIND: Final = """
    SELECT e."transaction", e.id FROM audit_entry e
    WHERE NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.entry_id = e.id) AND (e."transaction", e.id) <
        (SELECT x."transaction", x.id FROM audit_leaf l JOIN audit_entry x ON x.id = l.entry_id
         ORDER BY l."index" DESC LIMIT 1)
    ORDER BY e."transaction", e.id LIMIT 1"""
_PLACE: Final = """
    SELECT min(l."index") FROM audit_leaf l JOIN audit_entry x ON x.id = l.entry_id
    WHERE (x."transaction", x.id) > (%s, %s)"""
_PENDING_PARTIES: Final = """
    SELECT count(*) FROM audit_party p
    JOIN audit_entry e ON e.id = p.entry_id
    WHERE NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.entry_id = e.id)"""


_ORPHAN: Final = """
    SELECT min(p.entry_id) FROM audit_party p
    WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.id = p.entry_id)"""
_AFTER: Final = 'SELECT min("index") FROM audit_leaf WHERE entry_id > %s'


def _orphan_place(size: int) -> int:
    """Return the index where the entry of the first orphaned party row stood: the end, when the log was cut."""
    (orphan,) = _one(_ORPHAN)
    (place,) = _one(_AFTER, (orphan,)) if orphan is not None else (None,)
    return size if place is None else int(place)


def _check_pending(check: _Check) -> int:
    """Look for entries put behind the sequencer's back, which never passes one; return pending party rows."""
    behind = _one(_BEHIND)
    if behind:
        check.findings.append((_one(_PLACE, behind)[0], Fault.ENTRY_INSERTED))
    return int(_one(_PENDING_PARTIES)[0])


def _one(statement: str, parameters: tuple[Any, ...] = ()) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone() or ()
