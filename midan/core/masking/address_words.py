"""The words the mask of an address decides by, and the one pattern made of them.

The pattern reads *folded* text (`address.fold`): full-width forms are ASCII, circled numbers are digits, one
code point for one. It alternates between what stays although it looks like a number (a road's number,
10号大街, 二期, 500米) and a *chain*: a run of unit parts and their joints, which is hidden whole. Every
alternative stands behind a look-ahead for its first characters: most positions cost one test.
"""

import re
from functools import cache
from typing import Final

from midan.core.fields.divisions import all_districts, town_names


def _any(words: str) -> str:
    return "(?:" + "|".join(words.split()) + ")"


def _not_behind(words: str) -> str:
    return "".join(f"(?<!{word})" for word in words.split())


HAN: Final = "\u3007\u4e00-\u9fff\u3400-\u4dbf"
# What a number can begin with. 千 only goes on with one (一千零二室): at the start it is a name's (千岛湖, 千禧),
# and 万 is always a name's (万达, 万寿路).
_LEADING: Final = "一二三四五六七八九十百佰零〇○两壹贰叁肆伍陆柒捌玖拾廿"
NUMERAL: Final = f"{_LEADING}千仟"
_STEM: Final = "甲乙丙丁戊己庚特"
_SPACE: Final = r"\s\u200b-\u200d\u2060\ufeff"
_GAP: Final = f"[{_SPACE}]?"
_JOINT: Final = rf"[{_SPACE}\-\u2010-\u2015\u2212_~～,，、.．·・/\\#＃|:：;；+=&之至]{{0,3}}"
_SIDE: Final = "(?:东南|东北|西南|西北|[东西南北中左右前后])"
_ENDS: Final = f"(?=$|[^{HAN}])"

# --- What stays -------------------------------------------------------------------------------

