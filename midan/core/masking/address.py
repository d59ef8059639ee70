"""The mask of an address: building, unit, floor, room, phones and names hidden; the way there stays."""

import re
from collections.abc import Iterator
from typing import Final

from midan.core.masking.address_people import HINTS, PEOPLE, PHONE, PHONES
from midan.core.masking.address_words import HAN, tokens

HIDDEN: Final = "*"
_TRADITIONAL: Final = "號樓棟單層戶門間鋪舖區鄉鎮縣東後莊隊組團連營臺灣橋對頂夾閣負陸貳參庫倉車檔攤櫃號辦寫學綜業務驗實標準職總園廳廠場廣衚衕馬幹國線鐵華龍"
_SIMPLIFIED: Final = "号楼栋单层户门间铺铺区乡镇县东后庄队组团连营台湾桥对顶夹阁负陆贰叁库仓车档摊柜号办写学综业务验实标准职总园厅厂场广胡同马干国线铁华龙"
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
# What people put between the letters of one address and means nothing: it is looked through.
_LOOSE: Final = re.compile(
    r"[\u00ad\u200b-\u200f\u2060\ufeff\ufe0e\ufe0f]+"
    rf"|(?<=[{HAN}])[ \t\u00a0\u3000](?=[0-9A-Za-z])|(?<=[0-9A-Za-z])[ \t\u00a0\u3000](?=[{HAN}])"
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
    for _ in range(_PASSES):
        masked = _once(text)
        if masked == text:
            return masked
        text = masked
    return HIDDEN * len(text)


def _once(text: str) -> str:
    parts: list[str] = []
    at = 0
    for start, end in _runs(fold(text)):
        parts += (text[at:start], _numbers(text[start:end]))
        at = end
    parts.append(text[at:])
    masked = "".join(parts)
    if masked.endswith(HIDDEN) and not HINTS.search(masked):
        return masked
    return PEOPLE.sub(_stars, masked).replace(PHONE, HIDDEN)


def _runs(folded: str) -> Iterator[tuple[int, int]]:
    """Yield where runs of unit parts stand."""
    if not _LOOSE.search(folded):
        for match in tokens().finditer(folded):
            if match.lastindex:
                yield match.span()
        return
    gaps = {place for gap in _LOOSE.finditer(folded) for place in range(*gap.span())}
    places = [place for place in range(len(folded)) if place not in gaps]
    for match in tokens().finditer("".join(folded[place] for place in places)):
        if match.lastindex:
            yield places[match.start()], places[match.end() - 1] + 1


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
