"""Publish a notice: both languages at once, logged with their digests, never changed afterwards."""

import json
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Final

from django.db import transaction

from midan.audit.services import record
from midan.catalog.rules import RETENTION
from midan.collection import models
from midan.collection.errors import NoticeExists, NoticeIncomplete
from midan.collection.events import Act
from midan.collection.rules import LANGUAGES, UNNAMED, NoticeBody, is_version, missing_from, same_uses
from midan.core.actor import Actor
from midan.core.sm import sm3
from midan.people.selectors import company
from midan.vault.keeping.selectors import length

STARTER_VERSION: Final = "2026-11"


def publish_notice(*, actor: Actor, version: str, bodies: Mapping[str, NoticeBody], now: datetime) -> str:
    """Publish a version in every language and return its log entry; from then on orders may name it.

    Raise NoticeIncomplete (`fields`: what the law asks for and the text lacks, or 'languages' when the two do
    not promise the same), NoticeExists.
    """
    _check(version, bodies)
    digests = {lang: sm3(bodies[lang].canonical()) for lang in LANGUAGES}
    with transaction.atomic():
        if models.Notice.objects.filter(version=version).exists():
            raise NoticeExists("该版本已发布，已发布的告知不可更改", version=version)
        entry_id = record(
            actor=actor,
            act=Act.NOTICE_PUBLISHED,
            object=f"notice:{version}",
            clause="L1.2",
            details={f"sm3_{lang}": digest.hex() for lang, digest in digests.items()},
            at=now,
        )
        models.Notice.objects.bulk_create(
            models.Notice(
                version=version,
                lang=lang,
                body=bodies[lang].canonical(),
                digest=digests[lang],
                published_at=now,
                entry_id=entry_id,
            )
            for lang in LANGUAGES
        )
        models.Basis.objects.bulk_create(_bases(version, bodies["zh"]))
    return entry_id


def publish_starter_notices(*, actor: Actor, now: datetime) -> str:
    """Publish the texts that ship with Midan, filled in with the company's data, and return their version.

    The version is that of the text, whenever it is published. What the company has not entered yet is marked as
    missing in the text.
    """
    bodies = {lang: starter_body(lang) for lang in LANGUAGES}
    publish_notice(actor=actor, version=STARTER_VERSION, bodies=bodies, now=now)
    return STARTER_VERSION


def starter_body(lang: str, *, version: str = STARTER_VERSION) -> NoticeBody:
    """Return the shipped text in one language, filled in with the company's data and the retention classes."""
    text = files("midan.collection").joinpath(f"notices/{lang}.json").read_text("utf-8")
    known = company()
    blank, standard = UNNAMED[lang], length("standard")
    facts = {
        "version": version,
        "company": (known.name if known else "") or blank,
        "credit_code": (known.credit_code if known else "") or blank,
        "address": (known.address if known else "") or blank,
        "phone": (known.contact_phone if known else "") or blank,
        "email": (known.contact_email if known else "") or blank,
        "complaint_phone": (known.complaint_phone if known else "") or blank,
        "standard_days": str(standard.days),
        "settle_days": str(standard.settle_days),
        "real_name_days": str(RETENTION["real_name"].days),
        "tracking_days": str(RETENTION["tracking"].days),
    }
    return NoticeBody.from_mapping(json.loads(text, object_hook=lambda found: _fill(found, facts)))


def _fill(found: dict[str, object], facts: Mapping[str, str]) -> dict[str, object]:
    """Put the facts into the texts of one JSON object; braces that name no fact stay."""
    filled: dict[str, object] = {}
    for key, value in found.items():
        text = value
        if isinstance(text, str):
            for name, fact in facts.items():
                text = text.replace("{" + name + "}", fact)
        filled[key] = text
    return filled


def _check(version: str, bodies: Mapping[str, NoticeBody]) -> None:
    if not is_version(version):
        raise NoticeIncomplete("告知内容不完整：%(fields)s", fields="version")
    if set(bodies) != set(LANGUAGES):
        raise NoticeIncomplete("告知内容不完整：%(fields)s", fields="languages")
    lacking = [name for lang in LANGUAGES for name in missing_from(bodies[lang])]
    if not lacking and not same_uses(bodies["zh"], bodies["en"]):
        lacking = ["languages"]
    if lacking:
        raise NoticeIncomplete("告知内容不完整：%(fields)s", fields=", ".join(dict.fromkeys(lacking)))


def _bases(version: str, body: NoticeBody) -> list[models.Basis]:
    return [
        models.Basis(
            version=version,
            party=party,
            purpose=use.purpose,
            basis=use.basis.value,
            method=use.method,
            fields=",".join(sorted(use.fields)),
        )
        for use in body.purposes
        for party in sorted(set(use.parties))
    ]
