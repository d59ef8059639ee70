"""Telephone numbers in free text: written with any separator, in Chinese numerals, with a word before them or not."""

import re
from collections.abc import Iterator
from typing import Final

from midan.core.masking.text.spans import is_order_number

_GAP = r"[\s\-._/()·,、~|\u200b]{0,3}"
_COUNTRY = rf"(?:\(?(?:\+|00?)?86\)?{_GAP})?"
_EXTENSION = (
    r"(?:[\s(]{0,2}(?:转接?|轉|分机号?|ext\.?|x)[\s:]{0,2}[0-9]{1,6}(?![0-9])"
    r"|-[0-9]{3,4}(?![0-9]|[栋幢号楼室单层\-]))?"
)
_MOBILE = re.compile(
    rf"(?<![0-9.*]){_COUNTRY}(?P<body>\(?1{_GAP}[3-9](?:{_GAP}[0-9]){{9}})(?![0-9]){_EXTENSION}"
)
_TWINS = re.compile(r"(?<![0-9*])(?:1[3-9][0-9]{9}){2}(?![0-9])")
_HALF_MASKED = re.compile(r"(?<![0-9*])1[3-9][0-9][\s\-]?[*xX×#]{4}[\s\-]?[0-9]{4}(?![0-9])")
_GROUPED = re.compile(
    r"(?<![0-9*])1[3-9][0-9][^0-9A-Za-z\u4e00-\u9fff*×]{1,6}[0-9]{4}[^0-9A-Za-z\u4e00-\u9fff*×]{1,6}[0-9]{4}(?![0-9])"
)
_LANDLINE = re.compile(
    rf"(?<![0-9.*])(?:\(?(?:\+|00)86\)?[\s\-]{{0,2}}\(?0?|\(?0)(?:10|2[0-57-9]|[3-9][0-9]{{2}})[\s\-)/·.\u200b]{{0,3}}"
    rf"[2-9](?:[\s\-\u200b]?[0-9]){{6,7}}(?![0-9]){_EXTENSION}"
)
_SERVICE = re.compile(r"(?<![0-9A-Za-z*])[48]00(?:[\s\-·.]?[0-9]){7}(?![0-9])(?:[\s]?转[\s]?[0-9]{1,6})?")
_ABROAD = re.compile(
    r"(?<![0-9*])(?:\+[\s(]?[1-9]|00(?=852|853|886|1|44|81|82|65|60|61|49|33|7))[0-9]{0,3}(?:[\s\-()·.]{0,2}[0-9]){7,11}(?![0-9])"
    r"|(?<![0-9A-Za-z*])(?:852|853|886)[\s\-][0-9](?:[\s\-]?[0-9]){7,8}(?![0-9])"
    r"|(?<![0-9A-Za-z*])09[0-9]{2}[\s\-]?[0-9]{3}[\s\-]?[0-9]{3}(?![0-9])"
)
_CUED = re.compile(
    r"(?:电话|電話|手机|手機|座机|固话|电联|联系方式|(?<![票单件型批卡])号码|致电|拨打?|打给?|小灵通|联系|短信|呼叫|热线|tel|phone|mobile|mob|call|☎|📞|📱)"
    r"(?:号码?|是|为|联系|:|：|\.|\s|\ufe0f|\u200b){0,4}"
    r"(?P<number>[+(]?[0-9](?:[\s\-()/·.\u200b]{0,2}[0-9]){6,13})(?![0-9.])(?![0-9]*(?:元|块|件|箱|个|斤|克|年))"
    + _EXTENSION,
    re.IGNORECASE,
)
_FILLED = re.compile(
    r"(?<![0-9*])1[3-9][0-9](?:\s|[,，、])?(?:然后|再加?|中间四?位?是?|接着|加上?|空格|横?杠|后面是?)(?:\s|[,，、])?[0-9]{4}"
    r"(?:\s|[,，、])?(?:然后|再加?|后四位是?|后面是?|末尾|接着|加上?|空格|横?杠|最后是?)?(?:\s|[,，、])?[0-9]{4}(?![0-9])"
)
_DATE = re.compile(r"(?:19|20)[0-9]{2}[-/.年](?:0?[1-9]|1[0-2])[-/.月]")
_CALL = re.compile(r"电话|手机|联系|号码|致电|拨|打|tel|phone|微信|call", re.IGNORECASE)
_NOT_DIGITS = re.compile(r"[^0-9\u200b]+")
# Letters of carriers before eleven digits: a parcel's number, not a person's.
_CARRIER = re.compile(
    r"(?:JD[A-Z]{0,3}|SF|YT|ZTO|STO|YD|JT|DPK|DP|MD|EMS|LP|TT|BEST|UC|CN|SN|RU|EA|EE|KK|TM)-?$", re.IGNORECASE
)
_GROUPINGS: Final = frozenset(
    {
        (3, 4, 4),
        (3, 8),
        (7, 4),
        (3, 3, 5),
        (4, 4, 3),
        (4, 3, 4),
        (5, 6),
        (6, 5),
        (4, 7),
        (3, 5, 3),
        (8, 3),
        (3, 2, 2, 4),
    }
    | {
        (3, 4, 2, 2),
        (3, 2, 2, 2, 2),
        (3, 3, 3, 2),
        (5, 3, 3),
        (3, 6, 2),
        (3, 2, 3, 3),
        (3, 4, 3, 1),
        (1, 2, 4, 4),
        (1, 10),
        (1, 2, 2, 2, 2, 2),
    }
)
_MOST_SINGLES: Final = 9


def find_phones(view: str) -> Iterator[tuple[int, int]]:
    """Yield where telephone numbers stand in a folded text."""
    yield from _mobiles(view)
    for pattern in (_TWINS, _GROUPED, _HALF_MASKED, _LANDLINE, _SERVICE, _ABROAD, _FILLED):
        for match in pattern.finditer(view):
            if not is_order_number(view, match.start()):
                yield match.span()
    for match in _CUED.finditer(view):
        if not _DATE.match(match["number"]):
            yield match.start("number"), match.end()


def _mobiles(view: str) -> Iterator[tuple[int, int]]:
    place = 0
    while match := _MOBILE.search(view, place):
        if _is_mobile(view, match):
            yield match.span()
            place = match.end()
        else:
            place = match.start() + 1


def _is_mobile(view: str, match: re.Match[str]) -> bool:
    if _CARRIER.search(view, max(0, match.start() - 6), match.start()):
        return False
    groups = tuple(len(part) for part in _NOT_DIGITS.split(match["body"].replace("\u200b", "")) if part)
    if len(groups) == 1 or groups in _GROUPINGS or len(groups) >= _MOST_SINGLES:
        return True
    return _CALL.search(view, max(0, match.start() - 10), match.start()) is not None
