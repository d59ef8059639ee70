"""Building, unit, floor and room in free text: the part of an address that leads to one door."""

import re
from collections.abc import Iterator
from typing import Final

_FIRST_CN = "一二三四五六七八九十百佰零〇两壹贰叁肆伍陆柒捌玖拾"
_CN = f"{_FIRST_CN}千仟"  # 千层 is a cake, 千户 a village: 千 begins no number
_TO = r"\s?[-—~、至]\s?"  # 3-5层, 八、九层
_NUM = rf"(?:[0-9]{{1,4}}[A-Za-z]?(?:{_TO}[0-9]{{1,4}})?|[{_FIRST_CN}][{_CN}]{{0,6}}(?:{_TO}[{_CN}]{{1,7}})?)"
_MARK = rf"(?:{_NUM}|[A-Za-z]{{1,2}}-?[0-9]{{0,3}}|[甲乙丙丁戊己])"
_GAP = r"[\s\-,，、./·的\u200b]{0,2}"
_EDGE = r"(?<![0-9A-Za-z.*¥￥$])"
_BUILDING = (
    rf"(?:{_EDGE}(?:第?{_MARK}|(?:[东西南北中]{{1,2}}[0-9]{{0,2}}))\s?(?:号院)?\s?(?:栋|棟|幢|号\s?楼|號樓|#\s?楼|号大楼|号公寓|号别墅|斋|舍(?=[0-9])|号?(?:写字|办公|宿舍|教学|公寓|住宅|综合)楼)|"
    rf"{_EDGE}[A-Za-z][0-9]{{0,2}}\s?(?:座|楼|塔|馆|区)|{_EDGE}[0-9]{{1,3}}\s?#(?={_GAP}[0-9]|{_GAP}[{_CN}]|\s?[A-Za-z][0-9])|"
    rf"{_EDGE}{_NUM}\s?座(?={_GAP}{_NUM}(?:单元|层|楼|室|号)?)|(?<=[厦场心城园苑贸院]){_NUM}\s?座)"
)
_ENTRANCE = rf"(?:第?(?:{_MARK}|[东西南北中左右])\s?(?:单元|單元|门洞|梯(?!架)|门(?=[\s\-]?[0-9]{{2,4}})))"
_FLOOR = rf"(?:第?(?:地下|负|B)?{_NUM}\s?(?:楼|樓|层|層|F(?![A-Za-z]))|负[{_CN}0-9])"
_ROOM_NUM = (
    rf"(?:[A-Za-z]?-?[0-9]{{1,5}}[A-Za-z]?(?:[-至][0-9A-Za-z]{{1,4}})?|[{_FIRST_CN}][{_CN}]{{1,6}}|[A-Za-z])"
)
_ROOM_END = (
    r"(?:号?(?:室|房间?|门(?![口前铃外])|铺|户|寝|商铺|档口?|摊位?|柜台|卡(?![路片号通券])(?:[-、][0-9]{1,4}卡)?(?:商铺|铺)?)"
    r"|号(?!楼|院|柜|门|线|店|仓|下|上|前|后|到|送|早|晚|中|之|凌)|户|(?=门口))"
)
_NOT_A_ROOM = (
    r"(?![0-9]|\s?[栋幢座楼层区抽点:时分月年件个箱元块斤天克kKmMgG%％次瓶袋盒台张双本]|\s?单元|\s?号楼|\*)"
)
_ROOM = rf"(?:(?:{_EDGE}|(?<=[FABCDf])){_ROOM_NUM}\s?{_ROOM_END}?{_NOT_A_ROOM})"
_SIDE = r"(?:[\s,，]{0,2}(?:[东西南北左右][手侧边]?(?:户|室|门|套间)|中户|边户|[东西南北左右]手边?第?[一二三123]?[户家间]))"
_STARTS = rf"(?=[0-9A-Za-z{_FIRST_CN}甲乙丙丁戊己东西南北中左右第负地])"
# A house number before a room number is a building's, unless a road stands before it.
_NUMBERED = (
    rf"(?<![路街道巷0-9A-Za-z])[0-9]{{1,3}}号"
    rf"(?={_GAP}[0-9]{{3,4}}(?:\s?(?:室|房)|(?![0-9]|\s?[年元块点个件箱斤克:.码])))"
)
_CHAIN = re.compile(
    rf"{_STARTS}(?:(?:{_BUILDING}(?:{_GAP}{_BUILDING})?|{_NUMBERED})(?:{_GAP}{_ENTRANCE})?(?:{_GAP}{_FLOOR})?"
    rf"(?:{_GAP}{_ROOM})?"
    rf"|{_EDGE}{_ENTRANCE}(?:{_GAP}{_FLOOR})?(?:{_GAP}{_ROOM})?"
    rf"|{_EDGE}{_FLOOR}(?:{_GAP}{_ROOM})?){_SIDE}?"
)
_DASHED = re.compile(
    rf"{_EDGE}(?<![\-/])[A-Za-z]?[0-9]{{1,3}}[A-Za-z]?\s?[#\-/—~_]\s?[0-9A-Za-z]{{1,2}}\s?[\-/—~_]\s?(?:[0-9]{{1,2}}\s?[\-/—]\s?)?"
    r"[0-9]{3,4}[A-Za-z]?(?![0-9\-/A-Za-z])(?:室|房|号|户)?"
    r"|(?<![0-9A-Za-z.\-])[0-9]{1,3}\s?#\s?-?[A-Za-z]?[0-9]{3,4}(?![0-9])(?:室|房|号|户)?"
)
_SUFFIXED = re.compile(
    rf"(?=[\-0-9A-Za-z{_FIRST_CN}])(?:(?<![0-9A-Za-z.\-*¥￥$])[A-Za-z]?-?(?:[0-9]{{1,3}}-)?[0-9]{{2,5}}[A-Za-z]?\s?号?(?:室|房间|房(?!贷)|宿舍|寝室|病房|包[厢间]|教室|办公室|会议室|诊室|实验室|工作室|铺位?|商铺|档口|摊位|户(?!外)|(?=门口|门前|家门))(?:-[0-9]{{1,4}}(?:室|房|号))?"
    rf"|(?<![{_CN}])[{_CN}]{{3,7}}\s?号?(?:室|房间?|户|宿舍|寝室|病房)"
    rf"|(?<![0-9A-Za-z.\-])[A-Za-z]?[0-9]{{1,4}}\s?号(?:房间?|室|铺|商铺|档口?|摊位?|门面|床|病床|宿舍|工位)|[0-9]{{1,3}}\s?床(?![上单垫品头罩笠])"
    rf"|(?<![0-9A-Za-z.*\-路街巷道弄第型编#])(?:[A-Za-z]-?[0-9]{{1,4}}|[5-9][0-9]|[0-9]{{3,4}})号(?![0-9A-Za-z*线令文公店桌台柜机色码裤字球仓窗油汽钢车床段站码楼棉砂纸门院]|[{_CN}])"
    rf"|(?<![0-9])[0-9]{{1,3}}(?:组|排|队)[0-9]{{1,4}}(?:号|户))"
)
_HOME = re.compile(
    r"(?:小区|花园|家园|公寓|花苑|华庭|雅苑|新村|新城|大厦|广场|社区|宿舍|公馆|名邸|豪庭|山庄|别墅|国际|嘉园|佳苑|[苑府庭郡邸湾轩园城里庄村寓厦座楼院])\s?[,，]?"
    r"(?P<unit>[A-Za-z]?[0-9]{1,3}[A-Za-z]?\s?[-—#/_~]\s?[0-9A-Za-z]{1,5}(?:\s?[-—/]\s?[0-9]{1,4})?|[A-Za-z]?[0-9]{3,4}[A-Za-z]?)"
    r"(?![0-9.]|\s?[点:时月年件个箱元块斤克kKmMgG%路弄米公号])"
    # Behind a verb, or before what only a home has.
    r"|(?<![0-9A-Za-z.*¥￥$\-])(?P<owned>[A-Za-z]{0,2}-?[0-9]{3,4}[A-Za-z]?|[0-9]{1,3}-[0-9]{1,4}|[0-9]{1,2}号)(?=的?(?:门铃|鞋柜|阳台|阿姨|邻居|大爷|大妈|住户|业主)|没人|家里|家没人|隔壁|对门)"
    r"|(?:家住|住在?|房间?号|门牌号?|室号|户号|房号|寝室号?|宿舍号?|楼号|单元号|栋号|家是|家在|家里?是?|地址是?|房间|对门|隔壁|复式|顶楼|敲|送到|送至|送|放到?|邻居|变更为|改为|改到|改成|左转|右转|上楼|我在|在|到|去)[\s:：,，是为了]{0,2}"
    r"(?P<room>[A-Za-z]{0,2}-?[0-9]{3,4}号?|[A-Za-z]{1,2}-?[0-9]{2}号?|(?:3[2-9]|[4-9][0-9])号|[A-Za-z]?[0-9]{1,3}[A-Za-z]?[-—/][0-9]{3,4}[A-Za-z]?(?:[-—/][0-9]{1,4})?|[A-Za-z]?[0-9]{3,4}[A-Za-z]?)"
    r"(?=\s*(?:$|门口|门前|门外|家|室|房|就|即可|可以|谢|对面|隔壁|旁|找|代收|阳台|没人|的鞋柜|等|里|了?$|的门|门|按|敲|没人|,|，|。|;|；|!|！|\)|）|、|\ue000|\ue001|[（(]|的(?:[\u4e00-\u9fff]{0,2}(?:阿姨|叔叔?|大[爷妈姐哥]|先生|女士|老师|师傅|姐|哥|人家|老人))))"
    r"|(?:办公室|会议室|教室|实验室|工作室|包厢|包间|诊室|病房|宿舍|寝室)[\s:：,，]{0,2}(?P<hall>[A-Za-z]?[0-9]{2,4}[A-Za-z]?)(?![0-9元块点:：年月日个件人])"
)
# Words after or before a count of floors, layers or storeys that make it a thing, not a door.
_LAYER_AFTER = re.compile(
    r"\s?(?:[0-9]+抽|抽纸|纸|货架|鞋架|书架|书柜|置物|收纳|加厚|加固|蛋糕|口罩|包装|纸箱|气泡|泡沫|瓦楞|不锈钢|蒸|牛|柜|床|架|防|保|高|以上|以下|及以上|及以下|左右|"
    r"膜|布|棉|真皮|盒|抽屉|塑料|胶带|缓冲|饭盒|便当|玻璃|实木|门(?!口)|洞|木|鞋|衣|厚|的(?:纸|包|蛋糕|架|箱|盒)|皮|牛奶|窗帘|晾|面|复合|编织|袋|钢|珍珠|底|叠|堆|码放)"
)
_LAYER_BEFORE = re.compile(
    r"(?:用|包|裹|缠|套|垫|叠|共|总共|每|高|多|加|绕|打了?|再|里外|堆|摞|码|分|塞|铺|上下|不?超过?|限|盖)(?:了|好|成|放)?\s?$"
)
_PUBLIC = re.compile(
    r"\s?(?:大厅|大堂|前台|保安|驿站|门卫|快递[柜点架站室]|丰巢|菜鸟|超市|便利店|食堂|餐厅|电梯[口间]?|收发室|传达室|服务台|客服|仓库|消防|平台|停车场|出口|入口|收银|导购|专柜|美食|货架|[一二三四五0-9]?号?仓|入口|影院|卖场|柜台|商场)"
)
_SCHOOL = re.compile(
    r"\s?(?:测试|试卷|练习|作文|复习|课|卷|口算|听写|词|单词|作业|检测|教材|知识|默写|考试|期|内容|语文|数学|英语)"
)
_SCHOOL_BEFORE = re.compile(r"(?:语文|数学|英语|物理|化学|课本|教材|上册|下册|年级|学完|科学|生物)\s?第?$")
_LOCKER = re.compile(
    r"(?:取件码?|取货码?|提货码?|取餐码?|货架号?|货位|格口|柜号?|验证码|口令|密码|型号|规格|尺寸|款号|货号|版本|编号|比分|批号|单号|订单|色号|电话|票号|航班|车次)[\s:：是为]{0,3}[A-Za-z]{0,3}-?$"
)
_DATE_LIKE = re.compile(
    r"(?:(?:19|20)?[0-9]{2}[-/](?:0?[1-9]|1[0-2])[-/](?:0?[1-9]|[12][0-9]|3[01])|[0-9]{2}[-/](?:0?[1-9]|1[0-2])[-/]20[12][0-9])(?![0-9])|(?:0?[1-9]|1[0-2])[-/](?:0?[1-9]|[12][0-9]|3[01])[-/](?:19|20)[0-9]{2}(?![0-9])"
)
_MONTH = re.compile(r"(?:月|[0-9]\s?[\-/.]\s?)$")
_STOREYS = re.compile(r"\s?(?:以上|以下|及以上|及以下|高|楼梯|没电梯|无电梯|电梯)")
_LOW_FLOOR = re.compile(r"(?:负|地下|B)?[1-3一二三]\s?[楼樓F]")
_FIRST_FLOORS = re.compile(rf"{_PUBLIC.pattern}|{_STOREYS.pattern}")
# How a chain ends, what after it and what before it makes it a thing; the first line that fits decides.
_THINGS: Final = (
    (re.compile(r"[层層]$"), re.compile(rf"{_LAYER_AFTER.pattern}|{_PUBLIC.pattern}"), _LAYER_BEFORE),
    (re.compile(rf"^{_LOW_FLOOR.pattern}$"), _FIRST_FLOORS, None),
    (re.compile(r"[区馆]$"), _PUBLIC, None),
    (re.compile(r"[楼樓]$"), _STOREYS, None),
    (re.compile(r"单元$"), _SCHOOL, _SCHOOL_BEFORE),
)
_HALL = re.compile(r"\s?[0-9一二两三四]?\s?厅")
# Cheap first look: a numeral right before one of the words, two numbers joined, or a number of three digits.
_HINT = re.compile(
    rf"[0-9A-Za-z{_CN}甲乙丙丁戊己东西南北中左右]\s?(?:号\s?)?[栋棟幢楼樓層层室房户单座门床#铺档寝梯F斋區区塔馆间组排队]"
    r"|[0-9A-Za-z号]\s?(?:大楼|公寓|别墅|宿舍|病房|教室|包[厢间]|摊|工位)|[0-9A-Z]\s?[-/—_~]\s?[0-9A-Z]|[0-9]{3}|负[一二三0-9]|[0-9]号"
)

