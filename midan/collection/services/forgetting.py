"""What is destroyed is forgotten here as well: the digests by which an order sent twice is known.

A content digest confirms a guess of the whole order to whoever has the company's secret, which never dies. So the row of
an order whose record is gone goes, and of one that lost a person or an older wording, the content goes.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from midan.audit.services import record
from midan.collection.events import Act
from midan.collection.models import Reference
from midan.core.actor import Actor
from midan.vault.keeping.selectors import places

# Rows a transaction: small enough for others to write in between.
_BATCH: Final = 5_000


def forget_destroyed(*, actor: Actor, seqs: Collection[int], everywhere: bool, now: datetime) -> int:
    """Forget these orders, in whole or in part destroyed, and return how many rows were.

    `everywhere` looks at all others too, for those whose record went with its epoch or was left over by an interrupted
    run. May be run again: what is forgotten already counts nothing.
    """
    cut = sorted(set(seqs))
    done = sum(_forget(actor, cut[at : at + _BATCH], now, cut=True) for at in range(0, len(cut), _BATCH))
    if everywhere:
        done += sum(_forget(actor, some, now, cut=False) for some in _all())
    return done


def _all() -> Iterator[list[int]]:
    """Yield the sequences of all orders known, by the batch: no row is held while another batch is read."""
    last = -1
    while some := list(
        Reference.objects.filter(seq__gt=last).order_by("seq").values_list("seq", flat=True)[:_BATCH]
    ):
        yield some
        last = some[-1]


def _forget(actor: Actor, seqs: Sequence[int], now: datetime, *, cut: bool) -> int:
    """Delete the rows of orders without a record; where `cut`, empty the content of the others."""
    kept = {place.seq for place in places(seqs)}
    gone = [seq for seq in seqs if seq not in kept]
    with transaction.atomic():
        removed = sum(Reference.objects.filter(seq__in=some).delete()[0] for some in _shares(gone))
        emptied = 0
        for some in _shares(kept) if cut else ():
            emptied += Reference.objects.filter(seq__in=some).exclude(content=b"").update(content=b"")
        if removed or emptied:
            record(
                actor=actor,
                act=Act.ORDERS_FORGOTTEN,
                object="references:destroyed",
                clause="L6.1",
                count=removed + emptied,
                details={"removed": removed, "emptied": emptied},
                at=now,
            )
    return removed + emptied


def _shares(seqs: Iterable[int]) -> list[list[int]]:
    """Return them by 500: SQLite takes no more parameters than it was built for."""
    listed = list(seqs)
    return [listed[at : at + 500] for at in range(0, len(listed), 500)]
