"""Start Django for a command, and refuse with a clear state when the installation is not ready."""

import gc
import json
import os
import sys
from collections.abc import Callable
from typing import ClassVar, Final

from midan.core.errors import MidanError

# Objects made before Python looks for cycles. At its own 700 that look takes a fifth of a batch of labels, and comes in
# the middle of a reveal; a batch of 500 orders makes some 40,000.
_OBJECTS_A_LOOK: Final = 50_000
_TURN: Final = 0.0005  # seconds; Python's own is 0.005


class NotMigrated(MidanError):
    """The database misses migrations of this release."""

    code: ClassVar[str] = "not_migrated"
    status: ClassVar[int] = 503
    exit_code: ClassVar[int] = 4


class DatabaseUnreachable(MidanError):
    """The database cannot be opened."""

    code: ClassVar[str] = "database_unreachable"
    status: ClassVar[int] = 503
    exit_code: ClassVar[int] = 4


def setup() -> None:
    """Configure Django, without touching the database. Files made from here on are the owner's alone."""
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "midan.config.settings")
    import django

    from midan.catalog.settings import current

    current()  # refuse a wrong environment with one error before Django reads it
    django.setup()
    spare_looks()


def spare_looks() -> None:
    """Let the collector of cycles pass over what was loaded so far, which stays, and look less often at the rest."""
    gc.freeze()
    gc.set_threshold(_OBJECTS_A_LOOK)


def spare_turns() -> None:
    """Let threads that come back from the database wait for the interpreter a tenth of what they would.

    For processes that serve: the thread that holds SQLite's one write lock gives the interpreter up at every statement,
    and all who wait for the lock wait for its turns as well.
    """
    sys.setswitchinterval(_TURN)


def ready() -> None:
    """Configure Django and raise unless the database is there and fully migrated."""
    setup()
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    from midan.catalog.settings import current
    from midan.store.disk import disk_error

    url = current().database_url
    if url.startswith("sqlite:///") and not os.path.exists(url.removeprefix("sqlite:///")):  # noqa: PTH110
        raise NotMigrated("尚未初始化，请先运行 midan init")
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        raise disk_error(error) or DatabaseUnreachable("无法打开数据库") from error
    if missing:
        raise NotMigrated("数据库缺少 %(missing)d 个迁移，请先运行 midan init", missing=missing)
    refuse_unfinished()


def refuse_unfinished() -> None:
    """Raise RestoreUnfinished where a restore broke off: what is here was not checked yet."""
    from midan.vault.backup.errors import RestoreUnfinished
    from midan.vault.backup.selectors import unfinished

    broken_off = unfinished()
    if broken_off is not None:
        raise RestoreUnfinished(broken_off)


def message_of(error: MidanError) -> str:
    """Return the error's message in the user's language, in words where its details are codes."""
    from django.apps import apps
    from django.utils.translation import gettext

    from midan.ui.saying import sentence

    return sentence(error, gettext if apps.ready else _without_django())


def error_line(error: MidanError) -> str:
    """Return the error as one line of JSON, as every process writes it on stderr."""
    return json.dumps({**error.as_dict(), "message": message_of(error)}, ensure_ascii=False, default=str)


def _without_django() -> Callable[[str], str]:
    """Return the translation for commands that need no Django, and for errors before it is there."""
    from gettext import translation
    from importlib.resources import files

    from midan.catalog.settings import language

    folder = str(files("midan") / "locale")
    return translation("django", folder, languages=[language(os.environ)], fallback=True).gettext