# 12巷3号, 十三横巷5号: in a numbered alley the number is the house, as in a 弄; 八一巷 is a name.
_NUMBERED_ALLEY: Final = (
    rf"(?:(?<![\d{_LEADING}]巷)(?<![\d{_LEADING}][横支小直]巷)"
    "|(?<=八一巷|五一巷|五四巷|二七巷|七一巷|六一巷|三八巷))"
)
_ROAD_ENDS: Final = (
    rf"(?:(?<=[路道])|(?<=街)(?<!\d街)|(?<=巷){_NUMBERED_ALLEY}|(?<=[路街道]口)|(?<=大道[东西南北中])"
    rf"|(?<=[路街道][{HAN}]段)|(?<=[路街道][{HAN}][{HAN}]段)"
    "|(?<=胡同|[东西南北中上下一二三四五六七八九十]段|[一二三四五六七八九十]条))"
    # …but no town (街道), no street of shops inside an estate, no 味道.
    + _not_behind(
        "街道 味道 频道 通道 隧道 跑道 步道 车道 赛道 之道 茶道 商业街 步行街 美食街 小吃街 风情街 酒吧街"
    )
    + _not_behind("商街 金街 天街 食街 内街 外街 水街 花街 坊街 文化街 服装街 古玩街 夜市街 建材街 一条街")
)
# Words that turn N号 behind a road into a building, a room or a shop.
_QUARTERS: Final = "里堡桥门坟甸庄营寺庙井口坡"
_NO_ROAD_NUMBER: Final = _any(
    "楼(?![上下]) 栋 幢 座 房 铺 室 库 仓 单元 门 店 商铺 底商 车库 车间 厂房 别墅 宿舍 公寓楼 摊 档 柜 梯 户"
)
_TO: Final = r"[-\u2010-\u2015~至、]"
# 84-8号, 111-115号: one number of a road; behind 88-501号 stands a room, that goes.
_JOINED: Final = "|".join(rf"{d}\d{_TO}{d}\d(?!\d)|{d}\d\d{_TO}{d}\d\d" for d in range(1, 10))
_ROAD_NUMBER: Final = (
    rf"(?=[\d{_LEADING}{_STEM}Nn{_SPACE}])(?<=[路街道巷口东西南北中上下同段条一二三四五六七八九十{_QUARTERS}])(?:"
    rf"{_ROAD_ENDS}{_GAP}(?:[Nn][Oo][.:]?{_GAP}\d{{1,4}}(?![-\d#号])|[{_STEM}]?(?:\d{{1,6}}[A-Za-z]?"
    rf"|\d{{1,6}}[-\u2010-\u2015~]\d{{1,2}}|{_JOINED}|[{NUMERAL}]{{1,7}})"
    rf"{_GAP}号(?!{_NO_ROAD_NUMBER})(?:大?院(?!子|落|里))?)"
    # 十里堡甲3号: only streets number so.
    rf"|(?<=[{_QUARTERS}])甲\d{{1,4}}号(?!{_GAP}{_NO_ROAD_NUMBER})(?:大?院(?!子|落|里))?)"
)
_ROAD: Final = _any("大街 大道 马路 公路 高速 横路 支路 胡同 横街 路(?![口边旁]) 街(?![口边旁面]) 巷")
_NUMBERED_ROAD: Final = (
    rf"[A-Za-z]?(?:\d-)?\d{{1,3}}(?:号|[东西南北中])?{_ROAD}(?:(?!(?<=\d街)\d)|(?<=[村寨围庄里社镇]\d街)|(?<=[村寨围庄里社镇]\d\d街))|[GSXYCgsxyc]?\d{{1,4}}[国省县乡村]道|[A-Za-z](?:路|街|大道|巷)"
    rf"|[GSXYCgsxyc]\d{{1,4}}(?:线(?![楼{NUMERAL}\d])|[{HAN}]{{0,3}}高速)"
    r"|(?<=国道|省道|县道|乡道)[GSXYCgsxyc]?\d{1,4}(?=[\u4e00-\u9fff])线?|(?<![\d\-#号栋幢楼座室])\d{2,4}线(?![杆路])"
)
_NUMERAL_ROAD: Final = rf"[{NUMERAL}]{{1,3}}号?{_ROAD}"
_LANE: Final = r"\d{1,5}(?:[-~]\d{1,4})?支?[弄巷]"
_ZONE: Final = (
    r"(?<![\d\-#栋幢楼座室])(?:\d{1,2}|[A-Za-z])"
    rf"{_any('期 号?区 号?小区 组 社区? 大队 小队 队 村 连 团 营 标段 号线')}"
    r"|(?<![\d\-])\d{3}[团连](?!购)|(?<![A-Za-z\d])[A-Za-z]\d?出?口|4[sS]店"
)
# 公园壹号 is an estate: nobody writes the number of a house so.
_NAMED: Final = rf"(?<=[{HAN}])(?<![村庄屯寨路街弄巷组队])[壹玖]号(?!{_GAP}[楼栋幢座房铺室库仓门店单])"
_DISTANCE: Final = (
    r"(?<![\d.\-#号栋幢元楼座室])\d+(?:\.\d+)?"
    r"(?:米(?![兰线其奇粉])|公里|千米|分钟|[kK][mM](?![A-Za-z])|m(?![A-Za-z\d])|点半?(?=[之以前后到送再]|$))"
)
# 798艺术区, 绿地21城, 国贸360广场, U城: a number or a letter in the name of a place.
_PLACE_NUMBER: Final = (
    rf"(?<![\d\-#号栋幢元楼座室层])(?:[A-Za-z](?=城)(?<![A-Za-z][A-Za-z])|\d{{1,4}}(?=[城文科创艺产天广]))"
    rf"{_any('城 创意园 文创园 科创园 艺术区 艺术园 文化园 产业园 创业园 天酒店 天连锁 广场')}"
)

# --- What is hidden ---------------------------------------------------------------------------

