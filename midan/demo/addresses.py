"""Invented addresses: real divisions and towns, invented roads and estates, units as messy as people write them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from midan.core.fields.divisions import Division, all_districts, towns_of
from midan.demo.words import (
    ESTATE_TAILS,
    ESTATE_WORDS,
    OFFICE_TAILS,
    ROAD_TAILS,
    ROAD_WORDS,
    VILLAGE_TAILS,
    VILLAGE_WORDS,
)

_HAN = "零一二三四五六七八九"
_FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedAddress:
    """The text as typed, and the unit part inside it (empty when the address has none)."""

    text: str
    unit: str
    division: Division


class AddressMaker:
    """Makes addresses from one random stream: the same seed gives the same addresses."""

    def __init__(self, random: Random, divisions: Sequence[Division] | None = None) -> None:
        self._random = random
        self._divisions = divisions or _mainland()

    def make(self) -> InventedAddress:
        """Return one invented address."""
        random = self._random
        division = random.choice(self._divisions)
        towns = towns_of(division.code)
        town = random.choice(towns) if towns and random.random() < 0.6 else ""
        head = self._head(division) + (town if random.random() < 0.9 else "")
        if town.endswith(("乡", "镇")) and random.random() < 0.45:
            place, unit = self._village()
        else:
            place, unit = self._estate()
        text = head + place + unit
        if random.random() < 0.04:
            text = f"{head} {place} {unit}".rstrip()
        return InventedAddress(text=text, unit=unit, division=division)

    def _head(self, division: Division) -> str:
        province, city, district = division.province, division.city, division.district
        style = self._random.random()
        if province == city:
            return city + district if style < 0.8 else city + city + district
        if style < 0.72:
            return province + city + district
        if style < 0.86:
            return city + district
        return f"{province} {city} {district} "

    def _village(self) -> tuple[str, str]:
        random = self._random
        place = random.choice(VILLAGE_WORDS) + random.choice(VILLAGE_TAILS)
        number = random.randint(1, 380)
        unit = random.choice(
            (
                f"{number}号",
                f"{_HAN[random.randint(1, 9)]}组{number}号",
                f"{random.randint(1, 12)}组",
                "",
                f"{number}号旁边",
            )
        )
        return place, unit

    def _estate(self) -> tuple[str, str]:
        random = self._random
        road = random.choice(ROAD_WORDS) + random.choice(ROAD_TAILS)
        number = f"{random.randint(1, 1999)}号" if random.random() < 0.75 else ""
        shape = random.random()
        if shape < 0.62:
            return road + number + random.choice(ESTATE_WORDS) + random.choice(ESTATE_TAILS), self._home()
        if shape < 0.84:
            return road + number + random.choice(ESTATE_WORDS) + random.choice(OFFICE_TAILS), self._office()
        if shape < 0.9 and number:
            return road + number, f"{random.randint(101, 2909)}室"
        if shape < 0.94:
            return (
                f"{road}{random.randint(2, 999)}弄",
                f"{random.randint(1, 199)}号{random.randint(101, 1808)}室",
            )
        return road + number, ""

    def _home(self) -> str:
        random = self._random
        building, cell = random.randint(1, 66), random.randint(1, 5)
        room = f"{random.randint(1, 33)}{random.randint(1, 8):02d}"
        unit = random.choice(
            (
                f"{building}栋{cell}单元{room}室",
                f"{building}栋{cell}单元{room}",
                f"{building}号楼{cell}单元{room}",
                f"{building}幢{room}室",
                f"{building}幢{cell}单元{room}室",
                f"{building}-{cell}-{room}",
                f"{building}#{room}",
                f"{building}号{room}",
                f"{_HAN[random.randint(1, 9)]}号楼{_HAN[cell]}单元{room}",
                f"{building}栋{room[:-2]}楼{room}",
                f"{random.choice('ABCDEF')}{building}栋{room}房",
                f"{building}号楼{cell}单元{room[:-2]}楼{random.choice('东西中')}户",
                f"{building}座{room}",
            )
        )
        return unit.translate(_FULL_WIDTH) if random.random() < 0.03 else unit

    def _office(self) -> str:
        random = self._random
        floor = random.randint(1, 32)
        room = f"{floor}{random.randint(1, 20):02d}"
        return random.choice(
            (
                f"{random.choice('ABCD')}座{room}室",
                f"{random.choice('ABCD')}座{floor}层",
                f"{floor}楼",
                f"{random.randint(1, 12)}号楼{floor}层{room}",
                f"{random.choice('AB')}栋{floor}楼{room}",
                f"{room}",
                f"{_HAN[random.randint(2, 9)]}楼前台",
                f"地下一层B{random.randint(1, 40)}",
            )
        )


@cache
def _mainland() -> tuple[Division, ...]:
    return tuple(division for division in all_districts() if division.code < "71")


def by_city(cities: Sequence[str]) -> Mapping[str, tuple[Division, ...]]:
    """Return the districts of the named cities."""
    return {city: tuple(d for d in _mainland() if d.city == city) for city in cities}
