"""The plaintext twin of intake: same parsing, checks, idempotency, tables and row counts; no cipher, no digest.

Instead of sealed bytes it stores the packed text padded to the sealed length, and instead of digests the text
itself cut or padded to sixteen bytes, so that every table and index has rows of the same number and size.
"""

from collections.abc import Sequence
from typing import Any

from midan.collection.rules import prepare
from midan.collection.rules.prepare import Candidate, Slots
from midan.collection.services import settle
from midan.core.blind import phone_tail
from midan.core.keytree import Subject, leaf_of
from midan.core.sealing import pack_part
from midan.vault.rules import SealedOrder

_OVERHEAD = bytes(9 + 12 + 16)


def _shape(text: str) -> bytes:
    return text.encode()[-16:].ljust(16, b"\0")


def plain_orders(candidates: Sequence[Candidate], slots: Slots) -> list[SealedOrder]:
    """Return rows of the shape of sealed ones, holding plain text."""
    found = []
    for at, candidate in enumerate(candidates):
        order = candidate.order
        if order is None:
            raise ValueError("the twin seals nothing ahead")
        record = slots.lease.first_record + slots.offset + at
        sides = (
            (order.sender_name, order.sender_phone, order.sender_address.text),
            (order.recipient_name, order.recipient_phone, order.recipient_address.text),
        )
        texts = (*sides, (order.goods_name, order.remark, order.order_ref))
        first = leaf_of(record, Subject.SENDER)
        digests: list[tuple[bytes, int]] = []
        for part, (name, phone, _address) in enumerate(sides, start=1):
            tail = phone_tail(phone)
            digests += ((_shape(phone), part), (_shape(f"{tail}{record}"), part), (_shape(tail + name), part))
        digests.append((_shape(order.order_ref), 3))
        found.append(
            SealedOrder(
                slots.first_seq + at,
                slots.lease.epoch,
                record,
                tuple((first + place, _OVERHEAD + pack_part(text)) for place, text in enumerate(texts)),
                tuple(digests),
            )
        )
    return found


def plain_reference(_secret: object, client: str, order_ref: str) -> bytes:
    """Return the order reference itself in sixteen bytes."""
    return _shape(f"{client}{order_ref}")


def plain_content(_secret: object, canonical: bytes) -> bytes:
    """Return sixteen bytes of the content itself."""
    return canonical[-16:].ljust(16, b"\0")


def use_plaintext() -> None:
    """Turn this process into the twin. Only a throw-away bench process calls it."""
    ours: Any = prepare
    ours.reference_digest, ours.content_digest = plain_reference, plain_content
    storing: Any = settle
    storing.seal_candidates = plain_orders