_SPACES: Final = "(?=[单宿办教房车仓厂别写公综住门商务实行科居标家职学铺店档地底营储])" + _any(
    "单元 单位 宿舍楼? 办公室 教室 房间 车库 车位 仓库 厂房 车间 别墅"
    " (?:写字|办公|教学|宿舍|综合|公寓|住宅|住院|门诊|商务|商住|实验|行政|科研|居民|标准|家属|职工|学生|办事)楼"
    " 商铺 铺面 门面房? 门市房? 门店 店面 店铺 档口 地下室 底商 营业房 (?:学生|教师|教工|职工)?(?:公寓|宿舍) 储[藏物]间"
)
_NOT_OR: Final = HAN.replace("\u4e00-\u9fff", "\u4e00-\u620f\u6217-\u9fff")  # without 或
# Stands for the names of divisions and towns whose head would be a unit word behind a number (13800001234台州市).
_DIVISIONS: Final = "\ue100"
# Which word goes with a hidden number; the number is hidden whatever follows.
_UNIT_WORD: Final = (
    rf"(?:(?!{_DIVISIONS})(?:号(?:{_GAP}(?:[楼院栋幢座房铺室库仓门店摊柜梯户]|档口?|{_SPACES}))?[楼面间市房店位铺]?|[栋幢座楼](?:{_GAP}楼)?|层楼?|字楼"
    rf"|{_SPACES}|[{_NOT_OR}]{{1,2}}室|档口?|病[区房]|通道|寝室?|门(?!口)|[单室户梯排铺店间位台库仓柜厅卡摊弄房床舍斋]|元(?![区路街村镇桥])"
    r"|(?=[ /A-Za-z])(?:/|st|nd|rd|th)?[ ]?(?i:floor|flr|dong|hao|lou|ceng|danyuan|shi)(?![A-Za-z])|[FfLl](?![A-Za-z])))"
)
# A longer Latin word is a name and stays (SOHO); one letter behind a well-known one is a building (SOHO C座).
_LATIN_START: Final = (
    r"(?:(?<![A-Za-z])|(?<=SOHO|soho|Soho|LOFT|Loft|loft|MALL|Mall|PARK|Park|CITY|City|TOWN|Town))"
)
_NUMBER: Final = rf"(?:{_LATIN_START}[A-Za-z]{{1,3}}[-\u2010-\u2015]?)?\d+(?:[A-Za-z]{{1,2}}(?![A-Za-z]))?"
_PREFIX: Final = (
    rf"(?:(?<!门)第|附|付|负|新|老|[{_STEM}]|地下|(?:[商门底]|(?<!里))铺位?|门面|门市|门牌|店面|车库|车位|库房|仓库|档口|摊位|展位|柜台"
    rf"|底商|单元|#|[Nn][Oo][.:]?){_GAP}"
)
_ENGLISH: Final = (
    r"(?<![A-Za-z])(?i:room|rm|unit|flat|suite|floor|flr|block|blk|building|bldg|tower|apartment|apt|shop|level)"
    rf"[.:]?[{_SPACE}]{{0,3}}(?:[Nn][Oo][.:]?{_GAP})?#?(?:[A-Za-z]?-?\d+[A-Za-z]?|[A-Za-z])(?![A-Za-z\d])"
)
_NUMBERED: Final = rf"(?:{_PREFIX})?{_NUMBER}(?:{_GAP}#)?(?:{_GAP}{_UNIT_WORD})?"
# Numerals are names more often than not: they count with a unit word that is no part of a longer name.
_NO_NAME: Final = "(?![村镇乡庄屯寨庙寺营沟坝塘桥峡]|店(?!铺|面)|子(?!弟)|社区|街(?![舞边口面头])|[东西南北中]?路(?![口边]))"
_NO_PLACE: Final = (
    rf"(?!线|[{HAN}]{{0,2}}(?:[桥巷村镇乡渠闸坝沟井]|路(?![口边])|街(?![边口面])|大道|公路|地铁))"
)
_NUMERALS: Final = (
    rf"第?[{NUMERAL}]{{1,7}}{_GAP}(?:号[楼栋院铺]|号房间?|号门(?![村镇])|[栋幢]楼?|单元|(?:层楼|[楼层室户座]){_NO_NAME}"
    rf"|号{_NO_PLACE}|[门排单梯](?={_GAP}[\d{NUMERAL}]|$))"
    rf"|[{NUMERAL}]{{2,}}(?:[室房]|号{_NO_PLACE}|门{_NO_PLACE}(?!胡同|[里巷坊口])|户{_NO_NAME}|{_ENDS})|第[{NUMERAL}]{{1,3}}(?:个?(?:[户家间排栋]|门[洞面]|单元)|车间|宿舍)"
    rf"|(?<![{NUMERAL}])第?(?:[{NUMERAL}]?十[{NUMERAL}]?|[{NUMERAL}])(?:舍|号?(?:公寓|宿舍|教学|实验|教)楼?)(?={_GAP}[\dA-Za-z{NUMERAL}])"
    # 三、四层, 二—五室: two of them, or a side with one, are no name.
    rf"|[{NUMERAL}]{{1,3}}[-—~、至][{NUMERAL}]{{1,3}}(?:号?[楼层幢栋座室户铺]|单元|号|{_ENDS})"
)
_SIDES: Final = (
    rf"{_SIDE}{{1,2}}(?:单元|边户|户(?![村镇乡外])|[栋幢]|座(?![村镇乡])|梯(?![田子])|楼(?!{_SIDE}?[{NUMERAL}]?[路街])(?={_ENDS}|[{NUMERAL}]|{_SIDE}))"
    rf"|[{_STEM}](?:单元|[栋幢座室户门]|楼(?={_ENDS}|[{NUMERAL}]))"
    rf"|[东西南北中][{NUMERAL}]{{1,2}}层|[左右]手边?(?:第?[一二三](?!{_GAP}[楼层]))?[家户间]?|对[门户]"
    rf"|[左右]门(?={_ENDS}|\d)|中间单元|{_SIDE}[塔翼](?={_GAP}(?:\d{{1,3}}|[{NUMERAL}]{{1,3}})[楼层Ff])"
)
_FLOORS: Final = (
    rf"(?:地下|负)[{NUMERAL}\d]{{1,2}}[楼层]?|[底顶首夹空][楼层](?![村镇])|架空层?|底商|阁楼"
    r"|半?地下(?:车库|室|层)?(?![铁水河])"
)
_LETTERS: Final = (
    rf"第?{_LATIN_START}(?:[A-Za-z](?![A-Za-z])(?:{_GAP}{_UNIT_WORD})?|[A-Za-z]{{2,3}}{_UNIT_WORD})"
    r"|[A-Za-z](?:号楼|单元|[座栋幢室])"
)
_MAILBOX: Final = r"[A-Za-z\d._+-]+@[A-Za-z\d._-]+"
_ACCOUNT: Final = (
    r"(?<=[信号VvXxQq: ])(?:(?<=微信|信号|[Vv][Xx]|[Qq][Qq])|(?<=微信[: ]|信号[: ]|[Vv][Xx][: ]|[Qq][Qq][: ]))"
    r"[A-Za-z0-9_\-]{5,20}"
)
_STARTS: Final = (
    rf"\dA-Za-z{_LEADING}{_STEM}第附付负新老地商铺门店车库仓档摊展柜底单#东西南北中左右前后对顶首夹架空阁半之"
)
_FIRST: Final = (
    rf"(?=[\dA-Za-z第附付负新老{_STEM}地商铺门店车库仓档摊展柜底单#])(?:{_MAILBOX}|{_NUMBERED})|(?=[A-Za-z])(?:{_ENGLISH}|{_ACCOUNT})"
    rf"|(?=[第{_LEADING}])(?:{_NUMERALS})|(?=[东西南北中左右前后对{_STEM}])(?:{_SIDES})"
    rf"|(?=[底顶首夹架空阁半地负])(?:{_FLOORS})|(?=[A-Za-z第])(?:{_LETTERS})"
    rf"|(?:(?<=[号楼])|(?<=号 ))之[{NUMERAL}]{{1,2}}"
)
# Only behind a first piece: what would be a name or a word elsewhere.
_NEXT: Final = (
    rf"{_FIRST}|(?=[{_LEADING}])(?:[{NUMERAL}]{{1,7}}(?:{_GAP}{_UNIT_WORD}|{_ENDS}|(?=[{HAN}]{_GAP}\d))|[{NUMERAL}]{{2,7}}"
    rf"|[{NUMERAL}]{{1,3}}街(?:{_ENDS}|(?=电联)))"
    rf"|[{_STEM}单]{_ENDS}|{_SIDE}[侧边头首门面间]?(?:{_ENDS}|(?=户))|{_SPACES}|[全整半]层|{_SIDE}区(?={_GAP}\d)|[A-Za-z\d]{{1,2}}区"
)
_CHAIN: Final = (
    rf"(?:{_FIRST})(?:{_JOINT}(?!{_DIVISIONS})(?:{_NEXT})|[{HAN}](?={_GAP}\d){_NUMBER}(?:{_GAP}{_UNIT_WORD})?)*"
    # One last character behind the last number is a unit word nobody thought of.
    rf"(?:(?<=[\dA-Za-z号])[{HAN}](?=$|[\s,，。()（）;；]))?(?:[,，、]$)?"
)


