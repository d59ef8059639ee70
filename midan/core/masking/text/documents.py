"""Identity numbers, bank cards and number plates in free text."""

import re
from collections.abc import Iterator
from typing import Final

from midan.core.fields.idcard import PROVINCES
from midan.core.masking.text.spans import is_order_number

_GAP = r"[\s\-·./\u200b]{0,2}"
# Letters may stand right before and behind it: its province and date of birth tell it from an order's number.
_ID18 = re.compile(rf"(?<![0-9*])[1-9](?:{_GAP}[0-9]){{16}}{_GAP}[0-9Xx*](?![0-9])")
_ID15 = re.compile(r"(?<![0-9A-Za-z.*])[1-9](?:[\s\-]?[0-9]){14}(?![0-9A-Za-z])")
_CUED = re.compile(
    r"(?:身份证|身份号|证件|证号|护照|通行证|军官证|士兵证|驾驶证|驾照|居住证|回乡证|台胞证|社保|ID ?card|ID|passport)"
    r"(?:号码?|是|为|No\.?|:|：|\s|\u200b){0,5}"
    r"(?P<number>[A-Za-z]{0,3}[0-9](?:[\s\-()·]?[0-9Xx]){5,17}\)?|军字?第?[0-9]{6,8})(?![0-9A-Za-z])"
)
_TRAVEL = re.compile(
    r"(?<![0-9A-Za-z*])(?:E[0-9]{8}|E[A-HJ-NP-Z][0-9]{7}|[GDSPK][0-9]{8}|[DSP]E[0-9]{7}|[HM][0-9]{8}(?:[0-9]{2})?|"
    r"C[A-Z]?[0-9]{7,8}|[A-Z][12][0-9]{8}|[A-Z]{1,2}[0-9]{6}\([0-9A]\))(?![0-9A-Za-z])"
)
_CARD = re.compile(r"(?<![0-9A-Za-z*])[1-9](?:[\s\-\u200b]?[0-9]){15,18}(?![0-9A-Za-z])")
_CARD_CUE = re.compile(
    r"卡号|银行卡|储蓄卡|信用卡|借记卡|账号|账户|帐号|[工农建中交招商民生]行|银行|邮储|信用社|打款|汇款|转账|收款|付款|一卡通|card",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"[0-9]{4}(?:[\s\-\u200b]+[0-9]{4}){3}(?:[\s\-\u200b]*[0-9]{1,3})?")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]\s?[A-Za-z][\s·\-.—_]{0,2}"
    r"(?P<tail>[A-Za-z0-9]{4}[挂学警港澳使领超试]|[A-Za-z0-9]{5,6}|[A-Za-z0-9]{5}[挂学警港澳]|[A-Za-z0-9]{2,3}[\s\-·][A-Za-z0-9]{2,3}|"
    r"(?:[A-Za-z0-9][\s\-·]){4,5}[A-Za-z0-9])(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9])WJ\s?[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]?\s?(?P<armed>[0-9]{4,5}[A-Za-z]?)(?![A-Za-z0-9])"
    r"|(?:车牌|牌照)(?:号码?|是|为|:|：|\s){0,4}(?P<cued>[A-Za-z][\s·\-]?[A-Za-z0-9]{5,6}|[A-Za-z0-9]{5,6})(?![A-Za-z0-9])"
    r"|(?P<consular>[使领])\s?[0-9]{5,6}(?![0-9])|(?<![0-9*])[0-9]{6}[使领]"
)
_PLATE_LIKE = re.compile(r"[A-Za-z0-9](?:[\s·\-.—_]{0,2}[A-Za-z0-9]){3}")
_UNIONPAY: Final = "62"
_PLATE_DIGITS: Final = 2  # in small letters; a capital one may have a single digit


def find_ids(view: str) -> Iterator[tuple[int, int]]:
    """Yield where numbers of identity cards, passports and permits stand."""
    for match in _CUED.finditer(view):
        yield match.span("number")
    for match in _ID18.finditer(view):
        if _has_birth(_digits(match.group()), year=slice(6, 10)):
            yield match.span()
    for match in _ID15.finditer(view):
        digits = _digits(match.group())
        if _has_birth(f"{digits[:6]}19{digits[6:]}", year=slice(6, 10)) and not is_order_number(
            view, match.start()
        ):
            yield match.span()
    for match in _TRAVEL.finditer(view):
        if not is_order_number(view, match.start()):
            yield match.span()


def find_cards(view: str) -> Iterator[tuple[int, int]]:
    """Yield where bank card numbers stand: by check digit, by grouping in fours, or by the words before them."""
    for match in _CARD.finditer(view):
        digits = _digits(match.group())
        if _CARD_CUE.search(view, max(0, match.start() - 14), match.start()) or (
            not is_order_number(view, match.start())
            and (_GROUPED.fullmatch(match.group()) or digits.startswith(_UNIONPAY) or _luhn(digits))
        ):
            yield match.span()


def find_plates(view: str) -> Iterator[tuple[int, int]]:
    """Yield where number plates stand, civil, police, learner's, border, armed police and consular."""
    if not _PLATE_LIKE.search(view):
        return
    for match in _PLATE.finditer(view):
        tail = match["tail"] or match["armed"] or match["cued"] or "000"
        digits = sum(map(str.isdecimal, tail))
        if digits >= _PLATE_DIGITS or (digits and tail.isupper()):
            yield match.span("cued") if match["cued"] else match.span()


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum() or letter == "*")


def _has_birth(digits: str, *, year: slice) -> bool:
    month, day = digits[year.stop : year.stop + 2], digits[year.stop + 2 : year.stop + 4]
    return (
        int(digits[:2]) in PROVINCES
        and "1880" <= digits[year] <= "2035"
        and "01" <= month <= "12"
        and "01" <= day <= "31"
    )


def _luhn(digits: str) -> bool:
    total = sum(int(digit) for digit in digits[-1::-2])
    return (total + sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])) % 10 == 0
