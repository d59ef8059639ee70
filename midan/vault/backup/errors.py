"""What backup and restore refuse. No message or detail holds a key or a customer's value; paths are the operator's own.

MidanError
└── BackupError
    ├── BackupKeyMissing    no backup key here, though sets were made with one
    ├── BackupKeyWrong      the set was sealed under another backup key
    ├── BackupPlaceRefused  the folder cannot take a set, or holds none
    ├── BackupDamaged       a piece is altered, cut, missing or of another set; nothing was written
    ├── BackupChainBroken   a set that an increment or a restore needs is missing, another one, or out of order
    ├── OtherCompany        the set is another company's than the key pack
    ├── KeysOutdated        the keepers in reach have an older key pack than the set, or than one of them says there is
    ├── NewerRelease        the set was written by a release this one does not know
    ├── MoveRefused         nothing to move, of another release, or moved already
    ├── PlaceInUse          a vault is here already, or the place is being served
    ├── RestoreUnfinished   a restore broke off here: finish it before anything else
    ├── RestoreFailed       what was restored does not agree with the manifest, the log or the keys
    └── EscrowUnreadable    an escrow copy of the key that does not read
"""

from typing import ClassVar, Final

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError

# How a move from one database into the other is named among the restores that have not ended.
MOVE: Final = "migrate-db"


class BackupError(MidanError):
    code: ClassVar[str] = "backup_error"
    clause: ClassVar[str | None] = "L2.3"
    status: ClassVar[int] = 503


class BackupKeyMissing(BackupError):
    code: ClassVar[str] = "backup_key_missing"
    exit_code: ClassVar[int] = 4

    def __init__(self) -> None:
        super().__init__(gettext_noop("备份密钥文件不在：请放回 keys/backup.key，或用 --escrow 给出托管副本"))


class BackupKeyWrong(BackupError):
    code: ClassVar[str] = "backup_key_wrong"
    exit_code: ClassVar[int] = 4

    def __init__(self) -> None:
        super().__init__(gettext_noop("备份密钥打不开这套备份：备份属于别的密钥，或文件头被改动"))


class BackupPlaceRefused(BackupError):
    """`details['place']` is one word: missing, unwritable, busy, none, many."""

    code: ClassVar[str] = "backup_place_refused"
    exit_code: ClassVar[int] = 4

    def __init__(self, place: str) -> None:
        super().__init__(gettext_noop("备份位置不可用：%(place)s"), place=place)


class BackupDamaged(BackupError):
    """`details['what']` is one word: header, chunk, cut, missing, other_set, surplus, rows, tags, manifest, columns."""

    code: ClassVar[str] = "backup_damaged"
    status: ClassVar[int] = 500

    def __init__(self, piece: str, what: str) -> None:
        super().__init__(
            gettext_noop("备份已损坏：%(piece)s（%(what)s），没有写入任何内容"), piece=piece, what=what
        )


class BackupChainBroken(BackupError):
    """`details['what']` is one word: missing, other, altered, order, gap."""

    code: ClassVar[str] = "backup_chain_broken"
    exit_code: ClassVar[int] = 4

    def __init__(self, set_id: str, what: str) -> None:
        super().__init__(
            gettext_noop("备份链不完整：%(set)s（%(what)s），没有写入任何内容"), set=set_id[:8], what=what
        )


class OtherCompany(BackupError):
    code: ClassVar[str] = "other_company"
    exit_code: ClassVar[int] = 4

    def __init__(self) -> None:
        super().__init__(gettext_noop("这套备份属于另一家公司，密钥包与它不符"))


class KeysOutdated(BackupError):
    code: ClassVar[str] = "keys_outdated"
    exit_code: ClassVar[int] = 4
    clause: ClassVar[str | None] = "L6.1"

    def __init__(self, *, found: int, newest: int) -> None:
        super().__init__(
            gettext_noop("保管处的密钥包比备份或别的保管处旧，不能用来恢复"), pack=found, newest=newest
        )


class NewerRelease(BackupError):
    code: ClassVar[str] = "newer_release"
    exit_code: ClassVar[int] = 4

    def __init__(self, unknown: int) -> None:
        super().__init__(
            gettext_noop("备份来自更新的版本，本版本不认识其中 %(unknown)d 个迁移"), unknown=unknown
        )


class PlaceInUse(BackupError):
    """`details['found']` is one word: vault, served, log, rows, tables."""

    code: ClassVar[str] = "place_in_use"
    exit_code: ClassVar[int] = 4
    status: ClassVar[int] = 409

    def __init__(self, found: str) -> None:
        super().__init__(gettext_noop("只能恢复到空的位置：%(found)s"), found=found)


class MoveRefused(BackupError):
    """`details['why']` is one word: source (no SQLite place), release, target (no PostgreSQL), moved."""

    code: ClassVar[str] = "move_refused"
    exit_code: ClassVar[int] = 4
    status: ClassVar[int] = 409

    def __init__(self, why: str) -> None:
        super().__init__(gettext_noop("不能从这里迁到 PostgreSQL：%(why)s"), why=why)


class RestoreUnfinished(BackupError):
    code: ClassVar[str] = "restore_unfinished"
    exit_code: ClassVar[int] = 4

    def __init__(self, name: str) -> None:
        text = gettext_noop("这里有一次没有完成的恢复，请再次运行 midan restore（备份 %(set)s）")
        if name == MOVE:
            text = gettext_noop(
                "这里的数据正在迁往 PostgreSQL，或已整个迁走：请再次运行 midan migrate-db，或改用新的 MIDAN_DATABASE_URL"
            )
        super().__init__(text, set=name)


class RestoreFailed(BackupError):
    """`details['check']` is one word: rows, log, sample."""

    code: ClassVar[str] = "restore_failed"

    def __init__(self, check: str, **details: int | str) -> None:
        super().__init__(gettext_noop("恢复后的核对未通过：%(check)s，此处不能使用"), check=check, **details)


class EscrowUnreadable(BackupError):
    code: ClassVar[str] = "escrow_unreadable"
    exit_code: ClassVar[int] = 4

    def __init__(self) -> None:
        super().__init__(gettext_noop("托管副本无法读取：缺行、抄错或不是备份密钥"))
