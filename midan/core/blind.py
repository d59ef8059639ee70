"""Search digests: find a record by a phone, a name or an order reference without storing any of them.

Byte for byte in specs/search-digest.md. Values arrive already normalised by core.fields: equal people, equal
bytes. A digest confirms a guess to whoever holds the epoch's index secret, so the secret lives and dies with
the epoch's state, and every search is logged above this module.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from midan.core.sm import DIGEST_BYTES, Mac, sm3

DIGEST_LENGTH: Final = 16
TAIL_LENGTH: Final = 4

_INDEX_LABEL: Final = b"midan/index/1"


class Kind(IntEnum):
    """What a digest stands for. Codes are never reused."""

    PHONE = 1
    PHONE_TAIL = 2
    NAME_TAIL = 3
    ORDER_REF = 4


_KIND_BYTE: Final[dict[int, bytes]] = {int(kind): bytes((kind,)) for kind in Kind}


def index_secret(root: bytes) -> bytes:
    """Return the index secret of an epoch from its tree root, which must still be whole.

    The first puncture destroys the root: compute this at the epoch's birth and keep it in the epoch's state.
    """
    if len(root) != DIGEST_BYTES:
        raise ValueError("an epoch root is 32 bytes")
    return sm3(_INDEX_LABEL + root)


class Indexer:
    """Digests under the index secret of one epoch."""

    __slots__ = ("_mac",)

    def __init__(self, index_secret: bytes) -> None:
        if len(index_secret) != DIGEST_BYTES:
            raise ValueError("an index secret is 32 bytes")
        self._mac = Mac(index_secret).digest

    def digest(self, kind: Kind, value: str) -> bytes:
        """Return the 16-byte digest of a normalised value."""
        return self._mac(_message(kind, value))[:DIGEST_LENGTH]


def digests_many(indexers: Iterable[Indexer], kind: Kind, value: str) -> list[bytes]:
    """Return the digest of one value under each indexer, in their order: a search over every live epoch."""
    message = _message(kind, value)
    return [indexer._mac(message)[:DIGEST_LENGTH] for indexer in indexers]  # noqa: SLF001 - same module


def _message(kind: Kind, value: str) -> bytes:
    code = _KIND_BYTE.get(kind)
    try:
        encoded = value.encode()
    except UnicodeEncodeError:
        encoded = b""  # raised below instead: this error carries the value, even as somebody's __context__
    if code is None or not encoded:
        raise ValueError("a digest needs a known kind and a value in UTF-8 that is not empty")
    return code + encoded


def phone_tail(phone: str) -> str:
    """Return the last four digits of a phone, the part a mask shows; ValueError if there are fewer."""
    tail = phone[-TAIL_LENGTH:]
    if not (tail.isascii() and tail.isdigit()):
        tail = "".join(c for c in phone if c in "0123456789")[-TAIL_LENGTH:]
    if len(tail) != TAIL_LENGTH:
        raise ValueError("a phone has at least four digits")
    return tail


def name_tail_value(name: str, phone: str) -> str:
    """Return the value of Kind.NAME_TAIL: four digits, then the name. No two pairs share one."""
    return phone_tail(phone) + name
