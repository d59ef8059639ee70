"""Names of persons in free text.

A family-name character begins a word far more often than a name, so each candidate (family name and one or two
more characters) is weighed: words before it, words after it, how given-name-like its characters are, how telling
the family name is, whether it starts an everyday word. What reaches THRESHOLD is a name. See docs/ideas/text-masks.md.
"""

import re
from collections.abc import Iterator
from typing import Final

from midan.core.fields.name import HAN
from midan.core.fields.surnames import AMBIGUOUS, COMMON, COMPOUND, SINGLE
from midan.core.masking.text import lexicon
from midan.core.masking.text.spans import FOUND_MARK, PHONE_MARK

THRESHOLD: Final = 3.5
_LABEL, _VERB, _EDGE = 3.0, 2.0, 1.0


def _any(words: list[str] | tuple[str, ...] | frozenset[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))


_AFTER_CUE = r"(?:[\s:：,，(（【\-\"'“是为叫]{0,3})"
_CUE = re.compile(rf"(?:(?P<label>{_any(tuple(lexicon.LABELS))})|(?:{_any(tuple(lexicon.VERBS))})){_AFTER_CUE}")
_CANDIDATE = re.compile(rf"{_any(COMPOUND)}|[{''.join(sorted(SINGLE))}]")
_TITLE = re.compile(rf"[\s,，]?(?:{_any(tuple(lexicon.STRONG_TITLES))})")
_PHONE_NEAR = re.compile(rf"[\s,，、:：;；/()（）\-+\u200b。.]{{0,3}}(?:(?:的?电话|手机号?码?|tel|联系方式)[:：是]?\s?)?{PHONE_MARK}")
_PHONE_BEFORE = re.compile(rf"{PHONE_MARK}[\s,，、:：;；/()（）\-+]{{0,3}}$")
_WEAK = re.compile(rf"(?:{_any(tuple(lexicon.WEAK_AFTER))})")
_HAN_LETTER = re.compile(rf"[{HAN}]")
_HAN_OR_WORD = re.compile(rf"[{HAN}A-Za-z0-9*]")
_DOTTED = re.compile(rf"[{HAN}]{{1,14}}(?:\s?[·.]\s?[{HAN}]{{1,14}}){{1,4}}")
_SYLLABLES: Final = "".join(sorted(lexicon.SYLLABLES))
_HEAD = re.compile(rf"[{_SYLLABLES}]{{1,8}}$")
_PART = re.compile(rf"[{_SYLLABLES}]{{1,10}}")
_MINORITY = re.compile(rf"(?:{_any(tuple(lexicon.MINORITY))}){{2,3}}[{_SYLLABLES}]{{0,2}}|(?:{_any(tuple(lexicon.MINORITY))})[{_SYLLABLES}]{{0,2}}(?=收|先生|女士|小姐|老师|[\s,，:：]?{PHONE_MARK})")
_LABELLED = re.compile(
    rf"(?:(?:收件|收货|联系|寄件|发件|签收|代收|取件|联络|对接|接收|开户|持卡)人|收货方|收件方|户名|姓名|名字|真名|业主|买家|卖家|客户|用户名?|机主|车主)(?:姓名|名字|名称|名)?\s?[:：]\s?"
    rf"(?P<name>[{HAN}]{{2,4}}?)(?=$|[^{HAN}*]|先生|女士|小姐|老师|收|的?电话|手机|地址|联系)"
)
_LATIN = re.compile(
    r"(?:(?:收件|收货|联系|寄件|发件|签收|代收|取件|联络)人|姓名|名字|我叫|我是|本人|找|交给|转交给?|转给|联系|叫|attn|name|[Mm]r|[Mm]s|[Mm]rs|[Mm]iss|[Dd]ear|Dr)[\s:：.是叫]{0,3}"
    r"(?P<left>[A-Z][A-Za-z'\-]{1,14}(?:[ ·.]{1,2}[A-Z][A-Za-z'\-]{0,14}){0,3})(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9])(?P<right>[A-Z][a-z'\-]{1,14}(?: [A-Z][A-Za-z'\-]{0,14}){0,3})\s?(?=先生|女士|小姐|老师|经理|收(?:$|[^货到件费])|亲收|同学)",
    re.IGNORECASE if False else 0,
)
_LATIN_WORDS: Final = frozenset("Apple iPhone VIP EMS OK App APP QQ DHL UPS FedEx SF JD Nike ABC Plus Pro Max Mini TikTok SPA KTV ATM WIFI USB".split())


