"""Free text: find what points at a person, and mask just that.

    find(text)                    -> spans (kind, start, end) of phones, identity numbers, cards, plates, e-mail, accounts,
                                     codes of doors, units of a building and names
    mask_text(text)               -> the same length, those spans masked as their fields are
    contains_personal_data(text)  -> whether there is any

Masking repeats until nothing more is found, so masking a masked text changes nothing.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from midan.core.fields.folding import fold
from midan.core.fields.phone import parse_phone
from midan.core.masking.idcard import mask_id
from midan.core.masking.name import mask_name
from midan.core.masking.phone import mask_phone
from midan.core.masking.text.accounts import find_accounts, find_emails
from midan.core.masking.text.documents import find_cards, find_ids, find_plates
from midan.core.masking.text.doors import find_codes
from midan.core.masking.text.names import find_names
from midan.core.masking.text.numbers import find_phones
from midan.core.masking.text.spans import FOUND_MARK, NUMERALS, PHONE_MARK, Kind, Span
from midan.core.masking.text.stretches import WIDTH, mask_by_stretches
from midan.core.masking.text.units import find_units

__all__ = ["Kind", "Span", "contains_personal_data", "find", "mask_text"]

_Finder = Callable[[str], Iterator[tuple[int, int]]]
_TAIL: Final = 4
_LEAST_HIDDEN: Final = 6
# Order matters: an identity number is no card, a card no telephone number; each is marked before the next looks.
_NUMBERS: Final[tuple[tuple[Kind, _Finder], ...]] = (
    (Kind.ID, find_ids),
    (Kind.CARD, find_cards),
    (Kind.PHONE, find_phones),
)
_WRITTEN: Final[tuple[tuple[Kind, _Finder], ...]] = (
    (Kind.EMAIL, find_emails),
    (Kind.PLATE, find_plates),
    (Kind.ACCOUNT, find_accounts),
)
# A telephone number inside an account's name or before an @ is part of it: then these look first.
_GLUED = re.compile(r"[A-Za-z_]-?[0-9]{7}|[0-9]{7}[A-Za-z0-9._]{0,9}\s?@")
_SPELLED = "〇零○洞一二三四五六七八九幺壹贰叁肆伍陆柒捌玖貳參陸拐oOlI"
_SPELLED_ENOUGH = re.compile(rf"[0-9{_SPELLED}](?:[^0-9{_SPELLED}]{{0,8}}[0-9{_SPELLED}]){{6}}")
_LOOKALIKE = re.compile(r"[0-9][oOlI]|[lI][3-9][0-9oOlI]")
_DIGITS_ENOUGH = re.compile(r"[0-9](?:[^0-9]{0,8}[0-9]){6}")
_PLAIN_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_EXTENSION = re.compile(r"转|轉|分机|ext|x", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(r"[A-Za-z0-9]")


def find(text: str) -> tuple[Span, ...]:
    """Return every span found, in order of start; spans may touch and, seldom, overlap."""
    return tuple(sorted(_settle(text)[1], key=lambda span: (span.start, span.end)))


def mask_text(text: str) -> str:
    """Return `text` with what points at a person masked; same length, everything else unchanged."""
    return _masked(text) if len(text) <= WIDTH else mask_by_stretches(text, _masked)


def _masked(text: str) -> str:
    return _settle(text)[0]


def contains_personal_data(text: str) -> bool:
    """Return whether a free text (a reason, a remark) names or reaches a person."""
    return bool(_Reading(text).spans)


def _settle(text: str) -> tuple[str, list[Span]]:
    """Return the masked text and the spans. Only kept digits beside other digits can look like a number anew."""
    reading = _Reading(text)
    spans = reading.spans
    while reading.spans and _DIGITS_ENOUGH.search(reading.masked):
        reading = _Reading(reading.masked)
        spans = spans + reading.spans
    return reading.masked, spans


class _Reading:
    """One pass of all finders over a text: what was found, and the text with it masked."""

    __slots__ = ("masked", "spans", "view")

    def __init__(self, text: str) -> None:
        self.masked = text
        self.view = fold(
            text
        )  # what finders read: findings are replaced by marks, so no later finder sees them
        self.spans: list[Span] = []
        if _GLUED.search(self.view):
            for kind, finder in (_WRITTEN[0], _WRITTEN[-1]):
                self._take(kind, finder(self.view))
        if _DIGITS_ENOUGH.search(self.view):
            for kind, finder in _NUMBERS:
                self._take(kind, finder(self.view))
        if (_SPELLED_ENOUGH.search(self.view) and not self.view.isascii()) or _LOOKALIKE.search(self.view):
            for kind, finder in _NUMBERS:
                self._take(kind, finder(self.view.translate(NUMERALS)))
        if _LETTERS.search(self.view):
            for kind, finder in _WRITTEN:
                self._take(kind, finder(self.view))
        self._take(Kind.CODE, find_codes(self.view))
        self._take(Kind.UNIT, find_units(self.view))
        self._take(Kind.NAME, find_names(self.view))

    def _take(self, kind: Kind, places: Iterator[tuple[int, int]]) -> None:
        for start, end in places:
            shown = self.masked[start:end]
            hidden = _hide(kind, shown)
            if hidden != shown:
                self.spans.append(Span(kind, start, end))
                self.masked = self.masked[:start] + hidden + self.masked[end:]
                mark = PHONE_MARK if kind is Kind.PHONE else FOUND_MARK
                self.view = self.view[:start] + mark * (end - start) + self.view[end:]


def _hide(kind: Kind, text: str) -> str:
    match kind:
        case Kind.PHONE:
            return _hide_phone(text)
        case Kind.CARD:
            return _hide_digits(text)
        case Kind.ID:
            return mask_id(text)
        case Kind.PLATE:
            return text[0] + "".join("*" if letter.isalnum() else letter for letter in text[1:])
        case Kind.NAME:
            return mask_name(text)
        case Kind.EMAIL | Kind.ACCOUNT | Kind.CODE | Kind.UNIT:
            return "*" * len(text)


def _hide_phone(text: str) -> str:
    """Mask as the field is masked; where the field would hide all (spelled, half masked), hide the digits alone."""
    if _PLAIN_MOBILE.fullmatch(text):
        return "*******" + text[7:]
    if parse_phone(text):
        return mask_phone(text)
    mark = _EXTENSION.search(text)
    end = mark.start() if mark else len(text)
    return _hide_digits(text[:end]) + _DIGIT.sub("*", text[end:])


def _hide_digits(text: str) -> str:
    """Hide digits, spelled ones too, but the last four written as digits, and those only if six are hidden."""
    if text.isascii() and text.isdecimal() and len(text) >= _TAIL + _LEAST_HIDDEN:
        return "*" * (len(text) - _TAIL) + text[-_TAIL:]
    plain = fold(text)
    read = plain.translate(NUMERALS)
    places = [place for place, letter in enumerate(read) if letter.isdecimal() or letter in "*xX"]
    kept = {place for place in places[-_TAIL:] if plain[place].isdecimal()}
    if len(places) - _TAIL < _LEAST_HIDDEN:
        kept = set()
    letters = list(text)
    for place in places:
        if place not in kept:
            letters[place] = "*"
    return "".join(letters)
