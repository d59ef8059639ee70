"""PostgreSQL's own accounts for the web, keyd and jobs: each may do what its process does, and nothing beyond.

`web`    takes in orders and writes entries; reads no sealed part, no digest, no key state.
`keyd`   reads parts, digests and states; writes no business table.
`jobs`   orders the log, deletes rows that have no key, makes backups; reads no key state, so it opens nothing.

None of them owns a table, and none may change or delete what the log holds.
"""

import os
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import quote, urlsplit

from django.db import DatabaseError, connection, transaction

from midan.catalog.settings import PROCESSES, current
from midan.core.errors import MidanError
from midan.store import bulk

_KEYS: Final = frozenset({"vault_state", "vault_frontier", "vault_secret", "vault_tag"})
_LOG: Final = frozenset({"audit_entry", "audit_party", "audit_leaf", "audit_checkpoint"})
_SEALED: Final = frozenset(
    {
        "vault_part",
        "vault_digest",
        "vault_record",
        "vault_identitypart",
        "vault_identityrecord",
        "vault_epoch",
        "vault_identity",
    }
)
_DIVIDED: Final = ("vault_part_", "vault_digest_", "vault_identitypart_")
_PEOPLE: Final = ("people_", "auth_", "account_", "mfa_", "usersessions_", "oauth2_", "django_")
_ALL: Final = "SELECT, INSERT, UPDATE, DELETE"
_ENTRIES: Final = {"audit_entry": "SELECT, INSERT", "audit_party": "SELECT, INSERT"}
# To see how far standbys have replayed, and nothing else of a server's statistics that this account would need.
_STATISTICS: Final = {"keyd": "pg_read_all_stats"}
# A row is locked by whoever may update one of its columns: this one no process writes.
_LOCKED: Final = "SELECT, UPDATE (created_at)"

_OWN: Final[Mapping[str, Mapping[str, str]]] = {
    "web": {
        **_ENTRIES,
        "audit_leaf": "SELECT",
        "audit_checkpoint": "SELECT",
        "vault_part": "INSERT, SELECT (epoch, leaf)",
        "vault_digest": "INSERT",
        "vault_record": "SELECT, INSERT",
        "vault_identitypart": "INSERT, SELECT (epoch, leaf)",
        "vault_identityrecord": "SELECT, INSERT",
        "vault_epoch": _LOCKED,
        "vault_identity": "SELECT",
        "vault_reseal": "SELECT",
        "vault_share": "SELECT",
        "vault_keyd": "SELECT",
        "django_migrations": "SELECT",
    },
    "keyd": {
        **_ENTRIES,
        **dict.fromkeys(_KEYS, _ALL),
        "vault_share": _ALL,
        "vault_keyd": _ALL,
        "vault_identity": "SELECT, UPDATE",
        "vault_epoch": "SELECT, INSERT, UPDATE",
        "vault_part": "SELECT, INSERT",
        "vault_digest": "SELECT, INSERT, DELETE",
        "vault_record": "SELECT, UPDATE",
        "vault_identitypart": "SELECT, INSERT",
        "vault_identityrecord": "SELECT, UPDATE",
        "vault_reseal": "SELECT, INSERT",
        "django_migrations": "SELECT",
    },
    "jobs": {
        **dict.fromkeys(_LOG, "SELECT, INSERT"),
        "vault_part": "SELECT, DELETE",
        "vault_digest": "SELECT, DELETE",
        "vault_record": "SELECT, DELETE",
        "vault_identitypart": "SELECT, DELETE",
        "vault_identityrecord": "SELECT, DELETE",
        "vault_epoch": _LOCKED,
        "vault_identity": "SELECT",
        "vault_reseal": "SELECT",
        "vault_share": "SELECT",
        "vault_keyd": "SELECT",
        "django_migrations": "SELECT",
    },
}
_FUNCTIONS: Final = {
    "web": (),
    "keyd": ("vault_partition_make(bigint, int)",),
    "jobs": ("vault_partition_make(bigint, int)", "vault_partition_drop(bigint, text)"),
}


