"""Waybill numbers: MD, twelve digits, a check digit. Neighbouring orders get unrelated numbers.

The digits are a keyed permutation of the order's sequence 0 … 10^12 - 1: nobody can count a company's parcels
or walk through its tracking pages, and no table is needed to get back. Layout, rounds and limits:
specs/waybill-number.md.
"""

import re
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from midan.core.errors import MidanError
from midan.core.sm import sm4_ecb

PREFIX = "MD"
LENGTH = 15
CAPACITY = 10**12
ROUNDS = 12
_HALF = 10**6
_KEY_SIZE = 16
_LABEL = b"midan/no/1\x00"  # 11 bytes, then u8 round, then u32 half: one SM4 block
_SHAPE = re.compile(r"MD[0-9]{13}", re.ASCII)
_POWERS = 10 ** np.arange(5, -1, -1, dtype=np.int64)

_Halves = NDArray[np.int64]


class InvalidNumber(MidanError):
    """Not a waybill number: wrong shape or wrong check digit. Says nothing about whether a parcel exists."""

    code: ClassVar[str] = "invalid_number"


def encode(key: bytes, sequence: int) -> str:
    """Return the waybill number of one sequence; the key is 16 bytes."""
    return encode_many(key, sequence, 1)[0]


def encode_many(key: bytes, first: int, count: int) -> list[str]:
    """Return the numbers of sequences first … first + count - 1, in order."""
    _check_key(key)
    if count < 0 or not 0 <= first <= CAPACITY - count:
        raise ValueError("waybill sequences run from 0 to 10^12 - 1")
    high, low = np.divmod(np.arange(first, first + count, dtype=np.int64), _HALF)
    for number in range(ROUNDS):
        high, low = low, (high + _round(key, number, low)) % _HALF
    return _render(high, low)


def decode(key: bytes, number: str) -> int:
    """Return the sequence behind a number, or raise InvalidNumber."""
    _check_key(key)
    if not is_well_formed(number):
        raise InvalidNumber("运单号无效")
    high, low = int(number[2:8]), int(number[8:14])
    for turn in reversed(range(ROUNDS)):
        high, low = (low - _round_one(key, turn, high)) % _HALF, high
    return high * _HALF + low


def is_well_formed(number: str) -> bool:
    """Return whether shape and check digit are right: what a scanner can know without a key."""
    return _SHAPE.fullmatch(number) is not None and check_digit(number[2:14]) == number[14]


def check_digit(digits: str) -> str:
    """Return the ISO/IEC 7064 MOD 11,10 check digit: it catches every single wrong digit."""
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def _round(key: bytes, number: int, half: _Halves) -> _Halves:
    """Return a value below 10^6 for each half, from the first 8 bytes of SM4(label, round, half)."""
    blocks = np.empty((len(half), 16), dtype=np.uint8)
    blocks[:, :12] = np.frombuffer(_LABEL + bytes([number]), dtype=np.uint8)
    blocks[:, 12:] = half.astype(">u4").view(np.uint8).reshape(-1, 4)
    scrambled = np.frombuffer(sm4_ecb(key, blocks.tobytes()), dtype=">u8")[::2]
    return (scrambled % np.uint64(_HALF)).astype(np.int64)


def _round_one(key: bytes, number: int, half: int) -> int:
    """Return `_round` of one half, without an array: a third of the time."""
    return int.from_bytes(sm4_ecb(key, _LABEL + bytes((number,)) + half.to_bytes(4))[:8]) % _HALF


def _render(high: _Halves, low: _Halves) -> list[str]:
    text = np.empty((len(high), LENGTH), dtype=np.uint8)
    text[:, :2] = np.frombuffer(PREFIX.encode(), dtype=np.uint8)
    text[:, 2:8] = high[:, None] // _POWERS % 10
    text[:, 8:14] = low[:, None] // _POWERS % 10
    product = np.full(len(high), 10, dtype=np.uint8)
    for column in range(2, 14):
        total = (product + text[:, column]) % 10
        total[total == 0] = 10
        product = total * np.uint8(2) % np.uint8(11)
    text[:, 14] = (11 - product) % 10
    text[:, 2:] += ord("0")
    whole = text.tobytes().decode("ascii")
    return [whole[at : at + LENGTH] for at in range(0, len(whole), LENGTH)]


def _check_key(key: bytes) -> None:
    if len(key) != _KEY_SIZE:
        raise ValueError("the waybill number key has 16 bytes")
