"""What a destruction may touch: named targets, and the log entry that allows exactly these.

A warrant proves nothing by itself: keyd reads the committed entry it names and compares. Layout of what is hashed,
so that a list has one digest in whatever order it was written:

"midan/targets/1" ‖ count u32 ‖ epoch u32 … ‖ count u32 ‖ (seq u64 ‖ part u8 ‖ epoch u32 ‖ record u32) …

Epochs ascend, cuts ascend, none stands twice. `part` 0 is the whole record; a cut without a place of its own, which
lies where the vault's row says, has 0xffffffff for both numbers. Big-endian.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from struct import Struct
from typing import Final

from midan.core.parts import PartCode
from midan.core.sm import sm3

LIFE: Final = timedelta(hours=24)
STARTED: Final = "destruction:run:started"
APPROVED: Final = "approval:request:approved"
# Why a run may destroy: the schedule; a person's request; a correction's old copy; two persons outside the schedule.
BASES: Final = frozenset({"due", "request", "correction", "approved"})

_LABEL: Final = b"midan/targets/1"
_NUMBER: Final = Struct(">I")
_CUT: Final = Struct(">QBII")
_ANYWHERE: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Cut:
    """One order to destroy, or one part of it.

    `epoch` and `record_no` name a copy that the vault's row no longer leads to, such as the one before a correction.
    """

    seq: int
    part: PartCode | None = None
    epoch: int | None = None
    record_no: int | None = None

    def __post_init__(self) -> None:
        if (self.epoch is None) != (self.record_no is None):
            raise ValueError("a place has an epoch and a record number")

    def to_bytes(self) -> bytes:
        """Return the 17 bytes that stand for this cut."""
        return _CUT.pack(
            self.seq,
            self.part or 0,
            _ANYWHERE if self.epoch is None else self.epoch,
            _ANYWHERE if self.record_no is None else self.record_no,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Warrant:
    """All that one run may destroy, and the entry `destruction:run:started` that says so.

    A call may take any share of it: runs go forward in bounded steps and are resumed after a crash.
    """

    entry_id: str
    epochs: tuple[int, ...] = ()
    cuts: tuple[Cut, ...] = ()

    @property
    def targets(self) -> str:
        """Return the digest in hexadecimal, as details.targets of the entry holds it."""
        return target_digest(self.epochs, self.cuts).hex()


def target_digest(epochs: Sequence[int], cuts: Sequence[Cut]) -> bytes:
    """Return the 32 bytes that stand for these targets in any order, repeats aside."""
    numbers = sorted(set(epochs))
    rows = sorted({cut.to_bytes() for cut in cuts})
    return sm3(
        b"".join(
            (
                _LABEL,
                _NUMBER.pack(len(numbers)),
                *map(_NUMBER.pack, numbers),
                _NUMBER.pack(len(rows)),
                *rows,
            )
        )
    )
