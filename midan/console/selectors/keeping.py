"""The pages of 保存与销毁: lengths, what is due, holds, runs, certificates, as of now."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from midan.approval import selectors as approvals
from midan.approval.errors import RequestUnknown
from midan.approval.persons import references
from midan.approval.rules import CONCERNS, Kind, Request, State, may_decide
from midan.catalog.rules import RETENTION
from midan.console.rules import Room, enters
from midan.console.selectors.charts import Chart
from midan.core.actor import Actor
from midan.destruction import selectors as destruction
from midan.destruction.rules.drills import DrillView
from midan.destruction.rules.runs import CertificateView, DuePlan, RunView, Step
from midan.vault.keeping import selectors as keeping
from midan.vault.keeping.rules import HoldView, LengthView, Receipt
from midan.vault.selectors import EpochView

_AHEAD = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthRow:
    """One class: its length in force, its title and the words of its basis."""

    length: LengthView
    title: str
    total: int
    basis: str
    history: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPage:
    """What the room shows. `may_keep` opens the acts."""

    plan: DuePlan
    lengths: tuple[LengthRow, ...]
    coming: tuple[EpochView, ...]
    chart: Chart
    runs: tuple[RunView, ...]
    certificates: tuple[CertificateView, ...]
    holds: int
    finished: int
    final: int
    pending: int
    may_keep: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """One hold and the request to end it, if there is one."""

    hold: HoldView
    ending: Request | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldsPage:
    live: tuple[HoldRow, ...]
    ended: tuple[HoldView, ...]
    waybills: int
    may_keep: bool
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step of a run; `at` is None while it is not done, `now` marks the one at work."""

    step: Step
    at: datetime | None
    now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """One run, live. `request` waits for a second person while it does."""

    run: RunView
    steps: tuple[StepRow, ...]
    request: Request | None
    may_decide: bool
    own: bool
    receipts: tuple[Receipt, ...]
    certificate: CertificateView | None
    drills: tuple[DrillView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRow:
    request: Request
    own: bool
    run: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalsPage:
    waiting: tuple[ApprovalRow, ...]
    decided: tuple[Request, ...]


def keep_page(actor: Actor, *, now: datetime) -> KeepPage:
    """Return the room as of now."""
    today = timezone.localdate(now)
    coming = destruction.next_due(today, limit=_AHEAD)
    counts = keeping.record_counts([epoch.number for epoch in coming])
    by_day: dict[str, int] = {}
    for epoch in coming:
        name = f"{epoch.due:%Y-%m-%d}"
        by_day[name] = by_day.get(name, 0) + counts[epoch.number]
    finished, final, pending = destruction.totals()
    return KeepPage(
        plan=destruction.due_plan(today),
        lengths=tuple(_length(view) for view in keeping.lengths()),
        coming=coming,
        chart=Chart(title=gettext("接下来到期的运单"), rows=tuple(by_day.items())),
        runs=destruction.runs(limit=20),
        certificates=destruction.certificates(limit=20),
        holds=sum(hold.waybills for hold in keeping.holds(live=True)),
        finished=finished,
        final=final,
        pending=pending,
        may_keep=enters(actor.role, Room.KEEPING),
    )


def _length(view: LengthView) -> LengthRow:
    kept = RETENTION[view.retention]
    return LengthRow(
        length=view,
        title=kept.title,
        total=view.days + view.settle_days,
        basis=kept.basis,
        history=len(keeping.length_history(view.retention)),
    )


def holds_page(actor: Actor, *, asked: str, now: datetime) -> HoldsPage:
    """Return the holds in force with what waits to end them, and those that ended."""
    live = keeping.holds(live=True)
    kinds = (Kind.HOLD_END, Kind.RESTRICTION_END)
    waiting = {
        str(request.summary.get("hold")): request
        for request in (*approvals.open_requests(kinds, now=now), *approvals.approved(kinds, now=now))
    }
    return HoldsPage(
        live=tuple(HoldRow(hold=hold, ending=waiting.get(hold.code)) for hold in live),
        ended=keeping.holds(live=False)[:50],
        waybills=sum(hold.waybills for hold in live),
        may_keep=enters(actor.role, Room.KEEPING),
        asked=asked,
    )


def run_page(actor: Actor, code: str, *, now: datetime) -> RunPage:
    """Return one run with its steps; RunUnknown."""
    run = destruction.run(code)
    request = _request(run, now)
    waits = request is not None and request.state == State.WAITING
    done = [step for step, _ in run.steps]
    own = run.requester in references(actor.reference)
    following = next((step for step in Step if step not in done), None)
    certificate = next((one for one in destruction.certificates(limit=500) if one.number == code), None)
    return RunPage(
        run=run,
        steps=tuple(
            StepRow(step=step, at=run.at(step), now=run.open and not waits and step == following)
            for step in Step
        ),
        request=request,
        may_decide=waits and may_decide(actor.role, Kind.DESTRUCTION) and not own,
        own=own,
        receipts=keeping.receipts(below=run.generation) if run.generation else (),
        certificate=certificate,
        drills=destruction.drills_of(code),
    )


def _request(run: RunView, now: datetime) -> Request | None:
    if not run.approval:
        return None
    try:
        return approvals.request(run.approval, now=now)
    except RequestUnknown:
        return None


def approvals_page(actor: Actor, *, now: datetime) -> ApprovalsPage:
    """Return what waits for this person's decision, one's own requests marked, and what was decided lately."""
    waiting = approvals.waiting(role=actor.role, now=now)
    own = references(actor.reference)
    return ApprovalsPage(
        waiting=tuple(
            ApprovalRow(
                request=request,
                own=bool(own & {request.requester, request.summary.get(CONCERNS)}),
                run=str(request.summary.get("run", "")),
                person=str(request.summary.get(CONCERNS, "")).removeprefix("staff:"),
            )
            for request in waiting
        ),
        decided=approvals.decided(role=actor.role, now=now),
    )
