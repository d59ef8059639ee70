"""The mask of an address: building, unit, floor, room, phones and names hidden; the way there stays."""

import re
from typing import Final

from midan.core.masking.address_people import HINTS, PEOPLE, PHONE, PHONES
from midan.core.masking.address_words import tokens

HIDDEN: Final = "*"
# Other ways to write an ASCII character or a digit, one code point each.
_FOLD: Final[dict[int, int | str]] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys([*range(0x2460, 0x249C), *range(0x24EA, 0x2500), *range(0x2776, 0x2794)], "1"),
    **dict.fromkeys([*range(0x249C, 0x24EA), *range(0x2160, 0x2189)], "A"),
    **dict.fromkeys([*range(0x3220, 0x322A), *range(0x3280, 0x328A)], "1"),
    **dict.fromkeys([0xB2, 0xB3, 0xB9, *range(0x2070, 0x208A)], "1"),
}
# What one pass hides may uncover a hint for the next. Addresses settle in two or three; text that does not is no
# address and is hidden whole.
_PASSES: Final = 8
_FOLDABLE: Final = re.compile("[" + "".join(map(chr, _FOLD)) + "]")


def fold(text: str) -> str:
    """Return the text with full-width, circled and Roman forms as ASCII, one code point for one."""
    return text.translate(_FOLD) if _FOLDABLE.search(text) else text


def mask_address(text: str) -> str:
    """Return `text` with one `*` for each hidden code point, same length, nothing else changed.

    Hidden: building, unit, floor and room in any writing, house numbers of villages and lanes, phones,
    names of people, and every number that is not clearly part of a road, a distance or a zone. Visible:
    province, city, district, town, road with its number, village, estate. Masking a masked address changes
    nothing.
    """
    for _ in range(_PASSES):
        masked = _once(text)
        if masked == text:
            return masked
        text = masked
    return HIDDEN * len(text)


def _once(text: str) -> str:
    parts: list[str] = []
    at = 0
    for match in tokens().finditer(fold(text)):
        if match.lastindex:
            start, end = match.span()
            parts += (text[at:start], _numbers(match.group()))
            at = end
    parts.append(text[at:])
    masked = "".join(parts)
    if masked.endswith(HIDDEN) and not HINTS.search(masked):
        return masked
    return PEOPLE.sub(_stars, masked).replace(PHONE, HIDDEN)


def _numbers(run: str) -> str:
    """Hide a run of numbers, its phones as `PHONE`: a name stands beside a phone, anything beside a room."""
    if len(run) < 11 or not PHONES.search(run):
        return HIDDEN * len(run)
    hidden, at = "", 0
    for phone in PHONES.finditer(run):
        hidden += HIDDEN * (phone.start() - at) + PHONE * len(phone.group())
        at = phone.end()
    return hidden + HIDDEN * (len(run) - at)


def _stars(match: re.Match[str]) -> str:
    return HIDDEN * len(match.group())
