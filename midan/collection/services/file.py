"""Take in a file or a stream of any size: batches, each its own commit, safe to stop and run again."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from io import BufferedIOBase, RawIOBase
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Final

from django.db import transaction
from django.utils import timezone

from midan.audit.services import record
from midan.collection import models
from midan.collection.errors import FileBroken, FileRefused, IntakeInterrupted
from midan.collection.events import Act
from midan.collection.files import FORMATS, FileReason, Rows, open_rows
from midan.collection.rules import Reject
from midan.collection.rules.prepare import Prepared, RawRow, Slots, check_rows
from midan.collection.services.desk import Blocks, Desk, open_desk
from midan.collection.services.pool import prepared_by_workers
from midan.collection.services.settle import settle
from midan.collection.services.storage import storage_errors
from midan.core.actor import Actor
from midan.core.entry import Outcome
from midan.store import bulk
from midan.vault import selectors as vault

BATCH: Final = 500
# SQLite has one writer: beside a server 500 orders would keep a reveal's entry waiting for 40 to 70 ms.
_BESIDE_PEOPLE: Final = 100
_CHUNK: Final = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Rows so far; `fraction` of the source read, None when its length is not known."""

    accepted: int
    replayed: int
    rejected: int
    fraction: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The end of an intake. Rejected counts conflicts too."""

    accepted: int
    replayed: int
    rejected: int
    seconds: float
    upload_id: str


OnReject = Callable[[int, tuple[Reject, ...]], None]
Source = Path | BufferedIOBase | RawIOBase | Iterable[bytes]


@storage_errors()
def intake_file(  # noqa: PLR0913 -- who, for whom, what, when, and the ears of the caller
    *,
    actor: Actor,
    client: str,
    branch: str,
    source: Source,
    file_format: str,
    now: datetime,
    workers: int = 1,
    on_progress: Callable[[Progress], None] | None = None,
    on_reject: OnReject | None = None,
    stop: Callable[[], bool] | None = None,
) -> Summary:
    """Take in every row of the source and say how many were new, seen before, refused.

    Killed at any point and run again, it ends with exactly the same orders. `workers` of 2 or more check
    and seal in processes of their own. Raise FileRefused (nothing stored), FileBroken (what came before
    stays), IntakeInterrupted when `stop()` says so, UnknownBranch, StorageFull.
    """
    if file_format not in FORMATS:
        raise FileRefused(FileReason.FORMAT, formats=list(FORMATS))
    run = _Run(
        desk=open_desk(actor=actor, client=client, branch=branch, now=now),
        file_format=file_format,
        on_progress=on_progress,
        on_reject=on_reject,
        stop=stop,
    )
    try:
        with open_rows(_as_source(source), file_format=file_format) as rows:
            run.take_in(rows, workers=workers)
    except FileRefused as error:
        run.finish("refused", reason=error.reason)
        if run.accepted or run.replayed:
            raise FileBroken(error.reason, **run.counts()) from None
        raise
    except IntakeInterrupted:
        run.finish("interrupted", reason="interrupted")
        raise
    return run.finish("done")


def intake_stream(  # noqa: PLR0913 -- as intake_file
    *,
    actor: Actor,
    client: str,
    branch: str,
    chunks: Iterable[bytes],
    file_format: str,
    now: datetime,
    on_reject: OnReject | None = None,
) -> Summary:
    """Take in an upload as it arrives: nothing is written to disk but what is sealed. As intake_file otherwise."""
    return intake_file(
        actor=actor,
        client=client,
        branch=branch,
        source=chunks,
        file_format=file_format,
        now=now,
        on_reject=on_reject,
    )


def _as_source(source: Source) -> Path | Iterable[bytes]:
    if isinstance(source, Path):
        return source
    if isinstance(source, BufferedIOBase | RawIOBase):
        # A file object iterates by lines of any length: read it by size instead.
        return iter(partial(source.read, _CHUNK), b"")
    return source


class _Run:
    """One intake under way: its counts, and the row by which others follow it."""

    def __init__(
        self,
        *,
        desk: Desk,
        file_format: str,
        on_progress: Callable[[Progress], None] | None,
        on_reject: OnReject | None,
        stop: Callable[[], bool] | None,
    ) -> None:
        self.accepted = self.replayed = self.rejected = 0
        self._desk = desk
        self._on_progress = on_progress
        self._on_reject = on_reject
        self._stop = stop
        self._began = perf_counter()
        self._id = os.urandom(16)
        self._blocks = Blocks(desk, first=BATCH)
        # While most rows turn out to be replays, sealing them ahead would be wasted work.
        self._seal_ahead = True
        self._begin(file_format)

    def take_in(self, rows: Rows, *, workers: int) -> None:
        """Prepare and settle batch after batch."""
        for prepared in self._prepared(rows, workers):
            if self._stop is not None and self._stop():
                raise IntakeInterrupted("已中断；已提交的内容不丢，请重新运行同一命令", **self.counts())
            settled = settle(desk=self._desk, prepared=prepared, blocks=self._blocks, also=self._advance)
            fresh, seen = settled.count("accepted"), settled.count("replayed")
            self._seal_ahead = fresh >= seen
            self.accepted += fresh
            self.replayed += seen
            self.rejected += settled.count("rejected", "conflict")
            if self._on_reject is not None:
                for row in settled.rows:
                    if row.rejects:
                        self._on_reject(row.row, row.rejects)
            if self._on_progress is not None:
                self._on_progress(Progress(**self.counts(), fraction=rows.fraction()))

    def counts(self) -> dict[str, int]:
        """Return the three counts."""
        return {"accepted": self.accepted, "replayed": self.replayed, "rejected": self.rejected}

    def finish(self, state: str, *, reason: str = "") -> Summary:
        """Close the upload's row and write its entry."""
        with transaction.atomic():
            models.Upload.objects.filter(id=self._id).update(
                state=state, reason=reason, updated_at=timezone.now(), **self.counts()
            )
            record(
                actor=self._desk.actor,
                act=Act.UPLOAD_FINISHED,
                object=f"upload:{self._id.hex()}",
                outcome=Outcome.DONE if state == "done" else Outcome.FAILED,
                reason=reason,
                clause="L1.3",
                count=self.accepted,
                details={"client": self._desk.client, "replayed": self.replayed, "rejected": self.rejected},
            )
        return Summary(
            **self.counts(), seconds=round(perf_counter() - self._began, 3), upload_id=self._id.hex()
        )

    def _prepared(self, rows: Rows, workers: int) -> Iterator[Prepared]:
        desk, chunks = self._desk, _chunks(rows, _BESIDE_PEOPLE if _people_wait() else BATCH)
        if workers < 2:
            return (
                check_rows(chunk, notices=desk.notices, secret=desk.secret, client=desk.client)
                for chunk in chunks
            )
        return prepared_by_workers(chunks, desk=desk, workers=workers, slots=self._slots)

    def _slots(self, count: int) -> Slots | None:
        return self._blocks.take(count) if self._seal_ahead else None

    def _begin(self, file_format: str) -> None:
        began = timezone.now()
        models.Upload.objects.create(
            id=self._id,
            actor=self._desk.actor.reference,
            client=self._desk.client,
            branch=self._desk.branch,
            format=file_format,
            state="running",
            reason="",
            accepted=0,
            replayed=0,
            rejected=0,
            started_at=began,
            updated_at=began,
        )

    def _advance(self, accepted: int, replayed: int, rejected: int) -> None:
        """Move the upload's row inside the transaction of the batch: no commit of its own."""
        models.Upload.objects.filter(id=self._id).update(
            accepted=self.accepted + accepted,
            replayed=self.replayed + replayed,
            rejected=self.rejected + rejected,
            updated_at=timezone.now(),
        )


def _chunks(rows: Iterable[RawRow], size: int) -> Iterator[list[RawRow]]:
    todo = iter(rows)
    while chunk := list(islice(todo, size)):
        yield chunk


def _people_wait() -> bool:
    return vault.is_served() and not bulk.is_postgres()
