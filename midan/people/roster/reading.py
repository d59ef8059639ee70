"""Read a staff list out of memory: CSV (UTF-8 or GB 18030) or XLSX. Nothing of it is written anywhere."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO, StringIO
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from midan.people.errors import RosterUnreadable
from midan.people.roster.rules import COLUMNS, MOST_BYTES, MOST_ROWS, MOST_UNFOLDED
from midan.people.rules import Role
from midan.ui.words import ROLE

_ZIP = b"PK\x03\x04"
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
    try:
        with ZipFile(BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MOST_UNFOLDED:
                raise RosterUnreadable("file_too_large")
        sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0)
        return [_texts(cells) for cells in sheet.to_python(skip_empty_area=False)]
    except (BadZipFile, CalamineError, OSError, ValueError, IndexError):
        raise RosterUnreadable("broken_file") from None


def _texts(cells: Iterable[object]) -> list[str]:
    # A number of a spreadsheet is a float: an employee number 17 comes as 17.0.
    return [str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell) for cell in cells]
