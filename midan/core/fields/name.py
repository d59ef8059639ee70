"""Names of persons and companies: what is accepted, and which code points are the family name.

The text is kept as typed but for width, spaces between Han characters, the middle dot's many forms and a trailing
"收" (an instruction, not a name). Emoji, control characters, telephone numbers and bare digits are refused.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from midan.core.fields.errors import InvalidField
from midan.core.fields.folding import fold
from midan.core.fields.surnames import surname_length

LONGEST_PERSON: Final = 50
LONGEST_COMPANY: Final = 80

HAN: Final = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff\U00030000-\U000323af"  # 〇, A to H, compat
COMPANY_ENDINGS: Final = (
    *(
        "有限责任公司",
        "股份有限公司",
        "有限公司",
        "分公司",
        "总公司",
        "子公司",
        "公司",
        "集团",
        "合作社",
        "事务所",
    ),
    *(
        "工作室",
        "研究院",
        "研究所",
        "设计院",
        "实验室",
        "大学",
        "学院",
        "中学",
        "小学",
        "幼儿园",
        "学校",
        "培训班",
    ),
    *("医院", "诊所", "卫生院", "卫生室", "卫生站", "服务中心", "中心", "驿站", "快递柜", "快递点", "代收点"),
    *(
        "便利店",
        "小卖部",
        "超市",
        "商店",
        "商行",
        "商贸",
        "商城",
        "商场",
        "门市部",
        "门市",
        "经营部",
        "营业部",
        "服务部",
    ),
    *(
        "项目部",
        "销售部",
        "市场部",
        "财务部",
        "人事部",
        "采购部",
        "仓储部",
        "行政部",
        "客服部",
        "药店",
        "药房",
        "书店",
    ),
    *(
        "饭店",
        "酒店",
        "宾馆",
        "旅馆",
        "餐厅",
        "餐馆",
        "饭馆",
        "面馆",
        "茶馆",
        "咖啡馆",
        "咖啡店",
        "小吃店",
        "专卖店",
    ),
    *(
        "旗舰店",
        "体验店",
        "直营店",
        "加盟店",
        "分店",
        "总店",
        "门店",
        "维修店",
        "花店",
        "水果店",
        "服装店",
        "美容院",
    ),
    *(
        "理发店",
        "网吧",
        "加工厂",
        "制造厂",
        "工厂",
        "分厂",
        "银行",
        "支行",
        "委员会",
        "居委会",
        "村委会",
        "管理处",
    ),
    *(
        "管理局",
        "公安局",
        "派出所",
        "法院",
        "检察院",
        "办事处",
        "办公室",
        "传达室",
        "门卫室",
        "收发室",
        "物业",
        "仓库",
    ),
    *(
        "物流",
        "快递",
        "科技",
        "贸易",
        "电子",
        "服饰",
        "前台",
        "售后部",
        "售后",
        "客服",
        "旗舰",
        "网点",
        "营业厅",
    ),
)


class NameKind(StrEnum):
    """Whose name it is; a company's name points at nobody, a person's does."""

    PERSON = "person"
    COMPANY = "company"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """An accepted name. `surname_length` counts the leading code points that a mask may keep, 0 when unknown."""

    kind: NameKind
    text: str
    surname_length: int

    @property
    def bare(self) -> str:
        """The text without a form of address, for comparing: 张三先生 is 张三; 张先生 stays."""
        match = _ADDRESSED.fullmatch(self.text)
        return match.group(1) if match else self.text


_ADDRESSED = re.compile(r"(.{2,}?)(?:先生|女士|小姐|太太|老师|经理|师傅)")
_RECEIVE = re.compile(r"[\s(（【\[]*(?:亲收|亲启|收启|查收|签收|收)[\s)）】\]]*$")
_HAN_GAP = re.compile(rf"(?<=[{HAN}])[ \t]+(?=[{HAN}])")
_DOT = re.compile(rf"(?<=[{HAN}])\s*[·.．。•・‧]\s*(?=[{HAN}])")
_SPACES = re.compile(r"\s+")
_LONG_NUMBER = re.compile(r"[0-9](?:[\s\-]?[0-9]){4,}")
_PUNCTUATION: Final = frozenset(" ·.-–'’`&()（）/、,，_*#@:：【】[]《》+!！|\"“”")
_EMOJI_CATEGORIES: Final = frozenset({"So", "Sk", "Me"})


def normalise_name(raw: str) -> Name:
    """Return the name, or raise InvalidField('name', reason).

    Reasons: name_empty, name_too_long, name_control, name_emoji, name_digits, name_phone, name_char.
    """
    _check_letters(raw)
    text = _SPACES.sub(" ", fold(raw)).strip()
    text = _DOT.sub("·", _HAN_GAP.sub("", text))
    text = _RECEIVE.sub("", text) or text
    if not text:
        raise InvalidField("name", "name_empty")
    if _LONG_NUMBER.search(text):
        raise InvalidField("name", "name_phone" if any(map(str.isalpha, text)) else "name_digits")
    if not any(letter.isalpha() for letter in text):
        raise InvalidField("name", "name_digits" if any(map(str.isdecimal, text)) else "name_char")
    kind = NameKind.COMPANY if company_ending(text) else NameKind.PERSON
    if len(text) > (LONGEST_COMPANY if kind is NameKind.COMPANY else LONGEST_PERSON):
        raise InvalidField("name", "name_too_long")
    return Name(kind=kind, text=text, surname_length=surname_length(text) if kind is NameKind.PERSON else 0)


def company_ending(text: str) -> str:
    """Return the ending that shows a company, shop or office (有限公司, 驿站), or '' for a person's name."""
    if len(text) < 4 or not text.endswith(COMPANY_ENDINGS):
        return ""
    ending = max((end for end in COMPANY_ENDINGS if text.endswith(end)), key=len)
    return ending if len(text) >= len(ending) + 2 else ""


def _check_letters(raw: str) -> None:
    for letter in raw:
        category = unicodedata.category(letter)
        if category in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
            raise InvalidField("name", "name_control")
        if category in _EMOJI_CATEGORIES or letter == "\ufe0f":
            raise InvalidField("name", "name_emoji")
        if category[0] not in "LMNZ" and letter not in _PUNCTUATION and fold(letter) not in _PUNCTUATION:
            raise InvalidField("name", "name_char")
