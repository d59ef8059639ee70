"""The reads of the log."""

from midan.audit.selectors.backlog import MOST, Waiting, first_unsigned, oldest_pending_age
from midan.audit.selectors.entries import (
    Bucket,
    CheckpointView,
    EntryFilter,
    EntryPage,
    EntryView,
    VerificationView,
    checkpoint,
    counts,
    entries,
    entry,
    last_verification,
    of_object,
    of_objects,
    total,
)
from midan.audit.selectors.proofs import FsckResult, Traces, TracesOf, fsck, prove, tile
from midan.audit.selectors.verification import VerifyResult, verify

__all__ = [
    "MOST",
    "Bucket",
    "CheckpointView",
    "EntryFilter",
    "EntryPage",
    "EntryView",
    "FsckResult",
    "Traces",
    "TracesOf",
    "VerificationView",
    "VerifyResult",
    "Waiting",
    "checkpoint",
    "counts",
    "entries",
    "entry",
    "first_unsigned",
    "fsck",
    "last_verification",
    "of_object",
    "of_objects",
    "oldest_pending_age",
    "prove",
    "tile",
    "total",
    "verify",
]
