"""The list of refused rows: row, code and field; no value. It is always of the last intake, however that ended."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TextIO

from midan.cli.draft import Draft
from midan.core.errors import MidanError

if TYPE_CHECKING:
    from midan.collection.rules import Reject


class RejectsUnwritable(MidanError):
    """The reject file cannot be made."""

    code: ClassVar[str] = "rejects_unwritable"
    exit_code: ClassVar[int] = 2


class RejectsAreInput(MidanError):
    """The reject file is the order file, under whatever name."""

    code: ClassVar[str] = "rejects_are_input"
    exit_code: ClassVar[int] = 2


class RejectList:
    """The rows refused so far."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._writer = csv.writer(file)
        self._writer.writerow(("row", "code", "field"))

    def write(self, row: int, rejects: "tuple[Reject, ...]") -> None:
        """Add one row's refusals."""
        self._writer.writerows((row, str(reject.code), reject.field) for reject in rejects)

    def flush(self) -> None:
        """After each commit: a full disk shows now, and a killed intake leaves what it knew in the draft."""
        self._file.flush()


@contextmanager
def reject_list(path: Path, *, source: Path) -> Iterator[RejectList]:
    """Yield the list and put it at `path` at the end, also of an intake that stopped half-way or was refused whole.

    An older list there would be read as this intake's.
    """
    from midan.store.disk import disk_error

    _refuse_input(path, source)
    try:
        draft = Draft(path)
    except OSError as error:
        raise disk_error(error) or RejectsUnwritable("无法写入拒收清单") from error
    try:
        with draft.path.open("w", encoding="utf-8", newline="") as file:
            rejects = RejectList(file)
            try:
                yield rejects
            except BaseException:
                with suppress(OSError):  # a full disk: what ended the intake is what is told
                    file.flush()
                    draft.keep()
                raise
        draft.keep()
    finally:
        draft.drop()


def _refuse_input(path: Path, source: Path) -> None:
    """Links and spellings are looked through: what counts is which file it is."""
    same = path.resolve() == source.resolve()
    with suppress(OSError):  # one of them is not there: the intake, or the draft, says so
        same = same or path.samefile(source)
    if same:
        raise RejectsAreInput("拒收清单与订单文件是同一个文件，请换一个文件名")
