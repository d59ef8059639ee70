"""The one mask of a name: the family name stays, the given name is hidden, at least one character always.

GB/T 41833-2022 asks that one or more Han characters of a name be hidden. Where the family name cannot be told
(a middle dot, Latin letters, five Han characters and more) only the first letter stays. A company's name keeps its
beginning and its legal ending; as it may begin with its owner's name, only one character stays of a family name.
Whatever does not look like a name is hidden but for a leading family name. Spaces and middle dots stay.
"""

import re
from typing import Final

from midan.core.fields.folding import fold
from midan.core.fields.name import HAN, company_ending
from midan.core.fields.surnames import COMPOUND, surname_length

_PLAIN = re.compile(rf"[{HAN}]{{1,4}}")
_HAN_LETTER = re.compile(rf"[{HAN}]")
_WIDEST_PLAIN: Final = 4
_STAYS: Final = frozenset(" \u3000\t·•・‧・．")


def mask_name(text: str) -> str:
    """Return `text` with everything but the family name hidden; same length."""
    if _PLAIN.fullmatch(text):
        length = len(text)
        if length == 1:
            return "*"
        if length > 2 and text[:2] in COMPOUND:
            keep = 2 if length > 3 or text[:3] not in COMPOUND else 1
            return text[:keep] + "*" * (length - keep)
        if length < _WIDEST_PLAIN or not company_ending(text):
            return text[0] + "*" * (length - 1)
    return _mask_other(text)


def _mask_other(text: str) -> str:
    start = len(text) - len(text.lstrip())
    body = text.strip()
    if not body:
        return text
    ending = company_ending(body)
    head = _head(body, company=bool(ending))
    hidden = body[head : len(body) - len(ending)]
    middle = "".join(letter if letter in _STAYS else "*" for letter in hidden)
    return f"{text[:start]}{body[:head]}{middle}{ending}{text[start + len(body) :]}"


def _head(body: str, *, company: bool) -> int:
    """Return how many leading code points stay."""
    if not body[0].isalpha() or _letters(body) == 1:
        return 0
    surname = surname_length(body)
    if company:
        return 1 if surname else 2
    if surname > 1 and _letters(body[surname:]) and "·" not in fold(body):
        return surname
    return 1 if surname or not _HAN_LETTER.match(body) or _WHOLE.fullmatch(body) else 0


def _letters(text: str) -> int:
    """Count what a name consists of, hidden or not: something of it must go, punctuation is not enough."""
    return sum(letter.isalnum() or letter == "*" for letter in text)


_WHOLE = re.compile(rf"[{HAN}][{HAN}*]*(?:[ \u3000·•・‧・．.]+[{HAN}*]+)*")
