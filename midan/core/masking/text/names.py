"""Names of persons in free text.

A family-name character begins a word far more often than a name, so each candidate (family name and one or two
more characters) is weighed: words before it, words after it, how given-name-like its characters are, how telling
the family name is, whether it starts an everyday word. What reaches THRESHOLD is a name. See docs/ideas/text-masks.md.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from midan.core.fields.divisions import all_districts
from midan.core.fields.name import HAN
from midan.core.fields.surnames import COMMON, COMPOUND, FREQUENT, LONGEST, SINGLE, surname_length
from midan.core.masking.text import lexicon
from midan.core.masking.text.spans import FOUND_MARK, PHONE_MARK

THRESHOLD: Final = 3.5
_LABEL, _VERB, _PLACE, _EDGE, _ACT, _TITLED = 3.0, 2.0, 1.5, 1.0, 2.0, 2.5
_KNOWN: Final = lexicon.GIVEN - lexicon.SOFT_STOP
_PLACE_END = re.compile(r"(?<=..)(?:[市县区盟旗]|地区|自治[州县旗]|新区)$")
_CAPITAL = re.compile(r"[A-Z][A-Za-z]")
_DOT = re.compile(r"[\u2e80-\U000323af]\s?[·.]\s?[\u2e80-\U000323af]")
_PAIR: Final = 2
_WORD_COST: Final = 0.75


def _any(words: list[str] | tuple[str, ...] | frozenset[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))


# Words before a name and what they prove; a word in two lists proves the most.
_CUES: Final = (
    dict.fromkeys(lexicon.PLACES, _PLACE)
    | dict.fromkeys(lexicon.VERBS, _VERB)
    | dict.fromkeys(lexicon.LABELS, _LABEL)
)
_LINKS: Final = frozenset(lexicon.LINKS)
_GLUE: Final = frozenset(" :：,，(（【-\"'“\t")
_LONGEST_CUE: Final = max(map(len, _CUES))
_LONGEST_LINK: Final = max(map(len, _LINKS))
_MOST_GLUE: Final = 3
_CUE_ENDS: Final = frozenset(word[-1] for word in (*_CUES, *_LINKS)) | _GLUE
_NO_GIVEN: Final = "".join(sorted(lexicon.STOP | lexicon.TITLE_LETTERS))
_FIRSTS: Final = "".join(sorted(SINGLE | {family[0] for family in COMPOUND}))
_ODD_COMPOUNDS: Final = frozenset(family for family in COMPOUND if family[1] in _NO_GIVEN)
_CANDIDATE = re.compile(rf"[{_FIRSTS}](?=(?![{_NO_GIVEN}])[{HAN}])|{_any(_ODD_COMPOUNDS)}")
_PHONE_BEFORE = re.compile(rf"{PHONE_MARK}[\s,，、:：;；/()（）\-+]{{0,3}}$")
# What may follow a name, most telling first; tried only when the next character begins one of them.
_AFTER = re.compile(
    rf"(?P<titled>{_any(tuple(lexicon.STRONG_TITLES))})"
    rf"|(?P<act>{_any(tuple(lexicon.ACTS))}|家(?=$|[^{HAN}])|收(?=$|[^货到件费取据入集拾好了纳])|总(?=$|[^{HAN}]))"
    rf"|(?P<pair>(?:和|与|跟|及|或者?)(?=[{_FIRSTS}]))"
    rf"|(?P<weak>{_any(tuple(lexicon.WEAK_AFTER))})"
)
_AFTER_WORDS: Final = (
    *lexicon.STRONG_TITLES,
    *lexicon.ACTS,
    *lexicon.WEAK_AFTER,
    "家",
    "收",
    "总",
    "或",
    "及",
)
_AFTER_STARTS: Final = frozenset(word[0] for word in _AFTER_WORDS)
_TELLING_STARTS: Final = frozenset(word[0] for word in (*lexicon.STRONG_TITLES, *lexicon.ACTS)) | frozenset(
    "家收总的电手联t"
)
_AFTER_GAP = re.compile(
    rf"[\s,，、:：;；/()（）\-+\u200b。.]{{0,3}}(?:(?:的?电话|手机号?码?|tel|联系方式)[:：是]?\s?)?(?P<phone>{PHONE_MARK})"
    rf"|[\s,，]?(?P<titled>{_any(tuple(lexicon.STRONG_TITLES))})"
    rf"|[\s,，:：]{{0,2}}(?P<near>{FOUND_MARK})"
)
_SCORES: Final = {"titled": _TITLED, "act": _ACT, "phone": _ACT, "near": _PLACE, "pair": _EDGE, "weak": 0.75}
_DOTTED = re.compile(rf"[{HAN}]{{1,14}}(?:\s?[·.]\s?[{HAN}]{{1,14}}){{1,4}}")
_SYLLABLES: Final = "".join(sorted(lexicon.SYLLABLES))
_HEAD = re.compile(rf"[{_SYLLABLES}]{{1,8}}$")
_PART = re.compile(rf"[{_SYLLABLES}]{{1,10}}")
_MINORITY = re.compile(
    rf"(?:{_any(tuple(lexicon.MINORITY))})(?:(?:{_any(tuple(lexicon.MINORITY))}){{1,2}}[{_SYLLABLES}]{{0,2}}"
    rf"|[{_SYLLABLES}]{{0,2}}(?=收|先生|女士|小姐|老师|[\s,，:：]?{PHONE_MARK}))"
)
_LABELLED = re.compile(
    rf"(?:(?:收件|收货|联系|寄件|发件|签收|代收|取件|联络|对接|接收|开户|持卡)人|收货方|收件方|户名|姓名|名字|真名|业主|买家|卖家|客户|用户名?|机主|车主)(?:姓名|名字|名称|名)?\s?[:：]\s?"
    rf"(?P<name>[{HAN}]{{2,4}}?)(?=$|[^{HAN}*]|先生|女士|小姐|老师|收|的?电话|手机|地址|联系)"
)
_LATIN_NAME = r"[A-Z][A-Za-z'\-]{1,14}(?:[ ·.]{1,2}[A-Z][A-Za-z'\-]{0,14}){0,3}"
_LATIN = re.compile(
    r"(?:(?:收件|收货|联系|寄件|发件|签收|代收|取件|联络)人|姓名|名字|我叫|我是|本人|找|交给|转交给?|转给|联系|叫|前台|门卫"
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
    | {"Plus", "Pro", "Max", "Mini", "TikTok", "SPA", "KTV", "ATM", "WIFI"}
)


def find_names(view: str) -> Iterator[tuple[int, int]]:
    """Yield where names of persons stand in a folded text whose other findings are already marked."""
    if _DOT.search(view):
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
    yield from _weighed(view)


def _weighed(view: str) -> Iterator[tuple[int, int]]:
    place = 0
    words = _words()
    for match in _CANDIDATE.finditer(view):
        start = match.start()
        is_word = view[start : start + 2] in words
        if start < place or (start and _is_inside(view[start - 1]) and (is_word or _is_untold(view, start))):
            continue
        size = surname_length(view[start : start + LONGEST])
        length = _best_length(view, start, view[start : start + size], is_word=is_word) if size else 0
        if length:
            yield start, start + length
            place = start + length


def _is_inside(letter: str) -> bool:
    """Return whether the letter before a word says nothing: it neither ends a cue nor is it an edge."""
    return letter not in _CUE_ENDS and letter.isalnum()


def _is_untold(view: str, start: int) -> bool:
    """Return whether nothing telling can follow a name of two or three letters that nothing announces."""
    if view[start : start + 2] in COMPOUND:
        return False
    return all(
        letter.isalnum() and letter not in _TELLING_STARTS for letter in view[start + 2 : start + 4]
    ) and (len(view) >= start + 4)


def _best_length(view: str, start: int, family: str, *, is_word: bool) -> int:
    """Return how many code points from a family name on are a name, 0 when none are."""
    before = _before(view, start)
    if (is_word and not before) or _is_something_else(view, start, family, before):
        return 0
    base = before + _weight(family, is_word=is_word, told=before > 0)
    best, best_length = THRESHOLD, 0
    for size in (2, 1):
        end = start + len(family) + size
        given = view[start + len(family) : end]
        if len(given) < size or not _can_be_given(given, family):
            continue
        likeness = _likeness(given)
        if base + likeness + _TITLED < best:
            continue
        after = _after(view, end)
        score = base + likeness + after
        if is_word and len(family) == 1:
            told = _despite_word(view[start:end], view[end : end + 1], before=before, after=after)
            score = score - _WORD_COST if told else 0.0
        if score >= best and (score > best or not best_length):
            best, best_length = score, len(family) + size
    return best_length


def _despite_word(name: str, after_letter: str, *, before: float, after: float) -> bool:
    """Return whether a name that begins like a word is told as one: 白云飞 like 白云, 高明 like the district."""
    told = len(name) > _PAIR and after > 0
    if not told and name in _places():
        told = max(before, after) >= _TITLED and after_letter != "的"
    return told and before + after >= _LABEL


@cache
def _places() -> frozenset[str]:
    """Return names of cities and districts that begin like a name of a person, with and without their last word."""
    names = {name for division in all_districts() for name in (division.city, division.district)}
    names |= {_PLACE_END.sub("", name) for name in names}
    return frozenset(name[:4] for name in names if len(name) > 1 and name[0] in _FIRSTS)


@cache
def _words() -> frozenset[str]:
    return lexicon.WORDS | {name for name in _places() if len(name) == _PAIR}


def _is_something_else(view: str, start: int, family: str, before: float) -> bool:
    """Return whether this ends a word or a cue, or is a form of address, a village, a town or a trade mark."""
    if before < _PLACE and start > 0 and view[start - 1] in lexicon.ENDS_WORD.get(family, ""):
        return True
    places = _places()
    if before < _LABEL and (view[start : start + 3] in places or view[start : start + 4] in places):
        return True
    if (
        family not in COMMON
        and len(family) == 1
        and view[start + 1] in SINGLE
        and _cue(view, start + 1) >= _VERB
    ):
        return True
    rest = view[start + len(family) : start + len(family) + 2]
    if rest in lexicon.TITLES or (rest[:1] == "家" and rest[1:] in lexicon.PLACE_TAILS):
        return True
    return view[start : start + 3] in lexicon.PERSON_BRANDS


def _weight(family: str, *, is_word: bool, told: bool) -> float:
    if len(family) > 1:
        return 0.0 if is_word else 1.5
    if family in COMMON:
        return 1.0
    return (0.5 if family in FREQUENT else 0.0) - (0.0 if told else 0.5)


def _before(view: str, start: int) -> float:
    if start == 0:
        return _EDGE
    letter = view[start - 1]
    cue = _cue(view, start) if letter in _CUE_ENDS else 0.0
    if cue or letter.isalnum() or letter == "*":
        return cue
    if _PHONE_BEFORE.search(view, max(0, start - 4), start):
        return _VERB
    return _PLACE if letter == FOUND_MARK else _EDGE


def _cue(view: str, start: int) -> float:
    """Return what the word before `start` proves, looking through punctuation and one linking word."""
    end = start
    while end > start - _MOST_GLUE and end > 0 and view[end - 1] in _GLUE:
        end -= 1
    best = _longest_cue(view, end)
    for size in range(1, min(_LONGEST_LINK, end) + 1):
        if view[end - size : end] in _LINKS:
            best = max(best, _longest_cue(view, end - size))
    return best


def _longest_cue(view: str, end: int) -> float:
    for size in range(min(_LONGEST_CUE, end), 0, -1):
        score = _CUES.get(view[end - size : end])
        if score:
            return score
    return 0.0


def _can_be_given(given: str, family: str) -> bool:
    if given in lexicon.TITLES or not lexicon.STOP.isdisjoint(given) or not _is_han(given):
        return False
    if given[0] in lexicon.TITLE_LETTERS or lexicon.SOFT_STOP.issuperset(given):
        return False
    if given[1:] in lexicon.NEVER_LAST and given[1:]:
        return False
    return family in COMMON or len(family) > 1 or lexicon.NUMERALS.isdisjoint(given)


def _is_han(text: str) -> bool:
    return text.isalpha() and min(text) > "\u2fff"


def _likeness(given: str) -> float:
    known = sum(letter in _KNOWN for letter in given)
    if len(given) == 1:
        return 0.5 if known else -0.5
    return (-0.75, 0.5, 1.5)[known]


def _after(view: str, end: int) -> float:
    if end == len(view):
        return _EDGE
    letter = view[end]
    if letter in _AFTER_STARTS:
        match = _AFTER.match(view, end)
        if match:
            return _SCORES[match.lastgroup or ""]
    if letter.isalnum() and letter not in "的电手联t":
        return 0.0
    match = _AFTER_GAP.match(view, end)
    if match:
        return _SCORES[match.lastgroup or ""]
    return 0.0 if letter.isalnum() or letter == "*" else _EDGE


def _dotted(view: str) -> Iterator[tuple[int, int]]:
    for match in _DOTTED.finditer(view):
        dot = min(place for place in range(match.start(), match.end()) if view[place] in "·. ")
        known = [place for place in range(match.start(), dot) if place and _cue(view, place)]
        head = _HEAD.search(view, match.start(), dot)
        start = max(known, default=head.start() if head else dot)
        last = max(view.rfind("·", dot, match.end()), view.rfind(".", dot, match.end()))
        gap = last + 1 + (view[last + 1] == " ")
        tail = _PART.match(view, gap)
        end = tail.end() if tail else gap
        told = bool(known) or (end < len(view) and _after(view, end) >= _PLACE)
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
