"""What the vault refuses. No message or detail ever holds a key or a customer's value.

MidanError
└── VaultError
    ├── VaultNotInitialised   no key file and no company id yet
    ├── VaultLocked           the keeper of the generation secret is missing or does not fit the database
    ├── KeeperOutdated        every keeper in reach holds an older generation than the database
    ├── DatabaseOutdated      a keeper holds a generation this database never claimed: an old copy was put back
    ├── KeeperUnreachable     no keeper could be read or written
    │   └── KeeperFull        nor has one room: a StorageFull as well, and told as one
    ├── PackDamaged           a key pack does not open under its generation, or is cut
    ├── RatchetRunning        another process turns the ratchet now
    ├── OldKeysNeeded         a restore reads keys now, or a carried record is in no verified backup yet
    ├── WarrantRefused        the log does not say that these targets may be destroyed
    ├── StateDamaged          a wrapped state key, frontier row or company secret does not open
    ├── EpochDestroyed        the epoch is gone and is never made again
    ├── EpochFull             2^30 records are the most an epoch takes
    ├── BlockRefused          more records than an intake takes at once, or for another day than today
    ├── PartDamaged           a sealed part does not open as the part it stands for
    ├── PartGone              the part was erased, or never stored
    ├── GrantRefused          the grant does not match what the log says, is old, or was used
    ├── RetentionAboveCap     a length longer than the class may be kept, or of a class that has none
    ├── NothingToHold         none of these records is stored any more
    ├── HoldUnknown           no such hold, or it ended
    ├── LogBehind             the log is not signed up to a minute ago: nothing is read meanwhile
    └── OpeningsLimited       keyd's own limit of openings a minute is reached, whoever asks

WrongPassphrase and KeyFileDamaged come from midan.core.passphrase and are named here for readers.
"""

from typing import ClassVar

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError
from midan.core.passphrase import KeyFileDamaged, WrongPassphrase
from midan.store.errors import StorageFull

__all__ = [
    "BlockRefused",
    "DatabaseOutdated",
    "EpochDestroyed",
    "EpochFull",
    "GrantRefused",
    "HoldUnknown",
    "KeeperFull",
    "KeeperOutdated",
    "KeeperUnreachable",
    "KeyFileDamaged",
    "LogBehind",
    "NothingToHold",
    "OldKeysNeeded",
    "OpeningsLimited",
    "PackDamaged",
    "PartDamaged",
    "PartGone",
    "RatchetRunning",
    "RetentionAboveCap",
    "StateDamaged",
    "VaultError",
    "VaultLocked",
    "VaultNotInitialised",
    "WarrantRefused",
    "WrongPassphrase",
]


class VaultError(MidanError):
    code: ClassVar[str] = "vault_error"
    clause: ClassVar[str | None] = "L2.1"
    status: ClassVar[int] = 503


class VaultNotInitialised(VaultError):
    code: ClassVar[str] = "vault_not_initialised"
    exit_code: ClassVar[int] = 4

    def __init__(self) -> None:
        super().__init__(gettext_noop("保险库尚未建立，请先运行 midan init"))


class VaultLocked(VaultError):
    code: ClassVar[str] = "vault_locked"
    exit_code: ClassVar[int] = 4


class KeeperOutdated(VaultError):
    code: ClassVar[str] = "keeper_outdated"
    exit_code: ClassVar[int] = 4

    def __init__(self, *, held: int, wanted: int) -> None:
        message = gettext_noop("密钥保管处是旧的一代（第 %(held)s 代，应为第 %(wanted)s 代），拒绝使用")
        super().__init__(message, held=held, wanted=wanted)


class DatabaseOutdated(VaultError):
    code: ClassVar[str] = "database_outdated"
    exit_code: ClassVar[int] = 4

    def __init__(self, *, held: int, claimed: int) -> None:
        message = gettext_noop(
            "数据库比密钥保管处旧（第 %(claimed)s 代，保管处已到第 %(held)s 代），拒绝使用"
        )
        super().__init__(message, held=held, claimed=claimed)


class KeeperUnreachable(VaultError):
    """`details['reason']` is a name of errno, or one word of ours."""

    code: ClassVar[str] = "keeper_unreachable"
    exit_code: ClassVar[int] = 4

    def __init__(self, keeper: str, reason: str) -> None:
        super().__init__(
            gettext_noop("密钥保管处无法读写：%(keeper)s（%(reason)s）"), keeper=keeper, reason=reason
        )


class KeeperFull(KeeperUnreachable, StorageFull):
    """A keeper's place has no room left. Another keeper may take what this one does not; else make room, try again."""

    code: ClassVar[str] = StorageFull.code
    clause: ClassVar[str | None] = StorageFull.clause

    def __init__(self, keeper: str) -> None:
        super().__init__(keeper, "ENOSPC")


