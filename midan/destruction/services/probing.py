"""What a drill tries inside the sandbox, with every key there is today: open, guess, look at every key pack.

It runs by a command of its own, so that what is tried is the restored place and not the one at work. What to try comes
in a file without a value in it: places, sequences, sealed bytes.
"""

import base64
from collections.abc import Sequence
from pathlib import Path

import msgspec

from midan.core.blind import Kind
from midan.core.parts import PartCode
from midan.destruction.services.canaries import items
from midan.vault import keyd
from midan.vault.keyd import packing, stored
from midan.vault.keyd.interface import SealedPart
from midan.vault.keyd.local import LocalKeyd
from midan.vault.rules import Item, record_id


class Victim(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A sealed part as the set holds it; `whole` says that nothing of its epoch may be named by any pack."""

    epoch: int
    leaf: int
    seq: int
    part: int
    whole: bool
    sealed: str


class Probe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to try. `live` are (sequence, part) that open in the place at work."""

    shredded: tuple[Victim, ...]
    live: tuple[tuple[int, int], ...]
    shredded_canaries: tuple[int, ...]
    live_canaries: tuple[int, ...]


def write(probe: Probe, *, path: Path) -> None:
    """Write what to try into a file of the sandbox."""
    path.write_bytes(msgspec.json.encode(probe))


def victim(part: SealedPart, *, whole: bool) -> Victim:
    """Return a part as the file names it."""
    sealed = base64.b64encode(part.sealed).decode("ascii")
    return Victim(part.epoch, part.leaf, int.from_bytes(part.record), int(part.part), whole, sealed)


def run(path: Path) -> dict[str, int]:
    """Try everything the file names, here and now, and return counts."""
    probe = msgspec.json.decode(path.read_bytes(), type=Probe)
    local = keyd.local()
    packs, named = packing.named_epochs(keyd.keepers())
    shredded = [_part(one) for one in probe.shredded]
    whole = {one.epoch for one in probe.shredded if one.whole}
    return {
        "shredded": len(shredded),
        "shredded_opened": sum(opened is not None for opened in local.check_parts(shredded)),
        "packs": packs,
        "keys_found": len(whole & named) + len(whole & {epoch for epoch, _ in stored.wrapped_states(None)}),
        "live": len(probe.live),
        "live_opened": _opened(local, probe.live) - _wrong(local, probe.live_canaries),
        "guesses": 2 * len(probe.shredded_canaries),
        "guesses_hit": sum(_hits(local, item) for item in items(list(probe.shredded_canaries))),
        "live_guesses": 2 * len(probe.live_canaries),
        "live_guesses_hit": sum(_hits(local, item) for item in items(list(probe.live_canaries))),
    }


def _part(one: Victim) -> SealedPart:
    sealed = base64.b64decode(one.sealed)
    return SealedPart(one.epoch, one.leaf, record_id(one.seq), PartCode(one.part), sealed)


def _opened(local: LocalKeyd, wanted: Sequence[tuple[int, int]]) -> int:
    """Return how many of these parts stand in the restored place and open, each only as itself."""
    rows = stored.sealed_parts(sorted({seq for seq, _ in wanted}))
    names = set(wanted)
    rows = [row for row in rows if (int.from_bytes(row.record), int(row.part)) in names]
    return sum(opened is True for opened in local.check_parts(rows))


def _wrong(local: LocalKeyd, seqs: Sequence[int]) -> int:
    """Return how many living canaries open as something else than what they were sealed with."""
    expected = {item[0]: item for item in items(list(seqs))}
    masked = local.mask_orders(sorted(expected), frozenset(PartCode))
    return sum(not _is_masked(expected[one.seq], one.part, one.fields) for one in masked)


def _is_masked(item: Item, part: PartCode, fields: tuple[str, ...]) -> bool:
    """Return whether a masked view is that of this canary: keyd hands no plaintext out for it."""
    _, sender, recipient, goods = item
    if part == PartCode.GOODS:
        return fields[0] == goods.goods_name
    person = sender if part == PartCode.SENDER else recipient
    return fields[1][-4:] == person.phone[-4:] and fields[2][:15] == person.address[:15]


def _hits(local: LocalKeyd, item: Item) -> int:
    """Return how many of a canary's two telephones lead to it through the digests of any living epoch."""
    seq, sender, recipient, _ = item
    return sum(
        seq in {found for found, _ in stored.occurrences_of(local.digests(Kind.PHONE, person.phone))}
        for person in (sender, recipient)
    )
