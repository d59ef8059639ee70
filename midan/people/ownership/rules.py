"""What needs an owner: each field of the catalogue, each system, each use. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import FIELDS, PURPOSES
from midan.people.rules import Role


class AssetKind(StrEnum):
    ASSET = "asset"
    SYSTEM = "system"
    USE = "use"


# The parts of this installation somebody has to answer for.
SYSTEMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "console": _("管理台与接口"),
        "keyd": _("密钥进程与保管处"),
        "database": _("数据库"),
        "backups": _("备份与恢复"),
        "audit_log": _("审计日志"),
        "label_printing": _("面单打印"),
    }
)

# Who names owners: the one who answers for the data, never the person named alone (a name is taken, not assumed).
NAMERS: Final = frozenset({Role.PRIVACY_OFFICER})


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerView:
    """`at_work` false: somebody who has gone, is away or sleeps answers for nothing."""

    kind: str
    name: str
    staff_no: str
    display_name: str
    at_work: bool
    since: datetime


def wanted(kind: str) -> tuple[str, ...]:
    """Return every name of a kind that needs an owner."""
    match AssetKind(kind):
        case AssetKind.ASSET:
            return tuple(str(name) for name in FIELDS)
        case AssetKind.SYSTEM:
            return tuple(SYSTEMS)
        case AssetKind.USE:
            return tuple(str(purpose) for purpose in PURPOSES)
