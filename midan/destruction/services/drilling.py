"""The resurrection drill: old backups, every key of today, and nothing of what was destroyed comes back.

Two sets are restored into a sandbox: the oldest kept, and the last one before the ratchet. Out of each up to a thousand
destroyed and a thousand living records are tried; then the raw bytes of database, backups, home and sandbox are
searched for what only canaries hold. The result is signed and names the certificates it speaks of.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from midan.audit.services import record
from midan.catalog.settings import current
from midan.core.actor import Actor
from midan.core.certificate import DRILL, canonical, facts_digest
from midan.core.entry import rfc3339
from midan.core.errors import MidanError
from midan.destruction import models
from midan.destruction.events import Act
from midan.destruction.rules.canaries import Needles, canary, needles
from midan.destruction.rules.drills import DrillView, fault
from midan.destruction.selectors.drills import drill_of
from midan.destruction.services import canaries, probing, victims
from midan.destruction.services.certifying import signed
from midan.destruction.services.searching import Search, sees
from midan.vault.backup import key, making, opening, sandbox
from midan.vault.backup import selectors as register
from midan.vault.backup.chunks import Rows
from midan.vault.backup.errors import BackupPlaceRefused
from midan.vault.backup.opening import OpenSet
from midan.vault.backup.selectors import SetView
from midan.vault.selectors import generation

_COUNTED: Final = (
    "shredded",
    "shredded_opened",
    "keys_found",
    "live",
    "live_opened",
    "guesses",
    "guesses_hit",
    "live_guesses",
    "live_guesses_hit",
)


@dataclass(slots=True)
class _Found:
    """What the sets tried so far showed."""

    search: Search
    counts: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    sets: list[dict[str, Any]] = field(default_factory=list)
    refused: str = ""


def drill(*, actor: Actor, now: datetime) -> DrillView:
    """Drill, keep and log the signed result; BackupPlaceRefused('none') without a set.

    What must not be found and is, or must open and does not, is a result and no error: `ok` is False.
    """
    begun = perf_counter()
    wanted = sets_to_try()
    if not wanted:
        raise BackupPlaceRefused("none")
    looked_for = _needles()
    found = _Found(Search(looked_for))
    with making.alone(), sandbox.opened() as first:
        for at, view in enumerate(wanted):
            place = sandbox.Sandbox(first.path / str(at))
            try:
                _try(place, view, found)
            except MidanError as error:  # a set that does not even open
                found.refused = found.refused or error.code
                found.sets.append({"set": view.set_id, "code": error.code})
            found.search.tree("sandbox", place.path, without=frozenset({place.path / "keys"}))
        _search_here(found.search, first.path)
    facts = _facts(
        _next_code(now), found, now, control=sees(looked_for), seconds=round(perf_counter() - begun, 3)
    )
    _keep(actor, facts, now)
    _sign(now)
    return drill_of(facts["number"])


def sets_to_try() -> tuple[SetView, ...]:
    """Return the oldest kept set, and the last one made before the present generation began, as far as both are there."""
    there = [view for view in register.sets() if view.path.is_dir()]
    if not there:
        return ()
    before = next((view for view in there if 0 < view.generation < generation()), None)
    chosen = [there[-1], *([before] if before else [])]
    return tuple({view.set_id: view for view in chosen}.values())


def _needles() -> Needles:
    """Return what stands for every canary there ever was; at least one is made up, so that a search is always tried."""
    known = list(models.Canary.objects.order_by("-seq").values_list("seq", flat=True)[:20_000])
    found = canaries.items(known)
    return needles(found or [canary(bytes(32), 0)])


def _try(place: sandbox.Sandbox, view: SetView, found: _Found) -> None:
    """Restore one set and try what it holds."""
    place.path.mkdir()
    (place.path / "keys").symlink_to(current().keys, target_is_directory=True)
    opened = opening.open_set(view.path, key.read())
    chosen = victims.choose(opened)
    said = place.midan("restore", str(view.path))
    shown: dict[str, Any] = {"set": view.set_id, "made": rfc3339(view.created_at), "code": said.code}
    if not said.code:
        probing.write(chosen.probe, path=place.path / "probe.json")
        said = place.midan("destroy", "probe", str(place.path / "probe.json"))
        shown |= {"code": said.code, **said.figures}
        found.counts.update({name: int(said.figures.get(name, 0)) for name in _COUNTED})
        found.tried.update(chosen.tried)
    found.refused = found.refused or said.code
    found.sets.append(shown)
    _search_set(found.search, opened)


def _search_set(search: Search, opened: OpenSet) -> None:
    """Search a set as it lies on its disk, and its rows unsealed."""
    for one in opened.chain:
        search.tree("backups", one.folder)
    for table in opened.manifest.tables:
        search.stream("backup_rows", map(_bytes, opening.blocks(opened, table)))


def _bytes(rows: Rows) -> bytes:
    cells = (cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row)
    return b"\x00".join(cells)


def _search_here(search: Search, sandbox_path: Path) -> None:
    """Search the home, its temporary files, and the database wherever it lies."""
    home, files = current().home, set[Path]()
    if connection.vendor == "sqlite":
        database = Path(str(connection.settings_dict["NAME"]))
        files = {database.with_name(database.name + suffix) for suffix in ("", "-wal", "-shm", "-journal")}
        for path in sorted(files):
            search.file("database", path)
    else:
        search.server()
    search.tree("home", home, without=frozenset({sandbox_path, *files}))


def _facts(code: str, found: _Found, now: datetime, *, control: bool, seconds: float) -> dict[str, Any]:
    """Return what the record says: counts, sets, certificates and places; never a value."""
    totals = {name: found.counts[name] for name in _COUNTED} | {"found": sum(found.search.found.values())}
    reason = found.refused or fault(totals, control=control)
    return {
        "number": code,
        "status": "failed" if reason else "passed",
        "reason": reason,
        "at": rfc3339(now),
        "seconds": seconds,
        "generation": generation(),
        "sets": found.sets,
        "totals": totals,
        "found": dict(+found.search.found),
        "searched": dict(found.search.searched),
        "control": control,
        "certificates": dict(sorted(found.tried.items())),
    }


def _keep(actor: Actor, facts: dict[str, Any], now: datetime) -> None:
    """Keep the result and log its digest, together."""
    code, reason, tried = facts["number"], facts["reason"], facts["certificates"]
    with transaction.atomic():
        entry_id = record(
            actor=actor,
            act=Act.DRILLED,
            object=f"drill:{code}",
            outcome="failed" if reason else "done",
            reason=reason,
            clause="L6.1",
            count=facts["totals"]["shredded"] + facts["totals"]["live"],
            details={"facts": facts_digest(facts, DRILL), "certificates": len(tried)},
            at=now,
        )
        row = models.Drill.objects.create(
            code=code,
            at=now,
            ok=not reason,
            reason=reason,
            facts=canonical(facts).decode(),
            entry_id=entry_id,
        )
        runs = models.Run.objects.filter(code__in=tried)
        models.DrillRun.objects.bulk_create(
            models.DrillRun(drill=row, run=run, tried=tried[run.code]) for run in runs
        )


def _sign(now: datetime) -> None:
    """Sign what is not signed yet: this drill, and one the log had not taken in when it was made."""
    for row in models.Drill.objects.filter(text=None).order_by("id"):
        row.text = signed(facts=row.facts, entry_id=row.entry_id, form=DRILL, now=now)
        row.save(update_fields=["text"])


def _next_code(now: datetime) -> str:
    prefix = f"R{timezone.localdate(now):%Y%m%d}-"
    return f"{prefix}{models.Drill.objects.filter(code__startswith=prefix).count() + 1:04d}"
