"""Texts to be signed, and what was signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from midan.duties.models import Document, Signature
from midan.duties.statement import write


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    kind: str
    number: int
    zh: str
    en: str
    published_at: datetime
    signed: int

    def text(self, lang: str) -> str:
        return self.en if lang == "en" else self.zh


def in_force(kind: str) -> DocumentView | None:
    """Return the version in force; None before the first."""
    row = Document.objects.filter(kind=kind).order_by("-number").first()
    if row is None:
        return None
    signed = row.signatures.values("staff_no").distinct().count()
    return DocumentView(
        kind=row.kind,
        number=row.number,
        zh=row.zh,
        en=row.en,
        published_at=row.published_at,
        signed=signed,
    )


def signed_latest(kind: str) -> Mapping[str, date | None]:
    """Return until when each person's signature under the version in force holds; None for no end."""
    newest = Document.objects.filter(kind=kind).order_by("-number").first()
    if newest is None:
        return {}
    rows = Signature.objects.filter(document=newest).order_by("at").values_list("staff_no", "until")
    return dict(rows)


def signed_file(*, staff_no: str, kind: str) -> bytes | None:
    """Return a person's newest signature of a kind as the file that is checked offline; None without one."""
    row = (
        Signature.objects.filter(staff_no=staff_no, document__kind=kind)
        .select_related("document")
        .order_by("-at")
        .first()
    )
    if row is None:
        return None
    text = row.document.en if '"language":"en"' in row.statement else row.document.zh
    return write(statement=row.statement, text=text, signature=bytes(row.signature))
