"""Print a batch: one file, one log entry, one row a copy; the entry is committed before the file leaves.

A batch is drawn in memory before anything of it is written: what cannot be drawn was never printed, and counts nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from midan.audit.services import record
from midan.catalog import settings
from midan.catalog.rules import Purpose
from midan.core import merkle
from midan.core.actor import Actor
from midan.core.entry import MAX_PARTIES
from midan.core.labeltoken import LabelToken, encode_many
from midan.label import rules, selectors
from midan.label.errors import (
    BadLabelRequest,
    BatchTooLarge,
    NotPrintable,
    PrintDenied,
    ReasonNeeded,
)
from midan.label.events import Act
from midan.label.render import Output, render
from midan.label.rules import CheckedLabel, Format, Size
from midan.label.services.drafts import Draft, choose, drafts, printable, registered
from midan.store import bulk
from midan.vault.services import company_key
from midan.waybill.rules import Waybill

_COLUMNS: Final = (
    ("print_id", "int8"),
    ("batch", "int8"),
    ("seq", "int8"),
    ("copy_no", "int4"),
    ("actor", "text"),
    ("branch", "text"),
    ("at", "timestamptz"),
    ("format", "text"),
    ("size", "text"),
    ("dpi", "int2"),
    ("reason", "text"),
)
_NAMES: Final = tuple(name for name, _ in _COLUMNS)
_TYPES: Final = tuple(kind for _, kind in _COLUMNS)
# An entry names so many parties; of larger batches the root says whose labels they were.
_MOST_NAMED: Final = MAX_PARTIES // 2
_SKIPPED: Final = 1 << 20  # of 2^40 print ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """The file of a batch. `print_ids` are in the order of its labels; `entry_id` is the committed log entry."""

    content: bytes
    media_type: str
    suffix: str
    print_ids: tuple[int, ...]
    count: int
    reprints: int
    entry_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """Who asked for what."""

    actor: Actor
    format: Format
    size: Size
    dpi: int
    reason: str
    now: datetime


def print_labels(  # noqa: PLR0913  (what a print dialogue asks)
    *,
    actor: Actor,
    waybills: Sequence[str],
    format: str = Format.PDF,  # noqa: A002  (the user's word)
    size: str = Size.SMALL,
    dpi: int = 203,
    reason: str = "",
    now: datetime,
) -> Printed:
    """Print the labels of these waybills, each once, into one file.

    Raise BadLabelRequest, BatchTooLarge, PrintDenied, NotPrintable, NothingToPrint, ReasonNeeded, ForbiddenOnLabel,
    VaultLocked: nothing was printed then, and a refusal for who asks is logged. RuntimeError inside a transaction:
    what could still be rolled back is not yet logged.
    """
    job = _Job(
        actor=registered(actor),
        format=choose(Format, field="format", text=format),
        size=choose(Size, field="size", text=size),
        dpi=dpi,
        reason=reason,
        now=now,
    )
    numbers = _check_request(job, rules.distinct(waybills))
    batch = drafts(_allowed(job, numbers), now=now)
    output, copies, entry_id = _drawn_and_registered(job, batch)
    return Printed(
        content=output.content,
        media_type=output.media_type,
        suffix=output.suffix,
        print_ids=tuple(copies),
        count=len(batch),
        reprints=sum(copy > 1 for copy in copies.values()),
        entry_id=entry_id,
    )


def _check_request(job: _Job, numbers: tuple[str, ...]) -> tuple[str, ...]:
    if job.dpi not in rules.DPIS:
        raise BadLabelRequest(field="dpi", allowed=tuple(map(str, rules.DPIS)))
    if job.reason and job.reason not in {rules.FIRST.value, *rules.REPRINT_REASONS}:
        raise BadLabelRequest(field="reason", allowed=rules.REPRINT_REASONS)
    if not numbers:
        raise NotPrintable
    if len(numbers) > rules.MOST_LABELS:
        raise BatchTooLarge(count=len(numbers), most=rules.MOST_LABELS)
    return numbers


def _allowed(job: _Job, numbers: tuple[str, ...]) -> list[Waybill]:
    """Return the waybills if the actor may print them all; a refusal is logged, durably, before it is said."""
    if not rules.prints_labels(job.actor):
        _log_refusal(job, len(numbers), PrintDenied.code)
        raise PrintDenied(reason="post")
    try:
        return printable(actor=job.actor, numbers=numbers)
    except NotPrintable:
        _log_refusal(job, len(numbers), NotPrintable.code)
        raise


def _log_refusal(job: _Job, count: int, code: str) -> None:
    with transaction.atomic(durable=True):
        record(
            actor=job.actor,
            act=Act.DENIED,
            object="label:refused",
            outcome="denied",
            purpose=Purpose.LABEL,
            reason=code,
            clause="T1",
            count=count,
            at=job.now,
        )


def _drawn_and_registered(job: _Job, batch: Sequence[Draft]) -> tuple[Output, dict[int, int], str]:
    """Draw the labels, then write rows and entry; where somebody printed one of them meanwhile, number and draw anew.

    Ids of a batch that fails are used by nobody. The loop ends: each turn somebody else's print is done.
    """
    with transaction.atomic(durable=True):
        first = _take_ids(len(batch))
    while True:
        copies = _numbered(batch, first)
        _check_reason(job, copies)
        output = render(_labels(batch, copies), format=job.format, size=job.size, dpi=job.dpi)
        with transaction.atomic(durable=True):
            _take_ids(0)  # whoever prints the same waybill now waits here, so two copies never get one number
            if _numbered(batch, first) == copies:
                return output, copies, _register(job, batch, copies)


def _numbered(batch: Sequence[Draft], first: int) -> dict[int, int]:
    """Return print id → the copy's number, in the order of the batch."""
    before = selectors.copies([draft.waybill.seq for draft in batch])
    return {first + place: before.get(draft.waybill.seq, 0) + 1 for place, draft in enumerate(batch)}


