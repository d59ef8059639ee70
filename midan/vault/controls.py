"""What the vault can show for clauses L2.1, T2 and G3 at this moment. Every figure is counted when asked for."""

from datetime import date
from typing import Final

from django.db import connection
from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog import settings
from midan.catalog.rules import FIELDS, Control, State
from midan.core.errors import MidanError
from midan.store import bulk
from midan.vault import keyd, selectors
from midan.vault.algorithms import algorithms, failed_test
from midan.vault.backup import controls as backup
from midan.vault.keyd.inspection import ROWS
from midan.vault.rules import FIELD_PARTS

_SECRET_LEVEL: Final = 3


def controls(today: date) -> list[Control]:
    """Return the live checks; a locked vault shows 'not_yet', never the result of an earlier day."""
    del today  # nothing here depends on the day: the sample is of this moment
    return [
        _stored_sealed(),
        _algorithms(),
        _graded(),
        _available(),
        _forgotten(),
        _separated(),
        *backup.controls(),
    ]


def _stored_sealed() -> Control:
    title = _("加密存储：姓名、电话、地址、物品、备注与订单号只以密文存放")
    try:
        seen = keyd.connect().inspect(now=timezone.now())
    except MidanError as error:
        return _control("L2.1", "not_yet", title, _("保险库未打开：%(code)s"), code=error.code)
    figures: dict[str, str | int] = {
        "parts": selectors.part_count(),
        "epochs": selectors.live_epoch_count(),
        "sample": seen.tried,
        "good": seen.good,
        "found": int(seen.found),
        "rows": ROWS,
        "at": timezone.localtime(seen.at).strftime("%Y-%m-%d %H:%M"),
    }
    if not seen.tried:
        return _control("L2.1", "not_yet", title, _("尚未存储任何信息分项，无可抽检"), **figures)
    if seen.good < seen.tried or seen.found:
        good = _("%(at)s 抽检 %(sample)d 个分项，%(good)d 个合格；明文列中未发现客户信息")
        bad = _("%(at)s 抽检 %(sample)d 个分项，%(good)d 个合格；明文列中发现了客户信息")
        return _control("L2.1", "not_yet", title, bad if seen.found else good, **figures)
    evidence = _(
        "共 %(parts)d 个密文分项，%(epochs)d 个密钥期；%(at)s 抽检 %(sample)d 个（每小时至多一次）："
        "各自只能用自己的密钥和记录打开；在各表最新 %(rows)d 行明文列中未发现其电话、地址或订单号"
    )
    return _control("L2.1", "proved", title, evidence, **figures)


def _algorithms() -> Control:
    title = _("存储用国密算法：分项与密钥用 SM4-GCM 加密，SM3 派生与检索，SM2 签名")
    failed = failed_test()
    if failed:
        return _control("T2", "not_yet", title, _("自检未通过：%(test)s"), test=failed)
    found = algorithms()
    names = {row.name for row in found if row.standing == "other" and row.name}
    evidence = _(
        "刚通过全部公开测试向量自检。密库现有配置的 %(parts)d 处中 %(national)d 处使用国密；"
        "未使用的算法：%(others)s。全部清单见“国密算法”页"
    )
    figures: dict[str, str | int] = {
        "parts": len(found),
        "national": sum(row.standing == "national" for row in found),
        "others": ", ".join(sorted(names)) or "—",
    }
    return _control("T2", "enforced", title, evidence, **figures)


def _graded() -> Control:
    title = _("分级保护：高等级字段全部密封存放")
    secret = {
        name for name, entry in FIELDS.items() if entry.level >= _SECRET_LEVEL and entry.part is not None
    }
    clear = {name for name, entry in FIELDS.items() if entry.level >= _SECRET_LEVEL and entry.part is None}
    figures = {"level": _SECRET_LEVEL, "sealed": len(secret & FIELD_PARTS.keys()), "clear": len(clear)}
    evidence = _("目录中 %(level)d 级及以上字段：%(sealed)d 个密封，%(clear)d 个明文")
    return _control("G3", "not_yet" if clear else "enforced", title, evidence, **figures)


