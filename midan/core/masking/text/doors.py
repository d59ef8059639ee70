"""Codes that open a door, in free text: who knows the address and the code can walk in."""

import re
from collections.abc import Iterator
from typing import Final

_LOCKS: Final = (
    "(?:密码|指纹|电子|智能|门|大门|防盗)锁|门禁|单元门|入户门?|进门|开门|大门|房门|家门|院门|楼道门?|楼栋门?|车库门?|铁门"
    "|钥匙[盒箱柜]|密码盒|门口|家里|家中|屋里|公寓|宿舍|小区|楼下|门"
)
_SAYS: Final = r"[是为:：=\s按输入打拨就用\ue000的了]{0,4}"
_CODE: Final = (
    r"(?P<code>[*#]{0,2}(?:[0-9](?:[ \-]?[0-9]){3,9}|[零〇一二三四五六七八九幺两]{4,10}"
    r"|(?=[A-Za-z]{0,6}[0-9])[0-9A-Za-z]{4,10})[*#]{0,2})"
    r"(?![0-9A-Za-z]|\s?(?:位|寸|元|块|个|把|套|件|年|月|日|号楼|号店|款|系列|mm|cm))"
)
_NO_DOOR: Final = "".join(
    f"(?<!{two}{word})"
    for two, word in zip("取取提取开开柜柜兑卡查解提", "件货货餐柜箱子门换券询压取", strict=True)
)
_DOOR_CODE: Final = re.compile(
    rf"(?:(?:{_LOCKS})[的上临时动态开门户主管理员电子数字卡]{{0,6}}(?:密码|密碼|暗码|口令|号码|码|号)盒?"
    # A lock's number without the word, and the word without a lock unless a locker's or a coupon's.
    rf"|(?:密码锁|门锁|电子锁|智能锁|指纹锁|门禁|密码盒)"
    rf"|{_NO_DOOR}(?:密码|密碼)"
    rf"){_SAYS}{_CODE}"
)
_CUES: Final = ("密码", "密碼", "门禁", "锁", "口令", "暗码")


def find_codes(view: str) -> Iterator[tuple[int, int]]:
    """Yield where codes of doors and locks stand; the words that announce them stay."""
    if any(map(view.__contains__, _CUES)):
        for match in _DOOR_CODE.finditer(view):
            yield match.span("code")
