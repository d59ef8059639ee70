"""Checks one value goes through before its own rule sees it, and the codes a refusal carries."""

import re
from enum import StrEnum
from typing import Final

from midan.collection.rules.identity import holds_identity_number

_CONTROL: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_BLANK: Final = " \u00a0\u2002\u2003\u2009\u200b\u200c\u200d\u3000\ufeff"
_FORMULA: Final = frozenset("=+-@＝＋－＠")
_PLUS_NUMBER: Final = re.compile(r"[+＋][0-9０-９ ()\-]")


class RejectCode(StrEnum):
    """Why a row is refused. Stable; the field rules of core.fields add their own slugs (phone_invalid, …)."""

    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    REPEATED_FIELD = "repeated_field"
    NULL_VALUE = "null_value"
    EMPTY_VALUE = "empty_value"
    NOT_TEXT = "not_text"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    TOO_LONG = "too_long"
    CONTROL_CHARACTER = "control_character"
    FORMULA = "formula_not_allowed"
    IDENTITY_NUMBER = "identity_number_not_allowed"
    UNKNOWN_NOTICE = "unknown_notice"
    MALFORMED_ROW = "malformed_row"
    ORDER_CONFLICT = "order_conflict"
    FIELD_NOT_GRANTED = "field_not_granted"


class Refused(Exception):
    """One value fails one check."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def plain_text(value: object, *, limit: int, empty: bool = False) -> str:
    """Return the value as trimmed text of at most `limit` characters, or raise Refused. Cheap for a huge value."""
    if type(value) is not str:
        raise Refused(RejectCode.NULL_VALUE if value is None else RejectCode.NOT_TEXT)
    if len(value) > limit:
        raise Refused(RejectCode.TOO_LONG)
    if _CONTROL.search(value):
        raise Refused(RejectCode.CONTROL_CHARACTER)
    text = value.strip(_BLANK)
    if not text and not empty:
        raise Refused(RejectCode.EMPTY_VALUE)
    return text


def refuse_formula(text: str, *, phone: bool = False) -> None:
    """Raise Refused for what a spreadsheet would run when the text is opened there."""
    if text and text[0] in _FORMULA and not (phone and _PLUS_NUMBER.match(text)):
        raise Refused(RejectCode.FORMULA)


def refuse_identity(text: str, *, strict: bool = False) -> None:
    """Raise Refused when the text holds an identity number."""
    if holds_identity_number(text, strict=strict):
        raise Refused(RejectCode.IDENTITY_NUMBER)


def whole_number(value: object, *, most: int) -> int:
    """Return the value as a number from 1 to `most`, or raise Refused; True is no number."""
    if value is None:
        raise Refused(RejectCode.NULL_VALUE)
    if type(value) is not int:
        raise Refused(RejectCode.NOT_A_NUMBER)
    if not 1 <= value <= most:
        raise Refused(RejectCode.OUT_OF_RANGE)
    return value
