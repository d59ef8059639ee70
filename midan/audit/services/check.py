"""Check the whole log and keep what was found, with an entry of its own."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from time import monotonic, sleep
from typing import Final

from django.db import transaction

from midan.audit.events import Act
from midan.audit.models import Verification
from midan.audit.selectors import MOST, VerifyResult, first_unsigned
from midan.audit.selectors.indexes import DIFFERS, wrong_index
from midan.audit.selectors.verification import Progress, verify
from midan.audit.services.append import record
from midan.core.actor import Actor

BEHIND: Final = "sequencer_behind"
_LOOK: Final = 0.25
_KEPT = ("ok", "size", "root", "first_bad", "reason", "seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Where a register of some area says something else than the log: the index of the entry, if there is one."""

    index: int | None
    reason: str


Register = Callable[[], Departure | None]


def _search_paths() -> Departure | None:
    """Compare the indexes the log is searched by: apart from `verify`, whose time is that of the entries."""
    astray = wrong_index()
    return None if astray is None else Departure(index=astray[0], reason=DIFFERS)


def check(  # noqa: PLR0913  (who, when, and how)
    *,
    actor: Actor,
    now: datetime,
    progress: Progress | None = None,
    workers: int | None = None,
    registers: Sequence[Register] = (),
    patience: float = 5.0,
) -> VerifyResult:
    """Run `selectors.verify`, compare the areas' registers, keep the result and log that it was run.

    A register is compared with a log that holds; the log's state changes nothing in keeping what was found. A log
    whose newest entries nothing signs for a minute does not hold: they could be taken out and nobody would see.
    """
    result = verify(progress=progress, workers=workers)
    if result.ok and _stands_still(now, patience):
        result = replace(result, ok=False, first_bad=result.signed, reason=BEHIND)
    for register in (_search_paths, *registers):
        departure = register() if result.ok else None
        if departure is not None:
            result = replace(result, ok=False, first_bad=departure.index, reason=departure.reason)
    found = asdict(result)
    with transaction.atomic():
        Verification.objects.create(at=now, **{name: found[name] for name in _KEPT})
        record(
            actor=actor,
            act=Act.LOG_VERIFIED,
            object="log:entries",
            outcome="done" if result.ok else "failed",
            reason=result.reason,
            clause="T4",
            count=result.size,
            at=now,
        )
    return result


def _stands_still(now: datetime, patience: float) -> bool:
    """Return whether the oldest unsigned entry is older than a minute and stays unsigned for `patience` seconds more.

    An act that takes long writes its entry with the time at which it began: to be old is not yet to have waited.
    """
    first = first_unsigned()
    end = monotonic() + patience
    while first is not None and now - first.time > MOST and first_unsigned() == first:
        if monotonic() >= end:
            return True
        sleep(_LOOK)
    return False
