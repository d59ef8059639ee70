"""Words that decide whether a family-name character begins a person's name: evidence for, and evidence against.

The lists stand in `lexicon.tsv`, one list over several lines, each introduced by what it means.
"""

from collections import defaultdict
from importlib.resources import files
from typing import Final


def _read() -> dict[str, list[str]]:
    lists: dict[str, list[str]] = defaultdict(list)
    for line in files(__package__).joinpath("lexicon.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            name, words = line.split("\t")
            lists[name] += words.split(" ")
    return lists


_LISTS: Final = _read()


def _words(name: str) -> tuple[str, ...]:
    return tuple(_LISTS[name])


def _letters(name: str) -> frozenset[str]:
    return frozenset("".join(_LISTS[name]))


GIVEN: Final = _letters("given")
TELLING: Final = _letters("telling")
STOP: Final = _letters("stop")
SOFT_STOP: Final = _letters("soft_stop")
NEVER_LAST: Final = _letters("never_last")
NUMERALS: Final = _letters("numerals")
TITLES: Final = frozenset(_words("titles"))
TITLE_LETTERS: Final = _letters("title_letters")
WORDS: Final = frozenset(_words("words"))
LABELS: Final = _words("labels")
VERBS: Final = _words("verbs")
PLACES: Final = _words("places")
LINKS: Final = _words("links")
STRONG_TITLES: Final = _words("strong_titles")
ACTS: Final = _words("acts")
WEAK_AFTER: Final = _words("weak_after")
SYLLABLES: Final = _letters("syllables")
MINORITY: Final = _words("minority")
BRANDS: Final = frozenset(_words("brands"))
PERSON_BRANDS: Final = frozenset(_words("person_brands"))
PLACE_TAILS: Final = _letters("place_tails")
NOT_NAMES: Final = frozenset(_words("not_names"))

# A family-name character that ends a word with the letter before it: 下周, 浙江, 中山路.
ENDS_WORD: Final = {words[0]: frozenset(words[1:]) for words in _words("ends_word")}
