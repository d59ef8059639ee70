"""Worker processes that check and seal: they know neither Django nor the database, and die with their parent."""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait

from midan.collection.rules.prepare import Packed, Prepared, RawRow, Slots, prepare_packed, unpack
from midan.collection.services.desk import Desk

Chunk = Sequence[RawRow]
# Chunks in flight for each worker: enough to keep it busy, few enough to keep memory flat.
_AHEAD = 2


def prepared_by_workers(
    chunks: Iterator[Chunk], *, desk: Desk, workers: int, slots: Callable[[int], Slots | None]
) -> Iterator[Prepared]:
    """Yield the chunks prepared, in their order. `slots(n)` gives room to seal into, or None to leave it."""
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin)
    try:
        waiting: deque[Future[Packed]] = deque()
        for chunk in chunks:
            given = slots(len(chunk))
            waiting.append(pool.submit(prepare_packed, chunk, desk.notices, desk.secret, desk.client, given))
            if len(waiting) > workers * _AHEAD:
                yield unpack(waiting.popleft().result())
        while waiting:
            yield unpack(waiting.popleft().result())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """Leave Ctrl-C to the parent, which ends between two commits; end at once when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
