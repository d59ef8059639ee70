"""What the words before and after a candidate prove: whether this is the name of a person."""

import re
from typing import Final

from midan.core.fields.name import HAN
from midan.core.fields.surnames import COMPOUND, SINGLE
from midan.core.masking.text import lexicon
from midan.core.masking.text.spans import FOUND_MARK, PHONE_MARK

LABEL, VERB, PLACE, EDGE, ACT, TITLED = 3.0, 2.0, 1.5, 1.0, 2.0, 2.5
FIRSTS: Final = "".join(sorted(SINGLE | {family[0] for family in COMPOUND}))


def any_of(words: tuple[str, ...] | frozenset[str]) -> str:
    """Return the pattern of these words, longest first."""
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))


# Words before a name and what they prove; a word in two lists proves the most.
_CUES: Final = (
    dict.fromkeys(lexicon.PLACES, PLACE)
    | dict.fromkeys(lexicon.VERBS, VERB)
    | dict.fromkeys(lexicon.LABELS, LABEL)
)
_LINKS: Final = frozenset(lexicon.LINKS)
_GLUE: Final = frozenset(" :：,，(（【-\"'“\t")
_LONGEST_CUE: Final = max(map(len, _CUES))
_LONGEST_LINK: Final = max(map(len, _LINKS))
_MOST_GLUE: Final = 3
CUE_ENDS: Final = frozenset(word[-1] for word in (*_CUES, *_LINKS)) | _GLUE
_PHONE_BEFORE = re.compile(rf"{PHONE_MARK}[\s,，、:：;；/()（）\-+]{{0,3}}$")
# What may follow a name, most telling first; tried only when the next character begins one of them.
_AFTER = re.compile(
    rf"(?P<titled>{any_of(tuple(lexicon.STRONG_TITLES))})"
    rf"|(?P<act>{any_of(tuple(lexicon.ACTS))}|家(?=$|[^{HAN}*])|收(?=$|[^货到件费取据入集拾好了纳])|总(?=$|[^{HAN}*]))"
    rf"|(?P<pair>(?:和|与|跟|及|或者?)(?=[{FIRSTS}]))"
    rf"|(?P<weak>{any_of(tuple(lexicon.WEAK_AFTER))})"
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
TELLING_STARTS: Final = frozenset(word[0] for word in (*lexicon.STRONG_TITLES, *lexicon.ACTS)) | frozenset(
    "家收总的电手联t"
)
_AFTER_GAP = re.compile(
    rf"[\s,，、:：;；/()（）\-+\u200b。.]{{0,3}}(?:(?:的?电话|手机号?码?|tel|联系方式)[:：是]?\s?)?(?P<phone>{PHONE_MARK})"
    rf"|[\s,，]?(?P<titled>{any_of(tuple(lexicon.STRONG_TITLES))})"
    rf"|[\s,，:：]{{0,2}}(?P<near>{FOUND_MARK})"
)
_SCORES: Final = {"titled": TITLED, "act": ACT, "phone": ACT, "near": PLACE, "pair": EDGE, "weak": 0.75}


def before_name(view: str, start: int) -> float:
    if start == 0:
        return EDGE
    letter = view[start - 1]
    cue = cue_before(view, start) if letter in CUE_ENDS else 0.0
    if cue or letter.isalnum() or letter == "*":
        return cue
    if _PHONE_BEFORE.search(view, max(0, start - 4), start):
        return VERB
    return PLACE if letter == FOUND_MARK else EDGE


def cue_before(view: str, start: int) -> float:
    """Return what the word before `start` proves, looking through punctuation and one linking word."""
    end = start
    while end > start - _MOST_GLUE and end > 0 and view[end - 1] in _GLUE:
        end -= 1
    best = _longest_cue(view, end)
    for size in range(1, min(_LONGEST_LINK, end) + 1):
        if view[end - size : end] in _LINKS:
            best = max(best, _longest_cue(view, end - size))
    return best


def cue_is_one_letter(view: str, end: int) -> bool:
    """Return whether the longest cue that ends here is one letter: it may as well end a word (由于, 给付)."""
    return not any(view[end - size : end] in _CUES for size in range(min(_LONGEST_CUE, end), 1, -1))


def _longest_cue(view: str, end: int) -> float:
    for size in range(min(_LONGEST_CUE, end), 0, -1):
        score = _CUES.get(view[end - size : end])
        if score:
            return score
    return 0.0


def after_name(view: str, end: int) -> float:
    if end == len(view):
        return EDGE
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
    return 0.0 if letter.isalnum() or letter == "*" else EDGE
