"""What a command writes: beside its place, for its owner alone, and named only when it is whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EISDIR
from pathlib import Path


class Draft:
    """A file under way. `path` is where to write; nothing stands at the target before `keep`."""

    def __init__(self, target: Path) -> None:
        if target.is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
        # A link stays a link: what it leads to is replaced.
        self._target = target.resolve()
        # A pipe or a terminal holds nothing that could be lost, and cannot be replaced.
        self._stream = target.exists() and (not target.is_file() or target.is_relative_to("/dev"))
        self.path = target if self._stream else self._beside()

    def keep(self) -> None:
        """Put what was written in its place, through a power cut too; what stood there is gone."""
        if self._stream or not self.path.exists():
            return
        _flush(self.path, os.O_RDONLY)
        self.path.replace(self._target)
        _flush(self._target.parent, os.O_RDONLY | os.O_DIRECTORY)

    def drop(self) -> None:
        """Leave what stands at the target as it was; nothing after `keep`."""
        if not self._stream:
            self.path.unlink(missing_ok=True)

    def _beside(self) -> Path:
        """Make an empty file that nobody else may read, under a name that nobody has."""
        path = self._target.with_name(f".{self._target.name[:80]}.{os.urandom(4).hex()}.part")
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return path


@contextmanager
def written(target: Path) -> Iterator[Path]:
    """Yield where to write; whole it replaces `target`, after any error `target` is as it was."""
    draft = Draft(target)
    try:
        yield draft.path
        draft.keep()
    finally:
        draft.drop()


def _flush(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
