"""The process that seals and writes: SM4 takes one core, so the other reads meanwhile. No Django here.

It is told over a pipe: first what the set is, then one piece after the other, a name, its chunks, the end of it; it
answers with what the manifest says of the piece. When the pipe ends it ends.
"""

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final

from midan.core import sm
from midan.vault.backup.errors import BackupPlaceRefused
from midan.vault.backup.format import SUFFIX, Header, PieceSealer, piece_key, tags_digest

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_END: Final = b""
_ASIDE: Final = 1 << 20
_SET_PIPE_SIZE: Final = 1031  # F_SETPIPE_SZ, fcntl(2)


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


class Sealer:
    """The near end of the pipe."""

    def __init__(self, pipe: "Connection[object, object]", answers: "Connection[object, object]") -> None:
        self._pipe, self._answers = pipe, answers

    def open(self, order: Order) -> None:
        """Say what the set is, once."""
        self._pipe.send(order)

    def begin(self, name: str) -> None:
        """Begin a piece."""
        self._send(name.encode("ascii"))

    def chunk(self, plain: bytes) -> None:
        """Add a chunk; an empty one is refused: it would end the piece."""
        if not plain:
            raise ValueError("a chunk is never empty")
        self._send(plain)

    def finish(self) -> Sealed:
        """End the piece, durably on disk; BackupPlaceRefused when the disk would not have it."""
        self._send(_END)
        try:
            answer = self._answers.recv()
        except EOFError:
            raise BackupPlaceRefused("unwritable") from None
        if not isinstance(answer, Sealed):
            raise BackupPlaceRefused("unwritable")
        return answer

    def _send(self, message: bytes) -> None:
        try:
            self._pipe.send_bytes(message)
        except OSError:  # it has ended: the disk is full, or gone
            raise BackupPlaceRefused("unwritable") from None


@contextmanager
def started() -> Iterator[Sealer]:
    """Run a sealer as long as the block lasts. Begun early: it takes a third of a second to be there."""
    context = get_context("spawn")
    far, near = context.Pipe(duplex=False)
    answers, back = context.Pipe(duplex=False)
    with suppress(OSError):  # a chunk fits in whole: neither waits for the other in the middle of one
        fcntl.fcntl(near.fileno(), _SET_PIPE_SIZE, _ASIDE)
    process = context.Process(target=run, args=(far, back), name="midan-sealer")
    process.start()
    far.close()
    back.close()
    try:
        yield Sealer(near, answers)
    finally:
        near.close()
        process.join()
        answers.close()


def run(pipe: "Connection[object, object]", answers: "Connection[object, object]") -> None:
    """Seal and write until the pipe ends. Ctrl-C is the parent's to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        order = pipe.recv()
        if not isinstance(order, Order):
            return
        while True:
            name = pipe.recv_bytes().decode("ascii")
            answers.send(_write(order, name, pipe))
    except (EOFError, OSError):
        answers.close()


def _write(order: Order, name: str, pipe: "Connection[object, object]") -> Sealed:
    header = Header(company=order.company, set_id=order.set_id, wrapped=order.wrapped, name=name).to_bytes()
    sealer = PieceSealer(piece_key(order.secret, name), header)
    tags, size, written = bytearray(), 0, 0
    handle = os.open(Path(order.folder) / (name + SUFFIX), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb", buffering=_ASIDE) as file:
        size += file.write(header)
        plain = pipe.recv_bytes()
        while True:
            following = pipe.recv_bytes() if plain else _END
            frame = sealer.seal(plain, final=not following)
            size += file.write(frame)
            tags += frame[-sm.TAG_BYTES :]
            written += 1
            if not following:
                break
            plain = following
        file.flush()
        os.fsync(file.fileno())
    return Sealed(written, size, tags_digest(bytes(tags)))
