"""Destroy, puncture and turn the ratchet in one home, and be killed at named points: run by test_destroy_kill.

Each act runs in a child of its own that kills itself when it comes to its point; what stands afterwards is looked at by
other children, which know nothing of it. The points are of this helper: nothing in the product knows of them.

    python -m tests.kill.struck        # prints one JSON line a round
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from datetime import date, timedelta

from midan.cli.app import run
from midan.config import databases
from midan.config.start import ready
from midan.core import passphrase
from midan.core.sm import sm3

# act, module or class, function, when: before it begins or after it has returned
POINTS = (
    ("puncture", "destroying", "_apply", "before"),
    ("puncture", "destroying", "_replace", "after"),
    ("puncture", "destroying", "_delete_digests", "after"),
    ("puncture", "shelf.Shelf", "replace", "before"),
    ("puncture", "shelf.Shelf", "replace", "after"),
    ("puncture", "packing", "publish", "after"),
    ("puncture", "ring.Keyring", "forget", "before"),
    ("destroy", "destroying", "_drop", "after"),
    ("destroy", "packing", "publish", "before"),
    ("destroy", "packing", "publish", "after"),
    ("destroy", "ring.Keyring", "forget", "before"),
    ("rotate", "ratchet", "_claim", "after"),
    ("rotate", "shelf.Shelf", "add", "after"),
    ("rotate", "ratchet", "_give", "after"),
    ("rotate", "packing", "publish", "before"),
    ("rotate", "packing", "publish", "after"),
    ("rotate", "ring.Keyring", "turn", "before"),
    ("rotate", "ratchet", "_bring_up_to_date", "after"),
    ("rotate", "shelf.Shelf", "shred", "before"),
    ("rotate", "shelf.Shelf", "shred", "after"),
    ("rotate", "shares", "erased", "before"),
)
FIRST = date(2022, 1, 1)
PARCELS = 6


def strike(where: str, name: str, when: str) -> None:
    """Make this process die by SIGKILL at the point."""
    from importlib import import_module

    module, _, kind = where.partition(".")
    holder = import_module(f"midan.vault.keyd.{module}")
    holder = getattr(holder, kind) if kind else holder
    real = getattr(holder, name)

    def struck(*arguments, **named):
        if when == "after":
            real(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(holder, name, struck)


def apart(work: Callable[[], object]) -> tuple[int, object]:
    """Run in a child with connections of its own; return the signal that ended it, or 0 and what it answered."""
    from django.db import connections

    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            os.write(writing, json.dumps(work()).encode())
        except BaseException as error:  # noqa: BLE001
            os.write(writing, json.dumps(f"{type(error).__name__}: {error}").encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        answer = file.read()
    _, status = os.waitpid(child, 0)
    return (os.WTERMSIG(status), None) if os.WIFSIGNALED(status) else (0, json.loads(answer))


def readable(seqs) -> list[int]:
    from midan.vault import selectors

    return sorted(selectors.masked(list(seqs)))


def perform(act: str, day: int, first: int) -> None:
    from django.utils import timezone

    from midan.core.warrant import Cut
    from midan.vault import services
    from midan.vault.models import Epoch
    from tests.vault.runs import OFFICER, warrant

    now = timezone.now()
    epochs = [Epoch.objects.get(day=FIRST + timedelta(days=day)).number]
    cuts = [Cut(first), Cut(first + 1)]
    if act == "destroy":
        paper = warrant(now, epochs=epochs, basis="due")
        services.destroy(actor=OFFICER, warrant=paper, epochs=epochs, now=now)
    else:
        services.puncture(actor=OFFICER, warrant=warrant(now, cuts=cuts), cuts=cuts, now=now)
    if act == "rotate":
        services.rotate(actor=OFFICER, now=now)


def be_struck(where: list[str], act: str, day: int, first: int) -> None:
    strike(*where)
    perform(act, day, first)


def finish(act: str, day: int, first: int) -> dict[str, object]:
    """Run what was cut off once more, and the ratchet that follows every destruction."""
    from django.utils import timezone

    from midan.vault import selectors, services
    from tests.vault.runs import OFFICER

    perform(act, day, first)
    done = services.rotate(actor=OFFICER, now=timezone.now())
    status = selectors.key_status()
    return {"pending": done.pending, "held": [list(keeper.held) for keeper in status.keepers]}


def key_rows() -> dict[str, list[dict[str, object]]]:
    from midan.vault import models

    kinds = (models.State, models.FrontierRow, models.CompanySecret)
    return {kind.__name__: list(kind.objects.values()) for kind in kinds}


def resurrect(old: dict[str, list[dict[str, object]]], packs: list[bytes], wanted: list[int]) -> list[int]:
    """Bring back every old row and pack, keep the present secrets, and return what opens of what was destroyed."""
    from django.db import transaction

    from midan.core.errors import MidanError
    from midan.vault import keyd, models, selectors
    from midan.vault.keyd import pack as packing

    opened: list[int] = []
    present = [keeper.read(number) for keeper in keyd.keepers() for number in keeper.held()]
    for generation in present:
        for data in packs:
            with suppress(MidanError):
                opened += [-1] * len(packing.unseal(data, generation).epochs)
    with transaction.atomic():
        for kind, rows in old.items():
            model = getattr(models, kind)
            model.objects.all().delete()
            model.objects.bulk_create([model(**row) for row in rows])
        number = present[0].number
        for model in (models.State, models.CompanySecret):
            model.objects.update(generation=number)
        models.Identity.objects.update(generation=number, claimed=number)
        for seq in wanted:
            with suppress(MidanError):
                opened += sorted(selectors.masked([seq]))
        transaction.set_rollback(True)
    return opened


def one_round(at: int, point: tuple[str, str, str, str]) -> dict[str, object]:
    """Fill a day, be killed at the point, look, finish, look again, and try to bring back what was destroyed."""
    from midan.catalog import settings
    from tests.vault.orders import order, put

    act, *where = point
    first = 1 + at * PARCELS
    mine = list(range(first, first + PARCELS))
    targets = mine if act == "destroy" else mine[:2]
    apart(lambda: bool(put([order(seq) for seq in mine], day=FIRST + timedelta(days=at))))
    others = [seq for seq in apart(lambda: readable(range(1, first + PARCELS)))[1] if seq not in targets]
    old = key_rows()
    packs = [path.read_bytes() for path in (settings.current().keys / "packs").glob("pack-*")]
    killed, said = apart(lambda: be_struck(where, act, at, first))
    _, after_kill = apart(lambda: readable([*others, *targets]))
    _, finished = apart(lambda: finish(act, at, first))
    _, left = apart(lambda: readable([*others, *targets]))
    _, risen = apart(lambda: resurrect(old, packs, targets))
    _, again = apart(lambda: readable(others))
    return {
        "point": ".".join(point),
        "killed": killed == signal.SIGKILL,
        "said": said,
        "lost_at_once": sorted(set(others) - set(after_kill)),
        "half_done": 0 < len(set(targets) & set(after_kill)) < len(targets),
        "lost": sorted(set(others) - set(left)) + sorted(set(others) - set(again)),
        "readable": sorted(set(targets) & set(left)),
        "risen": risen,
        **finished,
    }


def load_once() -> None:
    """Load in the parent what every child would load anew: the divisions alone take half a second."""
    from midan.vault.keyd.masks import mask_fields
    from tests.vault.orders import RECIPIENT

    mask_fields(2, (RECIPIENT.name, RECIPIENT.phone, RECIPIENT.address), {})


def main() -> None:
    # A killed process loses nothing that the kernel has; only a power cut would, and waiting for the disk is most of
    # the time this takes.
    databases.SQLITE_START = databases.SQLITE_START.replace("synchronous=FULL", "synchronous=OFF")
    os.fsync = lambda _: None
    # Likewise the passphrase, which is asked for in every child.
    passphrase.derive = lambda secret, salt: sm3(secret + salt)[:16]
    with redirect_stdout(sys.stderr):
        begun = run(["init"])
    if begun:
        raise SystemExit(1)
    ready()
    load_once()
    for at, point in enumerate(POINTS):
        try:
            found = one_round(at, point)
        except (TypeError, ValueError) as error:  # a child answered with its error
            found = {"point": ".".join(point), "error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
