"""The QR token on a label: 26 letters that name the very copy printed and tell a stranger nothing.

One SM4 block over (version, sequence, print id, zero check). Whoever scans sees noise; whoever invents a
token passes the check once in 2^32 tries or less. Layout and limits: specs/label-token.md.
"""

from base64 import b32decode, b32encode
from binascii import Error as NotBase32
from collections.abc import Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import ClassVar

from midan.core.errors import MidanError
from midan.core.number import CAPACITY
from midan.core.sm import sm4_ecb, sm4_ecb_decrypt

LENGTH = 26
VERSION = 1
PRINT_IDS = 1 << 40
_KEY_SIZE = 16
_BLOCK = 16
_CHECK = bytes(4)
_PADDING = "=" * 6


class InvalidToken(MidanError):
    """Not a token this company printed. One answer for every cause, so that it teaches a guesser nothing."""

    code: ClassVar[str] = "invalid_token"
    status: ClassVar[int] = 404


@dataclass(frozen=True, slots=True)
class LabelToken:
    """One printed copy of one label."""

    sequence: int
    print_id: int

    def __post_init__(self) -> None:
        if not (0 <= self.sequence < CAPACITY and 0 <= self.print_id < PRINT_IDS):
            raise ValueError("sequence runs below 10^12, print id below 2^40")


def encode(key: bytes, token: LabelToken) -> str:
    """Return the token text: 26 characters of A-Z and 2-7."""
    return encode_many(key, [token])[0]


def encode_many(key: bytes, tokens: Sequence[LabelToken]) -> list[str]:
    """Return the token texts in order, by one call of the cipher."""
    _check_key(key)
    plain = b"".join(
        bytes([VERSION]) + token.sequence.to_bytes(6, "big") + token.print_id.to_bytes(5, "big") + _CHECK
        for token in tokens
    )
    blocks = sm4_ecb(key, plain)
    return [
        b32encode(blocks[at : at + _BLOCK])[:LENGTH].decode("ascii") for at in range(0, len(blocks), _BLOCK)
    ]


def decode(key: bytes, text: str) -> LabelToken:
    """Return what the token names, or raise InvalidToken."""
    _check_key(key)
    block = sm4_ecb_decrypt(key, _block(text))
    expected = bytes([VERSION]) + _CHECK
    sequence = int.from_bytes(block[1:7], "big")
    genuine = compare_digest(block[:1] + block[12:], expected)
    if not genuine or sequence >= CAPACITY:
        raise InvalidToken("面单码无效")
    return LabelToken(sequence=sequence, print_id=int.from_bytes(block[7:12], "big"))


def _block(text: str) -> bytes:
    """Return the 16 bytes behind a text in its only spelling."""
    try:
        block = b32decode(text + _PADDING)
    except (NotBase32, ValueError) as wrong:
        raise InvalidToken("面单码无效") from wrong
    if len(text) != LENGTH or b32encode(block)[:LENGTH].decode("ascii") != text:
        raise InvalidToken("面单码无效")
    return block


def _check_key(key: bytes) -> None:
    if len(key) != _KEY_SIZE:
        raise ValueError("the label token key has 16 bytes")
