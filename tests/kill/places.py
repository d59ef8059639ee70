"""What the soak does in its children: fill a day, act, end the act, look. Nothing in the product knows of it."""

import os
import shutil
import signal
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from midan.config import databases
from tests.kill import struck

_FSYNC = os.fsync


class Failed(Exception):
    """A child answered with its error."""


def answer(found: tuple[bool, object]):
    """Return what a child that should not die answered."""
    killed, value = found
    if killed or (isinstance(value, dict) and "error" in value):
        raise Failed(f"{killed} {value}")
    return value


def flush_only_when_asked() -> None:
    """Do not wait for the disk: a killed process loses nothing that the kernel has."""
    os.fsync = lambda _: None


def flush_for_real() -> None:
    """Flush as the product does, for a power cut does lose it."""
    os.fsync = _FSYNC
    databases.SQLITE_START = databases.SQLITE_START.replace("synchronous=OFF", "synchronous=FULL")
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.settings_dict["OPTIONS"]["init_command"] = databases.SQLITE_START


def strike(where: str, name: str, when: str) -> None:
    """Make this process die by SIGKILL at the point, wherever the function is called from."""
    *module, last = where.split(".")
    try:
        holder = import_module(f"midan.{where}")
    except ModuleNotFoundError:
        holder = getattr(import_module(f"midan.{'.'.join(module)}"), last)
    real = getattr(holder, name)

    def struck_there(*arguments, **named):
        if when == "after":
            real(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(holder, name, struck_there)


def home() -> Path:
    from midan.catalog import settings

    return settings.current().home


def sqlite_file() -> Path | None:
    from django.db import connection

    return Path(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else None


def packs() -> list[bytes]:
    return [path.read_bytes() for path in (home() / "keys" / "packs").glob("pack-*")]


def prepare() -> None:
    """Shorten the lease, for a killed process would hold every stamp back for ten seconds; load what children share."""
    from midan.vault.keyd import tenure

    tenure.LEASE = 1.5
    for module in (
        "destruction.services",
        "destruction.selectors",
        "vault.backup.restoring",
        "vault.backup.services",
    ):
        import_module(f"midan.{module}")
    struck.load_once()


def fill(one) -> int:
    """Store the day's orders, some of them held, and return its epoch."""
    from midan.vault import models
    from tests.vault.orders import order, put

    put([order(seq) for seq in one.seqs], day=one.day)
    models.Held.objects.bulk_create(
        models.Held(hold=1_000_000 + one.at, seq=seq, kind="held") for seq in one.held
    )
    return epoch_of(one.day)


def epoch_of(day) -> int:
    from midan.vault.models import Epoch

    return Epoch.objects.get(day=day, retention="standard").number


def perform(one) -> bool:
    from django.utils import timezone

    from midan.vault import services
    from midan.vault.backup import services as backups
    from tests.vault.runs import OFFICER, warrant

    now = timezone.now()
    if one.act in {"run", "reseal"}:
        work()
    elif one.act == "backup":
        backups.make(actor=OFFICER, to=home() / "sets", now=now, life_days=35, full=one.at % 2 == 0)
    elif one.act == "restore":
        restore(one)
    elif one.act == "destroy":
        epochs = [epoch_of(one.day)]
        paper = warrant(now, epochs=epochs, basis="due")
        services.destroy(actor=OFFICER, warrant=paper, epochs=epochs, now=now)
    else:
        cut(one, now)
        if one.act == "rotate":
            services.rotate(actor=OFFICER, now=now)
    return True


def cut(one, now) -> None:
    from midan.core.warrant import Cut
    from midan.vault import services
    from tests.vault.runs import OFFICER, warrant

    cuts = [Cut(seq) for seq in one.targets]
    services.puncture(actor=OFFICER, warrant=warrant(now, cuts=cuts), cuts=cuts, now=now)


def work() -> dict[str, object]:
    from django.utils import timezone

    from midan.core.actor import Actor
    from midan.destruction import services

    done = services.work(actor=Actor.system("soak"), clock=timezone.now, due=True)
    return {"open": list(done.waiting), "faults": [fault.code for fault in done.faults]}


def finish(one) -> dict[str, object]:
    """Do once more what was cut off, to its end, and turn the ratchet that follows every destruction."""
    from django.utils import timezone

    from midan.vault import selectors, services
    from midan.vault.backup import services as backups
    from tests.vault.runs import OFFICER

    found: dict[str, object] = {}
    if one.act in {"run", "reseal"}:
        found |= work()
    else:
        perform(one)
    if one.act == "restore":
        return found  # this process is now in the restored place
    if one.act == "backup":
        from midan.vault.backup.selectors import sets

        backups.verify(actor=OFFICER, set_id=sets()[0].set_id, now=timezone.now())
    if one.act in {"puncture", "destroy", "rotate"}:
        services.rotate(actor=OFFICER, now=timezone.now())
    status = selectors.key_status()
    return found | {"pending": list(status.pending), "held": [list(keeper.held) for keeper in status.keepers]}


def certified() -> list[int]:
    """Return the epochs that a final certificate speaks of."""
    from midan.destruction import models

    final = models.Certificate.objects.filter(status="final").exclude(text=None).values("run")
    return sorted(models.RunEpoch.objects.filter(run__in=final).values_list("number", flat=True))


def prepare_restore(one) -> bool:
    """Make a set, erase two of the day, turn the ratchet: what is restored knows the keys of today only."""
    from django.utils import timezone

    from midan.vault import services
    from midan.vault.backup import services as backups
    from tests.vault.runs import OFFICER

    now = timezone.now()
    made = backups.make(actor=OFFICER, to=home() / "sets", now=now, life_days=35)
    # No ratchet while a set that nobody has read back is all that knows where a record went.
    backups.verify(actor=OFFICER, set_id=made.set, now=now)
    (home() / "newest-set").write_text(str(made.folder), "utf-8")
    cut(one, now)
    services.rotate(actor=OFFICER, now=now)
    new = _new_home(one)
    for name in ("tiles", "media", "run"):
        (new / name).mkdir(parents=True)
    shutil.copytree(home() / "keys", new / "keys")
    _make_database(one)
    return True


def restore(one) -> None:
    from django.utils import timezone

    from midan.vault.backup import restoring
    from midan.waybill.services import reserve_numbers
    from tests.vault.runs import OFFICER

    source = Path((home() / "newest-set").read_text("utf-8"))
    go_to(one)

    def skip(count: int) -> None:
        reserve_numbers(count)

    restoring.restore(actor=OFFICER, source=source, now=timezone.now(), skip_numbers=skip)


def restored(one, others: list[int]) -> list[int]:
    """Return what opens in the restored place and should not, and, negative, what should and does not."""
    go_to(one)
    found = struck.readable([*others, *one.targets])
    wrong = [seq for seq in one.targets if seq in found] + [-seq for seq in others if seq not in found]
    shutil.rmtree(_new_home(one))
    return wrong


def go_to(one) -> None:
    """Make the restored place this process's own."""
    from django.db import connection

    from midan.vault import keyd

    new = _new_home(one)
    connection.close()
    if connection.vendor == "sqlite":
        connection.settings_dict["NAME"] = str(new / "data.db")
    else:
        connection.settings_dict["NAME"] = _database_name(one)
        url = urlsplit(os.environ["MIDAN_DATABASE_URL"])
        os.environ["MIDAN_DATABASE_URL"] = url._replace(path=f"/{_database_name(one)}").geturl()
    os.environ["MIDAN_HOME"] = str(new)
    keyd.forget()


def _make_database(one) -> None:
    from django.db import connection

    if connection.vendor == "postgresql":
        import psycopg

        with psycopg.connect(os.environ["MIDAN_DATABASE_URL"], autocommit=True) as made:
            made.execute(f'CREATE DATABASE "{_database_name(one)}" TEMPLATE template0')


def _new_home(one) -> Path:
    return home().parent / f"restored-{one.at}" if home().name == "home" else home()


def _database_name(one) -> str:
    name = urlsplit(os.environ["MIDAN_DATABASE_URL"]).path.strip("/")
    return name if "_r" in name else f"{name}_r{one.at}"


def end(live: list[int]) -> dict[str, object]:
    """Look at everything once more: all that lives opens, the log is whole, every certificate verifies."""
    from midan.audit import keys
    from midan.audit.selectors import verify
    from midan.core.certificate import read
    from midan.destruction import selectors

    found = set(struck.readable(live))
    views = selectors.certificates(limit=10_000)
    for view in views:
        read(selectors.certificate(view.number), trusted=keys.verifier())
    checked = verify()
    return {
        "live": len(live),
        "lost": sorted(set(live) - found)[:20],
        "certificates": len(views),
        "log": checked.ok,
    }
