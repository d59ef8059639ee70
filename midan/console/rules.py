"""Which rooms there are, and which post uses which. What is not written here is not entered (L2.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.utils.translation.trans_null import gettext_noop as _

from midan.access.rules.cases import OPENERS as CASE_OPENERS
from midan.access.rules.cases import OVERSEERS as CASE_OVERSEERS
from midan.access.rules.glass import REVIEWERS as REVIEWERS_OF_GLASS
from midan.access.rules.scope import SEARCHES, SEE_ALL, SEE_BRANCH
from midan.approval.rules import Kind, decides_any, may_ask
from midan.collection.rules.realname import CHECKERS
from midan.destruction.rules.runs import KEEPERS
from midan.devices.rules import KEEPERS as DEVICE_KEEPERS
from midan.duties.rules import KEEPERS as DUTY_KEEPERS
from midan.duties.rules import OVERSEERS as DUTY_OVERSEERS
from midan.gateway.rules import KEEPERS as CLIENT_KEEPERS
from midan.paper.rules import KEEPERS as PAPER_KEEPERS
from midan.paper.rules import OVERSEERS as PAPER_OVERSEERS
from midan.people.ownership.rules import NAMERS
from midan.people.posts.rules import PROPOSERS, REVIEWERS
from midan.people.rules import STAFF_KEEPERS, Employment, Role


class Room(StrEnum):
    """A part of the console; some are pages of the menu, some are acts inside a page."""

    HOME = "home"
    OVERVIEW = "overview"
    DELIVERIES = "deliveries"
    STATION = "station"
    WAYBILLS = "waybills"
    SEARCH = "search"
    STOPS = "stops"
    REAL_NAME = "real_name"
    UPLOAD = "upload"
    LABELS = "labels"
    TICKETS = "tickets"
    CATALOGUE = "catalogue"
    NOTICES = "notices"
    PUBLISH = "publish"
    LOG = "log"
    VERIFY = "verify"
    CLAUSES = "clauses"
    PAPER = "paper"
    KEEP_PAPER = "keep_paper"
    WITNESS = "witness"
    KEEP = "keep"
    KEYS = "keys"
    BACKUPS = "backups"
    ALGORITHMS = "algorithms"
    KEEPING = "keeping"
    APPROVALS = "approvals"
    SESSIONS = "sessions"
    DUTIES = "duties"
    DUTY_BOARD = "duty_board"
    KEEP_DUTIES = "keep_duties"
    PEOPLE = "people"
    STAFFING = "staffing"
    KEEP_STAFF = "keep_staff"
    CONFLICTS = "conflicts"
    REVIEWS = "reviews"
    LEAVERS = "leavers"
    OWN_LEAVING = "own_leaving"
    OWNERS = "owners"
    GLASS = "glass"
    REVIEW_GLASS = "review_glass"
    CASES = "cases"
    OPEN_CASES = "open_cases"
    POLICIES = "policies"
    WRITE_POLICIES = "write_policies"
    CLIENTS = "clients"
    KEEP_CLIENTS = "keep_clients"
    OWN_DEVICES = "own_devices"
    DEVICES = "devices"


_R = Role
_EVERYBODY: Final = frozenset(Role)
_SEES: Final = frozenset(role for role in Role if role in SEE_ALL | SEE_BRANCH)
# Those who answer for the policy, test it, or are shown that it is kept.
_OVERSIGHT: Final = frozenset({_R.PRIVACY_OFFICER, _R.ANALYST, _R.AUDITOR, _R.REGULATOR})
# The register of staff: who keeps it, who runs a branch, who answers for access, who checks both.
_PEOPLE: Final = frozenset({_R.HR, _R.BRANCH_MANAGER, _R.PRIVACY_OFFICER, _R.AUDITOR})

ENTERS: Final[Mapping[Room, frozenset[Role]]] = MappingProxyType(
    {
        Room.HOME: _EVERYBODY,
        Room.OVERVIEW: _OVERSIGHT | {_R.BRANCH_MANAGER, _R.SYSADMIN},
        Room.DELIVERIES: frozenset({_R.COURIER}),
        Room.STATION: frozenset({_R.CLERK}),
        Room.WAYBILLS: _SEES,
        Room.STOPS: frozenset({_R.BRANCH_MANAGER}),
        Room.REAL_NAME: frozenset(role for role in Role if role in CHECKERS),
        Room.SEARCH: frozenset(role for role in Role if role in SEARCHES),
        Room.UPLOAD: frozenset({_R.CLERK, _R.BRANCH_MANAGER, _R.INTEGRATOR}),
        Room.LABELS: frozenset({_R.COURIER, _R.SORTER, _R.CLERK, _R.BRANCH_MANAGER}),
        Room.TICKETS: frozenset({_R.AGENT}),
        Room.CATALOGUE: _OVERSIGHT | {_R.BRANCH_MANAGER, _R.HR, _R.INTEGRATOR},
        Room.NOTICES: _OVERSIGHT | {_R.BRANCH_MANAGER},
        Room.PUBLISH: frozenset({_R.PRIVACY_OFFICER}),
        Room.LOG: _OVERSIGHT,
        Room.VERIFY: _OVERSIGHT,
        Room.PAPER: PAPER_OVERSEERS | PAPER_KEEPERS,
        Room.KEEP_PAPER: PAPER_KEEPERS,
        # Whoever works here may have stood beside the shredder.
        Room.WITNESS: _EVERYBODY,
        Room.CLAUSES: _OVERSIGHT | {_R.BRANCH_MANAGER, _R.HR, _R.SYSADMIN},
        Room.KEEP: _OVERSIGHT,
        Room.KEYS: _OVERSIGHT | {_R.SYSADMIN},
        Room.BACKUPS: _OVERSIGHT | {_R.SYSADMIN},
        Room.ALGORITHMS: _OVERSIGHT | {_R.SYSADMIN},
        Room.KEEPING: frozenset(role for role in Role if role in KEEPERS),
        Room.APPROVALS: frozenset(role for role in Role if decides_any(role)),
        Room.SESSIONS: frozenset({_R.BRANCH_MANAGER, _R.HR, _R.SYSADMIN}),
        # Whoever has an account owes something.
        Room.DUTIES: _EVERYBODY,
        Room.DUTY_BOARD: DUTY_OVERSEERS,
        Room.KEEP_DUTIES: DUTY_KEEPERS,
        Room.PEOPLE: _PEOPLE,
        # Proposing a post, and taking one back: the areas ask for whom.
        Room.STAFFING: frozenset(PROPOSERS),
        Room.KEEP_STAFF: frozenset(STAFF_KEEPERS),
        Room.CONFLICTS: _OVERSIGHT | {_R.HR},
        Room.REVIEWS: frozenset(REVIEWERS),
        Room.LEAVERS: _PEOPLE - {_R.BRANCH_MANAGER},
        # Whoever leaves signs what outlasts the post.
        Room.OWN_LEAVING: _EVERYBODY,
        Room.OWNERS: frozenset(NAMERS),
        # Whoever may reveal at all may have an emergency.
        Room.GLASS: _SEES - {_R.SORTER},
        Room.REVIEW_GLASS: frozenset(role for role in Role if role in REVIEWERS_OF_GLASS),
        Room.CASES: frozenset(role for role in Role if role in CASE_OVERSEERS),
        Room.OPEN_CASES: frozenset(role for role in Role if role in CASE_OPENERS),
        Room.POLICIES: _OVERSIGHT | {_R.SYSADMIN},
        Room.WRITE_POLICIES: frozenset(role for role in Role if may_ask(role, Kind.POLICY_CHANGE)),
        Room.CLIENTS: _OVERSIGHT | {_R.SYSADMIN},
        Room.KEEP_CLIENTS: frozenset(role for role in Role if role in CLIENT_KEEPERS),
        # Whoever has an account works on something.
        Room.OWN_DEVICES: _EVERYBODY,
        Room.DEVICES: frozenset(role for role in Role if role in DEVICE_KEEPERS),
    }
)

# What somebody who is not at work still needs: where to begin, what they owe before they start, how they leave.
_WITHOUT_WORK: Final = frozenset({Room.HOME, Room.DUTIES, Room.OWN_LEAVING})


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """One line of the menu. `key` follows `g`; `view` is the address's name."""

    room: Room
    chapter: str
    title: str
    icon: str
    key: str
    view: str


