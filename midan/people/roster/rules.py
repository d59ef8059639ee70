"""Pure rules of a staff list: its columns, what a row may hold, and every fault by row, column and code."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from midan.people.posts.rules import personnel_number
from midan.people.rules import Role

COLUMNS: Final = ("username", "display_name", "role", "branch", "hr_no", "contract_ends")
_NEEDED: Final = frozenset({"username", "display_name", "role", "branch"})
_LONGEST: Final[Mapping[str, int]] = {"username": 64, "display_name": 32, "hr_no": 24}
MOST_ROWS: Final = 2_000
MOST_BYTES: Final = 1 << 20
# An XLSX is a ZIP: one mebibyte of it may unfold to a thousand.
MOST_UNFOLDED: Final = 32 << 20
_USERNAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_HR_NO: Final = re.compile(r"[0-9A-Za-z-]*", re.ASCII)
_ONE_LINE: Final = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff<>]*")

Fault = tuple[int, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One person as the file says them. `row` counts as a spreadsheet does: the header is row 1."""

    row: int
    username: str
    display_name: str
    role: str
    branch: str
    hr_no: str
    contract_ends: date | None

    def plain(self) -> dict[str, str | int]:
        """Return what a session can hold of it."""
        values = asdict(self)
        ends = values["contract_ends"]
        return values | {"contract_ends": ends.isoformat() if ends else ""}

    @classmethod
    def of(cls, plain: Mapping[str, str | int]) -> "RosterRow":
        """Return the row a session held."""
        texts = {name: str(plain[name]) for name in COLUMNS}
        ends = texts.pop("contract_ends")
        texts["hr_no"] = personnel_number(texts["hr_no"])
        return cls(row=int(plain["row"]), contract_ends=_date(ends), **texts)


def check(
    rows: Sequence[tuple[int, Mapping[str, str]]], *, branches: Collection[str], taken: Collection[str]
) -> tuple[tuple[RosterRow, ...], tuple[Fault, ...]]:
    """Return the people of a list and every fault in it; with a fault nobody of the list is taken in.

    `taken` are the user names there are, in lower case.
    """
    faults: list[Fault] = []
    found: list[RosterRow] = []
    seen: set[str] = set()
    for place, values in rows:
        wrong = list(_faults(place, values, branches=branches, taken=taken))
        name = values["username"].lower()
        if name in seen:
            wrong.append((place, "username", "row_duplicate"))
        seen.add(name)
        faults += wrong
        if not wrong:
            found.append(RosterRow.of({**values, "row": place}))
    return tuple(found), tuple(faults)


def _faults(
    place: int, values: Mapping[str, str], *, branches: Collection[str], taken: Collection[str]
) -> list[Fault]:
    found = [(place, name, "missing_value") for name in sorted(_NEEDED) if not values[name]]
    found += [(place, name, "too_long") for name, most in _LONGEST.items() if len(values[name]) > most]
    shapes = {"username": _USERNAME, "hr_no": _HR_NO, "display_name": _ONE_LINE}
    found += [
        (place, name, "bad_value")
        for name, shape in shapes.items()
        if values[name] and not shape.fullmatch(values[name])
    ]
    if values["role"] and values["role"] not in set(Role):
        found.append((place, "role", "unknown_role"))
    if values["branch"] and values["branch"] not in branches:
        found.append((place, "branch", "unknown_branch"))
    if values["username"].lower() in taken:
        found.append((place, "username", "name_taken"))
    if values["contract_ends"] and _date(values["contract_ends"]) is None:
        found.append((place, "contract_ends", "bad_date"))
    return found


def _date(text: str) -> date | None:
    # A spreadsheet's date comes with the midnight it begins at.
    try:
        return date.fromisoformat(text.removesuffix(" 00:00:00"))
    except ValueError:
        return None
