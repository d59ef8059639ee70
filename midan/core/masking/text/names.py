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
from midan.core.masking.text.evidence import (
    CUE_ENDS,
    FIRSTS,
    LABEL,
    PLACE,
    TELLING_STARTS,
    TITLED,
    VERB,
    after_name,
    any_of,
    before_name,
    cue_before,
    cue_is_one_letter,
)
from midan.core.masking.text.other_names import find_other_names

THRESHOLD: Final = 3.5
_KNOWN: Final = lexicon.GIVEN - lexicon.SOFT_STOP
_PLACE_END = re.compile(r"(?<=..)(?:[市县区盟旗]|地区|自治[州县旗]|新区)$")
_PAIR: Final = 2
_WORD_COST: Final = 0.75
_NO_GIVEN: Final = "".join(sorted(lexicon.STOP | lexicon.TITLE_LETTERS))
_ODD_COMPOUNDS: Final = frozenset(family for family in COMPOUND if family[1] in _NO_GIVEN)
_CANDIDATE = re.compile(rf"[{FIRSTS}](?=(?![{_NO_GIVEN}])[{HAN}])|{any_of(_ODD_COMPOUNDS)}")


def find_names(view: str) -> Iterator[tuple[int, int]]:
    """Yield where names of persons stand in a folded text whose other findings are already marked."""
    yield from find_other_names(view)
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
    return letter not in CUE_ENDS and letter.isalnum()


def _is_untold(view: str, start: int) -> bool:
    """Return whether nothing telling can follow a name of two or three letters that nothing announces."""
    if view[start : start + 2] in COMPOUND or (
        view[start] in COMMON and lexicon.TELLING.issuperset(view[start + 1 : start + 3])
    ):
        return False
    if len(view) < start + 4:
        return False
    third, fourth = view[start + 2], view[start + 3]
    return (
        third not in TELLING_STARTS and fourth not in TELLING_STARTS and third.isalnum() and fourth.isalnum()
    )


def _best_length(view: str, start: int, family: str, *, is_word: bool) -> int:
    """Return how many code points from a family name on are a name, 0 when none are."""
    before = before_name(view, start)
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
        if base + likeness + TITLED < best:
            continue
        after = after_name(view, end)
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
        told = max(before, after) >= TITLED and after_letter != "的"
    return told and before + after >= LABEL


@cache
def _places() -> frozenset[str]:
    """Return names of cities and districts that begin like a name of a person, with and without their last word."""
    names = {name for division in all_districts() for name in (division.city, division.district)}
    names |= {_PLACE_END.sub("", name) for name in names}
    return frozenset(name[:4] for name in names if len(name) > 1 and name[0] in FIRSTS)


@cache
def _words() -> frozenset[str]:
    return lexicon.WORDS | {name for name in _places() if len(name) == _PAIR}


def _is_something_else(view: str, start: int, family: str, before: float) -> bool:
    """Return whether this ends a word or a cue, or is a form of address, a village, a town or a trade mark."""
    if (
        start > 0
        and view[start - 1] in lexicon.ENDS_WORD.get(family, "")
        and (before < PLACE or (family not in COMMON and cue_is_one_letter(view, start)))
    ):
        return True
    places = _places()
    if before < LABEL and (view[start : start + 3] in places or view[start : start + 4] in places):
        return True
    if (
        family not in COMMON
        and len(family) == 1
        and view[start + 1] in SINGLE
        and cue_before(view, start + 1) >= VERB
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
    """Return how much the given name looks like one: usual letters, and letters that hardly occur elsewhere."""
    first = given[0]
    if len(given) == 1:
        return 1.5 if first in lexicon.TELLING else 0.5 if first in _KNOWN else -0.5
    last = given[1]
    known = (first in _KNOWN) + (last in _KNOWN)
    return (-0.75, 0.5, 1.5)[known] + 0.75 * ((first in lexicon.TELLING) + (last in lexicon.TELLING))
