"""Names that no family name tells: with a middle dot, of other peoples, in Latin letters, or behind a label."""

import re
from collections.abc import Iterator
from typing import Final

from midan.core.fields.name import HAN
from midan.core.masking.text import lexicon
from midan.core.masking.text.evidence import LABEL, PLACE, TITLED, after_name, any_of, cue_before
from midan.core.masking.text.spans import PHONE_MARK

_CAPITAL = re.compile(r"[A-Z][A-Za-z]")
_DOT = re.compile(r"[\u2e80-\U000323af]\s?[·.]\s?[\u2e80-\U000323af]")
_DOTTED = re.compile(rf"[{HAN}]{{1,14}}(?:\s?[·.]\s?[{HAN}]{{1,14}}){{1,4}}")
_SYLLABLES: Final = "".join(sorted(lexicon.SYLLABLES))
_HEAD = re.compile(rf"[{_SYLLABLES}]{{1,8}}$")
_PART = re.compile(rf"[{_SYLLABLES}]{{1,10}}")
_MINORITY = re.compile(
    rf"(?:{any_of(tuple(lexicon.MINORITY))})(?:(?:{any_of(tuple(lexicon.MINORITY))}){{1,2}}[{_SYLLABLES}]{{0,2}}"
    rf"|[{_SYLLABLES}]{{0,2}}(?=收|先生|女士|小姐|老师|的|代收|签收|本人|说|订|申请|家|$|[,，。;；!！]|[\s,，:：]?{PHONE_MARK}))"
)
_LABELLED = re.compile(
    rf"(?:(?:收件|收货|联系|寄件|发件|签收|代收|取件|联络|对接|接收|开户|持卡)人|收货方|收件方|户名|姓名|名字|真名|业主|买家|卖家|客户|用户名?|机主|车主)(?:姓名|名字|名称|名)?\s?[:：]\s?"
    rf"(?P<name>[{HAN}]{{2,4}}?)(?=$|[^{HAN}*]|先生|女士|小姐|老师|收|的?电话|手机|地址|联系)"
)
_LATIN_NAME = r"[A-Z][A-Za-z'\-]{1,14}(?:[ ·.]{1,2}[A-Z][A-Za-z'\-]{0,14}){0,3}"
_LATIN = re.compile(
    r"(?:(?:收件|收货|联系|寄件|发件|签收|代收|取件|联络)人|姓名|名字|我叫|我是|本人|找|交给|转交给?|转给|联系|叫|前台|门卫"
    r"|(?<![A-Za-z])(?i:contact(?: person)?|recipient|receiver|consignee)\b"
    r"|[Aa]ttn|ATTN|[Nn]ame|NAME|T[Oo](?=:)|[Mm]rs?|[Mm]s|[Mm]iss|[Dd]ear|Dr)[\s:：.是叫]{0,3}"
    rf"(?P<left>{_LATIN_NAME})(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9])(?P<right>[A-Z][a-z'\-]{1,14}(?: [A-Z][A-Za-z'\-]{0,14}){0,3})\s?"
    r"(?=先生|女士|小姐|老师|经理|收(?:$|[^货到件费])|亲收|同学)"
)
_LATIN_WORDS: Final = frozenset(
    {
        "Apple",
        "iPhone",
        "VIP",
        "EMS",
        "OK",
        "App",
        "APP",
        "QQ",
        "DHL",
        "UPS",
        "FedEx",
        "SF",
        "JD",
        "Nike",
        "ABC",
        "USB",
    }
    | {
        "Us",
        "Me",
        "The",
        "Customer",
        "Service",
        "Support",
        "Seller",
        "Store",
        "Shop",
        "Reception",
        "Security",
    }
    | {"Plus", "Pro", "Max", "Mini", "TikTok", "SPA", "KTV", "ATM", "WIFI"}
)


def find_other_names(view: str) -> Iterator[tuple[int, int]]:
    """Yield where such names stand in a folded text whose other findings are already marked."""
    if ("·" in view or "." in view) and _DOT.search(view):
        yield from _dotted(view)
    if ":" in view:
        for match in _LABELLED.finditer(view):
            if not _is_plain_word(match["name"]):
                yield match.span("name")
    for match in _MINORITY.finditer(view):
        yield match.span()
    if _CAPITAL.search(view):
        for match in _LATIN.finditer(view):
            group = "left" if match["left"] else "right"
            if match[group].split(" ")[0] not in _LATIN_WORDS:
                yield match.span(group)


def _dotted(view: str) -> Iterator[tuple[int, int]]:
    for match in _DOTTED.finditer(view):
        dot = min(place for place in range(match.start(), match.end()) if view[place] in "·. ")
        known = [place for place in range(match.start(), dot) if place and cue_before(view, place)]
        head = _HEAD.search(view, match.start(), dot)
        start = max(known, default=head.start() if head else dot)
        last = max(view.rfind("·", dot, match.end()), view.rfind(".", dot, match.end()))
        gap = last + 1 + (view[last + 1] == " ")
        tail = _PART.match(view, gap)
        end = tail.end() if tail else gap
        after = after_name(view, end) if end < len(view) else 0.0
        told = bool(known) or after >= PLACE
        if "·" not in view[start:end]:  # a full stop more often than a name's dot
            told = told and (after >= TITLED or (bool(known) and cue_before(view, start) >= LABEL))
            start = start if told else dot
        if start < dot and end > gap and (told or (dot - start >= 2 and end - gap >= 2)):
            yield start, end


def _is_plain_word(text: str) -> bool:
    return (
        text[:2] in lexicon.WORDS
        or text[:2] in lexicon.NOT_NAMES
        or text[0] in lexicon.STOP
        or text in lexicon.BRANDS
    )
