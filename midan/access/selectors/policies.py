"""The policies: those that ship in policy/, read once a process, and those the company put into force since.

A published version is looked for before every decision (its number alone, one look at a key), so that every worker decides
by it from the next request on. It counts only when its text is the one whose digest its log entry carries and is sound
under the schema; otherwise the version before it stays in force, and the log of the process says so. Nothing is ever
allowed by what cannot be read.
"""

import logging
from functools import cache
from pathlib import Path
from typing import Final

from django.db import connection

from midan.access.errors import DraftUnknown, PoliciesUnsound
from midan.access.models import PolicyDraft, PolicyVersion
from midan.access.rules.drafts import DraftView, VersionView, digest
from midan.access.rules.engine import PolicyBook
from midan.audit import selectors as audit
from midan.audit.errors import EntryUnknown

POLICY_FOLDER: Final = Path(__file__).resolve().parents[3] / "policy"
_LOGGER: Final = logging.getLogger(__name__)
_NEWEST: Final = "SELECT number, entry_id FROM access_policyversion ORDER BY number DESC LIMIT 1"
_SHOWN: Final = 50
NONE: Final = (0, "")
# The one version this process decides by, under its number and the entry that vouches for it.
_KEPT: Final[dict[tuple[int, str], PolicyBook]] = {}


@cache
def book() -> PolicyBook:
    """Return the sound policies that ship; raise PoliciesUnsound, and then nothing is revealed to anybody."""
    return read_book(POLICY_FOLDER)


def read_book(folder: Path) -> PolicyBook:
    try:
        policies = (folder / "access.cedar").read_text("utf-8")
        schema = (folder / "access.cedarschema").read_text("utf-8")
    except OSError as error:
        raise PoliciesUnsound("policy files cannot be read") from error
    return PolicyBook.load(policies, schema)


def shipped_text() -> str:
    return (POLICY_FOLDER / "access.cedar").read_text("utf-8")


def schema_text() -> str:
    return (POLICY_FOLDER / "access.cedarschema").read_text("utf-8")


def in_force() -> PolicyBook:
    """Return the policies that decide now: the newest published ones that are whole, else those that ship."""
    published = newest()
    if published == NONE:
        return book()
    known = _KEPT.get(published)
    if known is None:
        known = _load(published[0])
        _KEPT.clear()
        _KEPT[published] = known
    return known


def newest() -> tuple[int, str]:
    """Return the number of the newest published version and its entry; (0, '') for none."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        row = cursor.fetchone()
    return NONE if row is None else (row[0], row[1])


def text_in_force() -> str:
    """Return the text that decides now."""
    version = in_force().version
    row = PolicyVersion.objects.filter(version=version).order_by("-number").first()
    return row.text if row else shipped_text()


def broken_version() -> int:
    """Return the number of the newest published version when it is not the one in force, 0 when it is."""
    number, _ = newest()
    row = PolicyVersion.objects.filter(number=number).first()
    return 0 if row is None or row.version == in_force().version else number


def versions() -> tuple[VersionView, ...]:
    """Return the newest published versions; the texts stay behind."""
    rows = PolicyVersion.objects.order_by("-number")[:_SHOWN]
    return tuple(_version(row) for row in rows)


def version_text(number: int) -> str:
    """Return the text of a published version, 0 for the one that ships; DraftUnknown."""
    if number == 0:
        return shipped_text()
    row = PolicyVersion.objects.filter(number=number).first()
    if row is None:
        raise DraftUnknown
    return row.text


def draft(code: str) -> DraftView:
    """Return one draft with its text; DraftUnknown."""
    row = PolicyDraft.objects.filter(code=code).first()
    if row is None:
        raise DraftUnknown
    return _draft(row)


def drafts() -> tuple[DraftView, ...]:
    """Return the newest drafts."""
    return tuple(_draft(row) for row in PolicyDraft.objects.order_by("-made_at")[:20])


def _load(number: int) -> PolicyBook:
    """Return the books of the newest version up to `number` that is whole."""
    for row in PolicyVersion.objects.filter(number__lte=number).order_by("-number"):
        try:
            return _whole(row)
        except PoliciesUnsound:
            _LOGGER.error(  # noqa: TRY400  # the text of a policy is no stack trace's business
                "policy version %s is not whole: the version before it stays in force", row.number
            )
    return book()


def _whole(row: PolicyVersion) -> PolicyBook:
    """Return the books of one version; PoliciesUnsound for a text its entry does not vouch for, or that does not load."""
    said = bytes(row.digest).hex()
    try:
        entry = audit.entry(row.entry_id).entry
    except EntryUnknown:
        raise PoliciesUnsound("no entry") from None
    vouched = entry.details.get("digest") == said and entry.details.get("number") == row.number
    if not vouched or digest(row.text) != said:
        raise PoliciesUnsound("digest")
    return PolicyBook.load(row.text, schema_text())


def _version(row: PolicyVersion) -> VersionView:
    return VersionView(
        number=row.number,
        version=row.version,
        digest=bytes(row.digest).hex(),
        restores=row.restores,
        requested_by=row.requested_by,
        approved_by=row.approved_by,
        published_at=row.published_at,
        entry_id=row.entry_id,
    )


def _draft(row: PolicyDraft) -> DraftView:
    return DraftView(
        code=row.code,
        text=row.text,
        version=row.version,
        digest=bytes(row.digest).hex(),
        base=row.base,
        restores=row.restores,
        made_by=row.made_by,
        made_at=row.made_at,
        approval=row.approval,
    )
