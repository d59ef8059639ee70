"""Addresses with every character labelled, in the proportions of real ones.

Unit parts take their shapes, counts and neighbours from `data/unit_shapes.tsv`; names, roads and numbers are fillers
written here and in `data/address_names.toml`.
"""

import csv
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from random import Random

from midan.core.fields.divisions import all_districts, towns_of

KEEP, UNIT, ROOM, OTHER = "k", "u", "r", "o"

DATA = Path(__file__).parent / "data"
NAMES = {
    kind: tuple(names.split())
    for kind, names in tomllib.loads((DATA / "address_names.toml").read_text("utf-8")).items()
}
TAILS = ("", "", "", "", "", "", "（放门口）", " 送货上门", "(周末送)", "，到了打电话", "快递放驿站")
# What the shapes write as X, by the neighbours it was seen with.
HAN_BETWEEN = "东西南北附排中乙丁"
HAN_ALONE = ("底层", "顶层", "负一", "地下")
HAN_WORDS = {
    "X层": ("底层", "顶层", "首层", "夹层"),
    "XC楼": ("负一楼", "负二楼", "地下一楼"),
    "XC层": ("负一层", "地下二层"),
    "NX室": ("302教室", "5办公室", "12休息室"),
    "第CX": ("第三家", "第二间", "第一排"),
    "门XN": ("门面12", "门市3"),
    "X铺N": ("商铺12", "门铺3", "底铺5"),
    "N号门X": ("3号门面", "12号门市", "7号门店"),
    "N号铺X": ("3号铺面", "12号铺位"),
    "N房X": ("302房间", "12房间"),
    "N店X": ("12店面", "3店铺"),
    "N号X铺": ("3号商铺", "5号门铺"),
    "N号X": ("12号仓", "3号铺", "5号库", "6号厅"),
    "架X层": ("架空层",),
}
# 三元 right behind a city is the head of a name (三元里, 三元桥) that the corpus calls a unit: 32 of 25,167.
MISLABELLED = {"C元", "西元", "C元C元"}
NUMERALS = "一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Labelled:
    """An address and one label a character: KEEP stays, UNIT and ROOM go, OTHER is not judged."""

    text: str
    labels: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of a unit part: how often it occurs, its elements, and what stands around it."""

    count: int
    kinds: tuple[str, ...]
    shape: str
    before: str
    after: str


def read_shapes() -> list[Shape]:
    """Return the published shapes."""
    path = DATA / "unit_shapes.tsv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.reader(stream, delimiter="\t") if not row[0].startswith(("#", "count"))]
    found = []
    for count, kinds, shape, context in rows:
        if shape in MISLABELLED:
            continue
        before, after = context.split(">")
        found.append(Shape(int(count), tuple(kinds.split("+")), shape, before, after))
    return found


def _digits(random: Random, *, last: bool, room: bool) -> str:
    if last and room:
        return str(
            random.choice((random.randint(101, 3604), random.randint(101, 999), random.randint(1, 60)))
        )
    return str(random.choice((random.randint(1, 9), random.randint(1, 60), random.randint(1, 200))))


def _numeral(random: Random, *, last: bool) -> str:
    if last and random.random() < 0.4:
        return "".join(random.choice(NUMERALS + "〇零") for _ in range(3))
    return random.choice(
        (
            random.choice(NUMERALS),
            "十" + random.choice(NUMERALS),
            random.choice("二三") + "十" + random.choice(NUMERALS),
        )
    )


def _han(random: Random, shape: str) -> str:
    for pattern in sorted(HAN_WORDS, key=len, reverse=True):
        if pattern in shape:
            return shape.replace(pattern, random.choice(HAN_WORDS[pattern]), 1)
    if shape == "X":
        return random.choice(HAN_ALONE)
    if shape.endswith("NX"):
        return shape[:-1] + random.choice("栋号铺排库店")
    if shape.startswith("X"):
        return random.choice(("附", "新", "老", "负")) + shape[1:]
    return shape


def fill(random: Random, shape: Shape) -> tuple[str, str]:
    """Return a unit part of the shape and its labels: the last number of a room is the room."""
    pattern = _han(random, shape.shape)
    room = shape.kinds[-1] == "roomno"
    symbols = [at for at, symbol in enumerate(pattern) if symbol in "NAC"]
    text, labels = "", ""
    for at, symbol in enumerate(pattern):
        last = bool(symbols) and at == symbols[-1]
        if symbol == "N":
            piece = _digits(random, last=last, room=room)
        elif symbol == "A":
            piece = random.choice("ABCDEFGHabc")
        elif symbol == "C" and "N" in pattern[max(0, at - 1) : at] and pattern[at + 1 : at + 2] == "N":
            piece = "一"  # a dash typed with the numeral's key
        elif symbol == "C":
            piece = _numeral(random, last=last and room)
        elif symbol == "X":
            piece = random.choice(HAN_BETWEEN)
        elif symbol == "-":
            piece = random.choice("---—－~")
        elif symbol == ",":
            piece = random.choice(",，、")
        else:
            piece = symbol
        text += piece
        labels += (ROOM if room and symbols and at >= symbols[-1] else UNIT) * len(piece)
    return text, labels


class Generator:
    """Addresses by seed; the same seed gives the same addresses."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  # invented addresses
        self.shapes = read_shapes()
        self.weights = [shape.count for shape in self.shapes]
        self.divisions = all_districts()

    def make(self) -> Labelled:
        """Return the next address."""
        shape = self.random.choices(self.shapes, self.weights)[0]
        parts = [*self._head(shape.before), *self._before(shape.before)]
        parts.append(fill(self.random, shape))
        parts.extend(self._after(shape))
        text = "".join(part for part, _ in parts)
        labels = "".join(label * len(part) if len(label) == 1 else label for part, label in parts)
        return self._noise(Labelled(text, labels))

    def _head(self, before: str) -> list[tuple[str, str]]:
        random, parts = self.random, []
        division = random.choice(self.divisions)
        gap = random.choice(("", "", "", "", " ", "  ", "-"))
        if random.random() < 0.7:
            parts += [(division.province, KEEP), (gap, OTHER)]
        if random.random() < 0.8:
            parts += [(division.city, KEEP), (gap, OTHER)]
        parts += [(division.district, KEEP), (gap, OTHER)]
        towns = towns_of(division.code)
        if towns and (before == "town" or random.random() < 0.5):
            parts += [(random.choice(towns), KEEP), (gap, OTHER)]
        return parts

    def _road(self) -> list[tuple[str, str]]:
        random = self.random
        number = random.choice(
            ("{}号", "{}号", "{}号", "甲{}号", "{}-2号", "{}号院", "{} 号", "{}弄")
        ).format(random.randint(1, 1999))
        return [(random.choice(NAMES["roads"]), KEEP), (number, OTHER)]

    def _before(self, before: str) -> list[tuple[str, str]]:
        random = self.random
        road = self._road() if random.random() < 0.5 else []
        poi = (random.choice(NAMES["pois"]), OTHER)
        number = (str(random.randint(1, 40)), UNIT)
        choices = {
            "poi": [*road, poi],
            "subpoi": [*road, poi, (random.choice(NAMES["subpois"]), OTHER)],
            "redundant": [*road, poi, number, (random.choice("---—/ #－"), OTHER)],
            "village": [(random.choice(NAMES["villages"]), OTHER)],
            "community": [(random.choice(NAMES["communities"]), OTHER)],
            "group": [
                (random.choice(NAMES["villages"]), OTHER),
                (random.choice(("三组", "5组", "二队", "12组")), OTHER),
            ],
            "roadno": self._road(),
            "road": [
                (
                    random.choice(
                        [road for road in NAMES["roads"] if not road.endswith(("国道", "县道", "省道"))]
                    ),
                    KEEP,
                )
            ],
            "town": [],
            "city": [],
            "devzone": [*road, (random.choice(NAMES["devzones"]), OTHER)],
            "assist": [*road, poi, (random.choice(NAMES["assists"]), OTHER)],
            "direction": [*road, poi, (random.choice(NAMES["directions"]), OTHER)],
            "person": [*road, poi, (random.choice(NAMES["companies"]), OTHER)],
        }
        return choices[before]

    def _after(self, shape: Shape) -> list[tuple[str, str]]:
        random = self.random
        if shape.after == "redundant":
            # The separator is its own element in the corpus; what follows is a number again.
            last = random.choice(
                (
                    f"{random.randint(101, 3604)}",
                    f"{random.randint(101, 3604)}室",
                    f"{random.randint(1, 6)}单元",
                )
            )
            return [(random.choice("---—/ #－"), OTHER), (last, ROOM)]
        after = {
            "$": "",
            "person": random.choice(NAMES["companies"]),
            "subpoi": random.choice(NAMES["subpois"]),
            "poi": random.choice(NAMES["pois"]),
            "assist": random.choice(NAMES["assists"]),
            "direction": random.choice(NAMES["directions"]),
            "roadno": "12号",
            "village": random.choice(NAMES["villages"]),
        }[shape.after]
        return [
            (after, OTHER),
            (random.choice(TAILS) if shape.after == "$" and not shape.shape.endswith(",") else "", OTHER),
        ]

    def _noise(self, made: Labelled) -> Labelled:
        random, text, labels = self.random, made.text, made.labels
        if random.random() < 0.03:
            text = re.sub("[0-9A-Za-z#-]", lambda match: chr(ord(match.group()) + 0xFEE0), text)
        if random.random() < 0.03:
            at = next((at for at, label in enumerate(labels) if label in (UNIT, ROOM)), 0)
            text, labels = text[:at] + " " + text[at:], labels[:at] + OTHER + labels[at:]
        return Labelled(text, labels)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`leaked`: a character of building, unit, floor or room shows; `kept`: division, town and road show whole."""

    leaked: bool
    room_leaked: bool
    kept: bool


def visible_share(made: Labelled, masked: str) -> float:
    """Return the share of an address's unit and room characters that a masked address shows."""
    labels = [label in {UNIT, ROOM} for label in made.labels]
    shown = [hide and character != "*" for hide, character in zip(labels, masked, strict=True)]
    return sum(shown) / max(1, sum(labels))


def judge(made: Labelled, masked: str) -> Outcome:
    """Compare a masked address with its labels."""
    visible = [label for label, character in zip(made.labels, masked, strict=True) if character != "*"]
    return Outcome(
        leaked=UNIT in visible or ROOM in visible,
        room_leaked=ROOM in visible,
        kept=visible.count(KEEP) == made.labels.count(KEEP),
    )
