"""The steps of a run, what is due, and how runs read to others. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from midan.core.parts import PartCode

KEEPERS: Final = frozenset({"privacy_officer"})


class Basis(StrEnum):
    """Why a run destroys. The schedule needs no second person; everything else does."""

    DUE = "due"
    APPROVED = "approved"


class RunReason(StrEnum):
    """Why something is destroyed outside the schedule."""

    DELETION_REQUESTED = "deletion_requested"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    BRANCH_CLOSED = "branch_closed"
    COLLECTED_IN_ERROR = "collected_in_error"


class Step(StrEnum):
    """How far a run has come: the last step that is done. Never renamed; only appended to."""

    PLANNED = "planned"
    STARTED = "started"
    CARRIED = "carried"
    DESTROYED = "destroyed"
    RATCHETED = "ratcheted"
    SWEPT = "swept"
    CLEARED = "cleared"
    CERTIFIED = "certified"
    DONE = "done"


STEPS: Final = tuple(Step)


def after(step: Step) -> Step | None:
    """Return the step that follows, None after the last."""
    place = STEPS.index(step) + 1
    return STEPS[place] if place < len(STEPS) else None


class CutPart(StrEnum):
    """What of a waybill is erased: everything, one person, or the number of the document the sender showed.

    That number goes with everything and with the sender, as a cut of its own: it lies elsewhere.
    """

    WHOLE = "whole"
    SENDER = "sender"
    RECIPIENT = "recipient"
    IDENTITY = "identity"


PART_CODES: Final[Mapping[CutPart, PartCode | None]] = MappingProxyType(
    {
        CutPart.WHOLE: None,
        CutPart.SENDER: PartCode.SENDER,
        CutPart.RECIPIENT: PartCode.RECIPIENT,
        CutPart.IDENTITY: PartCode.IDENTITY,
    }
)
# Asked to erase one of these, what goes from the order itself and what from the identity numbers.
WITH_IDENTITY: Final = frozenset({CutPart.WHOLE, CutPart.SENDER, CutPart.IDENTITY})


@dataclass(frozen=True, slots=True, kw_only=True)
class DueEpoch:
    """A live epoch whose day has passed: what lies in it, what must stay, and what will go."""

    number: int
    retention: str
    day: date
    due: date
    records: int
    held: int
    stragglers: int

    @property
    def kept(self) -> int:
        """Return how many records are carried on; a record both held and unfinished counts as held."""
        return self.held + self.stragglers

    @property
    def destroyable(self) -> int:
        return self.records - self.kept

    @property
    def waits(self) -> bool:
        """Return whether everything in it has to stay: it is left alone until something may go."""
        return self.records > 0 and self.destroyable == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePlan:
    """What a run would do now: a dry run shows these counts and does nothing."""

    epochs: tuple[DueEpoch, ...]
    waiting: tuple[DueEpoch, ...]

    @property
    def records(self) -> int:
        return sum(epoch.records for epoch in self.epochs)

    @property
    def held(self) -> int:
        return sum(epoch.held for epoch in self.epochs)

    @property
    def stragglers(self) -> int:
        return sum(epoch.stragglers for epoch in self.epochs)

    @property
    def destroyable(self) -> int:
        return sum(epoch.destroyable for epoch in self.epochs)

    @property
    def share(self) -> float:
        """Return the share of stragglers in what is due."""
        return self.stragglers / self.records if self.records else 0.0

    def as_dict(self) -> dict[str, object]:
        """Return the counts as the command line prints them."""
        return {
            "epochs": len(self.epochs),
            "records": self.records,
            "held": self.held,
            "stragglers": self.stragglers,
            "straggler_share": round(self.share, 6),
            "destroyable": self.destroyable,
            "waiting": len(self.waiting),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEpochView:
    """One epoch of a run; counts are final once the keys are gone."""

    number: int
    retention: str
    day: date
    due: date
    records: int
    held: int
    stragglers: int
    destroyed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCutView:
    """One person, or one whole waybill, of a run. The token is the waybill's random party token, never a name."""

    seq: int
    part: str
    epoch: int
    record_no: int
    token: bytes
    epoch_due: date
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as others read it."""

    code: str
    basis: str
    reason: str
    step: Step
    requester: str
    approver: str
    approval: str
    approval_entry: str
    planned_at: datetime
    dropped_at: datetime | None
    warrant: str
    generation: int
    unreadable_at: datetime | None
    steps: tuple[tuple[Step, datetime], ...]
    epochs: tuple[RunEpochView, ...]
    cuts: tuple[RunCutView, ...]

    @property
    def destroyed(self) -> int:
        """Return how many records, or persons, the run destroys."""
        return sum(epoch.destroyed for epoch in self.epochs) + len(self.erased)

    @property
    def erased(self) -> tuple[RunCutView, ...]:
        """Return the persons and waybills that were free to go."""
        return tuple(cut for cut in self.cuts if not cut.kept)

    @property
    def planned(self) -> int:
        """Return how many records, or persons, it set out to destroy."""
        return sum(epoch.records - epoch.held - epoch.stragglers for epoch in self.epochs) + len(self.cuts)

    @property
    def carried(self) -> int:
        return sum(epoch.held + epoch.stragglers for epoch in self.epochs) + sum(
            cut.kept for cut in self.cuts
        )

    @property
    def finished(self) -> bool:
        return self.step == Step.DONE

    @property
    def open(self) -> bool:
        """Return whether there is work left in it."""
        return not self.finished and self.dropped_at is None

    @property
    def keys_gone(self) -> bool:
        """Return whether anything was destroyed yet."""
        return STEPS.index(self.step) >= STEPS.index(Step.DESTROYED)

    @property
    def progress(self) -> int:
        """Return how far the run has come, in hundredths."""
        return STEPS.index(self.step) * 100 // (len(STEPS) - 1)

    def at(self, step: Step) -> datetime | None:
        """Return when a step was done."""
        return dict(self.steps).get(step)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateView:
    """A certificate in the list; `status` pending while a keeper owes its receipt."""

    number: str
    status: str
    issued_at: datetime
    entry_id: str
    epochs: int
    records: int


def may_keep(*, kind: str, role: str) -> bool:
    """Return whether this actor sets lengths, places holds and asks for destruction."""
    return kind == "staff" and role in KEEPERS


def stays_unfinished(*, finished: bool, last_day: date, today: date) -> bool:
    """Return whether a record is carried on because its parcel is not finished; never past the class's cap."""
    return not finished and today <= last_day
