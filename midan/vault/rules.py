"""What is sealed and how, as pure functions: worker processes run them on a lease, without Django or a database.

The layout of a part is midan.core.sealing's, the tree midan.core.keytree's, the digests midan.core.blind's.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from midan.core.blind import DIGEST_LENGTH, Indexer, Kind, phone_tail
from midan.core.keytree import LEAVES_PER_RECORD, Frontier, Node, Subject, leaf_of
from midan.core.parts import PartCode
from midan.core.sealing import Sealer, pack_part
from midan.core.sm import NONCE_BYTES, Mac
from midan.core.warrant import Cut

HIDDEN: Final = "••••"
PARTS: Final = (PartCode.SENDER, PartCode.RECIPIENT, PartCode.GOODS)
# The order of the fields inside a part: never changed, only appended to.
PART_FIELDS: Final[Mapping[PartCode, tuple[str, ...]]] = {
    PartCode.SENDER: ("sender_name", "sender_phone", "sender_address"),
    PartCode.RECIPIENT: ("recipient_name", "recipient_phone", "recipient_address"),
    PartCode.GOODS: ("goods_name", "remark", "order_ref"),
    PartCode.IDENTITY: ("id_number",),
}
FIELD_PARTS: Final[Mapping[str, PartCode]] = {
    field: part for part, fields in PART_FIELDS.items() for field in fields
}
SUBJECT_PARTS: Final[Mapping[int, PartCode]] = {
    Subject.SENDER: PartCode.SENDER,
    Subject.RECIPIENT: PartCode.RECIPIENT,
    Subject.GOODS: PartCode.GOODS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What lies in epochs and tables of its own: the parts of orders, or the identity numbers of senders.

    `retention` is the class of its epochs, `carried` of those its records are carried into past their day. Numbers of
    epochs are one sequence for all families, so a place (epoch, record number) belongs to one family only.
    """

    retention: str
    carried: str
    records: str
    sealed: str
    subjects: Mapping[int, PartCode]

    @property
    def parts(self) -> frozenset[PartCode]:
        """Return the parts that lie here."""
        return frozenset(self.subjects.values())

    def part(self, leaf: int) -> PartCode | None:
        """Return what the leaf seals, None for one that seals nothing."""
        return self.subjects.get(leaf % LEAVES_PER_RECORD)

    def subject(self, part: PartCode) -> int:
        """Return which of a record's four leaves seals the part; KeyError for one that lies elsewhere."""
        return {code: subject for subject, code in self.subjects.items()}[part]


STANDARD: Final = Family(
    retention="standard",
    carried="carried",
    records="vault_record",
    sealed="vault_part",
    subjects=SUBJECT_PARTS,
)
# The sender alone shows a document: one leaf of a record is used.
IDENTITY: Final = Family(
    retention="real_name",
    carried="carried_real_name",
    records="vault_identityrecord",
    sealed="vault_identitypart",
    subjects={Subject.SENDER: PartCode.IDENTITY},
)
FAMILIES: Final = (STANDARD, IDENTITY)
FAMILY_OF: Final[Mapping[PartCode, Family]] = {part: family for family in FAMILIES for part in family.parts}
ALL_PARTS: Final = frozenset(FAMILY_OF)


def covering(cuts: Iterable[Cut]) -> set[Cut]:
    """Return the cuts with what goes along: whoever erases a sender erases the number of the document they showed."""
    found = set(cuts)
    return found | {Cut(cut.seq, PartCode.IDENTITY) for cut in found if _takes_identity(cut)}


def _takes_identity(cut: Cut) -> bool:
    return cut.part == PartCode.SENDER and cut.epoch is None


_REFERENCE_LABEL: Final = b"midan/reference/1"
_CONTENT_LABEL: Final = b"midan/content/1"
_LENGTH: Final = struct.Struct(">H")


@dataclass(frozen=True, slots=True, repr=False)
class Lease:
    """The right to seal records first_record … first_record + count - 1 of one epoch, and nothing else of it.

    Crosses to worker processes by pickle, hence plain bytes; it is never stored or shown.
    """

    company16: bytes
    epoch: int
    first_record: int
    count: int
    nodes: tuple[Node, ...]
    index_secret: bytes
    reference_secret: bytes

    def __repr__(self) -> str:
        return f"<Lease of {self.count} records of epoch {self.epoch}: {HIDDEN}>"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Contact:
    """A sender or a recipient, normalised by midan.core.fields."""

    name: str
    phone: str
    address: str

    def __repr__(self) -> str:
        return f"<Contact {HIDDEN}>"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Goods:
    """What is sent, what the customer remarked, and the client's own reference."""

    goods_name: str
    remark: str
    order_ref: str

    def __repr__(self) -> str:
        return f"<Goods {HIDDEN}>"


@dataclass(frozen=True, slots=True)
class SealedOrder:
    """Rows ready to store: sealed parts by leaf, digests by the part they belong to."""

    seq: int
    epoch: int
    record_no: int
    parts: tuple[tuple[int, bytes], ...]
    digests: tuple[tuple[bytes, int], ...]


# Records an intake takes at once: each block is two small commits.
LARGEST_BLOCK: Final = 8_192


class Hit(NamedTuple):
    """An order that matches a search, and the part it matched in."""

    seq: int
    part: PartCode


Item = tuple[int, Contact, Contact, Goods]


def record_id(seq: int) -> bytes:
    """Return the 16 bytes that tie a sealed part to its order."""
    return seq.to_bytes(16)


