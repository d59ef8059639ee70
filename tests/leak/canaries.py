"""Invented people nobody else is, and every way their data could be written down."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

import numpy as np

from midan.core.masking.address import mask_address
from midan.core.masking.idcard import mask_id
from midan.core.masking.name import mask_name
from midan.core.masking.phone import mask_phone
from midan.core.masking.text import mask_text
from midan.vault.keyd.masks import mask_reference

SURNAMES = [
    "澹台",
    "尉迟",
    "公冶",
    "濮阳",
    "淳于",
    "太叔",
    "申屠",
    "仲孙",
    "轩辕",
    "令狐",
    "钟离",
    "宇文",
    "长孙",
    "慕容",
    "鲜于",
    "闾丘",
]
# Shorter needles would be found in random bytes by chance.
SHORTEST = 7
NOTICE = "2026-11"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One order of one journey: two people, their goods, their words."""

    journey: str
    row: Mapping[str, str | int]
    extra: tuple[str, ...] = ()

    def values(self) -> Iterator[tuple[str, str]]:
        """Yield what may stand nowhere but in sealed bytes, each with a word for what it is."""
        for side in ("sender", "recipient"):
            name, phone, address = (str(self.row[f"{side}_{what}"]) for what in ("name", "phone", "address"))
            yield f"{side} name", name
            yield f"{side} given name", name[2:]
            yield f"{side} name mask", mask_name(name)
            yield f"{side} phone", phone
            yield f"{side} phone mask", mask_phone(phone)
            yield f"{side} address", address
            yield f"{side} road", address[9:]
            yield f"{side} address mask", mask_address(address)
        for what in ("goods_name", "remark", "order_ref"):
            text = str(self.row[what])
            yield what, text
            yield f"{what} mask", mask_text(text)
        yield "order_ref tail mask", mask_reference(str(self.row["order_ref"]))
        for text in self.extra:
            yield "extra", text
            yield "extra mask", mask_id(text)

    def needles(self) -> dict[bytes, str]:
        """Return every encoded form of every value, and of its mask."""
        return {
            form: f"{self.journey}: {what} ({encoding})"
            for what, value in self.values()
            for encoding, form in forms(value)
            if len(form) >= SHORTEST
        }


def forms(value: str) -> Iterator[tuple[str, bytes]]:
    """Yield the value as bytes in each encoding somebody could have used on the way."""
    plain = value.encode()
    yield "utf-8", plain
    yield "utf-16-le", value.encode("utf-16-le")
    yield "utf-16-be", value.encode("utf-16-be")
    yield "gb18030", value.encode("gb18030")
    yield "hex", plain.hex().encode()
    escaped = value.encode("ascii", "backslashreplace")
    yield "unicode escape", escaped
    yield "UNICODE ESCAPE", escaped.upper().replace(b"\\U", b"\\u")
    yield "percent", quote(value, safe="").encode()
    yield "percent lower", quote(value, safe="").lower().encode()
    yield "html", escape(value).encode()
    yield "html numbers", value.encode("ascii", "xmlcharrefreplace")
    for lead in range(3):
        # A value inside a longer text meets base64 at one of three places; its edges mix with the neighbours.
        whole = b64encode(bytes(lead) + plain)
        start = (8 * lead + 5) // 6
        end = (8 * (lead + len(plain))) // 6
        yield f"base64 +{lead}", whole[start:end]


def canary(number: int, journey: str, *, extra: tuple[str, ...] = ()) -> Canary:
    """Return the order of one journey; each number gives people, roads and words of its own."""
    sender, recipient = (SURNAMES[(2 * number + side) % len(SURNAMES)] for side in (0, 1))
    first, second = chr(0x7480 + 2 * number), chr(0x7481 + 2 * number)
    return Canary(
        journey=journey,
        extra=extra,
        row={
            "order_ref": f"KANARI-{7000 + number}-ORDNUNG",
            "sender_name": f"{sender}{first}玥",
            "sender_phone": f"1700099{8000 + 2 * number}",
            "sender_address": f"浙江省杭州市西湖区{first}鹅卵石巷{number + 11}号6幢2单元37{number:02d}室",
            "recipient_name": f"{recipient}{second}霖",
            "recipient_phone": f"1700099{8001 + 2 * number}",
            "recipient_address": f"浙江省杭州市滨江区{second}萤火虫弄{number + 11}号9幢3单元28{number:02d}室",
            "goods_name": f"琉璃{first}孔雀灯罩",
            "goods_kind": "日用品",
            "quantity": 1,
            "weight_g": 800 + number,
            "remark": f"请交给楼下{second}字号裁缝铺再打1700099{8001 + 2 * number}",
            "notice_version": NOTICE,
        },
    )


def found_in(data: bytes, needles: Mapping[bytes, str]) -> list[str]:
    """Return what of the needles stands in the data.

    Thousands of needles in megabytes: all windows of the shortest length are compared with all beginnings at once,
    and only where one fits is the whole needle looked for.
    """
    if len(data) < SHORTEST:
        return []
    starts: dict[int, list[bytes]] = {}
    for needle in needles:
        starts.setdefault(int.from_bytes(needle[:SHORTEST], "big"), []).append(needle)
    raw = np.frombuffer(data, dtype=np.uint8)
    windows = np.zeros(len(data) - SHORTEST + 1, dtype=np.uint64)
    for at in range(SHORTEST):
        windows = (windows << np.uint64(8)) | raw[at : at + len(windows)]
    fitting = np.intersect1d(windows, np.fromiter(starts, dtype=np.uint64))
    return sorted({needles[needle] for start in fitting for needle in starts[int(start)] if needle in data})
