"""Processes beside the web: kept running while the parent lives, and never left behind by it."""

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.context import SpawnProcess
from threading import Event, Thread
from time import sleep
from types import FrameType
from typing import Final

_LOGGER = logging.getLogger(__name__)
_LOOK_EVERY: Final = 0.5  # seconds
_REST: Final = 1.0  # before one that ended by itself is started again
_PATIENCE: Final = 10.0


class Kept:
    """One process that is started again whenever it ends by itself."""

    def __init__(self, name: str, target: Callable[[], None], patience: float = _PATIENCE) -> None:
        self._name, self._target, self._patience = name, target, patience
        self.gave_up = False
        self._stop = Event()
        self._running = self._start()
        self._keeper = Thread(target=self._keep, name=f"{name}-keeper", daemon=True)
        self._keeper.start()

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return self._running.pid

    def end(self) -> None:
        """Tell it to stop, wait, and kill what did not listen: one that is stopped (SIGSTOP) hears nothing else."""
        self._stop.set()
        self._keeper.join()
        self._running.terminate()
        self._running.join(timeout=self._patience)
        if self._running.is_alive():
            _LOGGER.warning("%s did not stop and is killed", self._name)
            self._running.kill()
            self._running.join()

    def _keep(self) -> None:
        while not self._stop.is_set():
            self._running.join(timeout=_LOOK_EVERY)
            if self._running.is_alive():
                continue
            # It has said why; a parent that still waits for its first answer need not.
            self.gave_up = self._running.exitcode == os.EX_CONFIG
            if self._stop.wait(_REST):
                return
            try:
                self._running = self._start()
            except OSError:  # no process or no memory left just now: the next round tries again
                _LOGGER.exception("%s could not be started again", self._name)

    def _start(self) -> SpawnProcess:
        process = get_context("spawn").Process(target=self._target, name=self._name, daemon=True)
        process.start()
        return process


@contextmanager
def kept(name: str, target: Callable[[], None]) -> Iterator[Kept]:
    """Run `target` in a process of its own as long as the block lasts."""
    process = Kept(name, target)
    try:
        yield process
    finally:
        process.end()


def until_told() -> Event:
    """Return an event set by SIGTERM. Called first in a kept process, which also ends at once with its parent."""
    stop = Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    # Ctrl-C reaches the whole group; the parent decides when its helpers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    return stop


def end_with_parent() -> None:
    """End this process at once when the one that started it is gone, however it went; nothing without a parent.

    The parent's id is looked at, not the pipe multiprocessing gives: web workers are forked and hold its other end.
    """
    parent = parent_process()
    if parent is not None:
        Thread(target=_follow, args=(parent.pid,), name="midan-parent", daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        sleep(_LOOK_EVERY)
    os._exit(1)
