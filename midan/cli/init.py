"""`midan init`: keys, database, starter notice; with --demo an invented company to try everything on."""

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from midan.cli.draft import Draft
from midan.config.start import refuse_unfinished, setup


def init(demo: Annotated[bool, typer.Option("--demo", help="add an invented company")] = False) -> None:
    """Make what is missing and leave what is there; safe to run again."""
    from midan.catalog.settings import load

    settings = load(os.environ)
    for folder in (settings.home, settings.keys, settings.tiles, settings.media):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _make_passphrase(settings.passphrase_file)
    setup()
    from midan.config.roles import renew as renew_roles

    _migrate(settings.database_url)
    renew_roles()
    refuse_unfinished()
    _begin(demo=demo)
    if demo:
        from midan.demo.company import found_company

        found_company(home=settings.home, base_url=settings.base_url)
        _show_sign_ins(settings.home / "demo.json")
        return
    _show_first_link(settings.base_url)


def _migrate(url: str) -> None:
    """Bring the database up to date. A new file that could not be made whole is removed: half of it blocks the next try."""
    from django.core.management import call_command
    from django.db import connections

    file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
    made_here = file is not None and not file.exists()
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except BaseException:
        if file is not None and made_here:
            connections.close_all()
            for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
                file.with_name(name).unlink(missing_ok=True)
        raise


def _show_sign_ins(path: Path) -> None:
    """Print who may sign in to the invented company; real installations have no such file."""
    found = json.loads(path.read_text(encoding="utf-8"))
    print(f"{'username':<12} {'role':<16} {'branch':<7} password")
    for user in found["users"]:
        print(f"{user['username']:<12} {user['role']:<16} {user['branch']:<7} {user['password']}")
    print(f"登录信息 sign-ins: {path}   动态码 one-time code: midan demo code USERNAME")


def _show_first_link(base_url: str) -> None:
    """Print the one-time link of the first administrator, as long as nobody was appointed; an older one dies."""
    from django.urls import reverse
    from django.utils import timezone

    from midan.people import first

    if token := first.make_link(now=timezone.now()):
        address = base_url + reverse("first_administrator", args=[token])
        print(f"首位管理员 first administrator (24 h, 一次有效 once): {address}")


def _begin(*, demo: bool) -> None:
    """Make the keys once and publish the starter notice when there is none."""
    from django.utils import timezone

    from midan.audit import services as audit
    from midan.audit.errors import LogKeyExists
    from midan.catalog.settings import current
    from midan.collection import services as collection
    from midan.collection.selectors import notices
    from midan.core import sm
    from midan.core.actor import Actor
    from midan.duties.services import publish_starters
    from midan.vault import services as vault

    sm.self_test()
    actor, now = Actor.system("init"), timezone.now()
    # A log is begun once: a key that is there stays, whatever else is missing.
    with suppress(LogKeyExists):
        audit.initialise(passphrase=current().passphrase())
    vault.initialise(actor=actor, now=now)
    vault.unlock()
    if demo:
        from midan.demo.company import name_company

        name_company()
    if not notices():
        collection.publish_starter_notices(actor=actor, now=now)
    publish_starters(actor=actor, now=now)
    audit.integrate(now=now)


def _make_passphrase(path: Path) -> None:
    """Write a random passphrase for the keeper; an existing one is never touched."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = Draft(path)
    try:
        draft.path.write_text(secrets.token_urlsafe(32) + "\n", "ascii")
        # A link fails when somebody else was first; then theirs is the passphrase.
        with suppress(FileExistsError):
            os.link(draft.path, path)
    finally:
        draft.drop()
