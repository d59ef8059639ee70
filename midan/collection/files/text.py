"""CSV and JSON lines: one record at a time, no record longer than 64 Ki characters."""

import csv
import json
import re
from collections import deque
from collections.abc import Iterator
from io import TextIOWrapper
from typing import Final, Never

from midan.collection.errors import FileRefused
from midan.collection.files.reasons import FileReason, check_columns
from midan.collection.rules import Reject, RejectCode

Row = tuple[int, dict[str, object] | tuple[Reject, ...]]
LONGEST_LINE: Final = 1 << 16
_MOST_LINES: Final = 100
_NUMBERS: Final = ("quantity", "weight_g")
_DIGITS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_ENDS: Final = ("\n", "\r")


def read_csv(text: TextIOWrapper) -> Iterator[Row]:
    """Yield the rows under the header line; raise FileRefused for a header that is not the contract's."""
    records = _records(_lines(text))
    header = next(((record, whole) for record, whole in records if record.strip()), None)
    if header is None:
        raise FileRefused(FileReason.EMPTY)
    columns = _fields(header[0]) if header[1] else None
    if columns is None:
        raise FileRefused(FileReason.BROKEN)
    columns = [name.strip() for name in columns]
    check_columns(columns)
    number = 0
    for record, whole in records:
        if not record.strip("\r\n"):
            continue
        number += 1
        yield number, _csv_row(record, columns, whole=whole)
    if not number:
        raise FileRefused(FileReason.EMPTY)


def _csv_row(record: str, columns: list[str], *, whole: bool) -> dict[str, object] | tuple[Reject, ...]:
    if not whole:
        return (_long_or_torn(record, columns),)
    fields = _fields(record)
    if fields is None or len(fields) != len(columns):
        return (Reject(field="", code=RejectCode.MALFORMED_ROW),)
    row: dict[str, object] = dict(zip(columns, fields, strict=True))
    for name in _NUMBERS:
        digits = str(row[name]).strip()
        if _DIGITS.fullmatch(digits):
            row[name] = int(digits)
    return row


def _long_or_torn(record: str, columns: list[str]) -> Reject:
    """Name the field that runs over the end of a line cut short, or the row when a quote is never closed."""
    if len(record) < LONGEST_LINE:
        return Reject(field="", code=RejectCode.MALFORMED_ROW)
    seen = next(csv.reader([record]), [])
    field = columns[len(seen) - 1] if 0 < len(seen) <= len(columns) else ""
    return Reject(field=field, code=RejectCode.TOO_LONG)


def _fields(record: str) -> list[str] | None:
    try:
        return next(csv.reader([record], strict=True), None)
    except csv.Error:
        return None


def _lines(text: TextIOWrapper) -> Iterator[tuple[str, bool]]:
    """Yield each line and whether it is whole; what runs beyond the limit is read past, never held."""
    try:
        # UTF-8's byte order mark is gone by now; GB18030's (84 31 95 33) comes as a letter.
        mark = "\ufeff" if text.encoding == "gb18030" else ""
        while line := text.readline(LONGEST_LINE).removeprefix(mark):
            mark = ""
            whole = len(line) < LONGEST_LINE or line.endswith(_ENDS)
            if not whole:
                while (more := text.readline(LONGEST_LINE)) and not more.endswith(_ENDS):
                    pass
            yield line, whole
    except UnicodeDecodeError:
        raise FileRefused(FileReason.ENCODING) from None


def _records(lines: Iterator[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Join lines that belong to one quoted record; a quote left open costs one row, not the rest of the file."""
    waiting: deque[tuple[str, bool]] = deque()
    while True:
        line, whole = waiting.popleft() if waiting else next(lines, ("", True))
        if not line:
            return
        if not whole or line.count('"') % 2 == 0:
            yield line, whole
            continue
        tail: list[tuple[str, bool]] = []
        size, quotes = len(line), line.count('"')
        while quotes % 2 and len(tail) < _MOST_LINES and size < LONGEST_LINE:
            more = waiting.popleft() if waiting else next(lines, ("", True))
            if not more[0]:
                break
            tail.append(more)
            size += len(more[0])
            quotes += more[0].count('"') if more[1] else 0
        if quotes % 2 == 0:
            yield "".join([line, *(more for more, _ in tail)]), True
        else:
            waiting.extendleft(reversed(tail))
            yield line, False


class _Repeated(Exception):
    """An object names a field twice."""


def read_jsonl(text: TextIOWrapper) -> Iterator[Row]:
    """Yield one row a line; a line that is no object, or names a field twice, is that row's refusal."""
    number = 0
    for line, whole in _lines(text):
        if not line.strip():
            continue
        number += 1
        yield number, _json_row(line) if whole else (Reject(field="", code=RejectCode.TOO_LONG),)
    if not number:
        raise FileRefused(FileReason.EMPTY)


def _json_row(line: str) -> dict[str, object] | tuple[Reject, ...]:
    try:
        row = json.loads(line, object_pairs_hook=_once, parse_constant=_no_constant)
    except _Repeated:
        return (Reject(field="", code=RejectCode.REPEATED_FIELD),)
    except (ValueError, RecursionError):
        return (Reject(field="", code=RejectCode.MALFORMED_ROW),)
    return row if isinstance(row, dict) else (Reject(field="", code=RejectCode.MALFORMED_ROW),)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise _Repeated
    return row


def _no_constant(_: str) -> Never:
    raise ValueError("NaN and Infinity are no JSON")
