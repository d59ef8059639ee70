"""Live evidence for the clauses this area carries: what the policies permit now, and what they refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import product
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.access.errors import PoliciesUnsound
from midan.access.rules.engine import PolicyBook
from midan.access.rules.facts import ActorFacts, AskFacts, Facts, ParcelFacts, PrincipalKind
from midan.access.selectors.budgets import spent_today
from midan.access.selectors.policies import POLICY_FOLDER, read_book
from midan.audit import selectors as audit
from midan.catalog.rules import FIELDS, Control, FieldName, Purpose, State, serves
from midan.core.entry import Outcome
from midan.people.rules import Role

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
WINDOW: Final = timedelta(days=30)
WITHOUT_NEED: Final = frozenset({Role.HR, Role.SYSADMIN, Role.SORTER, Role.AUDITOR, Role.INTEGRATOR})
# What the policies permit depends on their text alone: tried once for each version this process has seen.
_TRIED: Final[dict[str, "Permitted"]] = {}
_STATUSES: Final = ("created", "out_for_delivery", "at_station", "delivered")


@dataclass(frozen=True, slots=True)
class Permitted:
    """Every (role, field, purpose) the policies could ever permit, tried with every fact in the actor's favour."""

    staff: frozenset[tuple[str, str, str]]
    machines: int
    tried: int


def controls(today: date) -> list[Control]:
    """Return this area's controls, tried now against the policy files as they stand on disk."""
    at = timezone.now()
    try:
        book = read_book(POLICY_FOLDER)
    except PoliciesUnsound:
        return [_unsound(clause, at) for clause in ("L2.2", "L3.1", "L4.2", "M1", "M4")]
    if book.version not in _TRIED:
        _TRIED[book.version] = sweep(book)
    permitted = _TRIED[book.version]
    denied = _denials(today)
    return [
        _least_privilege(book, permitted, denied, at),
        _purpose(permitted, denied, at),
        _machines(permitted, at),
        _posts(permitted, at),
        _limits(at),
    ]


def sweep(book: PolicyBook) -> Permitted:
    """Ask the policies every question there is, in the most favourable circumstances."""
    fields = [name for name in FieldName if FIELDS[name].part is not None]
    asked = list(product(Role, fields, Purpose, _STATUSES))
    verdicts = book.decide_all([_favourable("staff", *question) for question in asked])
    allowed = frozenset(
        (role.value, field.value, purpose.value)
        for (role, field, purpose, _status), verdict in zip(asked, verdicts, strict=True)
        if verdict.allowed
    )
    clients = [question for question in asked if question[0] in {Role.INTEGRATOR, Role.PRIVACY_OFFICER}]
    machines = book.decide_all([_favourable("client", *question) for question in clients])
    tried = len({question[:3] for question in asked})
    return Permitted(allowed, sum(verdict.allowed for verdict in machines), tried)


def _favourable(kind: PrincipalKind, role: str, field: str, purpose: str, status: str) -> Facts:
    return Facts(
        actor=ActorFacts(
            kind=kind,
            name="anybody",
            role=str(role),
            active=True,
            on_route=True,
            at_origin=True,
            own_stock=True,
            carries=True,
            ticket=True,
            ticket_fits=True,
            budget_left=1,
        ),
        parcel=ParcelFacts(
            number="MD",
            status=status,
            days_since_delivery=-1,
            held=False,
            restricted=False,
            due=False,
            destroyed=False,
        ),
        ask=AskFacts(
            field=str(field),
            purpose=str(purpose),
            told=True,
            serves=serves(field, purpose),
            reason_fits=True,
        ),
    )


def _denials(today: date) -> Mapping[str, int]:
    """Return how many reveals and searches were refused in the last 30 days, by clause and in all."""
    until = datetime.combine(today + timedelta(days=1), time(), SHANGHAI)

    def count(clause: str) -> int:
        narrow = audit.EntryFilter(
            act="access:", outcome=Outcome.DENIED, clause=clause, since=until - WINDOW, until=until
        )
        return sum(bucket.count for bucket in audit.counts(narrow, unit="day"))

    return {clause: count(clause) for clause in ("", "L3.1")}


def _least_privilege(
    book: PolicyBook, permitted: Permitted, denied: Mapping[str, int], at: datetime
) -> Control:
    gates = sum(policy.effect == "forbid" for policy in book.policies.values())
    return _control(
        "L2.2",
        "enforced",
        _("按岗位最小授权：默认拒绝，禁止优先于允许"),
        _(
            "策略 %(version)s 已按模式校验：%(permits)d 条允许、%(gates)d 条禁止；岗位×字段×用途共 %(tried)d 种，"
            "至多允许 %(allowed)d 种；近 30 天拒绝 %(denied)d 次"
        ),
        at,
        version=book.version,
        permits=len(book.policies) - gates,
        gates=gates,
        tried=permitted.tried,
        allowed=len(permitted.staff),
        denied=denied[""],
    )


def _purpose(permitted: Permitted, denied: Mapping[str, int], at: datetime) -> Control:
    beyond = sum(not serves(field, purpose) for _role, field, purpose in permitted.staff)
    return _control(
        "L3.1",
        "not_yet" if beyond else "enforced",
        _("限定使用：用途须已告知、字段须为用途所需、理由须与用途相符"),
        _("允许的组合中超出数据目录用途的有 %(beyond)d 种；近 30 天因用途拒绝 %(denied)d 次"),
        at,
        beyond=beyond,
        denied=denied["L3.1"],
    )


def _machines(permitted: Permitted, at: datetime) -> Control:
    return _control(
        "L4.2",
        "not_yet" if permitted.machines else "enforced",
        _("接口授权：系统对接方永远不能查看明文"),
        _("以接口客户端身份试探全部组合，允许 %(machines)d 种"),
        at,
        machines=permitted.machines,
    )


def _posts(permitted: Permitted, at: datetime) -> Control:
    wrong = sum(role in WITHOUT_NEED for role, _field, _purpose in permitted.staff)
    return _control(
        "M1",
        "not_yet" if wrong else "enforced",
        _("职责分离：管人、管机器、分拣、审计的岗位不看客户信息"),
        _("%(posts)d 个岗位没有任何查看权限，例外 %(wrong)d 种"),
        at,
        posts=len(WITHOUT_NEED),
        wrong=wrong,
    )


def _limits(at: datetime) -> Control:
    return _control(
        "M4",
        "enforced",
        _("行为约束：每人每日查看与检索次数有上限，与日志同一事务扣减"),
        _("今日有 %(spent)d 项额度用完；异常行为的自动识别尚未实现"),
        at,
        spent=spent_today(at),
    )


def _unsound(clause: str, at: datetime) -> Control:
    title = _("访问策略")
    return _control(clause, "not_yet", title, _("策略文件无法通过校验，所有明文查看均被拒绝"), at)


def _control(
    clause: str, state: State, title: str, evidence: str, at: datetime, **figures: str | int
) -> Control:
    return Control(
        clause=clause,
        area="access",
        state=state,
        title=title,
        evidence=evidence,
        checked_at=at,
        figures=MappingProxyType(figures),
    )
