"""The thread that writes while the other one reads, and those that seal: OpenSSL lets go of the interpreter meanwhile.

It is told by a queue: a piece's name, its chunks, the end of it; it answers with what the manifest says of the piece.
Chunks are sealed by as many threads as there are cores, four at most, and written in their order. A few wait at most,
so that memory stays bounded whichever of the two is faster.
"""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Final

from midan.core import sm
from midan.vault.backup.errors import BackupPlaceRefused
from midan.vault.backup.format import SUFFIX, Header, PieceSealer, piece_key, tags_digest

_END: Final = b""
_AHEAD: Final = 4  # chunks
_BUFFER: Final = 1 << 20
_MOST_THREADS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the sealer must know before the first piece. Never shown: it holds the set's secret."""

    folder: str
    company: bytes
    set_id: bytes
    wrapped: bytes
    secret: bytes

    def __repr__(self) -> str:
        return "<Order ••••>"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What became of a piece."""

    chunks: int
    bytes: int
    tags: str


class _GivenUp(Exception):
    """The reader went away in the middle of a piece."""


class Sealer:
    """Both ends of the queue; `open` comes first, `sync` last."""

    def __init__(self) -> None:
        self._tasks: Queue[str | bytes | None] = Queue(_AHEAD)
        self._answers: Queue[Sealed | Exception] = Queue()
        self._order: Order | None = None
        self._written: list[Path] = []
        self._ended = True
        self._threads = min(_MOST_THREADS, len(os.sched_getaffinity(0)))

    def open(self, order: Order) -> None:
        """Say what the set is, once."""
        self._order = order

    def begin(self, name: str) -> None:
        """Begin a piece."""
        self._tasks.put(name)

    def chunk(self, plain: bytes) -> None:
        """Add a chunk; an empty one is refused: it would end the piece."""
        if not plain:
            raise ValueError("a chunk is never empty")
        self._tasks.put(plain)

    def finish(self) -> Sealed:
        """End the piece; BackupPlaceRefused when the disk would not have it."""
        self._tasks.put(_END)
        answer = self._answers.get()
        if isinstance(answer, OSError):
            raise BackupPlaceRefused("unwritable") from answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def sync(self) -> None:
        """Bring every piece to the disk: together, which costs far less than one by one. OSError."""
        for path in self._written:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def run(self) -> None:
        """Seal and write until told to go; a piece that fails is read to its end all the same."""
        with ThreadPoolExecutor(self._threads, "midan-sealing") as pool:
            self._run(pool)

    def _run(self, pool: ThreadPoolExecutor) -> None:
        while (name := self._tasks.get()) is not None:
            try:
                self._ended = False
                answer: Sealed | Exception = self._write(str(name), pool)
            except _GivenUp:
                return
            except Exception as error:  # noqa: BLE001  handed to the reader, which raises it
                answer = error
                while not self._ended:
                    try:
                        self._next()
                    except _GivenUp:
                        return
            self._answers.put(answer)

    def leave(self) -> None:
        """Tell the thread to go."""
        self._tasks.put(None)

    def _next(self) -> bytes:
        plain = self._tasks.get()
        if plain is None:
            raise _GivenUp
        self._ended = plain == _END
        return plain if isinstance(plain, bytes) else plain.encode()

    def _write(self, name: str, pool: ThreadPoolExecutor) -> Sealed:
        order = self._order
        if order is None:
            raise RuntimeError("the sealer was not told what the set is")
        header = Header(
            company=order.company, set_id=order.set_id, wrapped=order.wrapped, name=name
        ).to_bytes()
        sealer = PieceSealer(piece_key(order.secret, name), header)
        tags, size, written = bytearray(), 0, 0
        path = Path(order.folder) / (name + SUFFIX)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb", buffering=_BUFFER) as file:
            size += file.write(header)
            for frame in self._frames(sealer, pool):
                size += file.write(frame)
                tags += frame[-sm.TAG_BYTES :]
                written += 1
        self._written.append(path)
        return Sealed(written, size, tags_digest(bytes(tags)))

    def _frames(self, sealer: PieceSealer, pool: ThreadPoolExecutor) -> Iterator[bytes]:
        """Yield the sealed chunks of a piece in their order; one that follows says that a chunk is not the last."""
        under_way = deque[Future[bytes]]()
        plain = self._next()
        while True:
            following = self._next() if plain else _END
            under_way.append(pool.submit(sealer.numbered(plain, final=not following)))
            while under_way and (not following or len(under_way) > self._threads):
                yield under_way.popleft().result()
            if not following:
                return
            plain = following


@contextmanager
def started() -> Iterator[Sealer]:
    """Run a sealer as long as the block lasts."""
    sealing = Sealer()
    thread = Thread(target=sealing.run, name="midan-sealer", daemon=True)
    thread.start()
    try:
        yield sealing
    finally:
        sealing.leave()
        thread.join()
