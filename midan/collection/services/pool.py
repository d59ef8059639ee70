"""Worker processes that check and seal: they know neither Django nor the database, and die with their parent."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

from midan.collection.rules.prepare import Packed, Prepared, RawRow, Slots, prepare_packed, unpack
from midan.collection.rules.worker import begin
from midan.collection.services.desk import Desk

Chunk = Sequence[RawRow]
# Chunks in flight for each worker: enough to keep it busy, few enough to keep memory flat.
_AHEAD = 2


def prepared_by_workers(
    chunks: Iterator[Chunk], *, desk: Desk, workers: int, slots: Callable[[int], Slots | None]
) -> Iterator[Prepared]:
    """Yield the chunks prepared, in their order. `slots(n)` gives room to seal into, or None to leave it."""
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=begin)
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