def find_names(view: str) -> Iterator[tuple[int, int]]:
    """Yield where names of persons stand in a folded text whose other findings are already marked."""
    yield from _dotted(view)
    for match in _LABELLED.finditer(view):
        if not _is_plain_word(match["name"]):
            yield match.span("name")
    for match in _MINORITY.finditer(view):
        yield match.span()
    for match in _LATIN.finditer(view):
        group = "left" if match["left"] else "right"
        if match[group].split(" ")[0] not in _LATIN_WORDS:
            yield match.span(group)
    yield from _weighed(view)


def _weighed(view: str) -> Iterator[tuple[int, int]]:
    cues = {match.end(): _LABEL if match["label"] else _VERB for match in _CUE.finditer(view)}
    place = 0
    while match := _CANDIDATE.search(view, place):
        length = _best_length(view, match, cues)
        if length:
            yield match.start(), match.start() + length
        place = match.start() + (length or 1)


def _best_length(view: str, match: re.Match[str], cues: dict[int, float]) -> int:
    """Return how many code points from a family name on are a name, 0 when none are."""
    start, family = match.start(), match.group()
    if view[start : start + 2] in lexicon.WORDS or _ends_word(view, start, family):
        return 0
    base = _before(view, start, cues) + _weight(family)
    best, best_length = THRESHOLD, 0
    for length in (2, 1):
        given = view[start + len(family) : start + len(family) + length]
        if len(given) == length and _can_be_given(given):
            score = base + _likeness(given) + _after(view, start + len(family) + length)
            if score >= best and (score > best or not best_length):
                best, best_length = score, len(family) + length
    return best_length


def _ends_word(view: str, start: int, family: str) -> bool:
    return start > 0 and view[start - 1] in lexicon.ENDS_WORD.get(family, "")


def _weight(family: str) -> float:
    if len(family) > 1:
        return 1.5
    return -0.5 if family in AMBIGUOUS and family not in COMMON else 1.0


def _before(view: str, start: int, cues: dict[int, float]) -> float:
    cue = cues.get(start, 0.0)
    if cue:
        return cue
    if start == 0 or not _HAN_OR_WORD.match(view[start - 1]):
        return _VERB if _PHONE_BEFORE.search(view, max(0, start - 4), start) else _EDGE
    return 0.0


def _can_be_given(given: str) -> bool:
    if given in lexicon.TITLES or given[0] in lexicon.STOP or not _HAN_LETTER.match(given[0]):
        return False
    if len(given) == 1:
        return given not in lexicon.TITLE_LETTERS
    return given[1] not in lexicon.STOP and _HAN_LETTER.match(given[1]) is not None and given[0] not in lexicon.TITLE_LETTERS


def _likeness(given: str) -> float:
    known = sum(letter in lexicon.GIVEN for letter in given)
    if len(given) == 1:
        return 0.5 if known else -0.75
    return (-0.75, 0.5, 1.5)[known]


def _after(view: str, end: int) -> float:
    if end == len(view):
        return _EDGE
    if _PHONE_NEAR.match(view, end):
        return _VERB
    if _TITLE.match(view, end):
        return 2.5
    if not _HAN_OR_WORD.match(view[end]):
        return _EDGE
    return 0.75 if _WEAK.match(view, end) else 0.0


def _dotted(view: str) -> Iterator[tuple[int, int]]:
    if "·" not in view and "." not in view:
        return
    cues = {match.end() for match in _CUE.finditer(view)}
    for match in _DOTTED.finditer(view):
        dot = min(place for place in range(match.start(), match.end()) if view[place] in "·. ")
        known = [end for end in cues if match.start() <= end < dot]
        head = _HEAD.search(view, match.start(), dot)
        start = max(known, default=head.start() if head else dot)
        last = max(view.rfind("·", dot, match.end()), view.rfind(".", dot, match.end()))
        gap = last + 1 + (view[last + 1] == " ")
        tail = _PART.match(view, gap)
        end = tail.end() if tail else gap
        told = bool(known) or _TITLE.match(view, end) or _PHONE_NEAR.match(view, end) or view[end : end + 1] == "收"
        if start < dot and end > gap and (told or (dot - start >= 2 and end - gap >= 2)):
            yield start, end


def _is_plain_word(text: str) -> bool:
    return text[:2] in lexicon.WORDS or text[:2] in lexicon.NOT_NAMES or text[0] in lexicon.STOP or text in lexicon.BRANDS


__all__ = ["FOUND_MARK", "THRESHOLD", "find_names"]
