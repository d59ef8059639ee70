"""What a notice must say before anything is collected: PIPL article 17 and article 21 of the network data rules."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final, Literal, Self

from midan.catalog.rules import FIELDS, PURPOSES, LegalBasis, Purpose

Party = Literal["sender", "recipient"]
PARTIES: Final[tuple[Party, ...]] = ("sender", "recipient")
LANGUAGES: Final = ("zh", "en")
# What the shipped text says where nobody has told who the company is.
UNNAMED: Final = {"zh": "（待补充）", "en": "(to be completed)"}
# An order names the version its sender read. Shops write it into their programs: a quarter leaves time to change
# them, and nobody goes on collecting for ever under terms that no longer hold.
GRACE: Final = timedelta(days=90)
_VERSION: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])(?:-[0-9]{1,2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePurpose:
    """One use: why, of which fields, how, whose, on which basis."""

    purpose: str
    text: str
    method: str
    fields: tuple[str, ...]
    parties: tuple[str, ...]

    @property
    def basis(self) -> LegalBasis:
        """Return the basis the catalogue gives the purpose; a notice cannot choose another."""
        return PURPOSES[Purpose(self.purpose)].basis

    @property
    def optional(self) -> bool:
        """Return whether the customer may say no and is still served."""
        return PURPOSES[Purpose(self.purpose)].optional


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTerm:
    """A pair of texts: what is kept and how long, a right and how to use it."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeBody:
    """The notice in one language. Immutable once published; `canonical` is what the log's digest covers."""

    title: str
    handler: str
    contact: str
    introduction: str
    purposes: tuple[NoticePurpose, ...]
    retention: tuple[NoticeTerm, ...]
    at_end: str
    sharing: tuple[NoticeTerm, ...]
    measures: tuple[str, ...]
    rights: tuple[NoticeTerm, ...]
    complaint: str
    minors: str
    changes: str

    def canonical(self) -> bytes:
        """Return the one byte form: JSON, sorted keys, no spaces, UTF-8."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_mapping(cls, raw: Mapping[str, object]) -> Self:
        """Build a body from JSON; KeyError or TypeError when it is not one (the caller ships it, not a stranger)."""
        measures = raw["measures"]
        if not isinstance(measures, list | tuple):
            raise TypeError("measures")
        return cls(
            title=str(raw["title"]),
            handler=str(raw["handler"]),
            contact=str(raw["contact"]),
            introduction=str(raw["introduction"]),
            purposes=tuple(_purpose(item) for item in _items(raw["purposes"])),
            retention=tuple(_term(item) for item in _items(raw["retention"])),
            at_end=str(raw["at_end"]),
            sharing=tuple(_term(item) for item in _items(raw["sharing"])),
            measures=tuple(str(line) for line in measures),
            rights=tuple(_term(item) for item in _items(raw["rights"])),
            complaint=str(raw["complaint"]),
            minors=str(raw["minors"]),
            changes=str(raw["changes"]),
        )


def _items(raw: object) -> tuple[Mapping[str, object], ...]:
    if not isinstance(raw, list | tuple) or not all(isinstance(item, Mapping) for item in raw):
        raise TypeError("a list of objects is wanted")
    return tuple(raw)


def _term(raw: Mapping[str, object]) -> NoticeTerm:
    return NoticeTerm(title=str(raw["title"]), text=str(raw["text"]))


def _purpose(raw: Mapping[str, object]) -> NoticePurpose:
    fields, parties = raw["fields"], raw["parties"]
    if not isinstance(fields, list | tuple) or not isinstance(parties, list | tuple):
        raise TypeError("fields and parties are lists")
    return NoticePurpose(
        purpose=str(raw["purpose"]),
        text=str(raw["text"]),
        method=str(raw["method"]),
        fields=tuple(str(name) for name in fields),
        parties=tuple(str(party) for party in parties),
    )


def is_version(version: str) -> bool:
    """Return whether it reads like '2026-11' or '2026-11-2'."""
    return _VERSION.fullmatch(version) is not None


def missing_from(body: NoticeBody) -> tuple[str, ...]:
    """Return the names of what the law asks for and the body lacks or gets wrong; empty when it may be published."""
    wanted = ("title", "handler", "contact", "introduction", "at_end", "complaint", "minors", "changes")
    lacking = [name for name in wanted if not getattr(body, name).strip()]
    lacking += [name for name in ("purposes", "retention", "measures", "rights") if not getattr(body, name)]
    for use in body.purposes:
        if use.purpose not in set(Purpose):
            lacking.append("purposes.purpose")
        elif any(name not in FIELDS or use.purpose not in FIELDS[name].purposes for name in use.fields):
            # A notice may not promise a use that the catalogue does not allow of this field.
            lacking.append("purposes.fields")
        if not use.fields or not use.text.strip() or not use.method.strip():
            lacking.append("purposes.text")
        if not use.parties or not set(use.parties) <= set(PARTIES):
            lacking.append("purposes.parties")
    return tuple(dict.fromkeys(lacking))


def names_nobody(body: NoticeBody) -> bool:
    """Return whether the text still says that something about the company is to be completed."""
    said = json.dumps(asdict(body), ensure_ascii=False)
    return any(mark in said for mark in UNNAMED.values())


def same_uses(one: NoticeBody, other: NoticeBody) -> bool:
    """Return whether two languages of a version promise the same uses of the same fields."""

    def key(body: NoticeBody) -> set[tuple[str, frozenset[str], frozenset[str]]]:
        return {(use.purpose, frozenset(use.fields), frozenset(use.parties)) for use in body.purposes}

    return key(one) == key(other)
