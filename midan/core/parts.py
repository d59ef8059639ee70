"""The parts an order is sealed in: a name for each, which areas without ciphers may use too."""

from enum import IntEnum


class PartCode(IntEnum):
    """What a sealed part holds. Codes are never reused; 4 is kept for the spare leaf of a record."""

    SENDER = 1
    RECIPIENT = 2
    GOODS = 3
    IDENTITY = 16
