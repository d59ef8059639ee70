"""Leaf secrets and opened parts for many rows at once; what leaves keyd of them is decided elsewhere."""

from collections.abc import Collection, Sequence

from midan.core.parts import PartCode
from midan.core.sealing import MalformedPart, Sealer, header_bytes, unpack_part
from midan.core.sm import Tampered
from midan.vault.errors import PartDamaged
from midan.vault.keyd import stored
from midan.vault.keyd.interface import SealedPart
from midan.vault.keyd.ring import Keyring
from midan.vault.rules import PART_FIELDS

Fields = tuple[str, ...]


def keys_of(ring: Keyring, parts: Sequence[SealedPart]) -> tuple[Sealer, list[bytes | None]]:
    """Return the company's sealer and the leaf secret of each part, None for an erased one."""
    tag = stored.state_tag()
    keys = ring.epochs({row.epoch for row in parts}, tag)
    secrets: list[bytes | None] = [None] * len(parts)
    order = sorted(range(len(parts)), key=lambda at: parts[at][:2])
    start = 0
    while start < len(order):
        epoch = parts[order[start]].epoch
        end = start
        while end < len(order) and parts[order[end]].epoch == epoch:
            end += 1
        if epoch in keys:
            run = order[start:end]
            derived = keys[epoch].derivation.leaves([parts[at].leaf for at in run])
            for at, secret in zip(run, derived, strict=True):
                secrets[at] = secret
        start = end
    return Sealer(ring.company(tag)), secrets


def open_parts(
    ring: Keyring, parts: Sequence[SealedPart], *, damaged: list[SealedPart] | None = None
) -> list[Fields | None]:
    """Return the fields of each part, None for an erased one.

    One that does not open raises PartDamaged, or is None and goes on the list `damaged`.
    """
    sealer, secrets = keys_of(ring, parts)
    opened: list[Fields | None] = []
    for row, secret in zip(parts, secrets, strict=True):
        try:
            opened.append(None if secret is None else _open(sealer, secret, row))
        except (Tampered, MalformedPart):
            if damaged is None:
                raise PartDamaged(epoch=row.epoch, leaf=row.leaf) from None
            damaged.append(row)
            opened.append(None)
    return opened


def _open(sealer: Sealer, secret: bytes, row: SealedPart) -> Fields:
    if not row.sealed.startswith(header_bytes(row.epoch, row.leaf)):
        raise MalformedPart("头部与所在位置不符")
    return unpack_part(sealer.open(secret, record=row.record, part=row.part, sealed=row.sealed))


def opens_only_as_itself(sealer: Sealer, secret: bytes, row: SealedPart) -> bool:
    """Return whether a part opens with its own key and record, and with no other."""
    other = row.record[:-1] + bytes((row.record[-1] ^ 1,))
    return (
        _opens(sealer, secret, row)
        and not _opens(sealer, secret, row._replace(record=other))
        and not _opens(sealer, bytes(32), row)
    )


def _opens(sealer: Sealer, secret: bytes, row: SealedPart) -> bool:
    try:
        sealer.open(secret, record=row.record, part=row.part, sealed=row.sealed)
    except Tampered:
        return False
    return True


def named(part: PartCode, values: Sequence[str], wanted: Collection[str]) -> dict[str, str]:
    """Return those of an opened part's fields that are wanted, by name."""
    return {name: value for name, value in zip(PART_FIELDS[part], values, strict=True) if name in wanted}
