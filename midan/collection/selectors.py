"""Reads of collection: notices and what they told, consents, real-name checks, uploads. Frozen views, never rows."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Max, Sum

from midan.catalog.rules import PURPOSES, Purpose
from midan.collection import models
from midan.collection.errors import UnknownNotice
from midan.collection.rules import GRACE, NoticeBody
from midan.collection.rules.realname import RealNameView
from midan.core.merkle import Membership, membership
from midan.core.sm import sm3
from midan.store.bulk import select_keys
from midan.store.views import view_of
from midan.waybill import selectors as waybills

Span = tuple[datetime, datetime | None]
_TOLD = "SELECT fields FROM collection_basis WHERE version = %s AND purpose = %s"
_BASES = (
    "SELECT party, purpose, basis, method, fields FROM collection_basis WHERE version = %s"
    " ORDER BY party, purpose"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A published notice. `intact` is whether the stored bytes still have the digest they were published with."""

    version: str
    lang: str
    body: NoticeBody
    digest: str
    published_at: datetime
    entry_id: str
    intact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisView:
    """What a version told one party about one purpose."""

    party: str
    purpose: str
    basis: str
    source: str
    method: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentView:
    """`stands` is false once withdrawn, and when the current notice says something else than was agreed to."""

    purpose: str
    notice_version: str
    given_at: datetime
    withdrawn_at: datetime | None
    stands: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadView:
    id: str
    actor: str
    client: str
    branch: str
    format: str
    state: str
    reason: str
    accepted: int
    replayed: int
    rejected: int
    started_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What came in so far, by commits of at least one order, and by whole files."""

    batches: int
    accepted: int
    last: datetime | None
    uploads: int
    rejected: int


def notice_spans() -> dict[str, Span]:
    """Return the span of every version: from its publication, to the end of the grace after the next one's."""
    published = models.Notice.objects.filter(lang="zh").order_by("published_at", "version")
    rows = list(published.values_list("version", "published_at"))
    ends = [superseded + GRACE for _, superseded in rows[1:]]
    return {version: (start, end) for (version, start), end in zip(rows, [*ends, None], strict=True)}


def notice_versions(now: datetime) -> frozenset[str]:
    """Return every version an order may name at this moment."""
    return frozenset(version for version, (_, end) in notice_spans().items() if end is None or now < end)


def notices() -> tuple[NoticeView, ...]:
    """Return every notice, newest first."""
    return tuple(_notice(row) for row in models.Notice.objects.order_by("-published_at", "-version", "lang"))


def notice(version: str, lang: str = "zh") -> NoticeView:
    """Return one version, in Chinese when the language is not there; raise UnknownNotice."""
    rows = {row.lang: row for row in models.Notice.objects.filter(version=version)}
    row = rows.get(lang) or rows.get("zh")
    if row is None:
        raise UnknownNotice("没有这个版本的告知")
    return _notice(row)


def current_notice(lang: str = "zh") -> NoticeView:
    """Return the notice in force; raise UnknownNotice before the first is published."""
    version = current_version()
    if not version:
        raise UnknownNotice("尚未发布告知")
    return notice(version, lang)


def current_version() -> str:
    """Return the version in force, or '' before the first."""
    newest = models.Notice.objects.order_by("-published_at", "-version").values_list("version", flat=True)
    return newest.first() or ""


def told(version: str, purpose: str) -> frozenset[str]:
    """Return the fields whose use for a purpose a version told. Every reveal asks: plain SQL, a few rows."""
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [version, purpose])
        return frozenset(name for (fields,) in cursor.fetchall() for name in fields.split(","))


def bases(version: str) -> tuple[BasisView, ...]:
    """Return the legal basis of every purpose a version told, for each party."""
    with connection.cursor() as cursor:
        cursor.execute(_BASES, [version])
        rows = cursor.fetchall()
    return tuple(
        BasisView(
            party=party,
            purpose=purpose,
            basis=basis,
            source=PURPOSES[Purpose(purpose)].source,
            method=method,
            fields=tuple(fields.split(",")),
        )
        for party, purpose, basis, method, fields in rows
    )


def consents(party: bytes) -> tuple[ConsentView, ...]:
    """Return every consent this party token ever gave, newest first."""
    rows = models.Consent.objects.filter(party=party).order_by("-given_at", "-id")
    return tuple(
        ConsentView(
            purpose=row.purpose,
            notice_version=row.notice_version,
            given_at=row.given_at,
            withdrawn_at=row.withdrawn_at,
            stands=row.withdrawn_at is None and _still_told(row),
        )
        for row in rows
    )


