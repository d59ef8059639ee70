"""Invented people a drill can look for: every value of theirs follows from one key and their sequence. Pure.

What was destroyed cannot be known, so nobody could search for it afterwards. A canary's values are not kept either:
they are computed when a drill looks for them.

value = HMAC-SM3(canary key, "midan/canary/1" ‖ seq u64 ‖ side u8); its bytes choose telephone, street and reference.
"""

import struct
from dataclasses import dataclass
from typing import Final

from midan.core.masking.address import mask_address
from midan.core.masking.phone import mask_phone
from midan.core.sm import hmac_sm3
from midan.vault.rules import Contact, Goods, Item

_LABEL: Final = b"midan/canary/1"
_MESSAGE: Final = struct.Struct(">QB")
# A shape no operator was given: a call to it reaches nobody.
PHONE_HEAD: Final = "16900"
STREET_HEAD: Final = "演练"
ORDER_HEAD: Final = "MDCANARY-"
# Sixteen letters that stand in no number, so that a mask of the address keeps them.
_LETTERS: Final = "东南西北春夏秋冬梅兰竹菊松柏桃李"
_STREET_LETTERS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Needles:
    """What a search looks for, by kind: each as bytes that stand in no other place."""

    phones: frozenset[bytes]
    phone_masks: frozenset[bytes]
    streets: frozenset[bytes]
    orders: frozenset[bytes]

    def __repr__(self) -> str:
        return f"<Needles of {len(self.orders)} canaries>"


def canary(key: bytes, seq: int) -> Item:
    """Return the order of a canary, as intake would seal it."""
    sender, recipient = (_contact(key, seq, side) for side in (0, 1))
    goods = Goods(goods_name="演练件", remark="", order_ref=ORDER_HEAD + _digest(key, seq, 2).hex()[:16])
    return seq, sender, recipient, goods


def needles(items: list[Item]) -> Needles:
    """Return what to look for; a street keeps its name under the mask, so that one needle finds both."""
    people = [person for _, sender, recipient, _ in items for person in (sender, recipient)]
    for person in people:
        if _street(person.address) not in mask_address(person.address):
            raise ValueError("a canary's street must survive its mask")
    return Needles(
        phones=frozenset(person.phone.encode() for person in people),
        phone_masks=frozenset(mask_phone(person.phone).encode() for person in people),
        streets=frozenset(_street(person.address).encode() for person in people),
        orders=frozenset(goods.order_ref.encode() for _, _, _, goods in items),
    )


def _contact(key: bytes, seq: int, side: int) -> Contact:
    digest = _digest(key, seq, side)
    number = int.from_bytes(digest[:8]) % 1_000_000
    letters = "".join(_LETTERS[byte & 15] for byte in digest[8 : 8 + _STREET_LETTERS])
    house, room = digest[24] + 1, 101 + digest[25]
    return Contact(
        name="演" + _LETTERS[digest[26] & 15] + _LETTERS[digest[27] & 15],
        phone=f"{PHONE_HEAD}{number:06d}",
        address=f"广东省深圳市南山区{STREET_HEAD}{letters}路{house}号3栋{room}室",
    )


def _street(address: str) -> str:
    start = address.index(STREET_HEAD)
    return address[start : start + len(STREET_HEAD) + _STREET_LETTERS]


def _digest(key: bytes, seq: int, side: int) -> bytes:
    return hmac_sm3(key, _LABEL + _MESSAGE.pack(seq, side))
