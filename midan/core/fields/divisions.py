"""The administrative divisions of China (GB/T 2260) and how an address names them.

The table is built by `tools/divisions.py` and read once, on first use. A level that does not exist repeats
its neighbour's name: a municipality's city is the municipality, 东莞市 is its own district, a county right
under its province (仙桃市) is its own city.
"""

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

# Names of peoples inside names: 延边朝鲜族自治州 is written 延边, 白沙黎族自治县 is written 白沙县.
_PEOPLES: Final = re.compile(
    "(?:朝鲜|满|蒙古|回|壮|维吾尔|藏|彝|苗|侗|布依|土家|瑶|畲|哈尼|傣|黎|傈僳|佤|羌|仡佬|水|纳西|景颇|拉祜|仫佬|毛南|撒拉|"
    "布朗|塔吉克|普米|怒|达斡尔|鄂温克|鄂伦春|裕固|锡伯|柯尔克孜|哈萨克|东乡|保安|土|白|独龙|各|蒙|俄罗斯)族"
)
_PROVINCE_TAIL: Final = re.compile("省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区")
SPECIAL_PROVINCES: Final = ("香港特别行政区", "澳门特别行政区", "台湾省")
_SEPARATORS: Final = " \u3000\t-—/,，、·.|;；:：_>"
_SHORTEST_NAME: Final = 2
# 朝阳 is a city and 北京 a province; 朝阳区, 中山路, 北京东路 are neither.
_OTHER_THING: Final = re.compile(
    "[区县]|[东西南北中一二三四五六七八九]{0,2}(?:路(?![南北桥]区)|街|大道|公路|大厦|广场|小区|花园|新村)"
)
_FILLERS: Final = ("市辖区", "市辖县", "省直辖县", "自治区直辖县", "中国", "县")
# A name of a district the table does not know: renamed, merged, or a development zone.
_UNKNOWN_DISTRICT: Final = re.compile(
    r"[\u4e00-\u9fff]{0,8}?(?:经济技术开发区|技术开发区|开发区|高新区|新区|工业园区|"
    r"(?<=[\u4e00-\u9fff])(?<![社小园校厂院库矿景片地城市])区|(?<=[\u4e00-\u9fff]{2})[县旗])(?![委域间])"
)


