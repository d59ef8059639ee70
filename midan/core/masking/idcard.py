"""The one mask of an identity number: first two and last two characters stay, everything between is hidden.

It is shown to the person concerned and to real-name clerks only; a label, a barcode and the waybill table never
carry an identity number, not even masked. What is not one number and nothing else (a name beside it, two numbers,
words) is hidden whole: its first and last characters may be a name's.
"""

import re
from typing import Final

from midan.core.fields.folding import fold

KEEP: Final = 2
_SEPARATORS: Final = frozenset(" -\u200b")
_AROUND: Final = " \t\r\n\"'"
# Passports and permits have eight characters and more, an identity card has eighteen at most.
_ONE_NUMBER: Final = re.compile(r"[A-Za-z0-9*Ⅹ×]{8,18}")
_LEAST: Final = 8
_MOST: Final = 18


def mask_id(text: str) -> str:
    """Return `text` with all but its first and last two letters or digits hidden; separators stay."""
    if text.isascii() and text.isalnum() and _LEAST <= len(text) <= _MOST:
        return text[:KEEP] + "*" * (len(text) - 2 * KEEP) + text[-KEEP:]
    plain = fold(text)
    places = [
        place
        for place, letter in enumerate(plain)
        if letter not in _SEPARATORS and letter not in _AROUND and letter not in "()"
    ]
    if not _ONE_NUMBER.fullmatch("".join(plain[place] for place in places)):
        return "".join(letter if letter in " \t\r\n" else "*" for letter in text)
    kept = {*places[:KEEP], *places[-KEEP:]}
    hidden = {*places} - kept
    return "".join("*" if place in hidden else letter for place, letter in enumerate(text))
