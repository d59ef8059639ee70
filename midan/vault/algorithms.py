"""Clause T2 in the vault: what its places use as they are configured now. Tried or asked for, not remembered."""

from typing import Final

from django.db import connection
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import Algorithm, Standing
from midan.catalog.settings import current
from midan.core import sm
from midan.vault.backup import key as backup_key

_TLS: Final = "SELECT ssl, version, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
_NATIONAL: Final = "SM4"
_PASSPHRASE: Final = _("口令派生密钥要足够慢，国密没有这样的算法；派生出的密钥用于 SM4-GCM")


def failed_test() -> str:
    """Return the name of the public test vector that the ciphers fail at this moment, '' when they pass all."""
    try:
        sm.self_test()
    except sm.SelfTestFailed as error:
        return str(error.details.get("test", "unknown"))
    return ""


def algorithms() -> list[Algorithm]:
    """Return what the vault, its keepers, its backups and its database connection, if there is one, use."""
    return [*_stored(), *_keepers(), *_backups(), *_connection()]


def _stored() -> list[Algorithm]:
    return [
        _row(
            _("信息分项、密钥状态与密钥树节点"),
            "SM4-GCM",
            "national",
            _("格式固定，每项一个密钥，不能改设"),
        ),
        _row(_("密钥树与密钥派生"), "SM3", "national", _("格式固定，不能改设")),
        _row(_("检索摘要与订单号摘要"), "HMAC-SM3", "national", _("每个密钥期一个摘要密钥，随密钥期销毁")),
        _row(_("纸质销毁的照片"), "HMAC-SM3, SM4-GCM", "national", _("密钥由企业密钥派生，不在数据库里")),
    ]


def _keepers() -> list[Algorithm]:
    """Return a row for each class of keeper there is; a passphrase adds one of its own."""
    kinds = [word.partition(":")[0] for word in current().keepers]
    found: list[Algorithm] = []
    if "file" in kinds:
        part = _("口令文件保管处：包裹代际密钥")
        found.append(_row(part, "SM4-GCM", "national", _("密钥由口令派生，见“没有用国密”")))
        found.append(_row(_("口令文件保管处：口令派生"), "Argon2id", "other", _PASSPHRASE))
    if "split" in kinds:
        part = _("分置两半保管处：合成与包裹")
        found.append(_row(part, "HMAC-SM3, SM4-GCM", "national", _("两半缺一不可")))
    if "token" in kinds:
        note = _("多数密码令牌没有 SM4，由令牌以 AES 密钥包裹；换用支持 SM4 的令牌前如实列为未用国密")
        found.append(_row(_("密码令牌保管处：包裹代际密钥"), "AES-256-KW", "other", note))
    return found


def _backups() -> list[Algorithm]:
    note = _("分块加密，带序号与末块标记")
    found = [_row(_("备份集"), "SM4-GCM", "national", note)]
    if backup_key.path().exists():
        found.append(_row(_("备份密钥文件：口令派生"), "Argon2id", "other", _PASSPHRASE))
    return found


def _connection() -> list[Algorithm]:
    """Return what this very connection uses; a database in a file of this machine has none."""
    part = _("数据库连接")
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(_TLS)
        encrypted, version, cipher = cursor.fetchone() or (False, "", "")
    if not encrypted:
        return [_row(part, "", "other", _("这条连接没有加密；敏感内容入库前已用 SM4-GCM 加密"))]
    national = _NATIONAL in str(cipher)
    note = _("刚查到的这条连接：%(version)s")
    return [_row(part, str(cipher), "national" if national else "other", note, version=str(version))]


def _row(part: str, name: str, standing: Standing, note: str, **figures: str | int) -> Algorithm:
    return Algorithm.of("vault", part, name, standing, note, **figures)
