"""Check the whole log and keep what was found, with an entry of its own."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final

from django.db import transaction

from midan.audit.events import Act
from midan.audit.models import Verification
from midan.audit.selectors import VerifyResult, is_behind
from midan.audit.selectors.indexes import DIFFERS, wrong_index
from midan.audit.selectors.verification import Progress, verify
from midan.audit.services.append import record
from midan.core.actor import Actor

BEHIND: Final = "sequencer_behind"
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


def check(
    *,
    actor: Actor,
    now: datetime,
    progress: Progress | None = None,
    workers: int | None = None,
    registers: Sequence[Register] = (),
) -> VerifyResult:
    """Run `selectors.verify`, compare the areas' registers, keep the result and log that it was run.

    A register is compared with a log that holds; the log's state changes nothing in keeping what was found. A log
    whose newest entries nothing signs for a minute does not hold: they could be taken out and nobody would see.
    """
    result = verify(progress=progress, workers=workers)
    if result.ok and is_behind(now):
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
