"""What the vault can show for clauses L2.1, T2 and G3 at this moment. Every figure is counted when asked for."""

from datetime import date
from typing import Final

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog import settings
from midan.catalog.rules import FIELDS, Control, State
from midan.core import sm
from midan.core.errors import MidanError
from midan.vault import keyd, selectors
from midan.vault.backup import controls as backup
from midan.vault.keyd.inspection import ROWS
from midan.vault.rules import FIELD_PARTS

_SECRET_LEVEL: Final = 3


def controls(today: date) -> list[Control]:
    """Return the live checks; a locked vault shows 'not_yet', never the result of an earlier day."""
    del today  # nothing here depends on the day: the sample is of this moment
    return [_stored_sealed(), _algorithms(), _graded(), _available(), _forgotten(), *backup.controls()]


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
    try:
        sm.self_test()
    except sm.SelfTestFailed as error:
        failed = str(error.details.get("test", ""))
        return _control("T2", "not_yet", title, _("自检未通过：%(test)s"), test=failed)
    evidence = _(
        "刚通过全部公开测试向量自检。使用国密：分项与密钥状态（SM4-GCM）、密钥树与审计树（SM3）、检索摘要"
        "（HMAC-SM3）、检查点签名（SM2）、split 类保管处（HMAC-SM3 与 SM4-GCM）。未使用国密：口令派生（Argon2id）、"
        "令牌类保管处的密钥包裹（AES-256）、登录口令与动态口令、数据库连接"
    )
    return _control("T2", "enforced", title, evidence)


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
        "pending": len(status.pending),
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


def _control(clause: str, state: State, title: str, evidence: str, **figures: str | int) -> Control:
    return Control.of("vault", clause, title, (state, evidence), timezone.now(), **figures)
