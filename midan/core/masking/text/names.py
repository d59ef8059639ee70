"""Names of persons in free text.

A family-name character begins a word far more often than a name, so each candidate (family name and one or two
more characters) is weighed: words before it, words after it, how given-name-like its characters are, how telling
the family name is, whether it starts an everyday word. What reaches THRESHOLD is a name. See docs/ideas/text-masks.md.
"""

import re
from collections.abc import Iterator
from typing import Final

from midan.core.fields.name import HAN
from midan.core.fields.surnames import COMMON, COMPOUND, FREQUENT, SINGLE
from midan.core.masking.text import lexicon
from midan.core.masking.text.spans import FOUND_MARK, PHONE_MARK

THRESHOLD: Final = 3.5
_LABEL, _VERB, _PLACE, _EDGE, _ACT, _TITLED = 3.0, 2.0, 1.5, 1.0, 2.0, 2.5
_WORD_COST: Final = 0.75


def _any(words: list[str] | tuple[str, ...] | frozenset[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))


_AFTER_CUE = rf"(?:{_any(tuple(lexicon.LINKS))})?(?:[\s:：,，(（【\-\"'“]{{0,3}})"
_CUE = re.compile(
    rf"(?:(?P<label>{_any(tuple(lexicon.LABELS))})|(?P<verb>{_any(tuple(lexicon.VERBS))})|(?:{_any(tuple(lexicon.PLACES))}))"
    rf"{_AFTER_CUE}"
)
_CANDIDATE = re.compile(rf"{_any(COMPOUND)}|[{''.join(sorted(SINGLE))}]")
_TITLE = re.compile(rf"[\s,，]?(?:{_any(tuple(lexicon.STRONG_TITLES))})")
_PHONE_NEAR = re.compile(
    rf"[\s,，、:：;；/()（）\-+\u200b。.]{{0,3}}(?:(?:的?电话|手机号?码?|tel|联系方式)[:：是]?\s?)?{PHONE_MARK}"
)
_PHONE_BEFORE = re.compile(rf"{PHONE_MARK}[\s,，、:：;；/()（）\-+]{{0,3}}$")
_ACTS = re.compile(rf"(?:{_any(tuple(lexicon.ACTS))})|家(?=$|[^{HAN}])|收(?=$|[^货到件费取据入集拾好了纳])|总(?=$|[^{HAN}])")
_NEAR = re.compile(rf"[\s,，:：]{{0,2}}{FOUND_MARK}")
_WEAK = re.compile(rf"(?:{_any(tuple(lexicon.WEAK_AFTER))})")
_HAN_LETTER = re.compile(rf"[{HAN}]")
_HAN_OR_WORD = re.compile(rf"[{HAN}A-Za-z0-9*]")
_DOTTED = re.compile(rf"[{HAN}]{{1,14}}(?:\s?[·.]\s?[{HAN}]{{1,14}}){{1,4}}")
_SYLLABLES: Final = "".join(sorted(lexicon.SYLLABLES))
_HEAD = re.compile(rf"[{_SYLLABLES}]{{1,8}}$")
_PART = re.compile(rf"[{_SYLLABLES}]{{1,10}}")
_MINORITY = re.compile(
    rf"(?:{_any(tuple(lexicon.MINORITY))}){{2,3}}[{_SYLLABLES}]{{0,2}}|(?:{_any(tuple(lexicon.MINORITY))})[{_SYLLABLES}]{{0,2}}(?=收|先生|女士|小姐|老师|[\s,，:：]?{PHONE_MARK})"
)
_LABELLED = re.compile(
    rf"(?:(?:收件|收货|联系|寄件|发件|签收|代收|取件|联络|对接|接收|开户|持卡)人|收货方|收件方|户名|姓名|名字|真名|业主|买家|卖家|客户|用户名?|机主|车主)(?:姓名|名字|名称|名)?\s?[:：]\s?"
    rf"(?P<name>[{HAN}]{{2,4}}?)(?=$|[^{HAN}*]|先生|女士|小姐|老师|收|的?电话|手机|地址|联系)"
)
_LATIN = re.compile(
    r"(?:(?:收件|收货|联系|寄件|发件|签收|代收|取件|联络)人|姓名|名字|我叫|我是|本人|找|交给|转交给?|转给|联系|叫|attn|name|[Mm]r|[Mm]s|[Mm]rs|[Mm]iss|[Dd]ear|Dr)[\s:：.是叫]{0,3}"
    r"(?P<left>[A-Z][A-Za-z'\-]{1,14}(?:[ ·.]{1,2}[A-Z][A-Za-z'\-]{0,14}){0,3})(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9])(?P<right>[A-Z][a-z'\-]{1,14}(?: [A-Z][A-Za-z'\-]{0,14}){0,3})\s?(?=先生|女士|小姐|老师|经理|收(?:$|[^货到件费])|亲收|同学)",
)
_LATIN_WORDS: Final = frozenset(
    "Apple iPhone VIP EMS OK App APP QQ DHL UPS FedEx SF JD Nike ABC Plus Pro Max Mini TikTok SPA KTV ATM WIFI USB".split()
)


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
    cues: dict[int, float] = {}
    for match in _CUE.finditer(view):
        cues[match.end()] = _LABEL if match["label"] else _VERB if match["verb"] else _PLACE
    place = 0
    while match := _CANDIDATE.search(view, place):
        length = _best_length(view, match, cues)
        if length:
            yield match.start(), match.start() + length
        place = match.start() + (length or 1)


