"""Which branch delivers to a place, and the three-part code that brings a parcel there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorting:
    """A three-part code such as '571-H02-015' (city, branch, courier) and the branch that delivers."""

    code: str
    branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    district_code: str
    town: str
    branch: str
    sort_first: str
    sort_second: str
    sort_third: str

    def sorting(self) -> Sorting:
        return Sorting(code=f"{self.sort_first}-{self.sort_second}-{self.sort_third}", branch=self.branch)


# No branch serves the place: the parcel goes to the desk where a person reads the address.
UNROUTED: Final = Sorting(code="000-000-000", branch="")
_SORT_PART: Final = re.compile(r"[0-9A-Z]{1,8}")
_DISTRICT: Final = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True)
class SortingTable:
    """The whole coverage, read once for a batch; plain data that a worker process can carry."""

    rows: Mapping[tuple[str, str], Sorting]

    def find(self, district_code: str, town: str = "") -> Sorting:
        """Return the narrowest coverage: town, district, city, province, the whole country, then none."""
        city, province = f"{district_code[:4]}00", f"{district_code[:2]}0000"
        for key in ((district_code, town), (district_code, ""), (city, ""), (province, ""), ("000000", "")):
            found = self.rows.get(key)
            if found is not None:
                return found
        return UNROUTED


def wrong_coverage_field(row: CoverageRow) -> str | None:
    """Return the name of the first malformed field, or None."""
    if not _DISTRICT.fullmatch(row.district_code):
        return "district_code"
    for name in ("sort_first", "sort_second", "sort_third"):
        if not _SORT_PART.fullmatch(getattr(row, name)):
            return name
    return None if row.branch else "branch"