@dataclass(frozen=True, slots=True)
class Division:
    """One district with the names above it. `code` is six digits; names are the full official ones."""

    code: str
    province: str
    city: str
    district: str


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of an address says; empty where silent. `end` is the index behind the last character.

    `code` is None unless exactly one division fits. `district` may be a name unknown to the table (a
    development zone, a district merged since) when the city is known.
    """

    code: str | None
    province: str
    city: str
    district: str
    end: int


@dataclass(frozen=True, slots=True)
class _Table:
    divisions: tuple[Division, ...]
    towns: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Names:
    """Every spelling of a name, and what it may stand for; `by_head` orders them, longest first."""

    provinces: dict[str, str]
    cities: dict[str, frozenset[tuple[str, str]]]
    districts: dict[str, tuple[Division, ...]]
    by_head: dict[str, tuple[str, ...]]


@cache
def _table() -> _Table:
    packed = files("midan.core.fields").joinpath("divisions.tsv.gz").read_bytes()
    divisions, towns = [], {}
    for line in gzip.decompress(packed).decode().splitlines():
        code, province, city, district, names = line.split("\t")
        divisions.append(Division(code, province, city, district))
        towns[code] = tuple(names.split())
    return _Table(tuple(divisions), towns)


def all_districts() -> tuple[Division, ...]:
    """Return every district, in the order of its code. Taiwan is one entry: the table stops there."""
    return _table().divisions


@cache
def by_code() -> dict[str, Division]:
    """Return code → division."""
    return {division.code: division for division in all_districts()}


def towns_of(code: str) -> tuple[str, ...]:
    """Return the towns and street offices of a district; empty for an unknown code."""
    return _table().towns.get(code, ())


@cache
def town_names() -> frozenset[str]:
    """Return every town and street office of the country, by full name."""
    return frozenset(name for names in _table().towns.values() for name in names)


@cache
def _names() -> _Names:
    provinces: dict[str, str] = {}
    cities: dict[str, set[tuple[str, str]]] = {}
    districts: dict[str, list[Division]] = {}
    for division in all_districts():
        for spelling in _province_spellings(division.province):
            provinces[spelling] = division.province
        if division.city != division.province:
            for spelling in _spellings(division.city):
                cities.setdefault(spelling, set()).add((division.province, division.city))
        for spelling in _spellings(division.district):
            districts.setdefault(spelling, []).append(division)
    by_head: dict[str, set[str]] = {}
    for spelling in (*provinces, *cities, *districts):
        by_head.setdefault(spelling[:_SHORTEST_NAME], set()).add(spelling)
    return _Names(
        provinces,
        {name: frozenset(owners) for name, owners in cities.items()},
        {name: tuple(found) for name, found in districts.items()},
        {head: tuple(sorted(names, key=len, reverse=True)) for head, names in by_head.items()},
    )


def _province_spellings(name: str) -> set[str]:
    return {name, _PROVINCE_TAIL.sub("", name), name.removesuffix("特别行政区"), name.replace("维吾尔", "")}


def _spellings(name: str) -> set[str]:
    """Return the full name and its usual short ones, none shorter than two characters."""
    plain = _PEOPLES.sub("", name)
    found = {name, plain, plain.replace("自治", "")}
    for tail in ("自治州", "自治县", "自治旗", "地区", "新区", "林区", "市", "区", "县", "盟", "旗"):
        if plain.endswith(tail):
            found.add(plain.removesuffix(tail))
            break
    return {spelling for spelling in found if len(spelling) >= _SHORTEST_NAME}


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SEPARATORS:
        at += 1
    return at


def _spellings_at(table: Mapping[str, object], text: str, at: int) -> Iterator[str]:
    """Yield the spellings in `table` that stand at `at`, longest first."""
    for spelling in _names().by_head.get(text[at : at + _SHORTEST_NAME], ()):
        if spelling in table and text.startswith(spelling, at):
            yield spelling


def _is_other_thing(text: str, at: int, spelling: str) -> bool:
    short = not spelling.endswith(("省", "市", "区"))
    return short and _OTHER_THING.match(text, at + len(spelling)) is not None


def _province_at(text: str, at: int) -> tuple[str, int]:
    names = _names()
    found = next(_spellings_at(names.provinces, text, at), "")
    if not found or _is_other_thing(text, at, found):
        return "", at
    # 吉林市 is the city, 吉林 alone the province.
    if len(next(_spellings_at(names.cities, text, at), "")) > len(found):
        return "", at
    return names.provinces[found], at + len(found)


def _cities_at(text: str, at: int, province: str) -> Iterator[tuple[str, str, int]]:
    """Yield province, city and end, longest spelling first; a city may tell its province."""
    names = _names()
    for spelling in _spellings_at(names.cities, text, at):
        if _is_other_thing(text, at, spelling):
            continue
        owners = [owner for owner in names.cities[spelling] if province in ("", owner[0])]
        if len(owners) == 1:
            yield *owners[0], at + len(spelling)


def _district_at(text: str, at: int, province: str, city: str) -> tuple[Division, int] | None:
    names = _names()
    for spelling in _spellings_at(names.districts, text, at):
        fits = [d for d in names.districts[spelling] if province in ("", d.province) and city in ("", d.city)]
        exact = [d for d in fits if d.district == spelling]
        # A short name alone says little (朝阳, 城关): it counts below a known province only.
        usable = exact or (fits if province else [])
        if len(usable) == 1:
            return usable[0], at + len(spelling)
    return None


def _next_level(text: str, at: int) -> int:
    at = _skip(text, at)
    for filler in _FILLERS:
        if text.startswith(filler, at):
            return _skip(text, at + len(filler))
    return at


def read_head(text: str) -> Head:
    """Return what the head of an address says about its division, as far as it can be read.

    Understands omitted levels, short names (北京, 内蒙古, 延边), municipalities written twice, counties right
    under a province, and separators between the levels.
    """
    start = _next_level(text, 0)
    province, end = _province_at(text, start)
    if province:
        start = _next_level(text, end)
        again, after = _province_at(text, start)
        if again == province:
            end, start = after, _next_level(text, after)
    if province in _municipalities():
        cities = [(province, province, end)]
    else:
        # 济南市中区 is 济南 and 市中区, 云南大理市 no 大理 with a 市: shorter and missing cities are tried too.
        cities = [*_cities_at(text, start, province), (province, "", end)]
    for found_in, city, after in cities:
        found = _district_at(text, _next_level(text, after) if after > end else start, found_in, city)
        if found:
            division, stop = found
            return Head(division.code, division.province, division.city, division.district, stop)
    return _without_district(text, *cities[0])


def _without_district(text: str, province: str, city: str, end: int) -> Head:
    only = _only_division(province, city)
    if only:
        return Head(only.code, only.province, only.city, only.district, end)
    unknown = _UNKNOWN_DISTRICT.match(text, _next_level(text, end)) if city else None
    if unknown:
        return Head(None, province, city, unknown.group(), unknown.end())
    return Head(None, province, city, "", end)


@cache
def _municipalities() -> frozenset[str]:
    return frozenset(d.province for d in all_districts() if d.city == d.province)


@cache
def _only_division(province: str, city: str) -> Division | None:
    """Return the division of a city without districts (东莞市, 仙桃市), and of Taiwan."""
    found = [d for d in all_districts() if (d.province, d.city) == (province, city)]
    return found[0] if len(found) == 1 else None


def find_district(text: str) -> Division | None:
    """Return the one division the head of an address names, or None when it names none or several fit."""
    code = read_head(text).code
    return None if code is None else by_code()[code]
