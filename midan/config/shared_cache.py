"""A cache of files that several processes and threads count in without losing a count.

Django's own reads and writes in two steps: two askers at once both find a key free, and both take it. Here every
step on a key holds one lock of the folder, so that `add` is given to one and `incr` adds what it says.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from functools import wraps
from pathlib import Path
from threading import local
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from django.core.cache.backends.filebased import FileBasedCache

P = ParamSpec("P")
Answer = TypeVar("Answer")
_LOCK: Final = "lock"  # without the suffix of entries: it is neither listed nor culled


def _alone(step: "Callable[Concatenate[Any, P], Answer]") -> "Callable[Concatenate[Any, P], Answer]":
    """Run a step while nobody else is in one."""

    @wraps(step)
    def locked(self: "SharedCache", /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        with self.locked():
            return step(self, *args, **kwargs)

    return locked


class SharedCache(FileBasedCache):
    """Django's file cache with every step under a lock; steps made of others take it once."""

    def __init__(self, dir: str, params: dict[str, Any]) -> None:  # noqa: A002  # Django's name
        super().__init__(dir, params)
        self._folder = Path(dir)
        self._held = local()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder's lock; a second time in one thread it is held already."""
        if getattr(self._held, "now", False):
            yield
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it may be emptied at any time
        with (self._folder / _LOCK).open("ab") as file:
            flock(file, LOCK_EX)  # given back when the file closes, whatever ends this process
            self._held.now = True
            try:
                yield
            finally:
                self._held.now = False

    add = _alone(FileBasedCache.add)
    get = _alone(FileBasedCache.get)
    set = _alone(FileBasedCache.set)
    incr = _alone(FileBasedCache.incr)
    touch = _alone(FileBasedCache.touch)
    delete = _alone(FileBasedCache.delete)
    has_key = _alone(FileBasedCache.has_key)
    clear = _alone(FileBasedCache.clear)

    def _cull(self) -> None:
        """Make room when there are too many: with what is over, and only if that is not enough with what counts."""
        files = [Path(name) for name in self._list_cache_files()]  # type: ignore[attr-defined]
        if len(files) < self._max_entries:
            return
        for path in files:
            with path.open("rb") as file:
                self._is_expired(file)  # type: ignore[attr-defined]  # removes it if so
        super()._cull()  # type: ignore[misc]
