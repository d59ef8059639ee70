"""Carry out what is waiting, alone on this machine: what two persons agreed to, what is due, what broke off."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from midan.approval.errors import ApprovalMissing, RequestUnknown
from midan.approval.rules import State
from midan.approval.selectors import request as approval_request
from midan.catalog.settings import current
from midan.core.actor import Actor
from midan.core.errors import MidanError
from midan.destruction import models
from midan.destruction.errors import RunBusy
from midan.destruction.rules.runs import Basis, Step
from midan.destruction.selectors.runs import open_runs
from midan.destruction.services.keeping import end_agreed_holds
from midan.destruction.services.planning import plan_due
from midan.destruction.services.rotating import rotate_agreed
from midan.destruction.services.steps import advance
from midan.vault import selectors as keys
from midan.vault import services as vault

Clock = Callable[[], datetime]
Progress = Callable[[str, Step], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What one round did: runs touched, runs that are finished now, runs that wait for somebody or something."""

    runs: tuple[str, ...]
    finished: tuple[str, ...]
    waiting: tuple[str, ...]
    faults: tuple[MidanError, ...]


def work(*, actor: Actor, clock: Clock, due: bool, progress: Progress = lambda _code, _step: None) -> Worked:
    """Do everything there is to do, step by step; with `due`, begin with what is due today. RunBusy.

    A refusal in the middle (a keeper gone, a locked vault) leaves its run at the step it reached, and is returned.
    """
    faults: list[MidanError] = []
    with _alone():
        end_agreed_holds(actor=actor, now=clock())
        try:
            rotate_agreed(actor=actor, now=clock())
        except MidanError as error:
            faults.append(error)
        if due:
            plan_due(actor=actor, now=clock())
        runs = open_runs()
        for code in runs:
            try:
                _carry_out(actor, code, clock, progress)
            except MidanError as error:
                faults.append(error)
        try:
            _settle(actor, clock())
        except MidanError as error:
            faults.append(error)
    left = open_runs()
    return Worked(
        runs=runs,
        finished=tuple(code for code in runs if code not in left),
        waiting=tuple(code for code in runs if code in left),
        faults=tuple(faults),
    )


def _settle(actor: Actor, now: datetime) -> None:
    """Let keepers erase what they owe, also after a ratchet that no run asked for: one was away, or a standby late."""
    if keys.owing((keys.generation() or 1) - 1):
        vault.settle(actor=actor, now=now)


def _carry_out(actor: Actor, code: str, clock: Clock, progress: Progress) -> None:
    """Take a run as far as it goes."""
    if not _may_start(code, clock()):
        return
    while advance(actor=actor, code=code, now=clock()):
        progress(code, Step(models.Run.objects.get(code=code).step))


def _may_start(code: str, now: datetime) -> bool:
    """Return whether a run may go on; one whose approval was refused or has expired is given up."""
    run = models.Run.objects.get(code=code)
    if run.basis != Basis.APPROVED or run.step != Step.PLANNED:
        return True
    try:
        state = approval_request(run.approval, now=now).state
    except RequestUnknown:
        raise ApprovalMissing from None
    if state in {State.REFUSED, State.EXPIRED}:
        run.dropped_at = now
        run.save(update_fields=["dropped_at"])
    return state == State.APPROVED


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock of this home; the kernel drops it with the process, however that ends."""
    folder = current().home / "run"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / "destroy.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunBusy from None
        yield
    finally:
        os.close(handle)