_LONG = re.compile(r"[0-9]{3}|[0-9]号|[A-Za-z][0-9]{2}|[0-9A-Za-z]\s?[-—#/_~]\s?[0-9A-Za-z]")


def find_units(view: str) -> Iterator[tuple[int, int]]:
    """Yield where building, unit, floor and room stand in a folded text."""
    if not _HINT.search(view):
        return
    for match in _CHAIN.finditer(view):
        if not _is_thing(view, match):
            yield match.span()
    for pattern in (_DASHED, _SUFFIXED) if _LONG.search(view) else (_SUFFIXED,):
        for match in pattern.finditer(view):
            if not (
                _LOCKER.search(view, 0, match.start())
                or _DATE_LIKE.match(match.group())
                or _HALL.match(view, match.end())
            ):
                yield match.span()
    for match in _HOME.finditer(view) if _LONG.search(view) else ():
        group = match.lastgroup or "room"
        if not (_LOCKER.search(view, 0, match.start()) or _DATE_LIKE.match(match[group])):
            yield match.span(group)


def _is_thing(view: str, match: re.Match[str]) -> bool:
    """Return whether a chain is a date, a layer, a lesson, a shop's floor: no door."""
    text, start, end = match.group(), match.start(), match.end()
    before = view[max(0, start - 8) : start]
    if _LOCKER.search(before) or _HALL.match(view, end):
        return True
    if "号楼" in text and _MONTH.search(before) and view[end : end + 1] in {"下", "上"}:
        return True
    for ends, after, earlier in _THINGS:
        if ends.search(text):
            return after.match(view, end) is not None or (
                earlier is not None and earlier.search(before) is not None
            )
    return False
