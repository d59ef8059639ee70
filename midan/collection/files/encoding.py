"""Which encoding a text file is in: UTF-8 with or without a mark, else GB18030, else refused.

A file on disk is read once from end to end before the first row is believed, so a wrong byte in the last line
refuses the whole file. A stream is judged by its head; a wrong byte later breaks it off.
"""

import codecs
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from midan.collection.errors import FileRefused
from midan.collection.files.reasons import FileReason

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK: Final = 1 << 18
_HEAD: Final = 1 << 18
# U+FEFF as each encoding writes it: some programs set it before a text.
_MARKS: Final = (codecs.BOM_UTF8, "\ufeff".encode("gb18030"))
_WIDE_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# GB18030 gives nearly every byte pair some character, so a file in another encoding decodes to rare ones.
_USUAL_SHARE: Final = 0.8


class ChunkStream(io.RawIOBase):
    """Chunks of bytes as a file that can be read once; refuses NUL bytes as they pass."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._pending = b""

    def readable(self) -> bool:
        """Return True: it is for reading."""
        return True

    def head(self) -> bytes:
        """Return up to 256 KiB from the start without consuming it."""
        parts, size = [self._pending], len(self._pending)
        while size < _HEAD and (chunk := next(self._chunks, b"")):
            parts.append(chunk)
            size += len(chunk)
        self._pending = b"".join(parts)
        return self._pending

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer with what comes next; 0 at the end."""
        while not self._pending:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._pending = chunk
        view = memoryview(buffer).cast("B")
        taken, self._pending = self._pending[: len(view)], self._pending[len(view) :]
        if b"\x00" in taken:
            raise FileRefused(FileReason.NUL)
        view[: len(taken)] = taken
        return len(taken)


def encoding_of_path(path: Path) -> str:
    """Return 'utf-8-sig' or 'gb18030' after reading the whole file, or raise FileRefused."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    _refuse_other(head)
    if _decodes(_chunks(path), "utf-8"):
        return "utf-8-sig"
    if _decodes(_chunks(path), "gb18030") and _looks_chinese(head):
        return "gb18030"
    raise FileRefused(FileReason.ENCODING)


def encoding_of_head(head: bytes) -> str:
    """Return the encoding the head of a stream shows, or raise FileRefused."""
    _refuse_other(head)
    if _decodes([head], "utf-8", final=False):
        return "utf-8-sig"
    if _decodes([head], "gb18030", final=False) and _looks_chinese(head):
        return "gb18030"
    raise FileRefused(FileReason.ENCODING)


def _refuse_other(head: bytes) -> None:
    if not _unmarked(head).strip():
        raise FileRefused(FileReason.EMPTY)
    if head.startswith(_WIDE_MARKS):
        raise FileRefused(FileReason.ENCODING)
    if b"\x00" in head:
        raise FileRefused(FileReason.NUL)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if b"\x00" in chunk:
                raise FileRefused(FileReason.NUL)
            yield chunk


def _decodes(chunks: Iterable[bytes], encoding: str, *, final: bool = True) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in chunks:
            decoder.decode(chunk)
        decoder.decode(b"", final)
    except UnicodeDecodeError:
        return False
    return True


def _unmarked(head: bytes) -> bytes:
    for mark in _MARKS:
        if head.startswith(mark):
            return head[len(mark) :]
    return head


def _looks_chinese(head: bytes) -> bool:
    text = _unmarked(head).decode("gb18030", "ignore")
    letters = [letter for letter in text if letter > "\x7f"]
    usual = sum(1 for letter in letters if _is_usual(letter))
    return usual >= _USUAL_SHARE * len(letters)


def _is_usual(letter: str) -> bool:
    try:
        return len(letter.encode("gb2312")) > 0
    except UnicodeEncodeError:
        return False
