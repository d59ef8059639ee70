"""Free text: find what points at a person, and mask just that.

    find(text)                    -> spans (kind, start, end) of phones, identity numbers, cards, plates, e-mail, accounts,
                                     units of a building and names
    mask_text(text)               -> the same length, those spans masked as their fields are
    contains_personal_data(text)  -> whether there is any

Masking repeats until nothing more is found, so masking a masked text changes nothing.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from midan.core.fields.folding import fold
from midan.core.masking.idcard import mask_id
from midan.core.masking.name import mask_name
from midan.core.masking.text.accounts import find_accounts, find_emails
from midan.core.masking.text.documents import find_cards, find_ids, find_plates
from midan.core.masking.text.names import find_names
from midan.core.masking.text.numbers import find_phones
from midan.core.masking.text.spans import FOUND_MARK, NUMERALS, PHONE_MARK, Kind, Span
from midan.core.masking.text.units import find_units

__all__ = ["Kind", "Span", "contains_personal_data", "find", "mask_text"]

_Finder = Callable[[str], Iterator[tuple[int, int]]]
_TAIL: Final = 4
_LEAST_HIDDEN: Final = 6
_FIRST: Final[tuple[tuple[Kind, _Finder], ...]] = (
    (Kind.ID, find_ids),
    (Kind.CARD, find_cards),
    (Kind.PHONE, find_phones),
)
_SPELLED = re.compile(r"[〇零○洞一二三四五六七八九幺壹贰叁肆伍陆柒捌玖貳參陸拐oOlI]")
_LOOKALIKE = re.compile(r"[0-9][oOlI|]|[lI|][3-9][0-9oOlI|]")
_DIGITS_ENOUGH = re.compile(r"[0-9](?:[^0-9]{0,4}[0-9]){4}")
_LETTERS = re.compile(r"[A-Za-z0-9]")


def find(text: str) -> tuple[Span, ...]:
    """Return every span found, in order of start; spans may touch and, seldom, overlap."""
    return tuple(sorted(_settle(text)[1], key=lambda span: (span.start, span.end)))


def mask_text(text: str) -> str:
    """Return `text` with what points at a person masked; same length, everything else unchanged."""
    return _settle(text)[0]


def contains_personal_data(text: str) -> bool:
    """Return whether a free text (a reason, a remark) names or reaches a person."""
    return bool(_scan(text))


def _settle(text: str) -> tuple[str, list[Span]]:
    found: list[Span] = []
    while spans := _scan(text):
        masked = _apply(text, spans)
        if masked == text:
            break
        found += spans
        text = masked
    return text, found


def _scan(text: str) -> list[Span]:
    view = fold(text)
    spans: list[Span] = []
    if _DIGITS_ENOUGH.search(view):
        for kind, finder in _FIRST:
            view = _take(view, kind, finder(view), spans, text)
    if _LOOKALIKE.search(view) or len(_SPELLED.findall(view)) >= 3:
        view = _spelled(view, spans, text)
    if _LETTERS.search(view):
        view = _take(view, Kind.EMAIL, find_emails(view), spans, text)
        view = _take(view, Kind.PLATE, find_plates(view), spans, text)
        view = _take(view, Kind.ACCOUNT, find_accounts(view), spans, text)
    view = _take(view, Kind.UNIT, find_units(view), spans, text)
    _take(view, Kind.NAME, find_names(view), spans, text)
    return spans


def _spelled(view: str, spans: list[Span], text: str) -> str:
    """Look again with 一三八, 壹叁捌, 幺 and o read as digits; marks already set stay."""
    read = view.translate(NUMERALS)
    for kind, finder in _FIRST:
        for start, end in list(finder(read)):
            spans.append(Span(kind, start, end))
            mark = PHONE_MARK if kind is Kind.PHONE else FOUND_MARK
            view = view[:start] + mark * (end - start) + view[end:]
            read = read[:start] + mark * (end - start) + read[end:]
    return view


def _take(view: str, kind: Kind, places: Iterator[tuple[int, int]], spans: list[Span], text: str) -> str:
    """Add what a finder saw, unless it is hidden already, and return the view with it marked."""
    for start, end in list(places):
        span = Span(kind, start, end)
        if _hide(kind, text[start:end]) != text[start:end]:
            spans.append(span)
            view = (
                view[:start] + (PHONE_MARK if kind is Kind.PHONE else FOUND_MARK) * (end - start) + view[end:]
            )
    return view


def _apply(text: str, spans: list[Span]) -> str:
    letters = list(text)
    for span in spans:
        for place, letter in enumerate(_hide(span.kind, text[span.start : span.end]), span.start):
            if letter == "*":
                letters[place] = "*"
    return "".join(letters)


def _hide(kind: Kind, text: str) -> str:
    match kind:
        case Kind.PHONE:
            return _hide_digits(text, least=_LEAST_HIDDEN)
        case Kind.CARD:
            return _hide_digits(text, least=_LEAST_HIDDEN)
        case Kind.ID:
            return mask_id(text)
        case Kind.PLATE:
            return text[0] + "".join(
                "*" if _LETTERS.match(letter) or letter in "挂学警港澳使领超试" else letter
                for letter in fold(text)[1:]
            )
        case Kind.NAME:
            return mask_name(text)
        case Kind.EMAIL | Kind.ACCOUNT | Kind.UNIT:
            return "*" * len(text)


def _hide_digits(text: str, *, least: int) -> str:
    """Hide digits, spelled ones too, but the last four written as digits, and those only if enough is hidden."""
    read = fold(text).translate(NUMERALS)
    places = [place for place, letter in enumerate(read) if letter.isdecimal() or letter in "*xX"]
    kept = set(places[-_TAIL:]) if len(places) - _TAIL >= least else set()
    plain = fold(text)
    return "".join(
        "*" if place in hidden and not (place in kept and plain[place].isdecimal()) else letter
        for hidden in [frozenset(places)]
        for place, letter in enumerate(text)
    )
