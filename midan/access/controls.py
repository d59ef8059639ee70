"""Live evidence for the clauses this area carries: what the policies permit now, and what they refused."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.access.errors import PoliciesUnsound
from midan.access.rules.engine import PolicyBook
from midan.access.rules.sweep import Permitted, sweep
from midan.access.selectors.budgets import spent_today
from midan.access.selectors.cases import live_cases
from midan.access.selectors.glass import overdue_breaks, reviewed_breaks, waiting_breaks
from midan.access.selectors.policies import NONE, POLICY_FOLDER, broken_version, in_force, newest, read_book
from midan.audit import selectors as audit
from midan.catalog.rules import Control, Found, serves
from midan.core.decision import Reason
from midan.core.entry import Outcome
from midan.people.rules import Role

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
WINDOW: Final = timedelta(days=30)
WITHOUT_NEED: Final = frozenset({Role.HR, Role.SYSADMIN, Role.SORTER, Role.AUDITOR, Role.INTEGRATOR})
# What the policies permit depends on their text alone: tried once for each version this process has seen.
_TRIED: Final[dict[str, "Permitted"]] = {}
_CLAUSES: Final = ("L1.2", "L2.2", "L3.1", "L4.2", "L5.1", "M1", "M4", "T4")
_control = partial(Control.of, "access")


def controls(today: date) -> list[Control]:
    """Return this area's controls, tried now against the policy files as they stand on disk."""
    at = timezone.now()
    try:
        book = in_force() if newest() != NONE else read_book(POLICY_FOLDER)
    except PoliciesUnsound:
        return [_unsound(clause, at) for clause in _CLAUSES]
    if book.version not in _TRIED:
        _TRIED[book.version] = sweep(book)
    permitted = _TRIED[book.version]
    denied = _denials(today)
    gates = sum(policy.effect == "forbid" for policy in book.policies.values())
    return [
        _least_privilege(permitted, at, version=book.version, gates=gates, denied=denied[""]),
        _purpose(permitted, denied, at),
        _consent(permitted, at),
        _machines(permitted, at),
        _posts(permitted, at),
        _limits(permitted, at),
        _glass(book, at),
        _policies(book, at),
        _disclosures(permitted, at),
    ]


def _denials(today: date) -> Mapping[str, int]:
    """Return how many reveals and searches were refused in the last 30 days, by clause and in all."""
    until = datetime.combine(today + timedelta(days=1), time(), SHANGHAI)

    def count(clause: str) -> int:
        narrow = audit.EntryFilter(
            act="access:", outcome=Outcome.DENIED, clause=clause, since=until - WINDOW, until=until
        )
        return sum(bucket.count for bucket in audit.counts(narrow, unit="day"))

    return {clause: count(clause) for clause in ("", "L3.1")}


def _least_privilege(permitted: Permitted, at: datetime, **figures: str | int) -> Control:
    """Hold while a post the register does not know, and staff with nothing to do with a parcel, get nothing."""
    title = _("按岗位最小授权：默认拒绝，禁止优先于允许")
    figures |= {
        "tried": permitted.tried,
        "allowed": len(permitted.staff),
        "strangers": permitted.strangers,
        "outsiders": permitted.outsiders,
    }
    if permitted.strangers or permitted.outsiders:
        wrong = _(
            "策略 %(version)s：未登记的岗位可查看 %(strangers)d 种，与运单无关的网点人员可查看 %(outsiders)d 种；"
            "近 30 天拒绝 %(denied)d 次"
        )
        return _control("L2.2", title, ("not_yet", wrong), at, **figures)
    evidence = _(
        "策略 %(version)s 有 %(gates)d 条禁止；岗位×字段×用途共 %(tried)d 种，至多允许 %(allowed)d 种；刚试探：未登记的岗位"
        "可查看 %(strangers)d 种，与运单无关的网点人员可查看 %(outsiders)d 种；近 30 天拒绝 %(denied)d 次"
    )
    return _control("L2.2", title, ("enforced", evidence), at, **figures)


def _purpose(permitted: Permitted, denied: Mapping[str, int], at: datetime) -> Control:
    beyond = sum(not serves(field, purpose) for _role, field, purpose in permitted.staff)
    title = _("限定使用：用途须已告知、字段须为用途所需、理由须与用途相符")
    evidence = _(
        "允许的组合中超出数据目录用途的有 %(beyond)d 种，用途未告知也放行的有 %(untold)d 种；"
        "近 30 天因用途拒绝 %(denied)d 次"
    )
    found: Found = ("not_yet" if beyond or permitted.untold else "enforced", evidence)
    figures = {"beyond": beyond, "untold": permitted.untold, "denied": denied["L3.1"]}
    return _control("L3.1", title, found, at, **figures)


