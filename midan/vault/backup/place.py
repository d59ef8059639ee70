"""Whether this place may be restored into, and whether an earlier restore broke off here."""

from pathlib import Path
from typing import Final

from django.db import connection

from midan.audit.tiles import TileFolder
from midan.catalog.settings import current
from midan.vault.backup.errors import PlaceInUse, RestoreUnfinished
from midan.vault.backup.manifest import Manifest
from midan.vault.keyd.remote import answers


def admits(manifest: Manifest) -> bool:
    """Return whether this set's restore broke off here and goes on; PlaceInUse or RestoreUnfinished for other states.

    False means an empty place. Nothing is written by asking, not even an empty database file.
    """
    if answers(current().keyd_socket):
        raise PlaceInUse("served")
    tables = _tables()
    if "backup_restore" in tables:
        unfinished = _unfinished()
        if unfinished is not None:
            if unfinished[0] != manifest.set:
                raise RestoreUnfinished(unfinished[1])
            return True
    if "vault_identity" in tables and _any("vault_identity"):
        raise PlaceInUse("vault")
    if TileFolder(current().tiles).published() is not None:
        raise PlaceInUse("log")
    if any(_any(name) for name in sorted(_TELLING & tables)):
        raise PlaceInUse("rows")
    if not _applied(tables) <= {(app, name) for app, names in manifest.migrations.items() for name in names}:
        raise PlaceInUse("tables")
    return False


# Where somebody worked there are rows here; what migrations put elsewhere tells nothing.
_TELLING: Final = frozenset(
    {"people_staff", "people_branch", "waybill_waybill", "vault_record", "audit_entry"}
)


def _tables() -> set[str]:
    settings = connection.settings_dict
    if connection.vendor == "sqlite" and not Path(str(settings["NAME"])).exists():
        return set()
    return set(connection.introspection.table_names())


def _any(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')
        return cursor.fetchone() is not None


def _unfinished() -> tuple[str, str] | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_id, name FROM backup_restore WHERE finished_at IS NULL")
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def _applied(tables: set[str]) -> set[tuple[str, str]]:
    if "django_migrations" not in tables:
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return {(app, name) for app, name in cursor.fetchall()}
