"""Take in canaries: a few orders of invented people each day, so that a drill has somebody to look for.

They have no waybill: nobody handles, sees or delivers them. They go with their day as every order does, and the
certificate says how many of its records they are.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import timezone

from midan.audit.services import record
from midan.audit.tiles import write_durably
from midan.catalog.settings import current
from midan.core import passphrase as sealed_file
from midan.core.actor import Actor
from midan.destruction import models
from midan.destruction.events import Act
from midan.destruction.rules.canaries import canary
from midan.destruction.selectors.drills import planted_on
from midan.vault import services as vault
from midan.vault.keeping.selectors import due_day
from midan.vault.rules import Item, seal_orders
from midan.waybill.services import reserve_numbers

A_DAY: Final = 2
RETENTION: Final = "standard"
_LABEL: Final = "canary"
_KEY_BYTES: Final = 32


def key_file() -> Path:
    """Return where the canary key lies."""
    return current().keys / "canary.key"


def read_key() -> bytes | None:
    """Return the canary key, None where there never was one; WrongPassphrase, KeyFileDamaged."""
    try:
        blob = key_file().read_bytes()
    except FileNotFoundError:
        return None
    return sealed_file.unseal(current().passphrase(), blob, label=_LABEL)


def _key() -> bytes:
    known = read_key()
    if known is not None:
        return known
    fresh = os.urandom(_KEY_BYTES)
    blob = sealed_file.seal(
        current().passphrase(), fresh, label=_LABEL, salt=os.urandom(16), nonce=os.urandom(12)
    )
    write_durably(key_file(), blob, mode=0o600)
    return fresh


def plant(*, actor: Actor, now: datetime) -> int:
    """Take in today's canaries unless they are in; return how many. RuntimeError inside a transaction."""
    day = timezone.localdate(now)
    if planted_on(day):
        return 0
    key = _key()
    lease = vault.reserve(retention=RETENTION, day=day, due=due_day(RETENTION, day), records=A_DAY)
    items = [canary(key, seq) for seq in reserve_numbers(A_DAY)]
    sealed = seal_orders(lease, 0, items, os.urandom)
    with transaction.atomic():
        vault.store(sealed=sealed)
        models.Canary.objects.bulk_create(
            models.Canary(seq=order.seq, day=day, epoch=order.epoch, record_no=order.record_no)
            for order in sealed
        )
        record(
            actor=actor,
            act=Act.CANARIES_PLANTED,
            object=f"epoch:{lease.epoch}",
            clause="L6.1",
            count=len(sealed),
            at=now,
        )
    return len(sealed)


def items(seqs: list[int]) -> list[Item]:
    """Return the orders of these canaries, computed anew; none where the key is gone."""
    key = read_key()
    return [] if key is None else [canary(key, seq) for seq in seqs]
