"""Publish a text that is to be signed; sign it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.sm import sm3
from midan.duties.errors import BadDocument, DocumentChanged, DutyDenied
from midan.duties.events import Act
from midan.duties.models import Document, Signature
from midan.duties.rules import CLAUSE, YEAR, Duty, Kind, keeps
from midan.duties.statement import sign
from midan.people import selectors as people
from midan.people.errors import UnknownStaff

_LONGEST = 20_000


@transaction.atomic
def publish_document(*, actor: Actor, kind: str, zh: str, en: str, now: datetime) -> int:
    """Put a new version in force and return its number: everybody signs again. DutyDenied, BadDocument."""
    if not keeps(kind=actor.kind, role=actor.role) or not people.holds_post(actor):
        raise DutyDenied
    zh, en = (text.replace("\r\n", "\n").strip() for text in (zh, en))
    if kind not in set(Kind) or not zh or not en or max(len(zh), len(en)) > _LONGEST:
        raise BadDocument
    newest = Document.objects.filter(kind=kind).order_by("-number").first()
    if newest is not None and (newest.zh, newest.en) == (zh, en):
        return newest.number
    number = 1 if newest is None else newest.number + 1
    Document.objects.create(
        kind=kind, number=number, zh=zh, en=en, published_at=now, published_by=actor.reference
    )
    record(
        actor=actor,
        act=Act.DOCUMENT_PUBLISHED,
        object=f"document:{kind}-{number}",
        clause=CLAUSE[Duty(kind)],
        details={"zh_sm3": sm3(zh.encode()).hex(), "en_sm3": sm3(en.encode()).hex()},
        at=now,
    )
    return number


@transaction.atomic
def sign_document(*, actor: Actor, kind: str, number: int, language: str, now: datetime) -> None:
    """Sign the version in force as oneself; DutyDenied, DocumentChanged when another is. The border asks who it is anew.

    The server signs over the text's hash, the person and the time; the agreement holds until its text changes, the rules
    of conduct for a year as well.
    """
    if actor.kind != "staff" or not _works_here(actor.name):
        raise DutyDenied
    newest = Document.objects.filter(kind=kind).order_by("-number").first()
    if newest is None or newest.number != number:
        raise DocumentChanged
    text, language = (newest.en, "en") if language == "en" else (newest.zh, "zh")
    statement, signature = sign(
        kind=kind, number=number, text=text, language=language, staff_no=actor.name, at=now
    )
    ends = timezone.localdate(now) + YEAR if kind == Kind.RULES else None
    Signature.objects.create(
        staff_no=actor.name, document=newest, at=now, until=ends, statement=statement, signature=signature
    )
    record(
        actor=actor,
        act=Act.DOCUMENT_SIGNED,
        object=f"document:{kind}-{number}",
        clause=CLAUSE[Duty(kind)],
        details={"text_sm3": sm3(text.encode()).hex(), "language": language},
        at=now,
    )


def _works_here(staff_no: str) -> bool:
    try:
        return people.staff(staff_no).active
    except UnknownStaff:
        return False