def _check_reason(job: _Job, copies: dict[int, int]) -> None:
    reprints = sum(copy > 1 for copy in copies.values())
    why = rules.stated_reason(kind=job.actor.kind, asked=job.reason)
    if reprints and not rules.reason_of(2, why):
        raise ReasonNeeded(reprints=reprints, reasons=rules.REPRINT_REASONS)


def _register(job: _Job, batch: Sequence[Draft], copies: dict[int, int]) -> str:
    """Write the rows of the copies and their entry; return its id."""
    _write(job, batch, copies)
    reprints = sum(copy > 1 for copy in copies.values())
    why = rules.stated_reason(kind=job.actor.kind, asked=job.reason)
    return record(
        actor=job.actor,
        act=Act.REPRINTED if reprints else Act.PRINTED,
        object=rules.batch_object(next(iter(copies))),
        purpose=Purpose.LABEL,
        reason=why if reprints else rules.FIRST,
        clause="T1",
        party=_parties(batch),
        count=len(batch),
        details={
            "format": job.format.value,
            "size": job.size.value,
            "dpi": job.dpi,
            "reprints": reprints,
            "root": merkle.root(draft.waybill.number.encode() for draft in batch).hex(),
        },
        at=job.now,
    )


def skip_copies() -> None:
    """Leave out more print ids than were printed since any backup: after a restore no label means another copy."""
    _take_ids(_SKIPPED)


def _take_ids(count: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO label_counter (name, next) VALUES ('print', %s)"
            " ON CONFLICT (name) DO UPDATE SET next = label_counter.next + %s RETURNING next",
            [1 + count, count],
        )
        return int(cursor.fetchone()[0]) - count


def _labels(batch: Sequence[Draft], copies: dict[int, int]) -> list[CheckedLabel]:
    base_url = settings.current().base_url
    pairs = list(zip(batch, copies.items(), strict=True))
    tokens = encode_many(
        company_key("label-token"),
        [LabelToken(sequence=draft.waybill.seq, print_id=print_id) for draft, (print_id, _) in pairs],
    )
    return rules.check_all(
        [
            draft.model(payload=rules.payload_of(base_url, token), copy_no=copy)
            for (draft, (_, copy)), token in zip(pairs, tokens, strict=True)
        ]
    )


def _write(job: _Job, batch: Sequence[Draft], copies: dict[int, int]) -> None:
    first = next(iter(copies))
    bulk.insert(
        "label_print",
        _NAMES,
        _TYPES,
        [
            (
                print_id,
                first,
                draft.waybill.seq,
                copy,
                job.actor.reference,
                job.actor.branch,
                job.now,
                job.format.value,
                job.size.value,
                job.dpi,
                rules.reason_of(copy, rules.stated_reason(kind=job.actor.kind, asked=job.reason)),
            )
            for draft, (print_id, copy) in zip(batch, copies.items(), strict=True)
        ],
    )


def _parties(batch: Sequence[Draft]) -> tuple[bytes, ...]:
    if len(batch) > _MOST_NAMED:
        return ()
    return tuple(
        token for draft in batch for token in (draft.waybill.sender_party, draft.waybill.recipient_party)
    )
