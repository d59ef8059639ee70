"""The one mask of an identity number: first two and last two characters stay, everything between is hidden.

It is shown to the person concerned and to real-name clerks only; a label, a barcode and the waybill table never
carry an identity number, not even masked.
"""

from typing import Final

KEEP: Final = 2
_SEPARATORS: Final = frozenset(" -")
_LEAST: Final = (
    8  # passports and permits start here; anything shorter is no identity number and is hidden whole
)


def mask_id(text: str) -> str:
    """Return `text` with all but its first and last two letters or digits hidden; separators stay."""
    if text.isascii() and text.isalnum() and len(text) >= _LEAST:
        return text[:KEEP] + "*" * (len(text) - 2 * KEEP) + text[-KEEP:]
    places = [place for place, letter in enumerate(text) if letter not in _SEPARATORS]
    kept = {*places[:KEEP], *places[-KEEP:]} if len(places) >= _LEAST else set()
    return "".join(
        letter if (place in kept and letter.isalnum()) or (letter in _SEPARATORS and kept) else "*"
        for place, letter in enumerate(text)
    )