def _tokens(alone: set[str], behind: set[str]) -> re.Pattern[str]:
    """Return the pattern with these names protected where they stand alone, and right behind a unit part."""
    starts = _heads(alone)
    keep = (
        rf"(?=[{starts}])(?:{_names(alone)})|{_ROAD_NUMBER}"
        rf"|(?=[\dA-Za-z])(?:{_NUMBERED_ROAD}|{_LANE}|{_PLACE_NUMBER}|{_ZONE}|{_DISTANCE})"
        rf"|(?=[壹玖]){_NAMED}"
        rf"|(?=[{_LEADING}]){_NUMERAL_ROAD}"
    )
    chain = _CHAIN.replace(_DIVISIONS, f"(?=[{_heads(behind)}])(?:{_names(behind)})")
    return re.compile(f"(?=[{_SPACE}{_STARTS}{starts}])(?:{keep}|({chain}))")


def _heads(names: set[str]) -> str:
    return "".join(sorted({name[0] for name in names})) or _DIVISIONS


def _names(names: set[str]) -> str:
    """Return an alternation that looks at the first character once for all names that share it."""
    tails: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        tails.setdefault(name[0], []).append(re.escape(name[1:]))
    return "|".join(f"{re.escape(head)}(?:{'|'.join(rest)})" for head, rest in tails.items()) or "(?!)"


@cache
def tokens() -> re.Pattern[str]:
    """Return the pattern of the mask: group 1 is what must be hidden, a match without it stays.

    Names of divisions and towns that look like units, alone (八十四户乡), before a number (江门市12号: 门市
    is a shop) or behind one (13800001234台州市), are protected by name: the unguarded pattern runs over the
    whole gazetteer.
    """
    names = {name for d in all_districts() for name in (d.province, d.city, d.district)} | town_names()
    unguarded = _tokens(set(), set())
    return _tokens(
        _touched(unguarded, names, before="", behind="12号"),
        _touched(unguarded, names, before="501", behind=""),
    )


def _touched(pattern: re.Pattern[str], names: set[str], *, before: str, behind: str) -> set[str]:
    border = "%"
    lines = "".join(f"{before}{name}{behind}{border}" for name in sorted(names))
    found = set()
    for match in pattern.finditer(lines):
        line = lines.rfind(border, 0, match.start()) + 1
        start, end = line + len(before), lines.index(behind + border, line)
        if match.group(1) and match.start() < end and match.end() > start:
            found.add(lines[start:end])
    return found
