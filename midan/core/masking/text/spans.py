"""What the finders of free text hand to each other: kinds, spans, and the view they read."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PHONE_MARK: Final = "\ue001"  # stands where a telephone number was: a name beside it is more believable
FOUND_MARK: Final = "\ue000"  # stands where anything else was


class Kind(StrEnum):
    """What a span of text gives away."""

    PHONE = "phone"
    ID = "id"
    CARD = "card"
    PLATE = "plate"
    EMAIL = "email"
    ACCOUNT = "account"
    CODE = "code"
    UNIT = "unit"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Span:
    """Code points `start` to `end` (exclusive) of a text, and what they are. Holds no text."""

    kind: Kind
    start: int
    end: int


# Numbers that are nobody's: what follows one of these words is left alone by the finders of bare digits.
ORDER_CUE: Final = re.compile(
    r"(?:订单|单|运单|快递|包裹|物流|流水|编|货|款|批|型|条码|发票|工单|案件|合同|取件码|取货码|提货码|验证码|序列|追踪|跟踪|"
    r"SN|S/N|sn|No|NO|no|order|ORDER|批次|店铺|商品|任务|采购|库存|出库|入库)"
    r"(?:单?号码?|编号|码|ID|id)?[\s:：.#是为]*[A-Za-z]{0,4}-?$"
)
_CONTEXT: Final = 16


def is_order_number(view: str, start: int) -> bool:
    """Return whether the text before `start` says that a number of an order, a parcel or an article follows."""
    return ORDER_CUE.search(view[max(0, start - _CONTEXT) : start]) is not None


# Digits written in Chinese, on cheques, by radio, and letters that look like digits; same length, read by index.
NUMERALS: Final = {
    ord(letter): digit
    for digit, letters in {
        "0": "〇零○洞oO◯",
        "1": "一壹幺弌lIi",
        "2": "二贰貳弍",
        "3": "三叁參弎叄",
        "4": "四肆",
        "5": "五伍",
        "6": "六陆陸",
        "7": "七柒拐",
        "8": "八捌",
        "9": "九玖",
    }.items()
    for letter in letters
}