def _best_length(view: str, match: re.Match[str], cues: dict[int, float]) -> int:
    """Return how many code points from a family name on are a name, 0 when none are."""
    start, family = match.start(), match.group()
    before = _before(view, start, cues)
    if before < _PLACE and start > 0 and view[start - 1] in lexicon.ENDS_WORD.get(family, ""):
        return 0
    rest = view[start + len(family) : start + len(family) + 2]
    if rest in lexicon.TITLES or (rest[:1] == "家" and rest[1:] in lexicon.PLACE_TAILS):
        return 0
    if view[start : start + 3] in lexicon.PERSON_BRANDS:
        return 0
    is_word = view[start : start + 2] in lexicon.WORDS
    best, best_length = THRESHOLD, 0
    for size in (2, 1):
        end = start + len(family) + size
        given = view[start + len(family) : end]
        if len(given) < size or not _can_be_given(given):
            continue
        after = _after(view, end)
        score = before + after + _weight(family, is_word=is_word, told=before > 0) + _likeness(given)
        if is_word and len(family) == 1:
            score = score - _WORD_COST if size == 2 and after > 0 and before + after >= _LABEL else 0.0
        if score >= best and (score > best or not best_length):
            best, best_length = score, len(family) + size
    return best_length


def _weight(family: str, *, is_word: bool, told: bool) -> float:
    if len(family) > 1:
        return 0.0 if is_word else 1.5
    if family in COMMON:
        return 1.0
    return (0.5 if family in FREQUENT else 0.0) - (0.0 if told else 0.5)


def _before(view: str, start: int, cues: dict[int, float]) -> float:
    cue = cues.get(start, 0.0)
    if cue:
        return cue
    if start == 0 or not _HAN_OR_WORD.match(view[start - 1]):
        if _PHONE_BEFORE.search(view, max(0, start - 4), start):
            return _VERB
        return _PLACE if start > 0 and view[start - 1] == FOUND_MARK else _EDGE
    return 0.0


def _can_be_given(given: str) -> bool:
    if given in lexicon.TITLES or any(letter in lexicon.STOP or not _HAN_LETTER.match(letter) for letter in given):
        return False
    if len(given) == 1:
        return given not in lexicon.TITLE_LETTERS and given not in lexicon.SOFT_STOP
    return given[0] not in lexicon.TITLE_LETTERS and not lexicon.SOFT_STOP.issuperset(given)


def _likeness(given: str) -> float:
    known = sum(letter in lexicon.GIVEN and letter not in lexicon.SOFT_STOP for letter in given)
    if len(given) == 1:
        return 0.5 if known else -0.5
    return (-0.75, 0.5, 1.5)[known]


def _after(view: str, end: int) -> float:
    if end == len(view):
        return _EDGE
    if _TITLE.match(view, end):
        return _TITLED
    if _PHONE_NEAR.match(view, end) or _ACTS.match(view, end):
        return _ACT
    if _NEAR.match(view, end):
        return _PLACE
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
        told = (
            bool(known)
            or _TITLE.match(view, end)
            or _PHONE_NEAR.match(view, end)
            or view[end : end + 1] == "收"
        )
        if start < dot and end > gap and (told or (dot - start >= 2 and end - gap >= 2)):
            yield start, end


def _is_plain_word(text: str) -> bool:
    return (
        text[:2] in lexicon.WORDS
        or text[:2] in lexicon.NOT_NAMES
        or text[0] in lexicon.STOP
        or text in lexicon.BRANDS
    )


__all__ = ["FOUND_MARK", "THRESHOLD", "find_names"]