def _parcels(room: Room, title: str, icon: str, key: str, view: str) -> MenuItem:
    return MenuItem(room=room, chapter=_("运单"), title=title, icon=icon, key=key, view=view)


def _people(room: Room, title: str, icon: str, key: str, view: str) -> MenuItem:
    return MenuItem(room=room, chapter=_("人员"), title=title, icon=icon, key=key, view=view)


def _access(room: Room, title: str, icon: str, key: str, view: str) -> MenuItem:
    return MenuItem(room=room, chapter=_("访问"), title=title, icon=icon, key=key, view=view)


def _sharing(room: Room, title: str, icon: str, key: str, view: str) -> MenuItem:
    return MenuItem(room=room, chapter=_("共享与合作方"), title=title, icon=icon, key=key, view=view)


def _oversight(room: Room, title: str, icon: str, key: str, view: str) -> MenuItem:
    return MenuItem(room=room, chapter=_("监督"), title=title, icon=icon, key=key, view=view)


# In the order of the policy's chapters, so that who knows the policy finds the room.
MENU: Final = (
    MenuItem(
        room=Room.OVERVIEW,
        chapter="",
        title=_("总览"),
        icon="layout-dashboard",
        key="o",
        view="console:overview",
    ),
    # Where the day of a courier and of a clerk begins. Digits: the letters are taken.
    _parcels(Room.DELIVERIES, _("派送清单"), "truck-delivery", "5", "console:deliveries"),
    _parcels(Room.STATION, _("驿站取件"), "package", "6", "console:station"),
    _parcels(Room.WAYBILLS, _("运单列表"), "package", "w", "console:waybills"),
    _parcels(Room.SEARCH, _("查找运单"), "search", "s", "console:search"),
    _parcels(Room.UPLOAD, _("上传订单"), "cloud-upload", "u", "console:upload"),
    MenuItem(
        room=Room.CATALOGUE,
        chapter=_("信息目录"),
        title=_("数据目录"),
        icon="list-details",
        key="d",
        view="console:catalogue",
    ),
    MenuItem(
        room=Room.NOTICES,
        chapter=_("信息目录"),
        title=_("隐私告知"),
        icon="file-text",
        key="n",
        view="console:notices",
    ),
    _access(Room.TICKETS, _("来电工单"), "ticket", "t", "console:tickets"),
    _access(Room.APPROVALS, _("待审批"), "list-check", "a", "console:approvals"),
    _access(Room.GLASS, _("应急查看"), "alert-triangle", "5", "console:glass"),
    _access(Room.REVIEW_GLASS, _("复核应急查看"), "alert-circle", "6", "console:glass-review"),
    _access(Room.CASES, _("依法提供"), "certificate", "7", "console:cases"),
    _access(Room.POLICIES, _("访问策略"), "shield-check", "8", "console:policies"),
    _people(Room.PEOPLE, _("员工"), "users", "f", "console:people"),
    _people(Room.REVIEWS, _("权限复核"), "list-check", "q", "console:reviews"),
    _people(Room.CONFLICTS, _("岗位冲突"), "ban", "j", "console:conflicts"),
    _people(Room.LEAVERS, _("离职"), "logout", "v", "console:leavers"),
    _people(Room.KEEP_STAFF, _("导入名册"), "cloud-upload", "z", "console:roster"),
    _people(Room.SESSIONS, _("登录会话"), "user-shield", "i", "console:sessions"),
    _people(Room.DEVICES, _("设备"), "device-mobile", "1", "console:devices"),
    _people(Room.DUTY_BOARD, _("义务看板"), "user-shield", "e", "console:duty-board"),
    _people(Room.KEEP_DUTIES, _("协议与规范"), "certificate", "x", "console:duty-texts"),
    _people(Room.KEEP_DUTIES, _("课程与成绩"), "notebook", "r", "console:courses"),
    MenuItem(
        room=Room.LOG,
        chapter=_("日志与监测"),
        title=_("审计日志"),
        icon="history",
        key="l",
        view="console:log",
    ),
    MenuItem(
        room=Room.KEEP,
        chapter=_("保存与销毁"),
        title=_("期限与销毁"),
        icon="hourglass",
        key="k",
        view="console:keep",
    ),
    MenuItem(
        room=Room.KEEP,
        chapter=_("保存与销毁"),
        title=_("保全与限制"),
        icon="shield-lock",
        key="h",
        view="console:holds",
    ),
    MenuItem(
        room=Room.KEYS,
        chapter=_("保存与销毁"),
        title=_("密钥与保管处"),
        icon="key",
        key="y",
        view="console:keys",
    ),
    MenuItem(
        room=Room.BACKUPS,
        chapter=_("保存与销毁"),
        title=_("备份与恢复"),
        icon="database",
        key="b",
        view="console:backups",
    ),
    MenuItem(
        room=Room.PAPER,
        chapter=_("保存与销毁"),
        title=_("纸质面单"),
        icon="file-shredder",
        key="p",
        view="console:paper",
    ),
    # No letter is left.
    _sharing(Room.CLIENTS, _("接口客户端"), "user-shield", "1", "console:clients"),
    _oversight(Room.CLAUSES, _("42 条条款"), "shield-check", "c", "console:clauses"),
    _oversight(Room.ALGORITHMS, _("国密算法"), "lock", "m", "console:algorithms"),
)


def enters(role: str, room: Room) -> bool:
    """Return whether a post enters a room; an unknown post enters none."""
    return role in ENTERS[room]


def open_in(state: str, room: Room) -> bool:
    """Return whether a room is open to somebody in this state: all to who is at work, few to anybody else (M5)."""
    return state == Employment.ACTIVE or room in _WITHOUT_WORK


def menu(role: str, state: str = Employment.ACTIVE) -> tuple[MenuItem, ...]:
    """Return the menu of a post, of what is open to somebody in this state."""
    return tuple(item for item in MENU if enters(role, item.room) and open_in(state, item.room))


def first_view(role: str, state: str = Employment.ACTIVE) -> str:
    """Return where a day begins: at the post's first room; for who is not at work at their duties or their departure."""
    if state != Employment.ACTIVE:
        return "console:own-leaving" if state == Employment.LEAVING else "console:duties"
    items = menu(role, state)
    return items[0].view if items else "mfa_index"
