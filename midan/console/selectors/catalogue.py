"""The data catalogue, the clauses by chapter and the notices, as pages show them."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from midan.catalog.rules import FIELDS, PURPOSES, RETENTION, CatalogueField, PurposeRule, Retention
from midan.collection import selectors as collection
from midan.collection.selectors import BasisView, NoticeView
from midan.people.ownership.rules import SYSTEMS, AssetKind, OwnerView
from midan.people.ownership.selectors import owners, without_owner
from midan.review import selectors as review
from midan.review.selectors import ClauseState


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedField:
    """A field and the person named for it, if one is."""

    field: CatalogueField
    owner: OwnerView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedUse:
    rule: PurposeRule
    owner: OwnerView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedSystem:
    name: str
    title: str
    owner: OwnerView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueGroup:
    category: str
    fields: tuple[OwnedField, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    groups: tuple[CatalogueGroup, ...]
    purposes: tuple[OwnedUse, ...]
    systems: tuple[OwnedSystem, ...]
    unowned: int
    retention: tuple[Retention, ...]
    sealed: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    code: str
    states: tuple[ClauseState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClausePage:
    """`proved`, `enforced`, `not_yet` count clauses."""

    chapters: tuple[Chapter, ...]
    proved: int
    enforced: int
    not_yet: int

    @property
    def total(self) -> int:
        """Return how many clauses the policy has."""
        return self.proved + self.enforced + self.not_yet


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePage:
    """One version as it was published, and the legal bases it told."""

    notice: NoticeView
    bases: tuple[BasisView, ...]
    current: bool


def catalogue() -> Catalogue:
    """Return every field, purpose and retention class."""
    known = owners()
    order = ("identity", "address", "order", "derived")
    fields = sorted(FIELDS.values(), key=lambda field: order.index(field.category))
    groups = tuple(
        CatalogueGroup(
            category=category,
            fields=tuple(
                OwnedField(field=field, owner=known.get((AssetKind.ASSET, field.name))) for field in members
            ),
        )
        for category, members in groupby(fields, key=lambda field: field.category)
    )
    return Catalogue(
        groups=groups,
        purposes=tuple(
            OwnedUse(rule=rule, owner=known.get((AssetKind.USE, rule.purpose))) for rule in PURPOSES.values()
        ),
        systems=tuple(
            OwnedSystem(name=name, title=title, owner=known.get((AssetKind.SYSTEM, name)))
            for name, title in SYSTEMS.items()
        ),
        unowned=len(without_owner()),
        retention=tuple(RETENTION.values()),
        sealed=sum(field.part is not None for field in fields),
        total=len(fields),
    )


def clause_page(today: date) -> ClausePage:
    """Return the clauses by chapter with what can be shown for each today."""
    states = review.clause_states(today)
    totals = review.totals(states)
    chapters = tuple(
        Chapter(code=code, states=tuple(members))
        for code, members in groupby(states, key=lambda state: state.clause.chapter)
    )
    return ClausePage(
        chapters=chapters,
        proved=totals["proved"],
        enforced=totals["enforced"],
        not_yet=totals["not_yet"],
    )


def notices(lang: str) -> tuple[NoticeView, ...]:
    """Return the versions, newest first, in one language."""
    return tuple(notice for notice in collection.notices() if notice.lang == lang)


def notice_page(version: str, lang: str) -> NoticePage:
    """Return one version; raise UnknownNotice."""
    return NoticePage(
        notice=collection.notice(version, lang),
        bases=collection.bases(version),
        current=version == collection.current_version(),
    )
