"""The log page: its state in one line, filters, entries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext

from midan.audit import selectors as audit
from midan.audit.selectors import CheckpointView, EntryFilter, EntryView, VerificationView
from midan.catalog.selectors import clauses_by_id
from midan.console.selectors.waybills import Chip

PAGE: Final = 50
_SPANS: Final = {"today": 1, "week": 7, "month": 30}
_SHOWN_DETAILS: Final = frozenset({"role", "branch", "via"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """What the address asks for; all of it codes and numbers, never a customer's value."""

    act: str = ""
    outcome: str = ""
    actor: str = ""
    object: str = ""
    span: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    query: LogQuery
    items: tuple[EntryView, ...]
    next: str
    groups: tuple[Chip, ...]
    outcomes: tuple[Chip, ...]
    spans: tuple[Chip, ...]
    total: int
    pending: timedelta | None
    checkpoint: CheckpointView | None
    verification: VerificationView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """One entry, its details in rows, and the clause it names."""

    view: EntryView
    details: tuple[tuple[str, str], ...]
    clause_zh: str
    clause_en: str


def log_page(query: LogQuery, *, cursor: str, now: datetime) -> LogPage:
    """Return a page of entries, newest first, and the state of the whole log."""
    days = _SPANS.get(query.span)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    filters = EntryFilter(
        act=query.act,
        outcome=query.outcome,
        actor=query.actor,
        object=query.object,
        since=midnight - timedelta(days=days - 1) if days else None,
    )
    page = audit.entries(filters, cursor=cursor, limit=PAGE)
    return LogPage(
        query=query,
        items=page.items,
        next=page.next,
        groups=_chips(_groups(), query.act),
        outcomes=_chips(_outcomes(), query.outcome),
        spans=_chips(_span_titles(), query.span),
        total=audit.total(),
        pending=audit.oldest_pending_age(now),
        checkpoint=audit.checkpoint(),
        verification=audit.last_verification(),
    )


def entry_page(entry_id: str) -> EntryPage:
    """Return one entry; raise audit's EntryUnknown."""
    view = audit.entry(entry_id)
    clause = clauses_by_id().get(view.entry.clause)
    return EntryPage(
        view=view,
        details=tuple((name, str(value)) for name, value in sorted(view.entry.details.items())),
        clause_zh=clause.zh if clause else "",
        clause_en=clause.en if clause else "",
    )


def _groups() -> dict[str, str]:
    return {
        "": gettext("全部"),
        "access:part:": gettext("查看明文"),
        "access:reveal:": gettext("被拒绝的查看"),
        "access:search:": gettext("检索"),
        "label:": gettext("面单"),
        "paper:": gettext("纸质面单"),
        "collection:": gettext("接收与告知"),
        "waybill:": gettext("扫描"),
        "people:": gettext("人员与登录"),
        "audit:": gettext("日志"),
        "vault:": gettext("密库"),
    }


def _outcomes() -> dict[str, str]:
    return {
        "": gettext("全部结果"),
        "allowed": gettext("已允许"),
        "denied": gettext("已拒绝"),
        "failed": gettext("失败"),
    }


def _span_titles() -> dict[str, str]:
    return {
        "": gettext("全部时间"),
        "today": gettext("今天"),
        "week": gettext("7 天内"),
        "month": gettext("30 天内"),
    }


def _chips(titles: dict[str, str], chosen: str) -> tuple[Chip, ...]:
    return tuple(Chip(code=code, title=title, chosen=code == chosen) for code, title in titles.items())