def _available() -> Control:
    title = _("可用性：密钥保管处与可验证的备份恢复")
    try:
        keeper = keyd.connect().status().keeper
    except MidanError as error:
        return _control("G3", "not_yet", title, _("保险库未打开：%(code)s"), code=error.code)
    figures: dict[str, str | int] = {"keeper": keeper, "keepers": len(settings.current().keepers)}
    if not backup.drilled_lately(timezone.now()):
        evidence = _("%(keepers)d 个密钥保管处（%(keeper)s）；最近没有通过的恢复演练")
        return _control("G3", "not_yet", title, evidence, **figures)
    if len(settings.current().keepers) == 1:
        evidence = _("只有一个密钥保管处（%(keeper)s 类），丢失即丢失全部数据；最近的恢复演练通过")
        return _control("G3", "not_yet", title, evidence, **figures)
    evidence = _("%(keepers)d 个密钥保管处（%(keeper)s），失去一个仍可恢复；最近的恢复演练通过")
    return _control("G3", "enforced", title, evidence, **figures)


def _forgotten() -> Control:
    """L6.1: since the last destruction the ratchet turned, and every keeper says that it forgot what came before."""
    title = _("销毁不可恢复：上一代密钥已由各保管处抹除")
    try:
        status = selectors.key_status()
    except MidanError as error:
        return _control("L6.1", "not_yet", title, _("保险库未打开：%(code)s"), code=error.code)
    receipts = selectors.receipts(status.generation - 1)
    figures: dict[str, str | int] = {
        "generation": status.generation,
        "receipts": len(receipts),
        "best_effort": sum(receipt.best_effort for receipt in receipts),
        "pending": len(status.owing),
        "unratcheted": status.unratcheted,
    }
    if not receipts:
        return _control("L6.1", "not_yet", title, _("尚未更换过代际密钥，没有抹除回执"), **figures)
    evidence = _(
        "现行第 %(generation)d 代；抹除回执 %(receipts)d 份，其中尽力而为 %(best_effort)d 份；"
        "尚欠回执的保管处 %(pending)d 处，"
        "未随之更换密钥的销毁 %(unratcheted)d 次。当且仅当旧一代密钥没有任何副本留存，已销毁的内容不可读出"
    )
    owed = status.pending or status.unratcheted
    return _control("L6.1", "not_yet" if owed else "enforced", title, evidence, **figures)


# What each process must not be able to do, as (role's process, table, right).
_REFUSED: Final = (
    ("web", "vault_state", "SELECT"),
    ("web", "vault_secret", "SELECT"),
    ("web", "vault_part", "SELECT"),
    ("web", "vault_identitypart", "SELECT"),
    ("web", "audit_entry", "UPDATE"),
    ("web", "audit_entry", "DELETE"),
    ("keyd", "people_staff", "SELECT"),
    ("keyd", "audit_entry", "DELETE"),
    ("jobs", "vault_state", "SELECT"),
    ("jobs", "audit_entry", "DELETE"),
)


def _separated() -> Control:
    """L2.2 beneath the program: a process taken over has the rights of its own database account and no more."""
    title = _("最小权限：网页、密钥与后台进程各用自己的数据库角色")
    if not bulk.is_postgres():
        evidence = _("部分：SQLite 没有数据库角色，权限只由本程序执行")
        return _control("L2.2", "not_yet", title, evidence)
    process, held = settings.current().process, 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, left(current_database(), 40)")
        myself, stem = cursor.fetchone()
        roles = {name: f"{stem}_{name}" for name in settings.PROCESSES}
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(roles.values())])
        known = {name for (name,) in cursor.fetchall()}
        for owner, table, right in _REFUSED:
            if roles[owner] in known:
                cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [roles[owner], table, right])
                held += bool(cursor.fetchone()[0])
    if not known or (process and roles[process] != myself):
        evidence = _("部分：各进程共用一个数据库帐号；请运行 midan db roles 后重启服务")
        return _control("L2.2", "not_yet", title, evidence)
    figures: dict[str, str | int] = {
        "checked": len(_REFUSED),
        "held": held,
        "missing": len(roles) - len(known),
    }
    if held or figures["missing"]:
        evidence = _("部分：缺少角色 %(missing)d 个，不该有的权限 %(held)d 项；请再次运行 midan db roles")
        return _control("L2.2", "not_yet", title, evidence, **figures)
    evidence = _("数据库中三个角色俱在，刚查 %(checked)d 项不该有的权限，一项也没有")
    return _control("L2.2", "enforced", title, evidence, **figures)


def _control(clause: str, state: State, title: str, evidence: str, **figures: str | int) -> Control:
    return Control.of("vault", clause, title, (state, evidence), timezone.now(), **figures)