def _consent(permitted: Permitted, at: datetime) -> Control:
    title = _("可选用途凭客户的同意：没有同意、已撤回或条件已变的一律拒绝")
    evidence = _("可选用途的组合 %(optional)d 种，没有有效同意也放行的 %(unagreed)d 种")
    found: Found = ("not_yet" if permitted.unagreed else "enforced", evidence)
    figures = {"optional": permitted.optional, "unagreed": permitted.unagreed}
    return _control("L1.2", title, found, at, **figures)


def _machines(permitted: Permitted, at: datetime) -> Control:
    title = _("接口授权：不代任何具名员工的客户端不能查看明文")
    evidence = _(
        "以客户端自身的身份试探全部组合，允许 %(machines)d 种；代具名员工提出的，按该员工的岗位和运单判断，记在其名下"
    )
    found: Found = ("not_yet" if permitted.machines else "enforced", evidence)
    return _control("L4.2", title, found, at, machines=permitted.machines)


def _posts(permitted: Permitted, at: datetime) -> Control:
    wrong = sum(role in WITHOUT_NEED for role, _field, _purpose in permitted.staff)
    title = _("职责分离：管人、管机器、分拣、审计的岗位不看客户信息")
    evidence = _("%(posts)d 个岗位没有任何查看权限，例外 %(wrong)d 种")
    found: Found = ("not_yet" if wrong else "enforced", evidence)
    return _control("M1", title, found, at, posts=len(WITHOUT_NEED), wrong=wrong)


def _limits(permitted: Permitted, at: datetime) -> Control:
    title = _(
        "行为约束：每日额度由实际工作得来，没有工作对应的查看与问及别处运单的账号自动关闭，与日志同一事务计数"
    )
    evidence = _(
        "今日有 %(spent)d 项额度用完；额度为零仍放行的组合 %(unlimited)d 种；查看无一对应工作仍放行的 %(unexplained)d 种，"
        "多次询问别处运单仍放行的 %(wandering)d 种；异常行为的自动识别尚未实现"
    )
    figures = {
        "unlimited": permitted.unlimited,
        "unexplained": permitted.unexplained,
        "wandering": permitted.wandering,
    }
    found: Found = ("not_yet" if any(figures.values()) else "enforced", evidence)
    return _control("M4", title, found, at, spent=spent_today(at), **figures)


def _glass(book: PolicyBook, at: datetime) -> Control:
    """Hold while the gate that freezes whoever was not reviewed is among the policies in force."""
    frozen = overdue_breaks(at)
    title = _("应急查看：一单、15 分钟、即时告警，一天内复核，否则冻结查看")
    evidence = _("待复核 %(waiting)d 次，其中超过一天、已冻结 %(frozen)d 人；已复核 %(reviewed)d 次")
    gate = any(policy.reason is Reason.GLASS_UNREVIEWED for policy in book.policies.values())
    figures = {"waiting": waiting_breaks(), "frozen": frozen, "reviewed": reviewed_breaks()}
    return _control("T4", title, ("enforced" if gate else "not_yet", evidence), at, **figures)


def _policies(book: PolicyBook, at: datetime) -> Control:
    number, broken = newest()[0], broken_version()
    title = _("策略变更须双人：草稿先回放日志，再由另一人批准，可退回旧版")
    if broken:
        wrong = _("第 %(broken)d 版策略的文本与日志不符或无法通过校验，仍按 %(version)s 判断")
        return _control("M1", title, ("not_yet", wrong), at, broken=broken, version=book.version)
    evidence = _("现行策略 %(version)s；经双人发布 %(number)d 版（0 为随软件发布的策略）")
    return _control("M1", title, ("enforced", evidence), at, version=book.version, number=number)


def _disclosures(permitted: Permitted, at: datetime) -> Control:
    title = _("依法提供：凭双人批准、材料封存、有期限的案件，只开放所列运单和信息项")
    evidence = _("有效案件 %(live)d 个；没有案件也放行的组合 %(uncovered)d 种")
    found: Found = ("not_yet" if permitted.uncovered else "enforced", evidence)
    return _control("L5.1", title, found, at, live=live_cases(at), uncovered=permitted.uncovered)


def _unsound(clause: str, at: datetime) -> Control:
    evidence = _("策略文件无法通过校验，所有明文查看均被拒绝")
    return _control(clause, _("访问策略"), ("not_yet", evidence), at)
