"""Read a staff list out of memory: CSV (UTF-8 or GB 18030) or XLSX. Nothing of it is written anywhere."""

import csv
import warnings
import zlib
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO, StringIO
from typing import Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

from midan.people.errors import RosterUnreadable
from midan.people.roster.rules import COLUMNS, MOST_BYTES, MOST_ROWS, MOST_UNFOLDED
from midan.people.rules import Role
from midan.ui.words import ROLE

_ZIP: Final = b"PK\x03\x04"
_WORKBOOK: Final = "xl/workbook.xml"
_MOST_COLUMNS: Final = 64
_LAST_ROW: Final = 100_000  # empty ones, as spreadsheets leave behind
# What openpyxl lets out of a workbook that is none, or is damaged.
_BROKEN: Final = (
    AttributeError,
    BadZipFile,
    EOFError,
    IndexError,
    KeyError,
    OSError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    zlib.error,
)
# A post may be written as its slug or in Chinese, as HR writes it.
_POSTS = {ROLE[role]: role.value for role in Role}


def read(content: bytes) -> tuple[str, list[tuple[int, Mapping[str, str]]]]:
    """Return the format and (row, column → text) of each row that is not empty; RosterUnreadable."""
    if not content:
        raise RosterUnreadable("empty_file")
    if len(content) > MOST_BYTES:
        raise RosterUnreadable("file_too_large")
    kind, table = ("xlsx", _xlsx(content)) if content.startswith(_ZIP) else ("csv", _csv(content))
    header, *body = table or [[]]
    names = [name.strip().removeprefix("\ufeff") for name in header]
    _check_header(names)
    rows = [
        (place, _row(names, cells)) for place, cells in enumerate(body, start=2) if any(map(str.strip, cells))
    ]
    if not rows:
        raise RosterUnreadable("empty_file")
    if len(rows) > MOST_ROWS:
        raise RosterUnreadable("file_too_large")
    return kind, rows


def _check_header(names: Sequence[str]) -> None:
    if len(set(names)) != len(names):
        raise RosterUnreadable("repeated_column")
    if set(names) - set(COLUMNS):
        raise RosterUnreadable("unknown_column")
    if set(COLUMNS[:4]) - set(names):
        raise RosterUnreadable("missing_column")


def _row(names: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    if any(cell.strip() for cell in cells[len(names) :]):
        raise RosterUnreadable("unknown_column")
    values = dict.fromkeys(COLUMNS, "") | {
        name: cell.strip() for name, cell in zip(names, cells, strict=False)
    }
    return values | {"role": _POSTS.get(values["role"], values["role"])}


def _csv(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise RosterUnreadable("nul_byte")
        try:
            return list(csv.reader(StringIO(text, newline=""), strict=True))
        except csv.Error:
            raise RosterUnreadable("broken_file") from None
    raise RosterUnreadable("wrong_encoding")


def _xlsx(content: bytes) -> list[list[str]]:
    """Return the first sheet's rows. Cells are read as they come: an address far out costs no more than its own bytes."""
    try:
        _check_parts(content)
        with warnings.catch_warnings():
            # What a list looks like, styles and all, is nobody's business here.
            warnings.simplefilter("ignore")
            book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a sheet says of its size need not be so
            return _table(sheet.iter_rows(values_only=True))
    except _BROKEN:
        raise RosterUnreadable("broken_file") from None


def _table(rows: Iterable[Sequence[object]]) -> list[list[str]]:
    """Return rows as texts; RosterUnreadable for a cell beyond the longest list or the widest.

    A sheet of three cells may name a row far down, and all empty ones before it are made up on the way.
    """
    found: list[list[str]] = []
    for place, cells in enumerate(rows):
        row = _texts(cells) if any(cell is not None for cell in cells) else []
        if place > _LAST_ROW or (place > MOST_ROWS and row):
            raise RosterUnreadable("file_too_large")
        if len(row) > _MOST_COLUMNS:
            raise RosterUnreadable("unknown_column")
        if place <= MOST_ROWS:
            found.append(row)
    return found


def _check_parts(content: bytes) -> None:
    """Raise RosterUnreadable for what unfolds too far, and for a ZIP that is no workbook of this kind."""
    with ZipFile(BytesIO(content)) as archive:
        # No part is read beyond the size it states here.
        if sum(item.file_size for item in archive.infolist()) > MOST_UNFOLDED:
            raise RosterUnreadable("file_too_large")
        if _WORKBOOK not in archive.namelist():
            raise RosterUnreadable("broken_file")


def _texts(cells: Iterable[object]) -> list[str]:
    # A number of a spreadsheet may be a float: an employee number 17 comes as 17.0.
    found = [
        "" if cell is None else str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
        for cell in cells
    ]
    while found and not found[-1]:
        found.pop()
    return found
