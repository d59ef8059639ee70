"""A power cut without a machine to cut: what was written and never flushed is dropped, torn, or happens to be there.

A process that writes under `recording` notes after every flush what the disk holds for certain: the content of each file as
of its last fsync, the names in each folder as of the folder's, and, for SQLite with synchronous=FULL, database and
write-ahead log as of the last commit. `cut` then makes that the state, and decides by chance about everything since.
PostgreSQL's own files are left to its server: of its rows, a commit that returned is there and any other is not.
"""

import os
import pickle
import random
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path

Names = dict[str, tuple[int, bool]]


@dataclass
class Disk:
    """What is on the disk for certain. Names map to (inode, is a folder); contents go by inode."""

    root: Path
    database: Path | None
    shadow: Path
    names: dict[str, Names] = field(default_factory=dict)
    contents: dict[int, bytes] = field(default_factory=dict)
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)

    def begin(self) -> "Disk":
        """Take everything there is as flushed."""
        self.shadow.mkdir(exist_ok=True)
        for folder, _, files in os.walk(self.root):
            self.names[folder] = listing(Path(folder))
            for name in files:
                path = Path(folder, name)
                self.contents[path.stat().st_ino] = path.read_bytes()
        self._note()
        self.committed()
        (self.shadow / "ready").touch()
        return self

    def flushed(self, handle: int) -> None:
        """Note what an fsync of this handle has put on the disk."""
        path = Path(f"/proc/self/fd/{handle}").readlink()
        if self.root not in (path, *path.parents):
            return
        about = os.fstat(handle)
        if stat.S_ISDIR(about.st_mode):
            self.names[str(path)] = listing(path)
        else:
            self.contents[about.st_ino] = Path(f"/proc/self/fd/{handle}").read_bytes()
        self._note()

    def committed(self) -> None:
        """Note database and log: a commit has returned, so all it needs is on the disk."""
        if self.database is None:
            return
        for path in (self.database, wal(self.database)):
            about = (path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else (0, 0)
            if self.seen.get(path.name) != about:
                draft = self.shadow / f"{path.name}.draft"
                draft.write_bytes(path.read_bytes() if path.exists() else b"")
                draft.replace(self.shadow / path.name)
                self.seen[path.name] = about

    def _note(self) -> None:
        draft = self.shadow / "names.draft"
        draft.write_bytes(pickle.dumps((self.names, self.contents)))
        draft.replace(self.shadow / "names")


def wal(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")


def listing(folder: Path) -> Names:
    found = ((path, path.lstat()) for path in folder.iterdir())
    return {path.name: (about.st_ino, stat.S_ISDIR(about.st_mode)) for path, about in found}


def recording(root: Path, database: Path | None, shadow: Path) -> None:
    """Note from now on, in this process, every fsync and every commit."""
    from django.db import connection
    from django.db.backends.base.base import BaseDatabaseWrapper

    disk = Disk(root, database, shadow).begin()
    real_fsync, real_commit = os.fsync, BaseDatabaseWrapper._commit

    def fsync(handle):
        number = handle if isinstance(handle, int) else handle.fileno()
        real_fsync(number)
        disk.flushed(number)

    def commit(self):
        found = real_commit(self)
        disk.committed()
        return found

    def alone(execute, sql, params, many, context):
        found = execute(sql, params, many, context)
        if not connection.in_atomic_block:
            disk.committed()
        return found

    os.fsync, BaseDatabaseWrapper._commit = fsync, commit
    connection.execute_wrappers.append(alone)


def cut(root: Path, database: Path | None, shadow: Path, chance: random.Random) -> None:
    """Make the files what a power cut at this moment could have left; nothing had begun while nothing is noted."""
    if not (shadow / "ready").exists():
        return
    names, contents = pickle.loads((shadow / "names").read_bytes())
    made = root.with_name(f"{root.name}.after")
    _build(root, made, names, contents, chance)
    shutil.rmtree(root)
    made.rename(root)
    if database is not None:
        _cut_database(database, shadow, chance)


def _build(folder: Path, made: Path, names, contents, chance: random.Random) -> None:
    made.mkdir(mode=0o700)
    now = listing(folder) if folder.is_dir() else {}
    found = names.get(str(folder), {})
    # A name changed since may have reached the disk or not, each by itself.
    for name in sorted({*found, *now}):
        kept = found.get(name) if chance.random() < 0.7 else now.get(name)
        if kept is None:
            continue
        inode, is_folder = kept
        if is_folder:
            _build(folder / name, made / name, names, contents, chance)
        else:
            (made / name).write_bytes(_content(folder / name, inode, contents, chance))
            (made / name).chmod(0o600)


def _content(path: Path, inode: int, contents, chance: random.Random) -> bytes:
    """Return the bytes of a file: as flushed, as written, or something between."""
    flushed = contents.get(inode, b"")
    same = path.exists() and path.stat().st_ino == inode
    written = path.read_bytes() if same else flushed
    if written == flushed or chance.random() < 0.6:
        return flushed
    return written if chance.random() < 0.5 else written[: chance.randrange(len(written) + 1)]


def _cut_database(database: Path, shadow: Path, chance: random.Random) -> None:
    """Go back to the last commit; of the log written since, keep some, when it goes on from there."""
    log, flushed = wal(database), (shadow / wal(database).name).read_bytes()
    written = log.read_bytes() if log.exists() else b""
    if written.startswith(flushed) and flushed and chance.random() < 0.5:
        flushed = written[: chance.randrange(len(flushed), len(written) + 1)]
    database.write_bytes((shadow / database.name).read_bytes())
    log.write_bytes(flushed)
    database.with_name(f"{database.name}-shm").unlink(missing_ok=True)
