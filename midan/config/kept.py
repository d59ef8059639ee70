"""Processes beside the web: kept running while the parent lives, and never left behind by it."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from threading import Event, Thread
from types import FrameType
from typing import Final

_LOOK_EVERY: Final = 0.5  # seconds
_REST: Final = 1.0  # before one that ended by itself is started again
_PATIENCE: Final = 10.0


@contextmanager
def kept(name: str, target: Callable[[], None]) -> Iterator[None]:
    """Run `target` in a process of its own as long as the block lasts; one that ends by itself is started again."""
    stop, running = Event(), [_start(name, target)]

    def keep() -> None:
        while not stop.is_set():
            running[0].join(timeout=_LOOK_EVERY)
            if not running[0].is_alive() and not stop.wait(_REST):
                running[0] = _start(name, target)

    keeper = Thread(target=keep, name=f"{name}-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()
        if running[0].is_alive():
            running[0].terminate()
        running[0].join(timeout=_PATIENCE)


def _start(name: str, target: Callable[[], None]) -> SpawnProcess:
    process = get_context("spawn").Process(target=target, name=name, daemon=True)
    process.start()
    return process


def until_told() -> Event:
    """Return an event set by SIGTERM. Called first in a kept process, which also ends at once with its parent."""
    stop = Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    # Ctrl-C reaches the whole group; the parent decides when its helpers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()
    return stop


def _follow(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
