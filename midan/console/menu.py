"""The menu: what each post finds on its pages, and where its day begins."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from django.utils.translation.trans_null import gettext_noop as _

from midan.console.rules import Room, enters, open_in
from midan.people.rules import Employment


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """One line of the menu. `key` follows `g`; `view` is the address's name."""

    room: Room
    chapter: str
    title: str
    icon: str
    key: str
    view: str


def _item(chapter: str, room: Room, title: str, icon: str, key: str, view: str) -> MenuItem:  # noqa: PLR0913, PLR0917  a line
    return MenuItem(room=room, chapter=chapter, title=title, icon=icon, key=key, view=view)


_parcels = partial(_item, _("运单"))
_catalogue = partial(_item, _("信息目录"))
_access = partial(_item, _("访问"))
_people = partial(_item, _("人员"))
_keeping = partial(_item, _("保存与销毁"))
_sharing = partial(_item, _("共享与合作方"))
_oversight = partial(_item, _("监督"))

# In the order of the policy's chapters, so that who knows the policy finds the room.
MENU: Final = (
    _item("", Room.OVERVIEW, _("总览"), "layout-dashboard", "o", "console:overview"),
    # Where the day of a courier and of a clerk begins. Digits, for no letter is left.
    _parcels(Room.DELIVERIES, _("派送清单"), "truck-delivery", "5", "console:deliveries"),
    _parcels(Room.STATION, _("驿站取件"), "package", "6", "console:station"),
    _parcels(Room.WAYBILLS, _("运单列表"), "package", "w", "console:waybills"),
    _parcels(Room.SEARCH, _("查找运单"), "search", "s", "console:search"),
    _parcels(Room.UPLOAD, _("上传订单"), "cloud-upload", "u", "console:upload"),
    _catalogue(Room.CATALOGUE, _("数据目录"), "list-details", "d", "console:catalogue"),
    _catalogue(Room.NOTICES, _("隐私告知"), "file-text", "n", "console:notices"),
    _access(Room.TICKETS, _("来电工单"), "ticket", "t", "console:tickets"),
    _access(Room.APPROVALS, _("待审批"), "list-check", "a", "console:approvals"),
    _access(Room.GLASS, _("应急查看"), "alert-triangle", "2", "console:glass"),
    _access(Room.REVIEW_GLASS, _("复核应急查看"), "alert-circle", "3", "console:glass-review"),
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
    _item(_("日志与监测"), Room.LOG, _("审计日志"), "history", "l", "console:log"),
    _keeping(Room.KEEP, _("期限与销毁"), "hourglass", "k", "console:keep"),
    _keeping(Room.KEEP, _("保全与限制"), "shield-lock", "h", "console:holds"),
    _keeping(Room.KEYS, _("密钥与保管处"), "key", "y", "console:keys"),
    _keeping(Room.BACKUPS, _("备份与恢复"), "database", "b", "console:backups"),
    _keeping(Room.PAPER, _("纸质面单"), "file-shredder", "p", "console:paper"),
    _sharing(Room.CLIENTS, _("接口客户端"), "user-shield", "9", "console:clients"),
    _oversight(Room.CLAUSES, _("42 条条款"), "shield-check", "c", "console:clauses"),
    _oversight(Room.ALGORITHMS, _("国密算法"), "lock", "m", "console:algorithms"),
)


def menu(role: str, state: str = Employment.ACTIVE) -> tuple[MenuItem, ...]:
    """Return the menu of a post, of what is open to somebody in this state."""
    return tuple(item for item in MENU if enters(role, item.room) and open_in(state, item.room))


def first_view(role: str, state: str = Employment.ACTIVE) -> str:
    """Return where a day begins: at the post's first room; for who is not at work at their duties or their departure."""
    if state != Employment.ACTIVE:
        return "console:own-leaving" if state == Employment.LEAVING else "console:duties"
    items = menu(role, state)
    return items[0].view if items else "mfa_index"