class PackDamaged(VaultError):
    code: ClassVar[str] = "pack_damaged"
    exit_code: ClassVar[int] = 4

    def __init__(self, reason: str) -> None:
        super().__init__(gettext_noop("密钥包无法打开：%(reason)s"), reason=reason)


class LogBehind(VaultError):
    code: ClassVar[str] = "log_behind"
    clause: ClassVar[str | None] = "T4"

    def __init__(self) -> None:
        super().__init__(gettext_noop("审计日志的签名停了一分钟以上，暂不能查看客户信息，请联系管理员"))


class RatchetRunning(VaultError):
    code: ClassVar[str] = "ratchet_running"
    exit_code: ClassVar[int] = 4

    def __init__(self) -> None:
        super().__init__(gettext_noop("另一个进程正在更换密钥，请稍后再试"))


class OldKeysNeeded(VaultError):
    """`details['what']` is one word: restore, journal."""

    code: ClassVar[str] = "old_keys_needed"
    clause: ClassVar[str | None] = "L6.1"
    exit_code: ClassVar[int] = 4

    def __init__(self, what: str) -> None:
        super().__init__(gettext_noop("旧的密钥现在还不能销毁：%(what)s"), what=what)


class WarrantRefused(VaultError):
    """`details['mismatch']` names what was off: one word of midan.vault.keyd.warrants."""

    code: ClassVar[str] = "warrant_refused"
    clause: ClassVar[str | None] = "L6.1"
    status: ClassVar[int] = 403

    def __init__(self, mismatch: str) -> None:
        super().__init__(gettext_noop("审计日志没有准许这次销毁：%(mismatch)s"), mismatch=mismatch)


class StateDamaged(VaultError):
    code: ClassVar[str] = "state_damaged"
    exit_code: ClassVar[int] = 4

    def __init__(self, what: str, **details: int) -> None:
        super().__init__(gettext_noop("密钥状态无法打开：%(what)s"), what=what, **details)


class EpochDestroyed(VaultError):
    code: ClassVar[str] = "epoch_destroyed"
    clause: ClassVar[str | None] = "L6.1"
    status: ClassVar[int] = 410

    def __init__(self, epoch: int) -> None:
        super().__init__(gettext_noop("密钥期 %(epoch)s 已销毁，不能再用"), epoch=epoch)


class EpochFull(VaultError):
    code: ClassVar[str] = "epoch_full"

    def __init__(self, epoch: int) -> None:
        super().__init__(gettext_noop("密钥期 %(epoch)s 已满"), epoch=epoch)


class BlockRefused(VaultError):
    code: ClassVar[str] = "block_refused"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(gettext_noop("密钥进程只为当日收寄成批给出密钥，拒绝此次请求"))


class PartDamaged(VaultError):
    code: ClassVar[str] = "part_damaged"
    status: ClassVar[int] = 500

    def __init__(self, *, epoch: int, leaf: int) -> None:
        super().__init__(
            gettext_noop("信息分项无法打开：密钥期 %(epoch)s，叶 %(leaf)s"), epoch=epoch, leaf=leaf
        )


class PartGone(VaultError):
    code: ClassVar[str] = "part_gone"
    clause: ClassVar[str | None] = "L6.1"
    status: ClassVar[int] = 410

    def __init__(self) -> None:
        super().__init__(gettext_noop("该信息已销毁，或从未存储"))


class GrantRefused(VaultError):
    """`details['mismatch']` names what was off: one word of midan.vault.keyd.permission."""

    code: ClassVar[str] = "grant_refused"
    clause: ClassVar[str | None] = "L2.2"
    status: ClassVar[int] = 403

    def __init__(self, mismatch: str) -> None:
        super().__init__(gettext_noop("授权凭据与审计条目不符，拒绝打开"), mismatch=mismatch)


class RetentionAboveCap(VaultError):
    code: ClassVar[str] = "retention_above_cap"
    clause: ClassVar[str | None] = "L2.4"
    status: ClassVar[int] = 422

    def __init__(self, *, retention: str, cap: int) -> None:
        super().__init__(
            gettext_noop("保存期限至少 1 天，连同了结期不得超过 %(cap)s 天（条款 L2.4）"),
            retention=retention,
            cap=cap,
        )


class NothingToHold(VaultError):
    code: ClassVar[str] = "nothing_to_hold"
    clause: ClassVar[str | None] = "L2.4"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("这些运单的信息已经销毁，或没有这些运单"))


class HoldUnknown(VaultError):
    code: ClassVar[str] = "hold_unknown"
    clause: ClassVar[str | None] = "L2.4"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("没有这项保全或限制，或已结束"))


class OpeningsLimited(VaultError):
    code: ClassVar[str] = "openings_limited"
    clause: ClassVar[str | None] = "M4"
    status: ClassVar[int] = 429

    def __init__(self) -> None:
        super().__init__(gettext_noop("密钥进程每分钟可打开的数量已用完，请稍后再试"))
