"""Replace a generation because one person asked and another agreed, outside of any destruction.

A request names the generation it wants gone. Once that one is not the present any more, whatever replaced it, what was
asked for has happened: the request is used up and nothing turns twice, however often the work breaks off.
"""

from datetime import datetime

from django.db import transaction

from midan.approval import selectors as approvals
from midan.approval import services as approval
from midan.approval.rules import Kind
from midan.core.actor import Actor
from midan.core.sm import sm3
from midan.destruction.rules.rotation import RotationReason
from midan.destruction.services.keeping import check_keeper
from midan.vault import keybook
from midan.vault import services as vault
from midan.vault.errors import VaultNotInitialised
from midan.vault.selectors import live_epoch_count

_SUBJECT = b"midan/rotate/1"


@transaction.atomic
def request_rotation(*, actor: Actor, reason: RotationReason, now: datetime) -> str:
    """Ask another person to agree that the present generation is replaced; return the request's code.

    One request for a generation at a time. PostMayNotDestroy, PostMayNotAsk, VaultNotInitialised.
    """
    check_keeper(actor)
    generation = keybook.generation()
    if not generation:
        raise VaultNotInitialised
    waiting = approvals.for_subject(Kind.KEY_ROTATION, _subject(generation), now=now)
    if waiting is not None:
        return waiting.code
    return approval.request(
        actor=actor,
        kind=Kind.KEY_ROTATION,
        subject=_subject(generation),
        summary={"generation": generation, "states": live_epoch_count()},
        reason=reason,
        now=now,
    )


def rotate_agreed(*, actor: Actor, now: datetime) -> int:
    """Replace the generation where two persons agreed; return how many requests that settles.

    RatchetRunning, KeeperUnreachable: then the request waits for the next time. RuntimeError inside a transaction.
    """
    settled = 0
    for request in approvals.approved({Kind.KEY_ROTATION}, now=now):
        generation = int(request.summary["generation"])
        subject = _subject(generation)
        if request.subject == subject and generation == keybook.generation():
            vault.rotate(actor=actor, now=now)
        with transaction.atomic():
            approval.use(actor=actor, code=request.code, kind=Kind.KEY_ROTATION, subject=subject, now=now)
        settled += 1
    return settled


def _subject(generation: int) -> bytes:
    return sm3(_SUBJECT + str(generation).encode())
