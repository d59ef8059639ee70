"""A course as it is written down: one TOML file with its pages, its questions and the numbers of its exam.

    slug = "privacy-policy"      required = true     # everybody with an account owes it
    title = ["中文", "English"]
    draw = 20    pass_percent = 80    minutes = 30    attempts = 3 (in 24 hours)    days = 365 (a pass holds)
    [[page]]      title = ["…", "…"]    zh = \"\"\"…\"\"\"    en = \"\"\"…\"\"\"
    [[question]]  clause = "G1"    zh = ["question", "right", "wrong", …]    en = [the same in English]

The right answer is written first; an exam shows the options in an order of its own. What was published is kept byte for
byte and never changed: an exam belongs to the edition it was drawn from.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any, Final

from midan.duties.errors import BadCourse

Pair = tuple[str, str]
Drawn = tuple[int, tuple[int, ...]]
_HEAD: Final = {"slug", "required", "title", "draw", "pass_percent", "minutes", "attempts", "days"}
_LIMITS: Final[Mapping[str, tuple[int, int]]] = {
    "draw": (1, 100),
    "pass_percent": (50, 100),
    "minutes": (1, 240),
    "attempts": (1, 10),
    "days": (1, 365),
}
LONGEST: Final = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    title: Pair
    body: Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`options` are pairs of Chinese and English; the first is right."""

    clause: str
    ask: Pair
    options: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    slug: str
    required: bool
    title: Pair
    draw: int
    pass_percent: int
    minutes: int
    attempts: int
    days: int
    pages: tuple[Page, ...]
    questions: tuple[Question, ...]

    def passes(self, right: int) -> bool:
        """Return whether so many right answers of a whole draw are enough."""
        return right * 100 >= self.pass_percent * self.draw


def place(lang: str) -> int:
    """Return which half of a pair a reader of this language reads."""
    return 1 if lang == "en" else 0


@lru_cache(maxsize=16)
def parse(text: str) -> Course:
    """Read a course; raise BadCourse naming the first place that is wrong."""
    if len(text) > LONGEST:
        raise BadCourse("too_long")
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise BadCourse("not_toml") from None
    if set(found) - _HEAD - {"page", "question"}:
        raise BadCourse("unknown_key")
    slug, required = found.get("slug"), found.get("required")
    if not (isinstance(slug, str) and slug.isascii() and slug.replace("-", "").isalnum() and len(slug) <= 32):
        raise BadCourse("slug")
    if not isinstance(required, bool):
        raise BadCourse("required")
    numbers = {name: _number(found, name) for name in _LIMITS}
    pages = tuple(_page(one, f"page {at}") for at, one in enumerate(_tables(found, "page"), 1))
    questions = tuple(
        _question(one, f"question {at}") for at, one in enumerate(_tables(found, "question"), 1)
    )
    if numbers["draw"] > len(questions):
        raise BadCourse("draw")
    title = _pair(found.get("title"), "title")
    return Course(slug=slug, required=required, title=title, pages=pages, questions=questions, **numbers)


def draw(course: Course, random: Random) -> tuple[Drawn, ...]:
    """Return the questions of one exam: which, and in which order each one's options stand."""
    chosen = random.sample(range(len(course.questions)), course.draw)
    return tuple((at, _shuffled(len(course.questions[at].options), random)) for at in chosen)


def count_right(drawn: Sequence[Drawn], answers: Sequence[int]) -> int:
    """Return how many answers, given as places among the options shown, are right; a missing one is -1."""
    return sum(
        0 <= answer < len(order) and order[answer] == 0
        for (_, order), answer in zip(drawn, answers, strict=True)
    )


def _shuffled(count: int, random: Random) -> tuple[int, ...]:
    order = list(range(count))
    random.shuffle(order)
    return tuple(order)


def _number(found: Mapping[str, Any], name: str) -> int:
    value, (least, most) = found.get(name), _LIMITS[name]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadCourse(name)
    return value


def _tables(found: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    tables = found.get(name)
    if not isinstance(tables, list) or not tables or not all(isinstance(one, dict) for one in tables):
        raise BadCourse("empty", name)
    return tables


def _page(table: Mapping[str, Any], at: str) -> Page:
    if set(table) != {"title", "zh", "en"}:
        raise BadCourse("keys", at)
    body = _pair([table["zh"], table["en"]], at)
    return Page(title=_pair(table["title"], at), body=body)


def _question(table: Mapping[str, Any], at: str) -> Question:
    if set(table) != {"clause", "zh", "en"} or not isinstance(table["clause"], str):
        raise BadCourse("keys", at)
    zh, en = table["zh"], table["en"]
    whole = isinstance(zh, list) and isinstance(en, list) and len(zh) == len(en) >= 3
    if not whole or len({str(one) for one in zh}) != len(zh) or len({str(one) for one in en}) != len(en):
        raise BadCourse("options", at)
    pairs = tuple(_pair([one, other], at) for one, other in zip(zh, en, strict=True))
    return Question(clause=table["clause"], ask=pairs[0], options=pairs[1:])


def _pair(value: object, at: str) -> Pair:
    if not isinstance(value, list) or len(value) != 2:
        raise BadCourse("languages", at)
    zh, en = value
    if not (isinstance(zh, str) and isinstance(en, str) and zh.strip() and en.strip()):
        raise BadCourse("languages", at)
    return zh.strip(), en.strip()
