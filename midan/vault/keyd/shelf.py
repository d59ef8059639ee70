"""A keeper's folder: every write whole and on disk before it counts, read back, and forgotten as well as a file can be."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from midan.store.disk import disk_error
from midan.store.errors import StorageFull
from midan.vault.errors import KeeperFull, KeeperUnreachable

HOW: Final = "overwritten_and_unlinked"


class Shelf:
    """The files of one keeper in one folder, mode 0600 in 0700.

    KeeperUnreachable for whatever the system refuses, KeeperFull where it has no room.
    """

    def __init__(self, folder: Path, keeper: str) -> None:
        self.folder = folder
        self._keeper = keeper

    def names(self) -> tuple[str, ...]:
        """Return the names of the finished files, none when the folder was not made yet."""
        with self._reached():
            if not self.folder.exists():
                return ()
            return tuple(sorted(path.name for path in self.folder.iterdir() if path.name[:1] != "."))

    def get(self, name: str, size: int = -1) -> bytes:
        """Return a file, or its first bytes."""
        with self._reached(), (self.folder / name).open("rb") as file:
            return file.read(size)

    def add(self, name: str, data: bytes) -> None:
        """Write a new file; FileExistsError when there is one: no secret is ever written over another."""
        with self._draft(name, data) as draft:
            # A link, unlike a rename, refuses to replace.
            os.link(draft, self.folder / name)
        self._read_back(name, data)

    def replace(self, name: str, data: bytes) -> None:
        """Write a file in place of the one there, in one step."""
        with self._draft(name, data) as draft:
            draft.replace(self.folder / name)
        self._read_back(name, data)

    def drop(self, name: str) -> None:
        """Remove a file that holds nothing to be overwritten; gone already is fine."""
        with self._reached():
            (self.folder / name).unlink(missing_ok=True)

    def shred(self, name: str) -> None:
        """Overwrite a file and remove it, on disk; gone already is fine. What lies below may keep old blocks."""
        with self._reached():
            path = self.folder / name
            if not path.exists():
                return
            with path.open("r+b") as file:
                file.write(bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            self._sync()

    @contextmanager
    def _draft(self, name: str, data: bytes) -> Iterator[Path]:
        with self._reached():
            if not self.folder.is_dir():
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._sync(self.folder.parent)  # else a power cut may take the whole folder
            draft = self.folder / f".{name}.{os.getpid()}.{os.urandom(4).hex()}"
            try:
                handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                yield draft
                self._sync()
            finally:
                draft.unlink(missing_ok=True)

    def _sync(self, folder: Path | None = None) -> None:
        handle = os.open(folder or self.folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _read_back(self, name: str, data: bytes) -> None:
        if self.get(name) != data:
            raise KeeperUnreachable(self._keeper, "read_back")

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except FileExistsError:
            raise
        except OSError as error:
            if isinstance(disk_error(error), StorageFull):
                raise KeeperFull(self._keeper) from error
            reason = errno.errorcode.get(error.errno or 0, "EIO")
            raise KeeperUnreachable(self._keeper, reason) from error
