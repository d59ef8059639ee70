"""Invented addresses with every character labelled, in the proportions of real ones.

Unit parts take their shapes, counts and neighbours from `data/unit_shapes.tsv`; names, roads and numbers are fillers
written here. Nothing of the mask's own vocabulary is imported, so a word it forgets shows up as a leak.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

from midan.core.fields.divisions import all_districts, towns_of

KEEP, UNIT, ROOM, OTHER = "k", "u", "r", "o"

ROADS = (
    *(
        "中山路",
        "人民东路",
        "解放路二段",
        "文一西路",
        "长江西路",
        "建国门外大街",
        "和平里东街",
        "南京东路",
        "滨江大道",
        "迎宾大道",
    ),
    *(
        "中山三路",
        "五一路",
        "八一大街",
        "二环路",
        "三元里大道",
        "七一南路",
        "天府五街",
        "经五路",
        "纬十二路",
        "北三环中路",
        "五四大街",
    ),
    *(
        "八一七北路",
        "六里桥南路",
        "九龙坡大道",
        "三门路",
        "一横路",
        "二马路",
        "十二桥路",
        "三牌楼大街",
        "五里墩西路",
        "六号路",
        "四号桥街",
    ),
    *(
        "10号大街",
        "23号大街",
        "3号路",
        "12号公路",
        "A1路",
        "文1西路",
        "X305县道",
        "104国道",
        "318国道",
        "G15沈海高速",
        "S211省道",
        "5巷",
    ),
    *(
        "胭脂巷",
        "东四十条",
        "大井胡同",
        "西帅府胡同",
        "学院路",
        "科技二路",
        "工农兵大街",
        "黄河南路",
        "新港公路",
        "沪宜公路",
        "龙眠大道",
    ),
    *(
        "第三大街",
        "学府三道街",
        "七道湾路一巷",
        "三好街",
        "经十路",
        "八路半街",
        "南三路",
        "广宁北道",
        "百尺路",
        "一环线中环路",
    ),
    *(
        "石桥头路",
        "江场三路",
        "中环大道",
        "复兴中路",
        "虎踞北路",
        "环城南路",
        "站前街",
        "府前街",
        "商贸大道",
        "创业一路",
        "金鸡湖大道",
    ),
)
POIS = (
    *(
        "阳光花园",
        "幸福小区",
        "世纪城三期",
        "万科城市花园",
        "碧桂园",
        "金色家园二期",
        "恒大绿洲",
        "保利香槟",
        "龙湖天街",
        "绿地中心",
    ),
    *(
        "三里屯SOHO",
        "望京SOHO塔",
        "1919酒吧",
        "第一人民医院",
        "一品江山",
        "五棵松体育馆",
        "四季青市场",
        "八一小学",
        "九号公馆",
        "华润二十四城",
    ),
    *(
        "国际商贸城二区",
        "阿里巴巴西溪园区",
        "科技园北区",
        "A区",
        "天通苑北一区",
        "锦绣江南C区",
        "南苑新村",
        "曙光里",
        "百子湾西里",
        "军区大院",
    ),
    *(
        "万达广场",
        "财富大厦",
        "信息大厦",
        "CBD国际公寓",
        "时代广场",
        "创业大厦",
        "农贸市场",
        "汽车城",
        "建材市场",
        "师范大学东校区",
    ),
    *(
        "宏发制衣厂",
        "铁路小区",
        "粮食局家属院",
        "供电公司宿舍",
        "实验中学",
        "中心小学",
        "五金机电城",
        "钢材市场",
        "客运站",
        "富丽华庭",
    ),
    *(
        "翡翠湾",
        "御景龙庭",
        "梧桐苑",
        "学府名邸",
        "东方明珠",
        "西城时代",
        "北岸琴森",
        "双子星大楼",
        "融侨锦江",
        "金地自在城",
    ),
)
VILLAGES = (
    *(
        "张家村",
        "李家庄",
        "十八里店村",
        "三家店村",
        "五里牌村",
        "王家湾",
        "大柳树村",
        "二道沟村",
        "六合屯",
        "九间棚村",
        "前进村",
        "东风村",
    ),
    *(
        "七里坪村",
        "八家户村",
        "沙坪坝村",
        "高桥新村",
        "石门村",
        "上梅林村",
        "罗家坪",
        "黄泥塘",
        "三教寺村",
        "四棵树村",
        "老鹰崖村",
    ),
)
COMMUNITIES = ("顾家桥社区", "东风社区", "三里河社区", "五一社区", "园岭社区", "二七社区", "翠园社区")
DEVZONES = ("经济技术开发区", "高新技术开发区", "滨江开发区", "金川开发区", "出口加工区")
COMPANIES = (
    "常春藤公司",
    "信达资本",
    "小邮局",
    "菜鸟驿站",
    "广告公司前台",
    "宏远贸易",
    "便利店",
    "美甲工作室",
    "总务处",
    "川菜馆",
)
SUBPOIS = (
    "东门",
    "物业中心",
    "快递柜",
    "北区",
    "春风里",
    "丰巢柜旁超市",
    "西雅园",
    "地下车库入口",
    "小卖部",
    "卫生室",
)
ASSISTS = ("对面", "旁边", "门口", "附近", "楼下", "斜对面", "后面", "隔壁")
DIRECTIONS = ("往东", "北侧", "西行", "南边", "东南角", "向前走")
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
    text: str
    labels: str


@dataclass(frozen=True, slots=True)
class Shape:
    count: int
    kinds: tuple[str, ...]
    shape: str
    before: str
    after: str


def read_shapes() -> list[Shape]:
    path = Path(__file__).parent / "data" / "unit_shapes.tsv"
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
        self.random = Random(seed)
        self.shapes = read_shapes()
        self.weights = [shape.count for shape in self.shapes]
        self.divisions = all_districts()

    def make(self) -> Labelled:
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
        return [(random.choice(ROADS), KEEP), (number, OTHER)]

    def _before(self, before: str) -> list[tuple[str, str]]:
        random = self.random
        road = self._road() if random.random() < 0.5 else []
        poi = (random.choice(POIS), OTHER)
        number = (str(random.randint(1, 40)), UNIT)
        choices = {
            "poi": [*road, poi],
            "subpoi": [*road, poi, (random.choice(SUBPOIS), OTHER)],
            "redundant": [*road, poi, number, (random.choice("---—/ #－"), OTHER)],
            "village": [(random.choice(VILLAGES), OTHER)],
            "community": [(random.choice(COMMUNITIES), OTHER)],
            "group": [
                (random.choice(VILLAGES), OTHER),
                (random.choice(("三组", "5组", "二队", "12组")), OTHER),
            ],
            "roadno": self._road(),
            "road": [
                (random.choice([road for road in ROADS if not road.endswith(("国道", "县道", "省道"))]), KEEP)
            ],
            "town": [],
            "city": [],
            "devzone": [*road, (random.choice(DEVZONES), OTHER)],
            "assist": [*road, poi, (random.choice(ASSISTS), OTHER)],
            "direction": [*road, poi, (random.choice(DIRECTIONS), OTHER)],
            "person": [*road, poi, (random.choice(COMPANIES), OTHER)],
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
            "person": random.choice(COMPANIES),
            "subpoi": random.choice(SUBPOIS),
            "poi": random.choice(POIS),
            "assist": random.choice(ASSISTS),
            "direction": random.choice(DIRECTIONS),
            "roadno": "12号",
            "village": random.choice(VILLAGES),
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
    leaked: bool
    room_leaked: bool
    kept: bool


def judge(made: Labelled, masked: str) -> Outcome:
    """Compare a masked address with its labels."""
    visible = [label for label, character in zip(made.labels, masked, strict=True) if character != "*"]
    return Outcome(
        leaked=UNIT in visible or ROOM in visible,
        room_leaked=ROOM in visible,
        kept=visible.count(KEEP) == made.labels.count(KEEP),
    )
