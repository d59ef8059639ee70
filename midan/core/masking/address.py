"""The mask of an address: building, unit, floor, room, phones and names hidden; the way there stays."""

import re
from typing import Final

from midan.core.masking.address_people import HINTS, OTHER_HINTS, OTHERS, PEOPLE, PHONE, PHONES
from midan.core.masking.address_words import HAN, tokens

HIDDEN: Final = "*"
# Traditional characters of words the rules read, and the simplified ones.
_TRADITIONAL: Final = (
    "號樓棟單層戶門間鋪舖區鄉鎮縣東後莊隊組團連營臺灣橋對頂夾閣負陸貳參庫倉車檔"
    "攤櫃辦寫學綜業務驗實標準職總園廳廠場廣衚衕馬幹國線鐵華龍"
)
_SIMPLIFIED: Final = (
    "号楼栋单层户门间铺铺区乡镇县东后庄队组团连营台湾桥对顶夹阁负陆贰叁库仓车档"
    "摊柜办写学综业务验实标准职总园厅厂场广胡同马干国线铁华龙"
)
# Other ways to write an ASCII character or a digit, one code point each.
_FOLD: Final[dict[int, int | str]] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys([*range(0x2460, 0x249C), *range(0x24EA, 0x2500), *range(0x2776, 0x2794)], "1"),
    **dict.fromkeys([*range(0x249C, 0x24EA), *range(0x2160, 0x2189)], "A"),
    **dict.fromkeys([*range(0x3220, 0x322A), *range(0x3280, 0x328A)], "1"),
    **dict.fromkeys([0xB2, 0xB3, 0xB9, *range(0x2070, 0x208A)], "1"),
    **dict.fromkeys(range(0x2010, 0x2016), "-"),
    **{ord(old): new for old, new in zip(_TRADITIONAL, _SIMPLIFIED, strict=True)},
}
# What one pass hides may uncover a hint for the next. Addresses settle in two or three; text that does not is no
# address and is hidden whole.
_PASSES: Final = 8
# An address ends long before (`fields.address`: 200). A longer line is none, and reading it would take time that grows
# with its square: it is hidden whole.
_LONGEST: Final = 1_000
# No rule looks further back or ahead of what it matches than so many characters.
_REACH: Final = 8
# What people put between the letters of one address and means nothing: it is looked through.
_INVISIBLE: Final = "\u00ad\u200b-\u200f\u2060\ufeff\ufe0e\ufe0f"
_SPACES: Final = r" \t\u00a0\u3000"
# It begins with one set of characters: the engine skips to the first of them.
_LOOSE: Final = re.compile(
    rf"[{_SPACES}{_INVISIBLE}](?:(?<=[{_INVISIBLE}])[{_INVISIBLE}]*"
    rf"|(?<=[{HAN}][{_SPACES}])[{_SPACES}]{{0,2}}(?=[0-9A-Za-z])"
    rf"|(?<=[0-9A-Za-z][{_SPACES}])[{_SPACES}]{{0,2}}(?=[{HAN}]))"
)
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
    if len(text) > _LONGEST:
        return HIDDEN * len(text)
    start = 0
    for _ in range(_PASSES):
        masked, start = _once(text, start)
        if masked == text:
            return masked
        text = masked
    return HIDDEN * len(text)


def _once(text: str, start: int) -> tuple[str, int]:
    """Return the text with what one look from `start` on finds hidden, and from where another must look."""
    folded = fold(text)
    if _LOOSE.search(folded):
        runs, start = _runs_through_gaps(folded), 0
    else:
        runs, again = _runs(folded, start)
        if start and not runs:
            return text, start  # names were looked for in this very text, see the last line
        start = again
    masked = text
    if runs:
        parts: list[str] = []
        at = 0
        for begin, end in runs:
            parts += (text[at:begin], _numbers(text[begin:end]))
            at = end
        parts.append(text[at:])
        masked = "".join(parts)
    if masked.endswith(HIDDEN) and not HINTS.search(masked):
        return masked, start
    named = PEOPLE.sub(_stars, masked)
    if any(map(named.__contains__, OTHER_HINTS)):
        named = OTHERS.sub(_stars, named)
    return named.replace(PHONE, HIDDEN), start if named == masked else 0


def _runs(folded: str, start: int) -> tuple[list[tuple[int, int]], int]:
    """Return where runs of unit parts stand, and the first place where hiding them may change what is read."""
    runs: list[tuple[int, int]] = []
    kept: list[tuple[int, int]] = []
    for match in tokens().finditer(folded, start):
        (runs if match.lastindex else kept).append(match.span())
    if not runs:
        return runs, len(folded)
    changed = max(start, runs[0][0] - _REACH)
    for begin, end in kept:
        if begin < changed < end:
            return runs, begin
    return runs, changed


def _runs_through_gaps(folded: str) -> list[tuple[int, int]]:
    """Return where runs of unit parts stand when spaces and invisible characters inside them are looked through."""
    gaps: list[tuple[int, int]] = []  # where a gap was in what is read, and how much is left out up to there
    left_out = 0
    for gap in _LOOSE.finditer(folded):
        place = gap.start() - left_out
        left_out += gap.end() - gap.start()
        gaps.append((place, left_out))
    matches = tokens().finditer(_LOOSE.sub("", folded))
    return [(_place(m.start(), gaps), _place(m.end() - 1, gaps) + 1) for m in matches if m.lastindex]


def _place(read: int, gaps: list[tuple[int, int]]) -> int:
    return read + max((left_out for place, left_out in gaps if place <= read), default=0)


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