def has_consent(*, party: bytes, purpose: str) -> bool:
    """Return whether a consent stands; a change of purpose, method or fields in the notice ends it (PIPL 14)."""
    row = models.Consent.objects.filter(party=party, purpose=purpose, withdrawn_at__isnull=True).first()
    return row is not None and _still_told(row)


def _still_told(row: models.Consent) -> bool:
    told = models.Basis.objects.filter(version=current_version(), party=row.side, purpose=row.purpose).first()
    return told is not None and (told.method, told.fields) == (row.method, row.fields)


def known_references(references: Sequence[bytes]) -> dict[bytes, tuple[bytes, int]]:
    """Return reference → (content digest, sequence) of the orders already taken in."""
    statement = (
        "SELECT r.reference, r.content, r.seq FROM {keys} JOIN collection_reference r ON r.reference = k.c1"
    )
    found = select_keys(statement, ("bytea",), [(reference,) for reference in references])
    return {bytes(reference): (bytes(content), seq) for reference, content, seq in found}


def batch_membership(number: str) -> Membership | None:
    """Return the proof that a waybill number belongs to the intake batch it came with; None for a stranger."""
    waybill = waybills.tracking(number) and waybills.get(number)
    batch = models.Batch.objects.filter(id=waybill.batch).first() if waybill else None
    if waybill is None or batch is None:
        return None
    rows = waybills.by_seqs(range(batch.first_seq, batch.last_seq + 1))
    mine = [rows[seq].number for seq in sorted(rows) if bytes(rows[seq].batch) == bytes(batch.id)]
    return membership(
        object=f"batch:{bytes(batch.id).hex()}",
        members=[each.encode() for each in mine],
        index=mine.index(number),
    )


def uploads(*, branch: str, limit: int) -> tuple[UploadView, ...]:
    """Return the newest uploads of a branch."""
    rows = models.Upload.objects.filter(branch=branch).order_by("-started_at")
    return tuple(_upload(row) for row in rows[:limit])


def upload(upload_id: str) -> UploadView | None:
    """Return one upload by its hex id, or None."""
    try:
        row = models.Upload.objects.filter(id=bytes.fromhex(upload_id)).first()
    except ValueError:
        return None
    return None if row is None else _upload(row)


def totals() -> Totals:
    """Return what came in so far."""
    batches = models.Batch.objects.aggregate(n=Count("id"), accepted=Sum("accepted"), last=Max("created_at"))
    files = models.Upload.objects.aggregate(n=Count("id"), rejected=Sum("rejected"))
    return Totals(
        batches=batches["n"],
        accepted=batches["accepted"] or 0,
        last=batches["last"],
        uploads=files["n"],
        rejected=files["rejected"] or 0,
    )


def consent_counts() -> tuple[int, int]:
    """Return how many consents are open and how many were withdrawn."""
    given = models.Consent.objects.filter(withdrawn_at__isnull=True).count()
    return given, models.Consent.objects.filter(withdrawn_at__isnull=False).count()


def _notice(row: models.Notice) -> NoticeView:
    body, digest = bytes(row.body), bytes(row.digest)
    return NoticeView(
        version=row.version,
        lang=row.lang,
        body=NoticeBody.from_mapping(json.loads(body)),
        digest=digest.hex(),
        published_at=row.published_at,
        entry_id=row.entry_id,
        intact=sm3(body) == digest,
    )


def _upload(row: models.Upload) -> UploadView:
    return UploadView(
        id=bytes(row.id).hex(),
        actor=row.actor,
        client=row.client,
        branch=row.branch,
        format=row.format,
        state=row.state,
        reason=row.reason,
        accepted=row.accepted,
        replayed=row.replayed,
        rejected=row.rejected,
        started_at=row.started_at,
        updated_at=row.updated_at,
    )


def real_name(seq: int) -> RealNameView | None:
    """Return who looked at the sender's document of this waybill and when, None where nobody has."""
    row = models.RealName.objects.filter(seq=seq).first()
    return None if row is None else view_of(RealNameView, row)


def real_names(seqs: Collection[int]) -> frozenset[int]:
    """Return those of the waybills whose sender's document was looked at."""
    return frozenset(models.RealName.objects.filter(seq__in=list(seqs)).values_list("seq", flat=True))


def real_name_total() -> int:
    """Return how many checks were recorded."""
    return models.RealName.objects.count()