def seal_orders(
    lease: Lease, offset: int, items: Sequence[Item], entropy: Callable[[int], bytes]
) -> list[SealedOrder]:
    """Seal orders into the leased records from `offset` on, in order; each record is used once.

    `entropy(n)` returns n random bytes (os.urandom) and is asked once. ValueError when the lease is too small.
    """
    if not 0 <= offset <= lease.count - len(items):
        raise ValueError("the lease has no room for these orders")
    first = lease.first_record + offset
    leaves = Frontier(lease.nodes).leaves(first * LEAVES_PER_RECORD, len(items) * LEAVES_PER_RECORD)
    nonces = entropy(len(items) * len(PARTS) * NONCE_BYTES)
    sealer, indexer = Sealer(lease.company16), Indexer(lease.index_secret)
    return [
        _seal_one(
            sealer,
            indexer,
            lease.epoch,
            first + at,
            item,
            leaves[at * LEAVES_PER_RECORD : (at + 1) * LEAVES_PER_RECORD],
            nonces[at * len(PARTS) * NONCE_BYTES : (at + 1) * len(PARTS) * NONCE_BYTES],
        )
        for at, item in enumerate(items)
    ]


def _seal_one(  # noqa: PLR0913, PLR0917 - the hot path: no object is built only to carry these
    sealer: Sealer,
    indexer: Indexer,
    epoch: int,
    record_no: int,
    item: Item,
    secrets: Sequence[bytes],
    nonces: bytes,
) -> SealedOrder:
    seq, sender, recipient, goods = item
    record = record_id(seq)
    texts = (
        (sender.name, sender.phone, sender.address),
        (recipient.name, recipient.phone, recipient.address),
        (goods.goods_name, goods.remark, goods.order_ref),
    )
    first_leaf = leaf_of(record_no, Subject.SENDER)
    parts = tuple(
        (
            first_leaf + subject,
            sealer.seal(
                secrets[subject],
                epoch=epoch,
                leaf=first_leaf + subject,
                record=record,
                part=PARTS[subject],
                nonce=nonces[subject * NONCE_BYTES : (subject + 1) * NONCE_BYTES],
                plaintext=pack_part(texts[subject]),
            ),
        )
        for subject in (0, 1, 2)
    )
    return SealedOrder(seq, epoch, record_no, parts, _digests(indexer, sender, recipient, goods))


def seal_identity(
    lease: Lease, offset: int, *, seq: int, number: str, entropy: Callable[[int], bytes]
) -> SealedOrder:
    """Seal the number of the document a sender showed into the leased record at `offset`. No digest leads to it."""
    record_no = lease.first_record + offset
    leaf = leaf_of(record_no, Subject.SENDER)
    sealed = Sealer(lease.company16).seal(
        Frontier(lease.nodes).leaves(leaf, 1)[0],
        epoch=lease.epoch,
        leaf=leaf,
        record=record_id(seq),
        part=PartCode.IDENTITY,
        nonce=entropy(NONCE_BYTES),
        plaintext=pack_part((number,)),
    )
    return SealedOrder(seq, lease.epoch, record_no, ((leaf, sealed),), ())


def _digests(
    indexer: Indexer, sender: Contact, recipient: Contact, goods: Goods
) -> tuple[tuple[bytes, int], ...]:
    """Return every digest by which the order is found, each with the part whose erasure must delete it."""
    found: list[tuple[bytes, int]] = []
    for part, contact in ((1, sender), (2, recipient)):
        found += [(digest, part) for digest in _contact_digests(indexer, contact.name, contact.phone)]
    if goods.order_ref:
        found.append((indexer.digest(Kind.ORDER_REF, goods.order_ref), 3))
    return tuple(found)


def part_digests(indexer: Indexer, part: PartCode, fields: Sequence[str]) -> tuple[bytes, ...]:
    """Return the digests that lead to an opened part: those `seal_orders` stored with it."""
    if part == PartCode.IDENTITY:
        return ()  # nobody is ever looked for by the number of a document
    if part == PartCode.GOODS:
        return (indexer.digest(Kind.ORDER_REF, fields[2]),) if fields[2] else ()
    return _contact_digests(indexer, fields[0], fields[1])


def _contact_digests(indexer: Indexer, name: str, phone: str) -> tuple[bytes, ...]:
    digest, tail = indexer.digest, phone_tail(phone)
    return digest(Kind.PHONE, phone), digest(Kind.PHONE_TAIL, tail), digest(Kind.NAME_TAIL, tail + name)


def reference_digest(lease_or_secret: Lease | bytes, client: str, order_ref: str) -> bytes:
    """Return the 16 bytes by which an order sent twice is recognised; the reference itself is not stored."""
    secret = lease_or_secret if isinstance(lease_or_secret, bytes) else lease_or_secret.reference_secret
    name = client.encode()
    message = _REFERENCE_LABEL + _LENGTH.pack(len(name)) + name + order_ref.encode()
    return Mac(secret).digest(message)[:DIGEST_LENGTH]


def content_digest(secret: bytes, canonical: bytes) -> bytes:
    """Return the 16 bytes that tell a replayed order from another one under the same reference."""
    return Mac(secret).digest(_CONTENT_LABEL + canonical)[:DIGEST_LENGTH]


def fields_detail(fields: frozenset[str]) -> str:
    """Return how a log entry names the fields of a reveal, in its detail `fields`."""
    return ",".join(sorted(fields))