class RolesRefused(MidanError):
    """Roles cannot be made here; `why` is `sqlite` or `rights` (the account may not create roles)."""

    code: ClassVar[str] = "roles_refused"
    exit_code: ClassVar[int] = 4


def make() -> dict[str, str]:
    """Make the three roles and their rights, and a file each with its address; return process → role. May be run again.

    A role whose file is there keeps its password. RolesRefused.
    """
    if not bulk.is_postgres():
        raise RolesRefused("SQLite 没有数据库角色；换用 PostgreSQL 后再建", why="sqlite")
    names = _names()
    folder = current().database_roles
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with transaction.atomic():
            for process, role in names.items():
                _make_role(role, folder / f"{process}.url")
            grant(names)
    except DatabaseError as error:
        raise RolesRefused("当前数据库帐号无权创建角色", why="rights") from error
    return names


def renew() -> None:
    """Give the roles that exist their rights on what migrations have added; nothing where there are none."""
    if not bulk.is_postgres():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(_names().values())])
        known = {name for (name,) in cursor.fetchall()}
    if found := {process: role for process, role in _names().items() if role in known}:
        with transaction.atomic():
            grant(found)


def _names() -> dict[str, str]:
    """Return process → account: all accounts of a server share one room of names, so they bear the database's."""
    return {process: f"{connection.settings_dict['NAME'][:40]}_{process}" for process in PROCESSES}


def _make_role(role: str, path: Path) -> None:
    quoted = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        known = cursor.fetchone() is not None
        if known and path.exists():
            return
        password = secrets.token_urlsafe(32)
        verb = "ALTER" if known else "CREATE"
        cursor.execute(
            f"{verb} ROLE {quoted} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD %s", [password]
        )
    _write(path, _address(role, password))


def _address(role: str, password: str) -> str:
    """Return the address of the database for another account."""
    url = urlsplit(current().database_url)
    place = url.netloc.rpartition("@")[2]
    name = quote(str(connection.settings_dict["NAME"]), safe="")
    return url._replace(netloc=f"{quote(role, safe='')}:{password}@{place}", path=f"/{name}").geturl()


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")


def grant(names: Mapping[str, str]) -> None:
    """Take every right from these roles and give each what its process needs; in the caller's transaction."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema()), quote_ident(current_database())")
        schema, database = cursor.fetchone()
        for function in _FUNCTIONS["jobs"]:
            cursor.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
        for process, role in names.items():
            quoted = connection.ops.quote_name(role)
            cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {quoted}")
            cursor.execute(f"GRANT CONNECT ON DATABASE {database} TO {quoted}")
            cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}")
            cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {quoted}")
            if process in _STATISTICS:
                _let_see(cursor, _STATISTICS[process], quoted)
            _rights(cursor, process, quoted, tables)


def _let_see(cursor: Any, statistics: str, role: str) -> None:
    """Make an account a member of this role of the server. Whoever may not do that leaves standbys `unseen`."""
    with suppress(DatabaseError), transaction.atomic():
        cursor.execute(f"GRANT {statistics} TO {role}")


def _rights(cursor: Any, process: str, role: str, tables: Iterable[str]) -> None:
    for table, rights in sorted(rights_of(process, tables).items()):
        cursor.execute(f"GRANT {rights} ON {connection.ops.quote_name(table)} TO {role}")
    for function in _FUNCTIONS[process]:
        cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {role}")


def rights_of(process: str, tables: Iterable[str]) -> dict[str, str]:
    """Return the rights of a process on each of these tables that it may touch at all."""
    found: dict[str, str] = {}
    for table in tables:
        if table in _OWN[process]:
            found[table] = _OWN[process][table]
        elif table in _KEYS | _LOG | _SEALED or table.startswith(_DIVIDED):
            if process == "keyd" and table in _LOG:
                found[table] = "SELECT"
        elif process != "keyd":
            found[table] = _ALL
        elif not table.startswith(_PEOPLE):
            found[table] = "SELECT"  # keyd looks whether customers' values stand in clear columns
    return found
