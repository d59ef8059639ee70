"""Kill again and again, cut the power, and look: run by test_soak, in a home and a database of its own.

    python -m tests.kill.soak --kills 300 --cuts 50 --seed 1        # prints one JSON line a round, and one at the end

Each round fills a day, keeps what an attacker would keep, does one act in a child that dies at a named point or at a moment
of chance, looks, does the act once more to its end, looks again, and tries to bring back what is gone. A cut is a kill
after which whatever was not flushed is dropped (tests/kill/power.py).
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Timer

from midan.cli.app import run
from midan.config import databases
from midan.config.start import ready
from midan.core import passphrase
from midan.core.sm import sm3
from tests.kill import places, power, struck

PARCELS = struck.PARCELS
DUE, LATER = date(2021, 1, 1), date(2031, 1, 1)
KEYD = tuple((act, f"vault.keyd.{where}", name, when) for act, where, name, when in struck.POINTS)
RUN = (
    ("vault.keyd.resealing", "_insert", "after"),
    ("vault.keyd.resealing", "_journal", "after"),
    ("vault.backup.journal", "save", "before"),
    ("vault.backup.journal", "save", "after"),
    ("destruction.services.steps", "_carry", "after"),
    ("vault.keyd.destroying", "_drop", "after"),
    ("vault.services", "destroy", "after"),
    ("vault.keyd.ratchet", "_turn", "after"),
    ("vault.services", "rotate", "after"),
    ("vault.services", "sweep", "after"),
    ("destruction.services.certifying", "_announce", "before"),
    ("destruction.services.certifying", "_announce", "after"),
    ("destruction.services.certifying", "signed", "after"),
)
POINTS = (
    *KEYD,
    *(("run", *point) for point in RUN),
    *(("reseal", *point) for point in RUN),
    ("backup", "vault.backup.making", "_order", "after"),
    ("backup", "vault.backup.making", "_manifest", "before"),
    ("backup", "vault.backup.services", "enter", "before"),
    ("restore", "vault.backup.loading", "load", "after"),
    ("restore", "vault.backup.present", "install", "after"),
    ("restore", "vault.backup.rebuilding", "rebuild", "after"),
    ("restore", "vault.backup.restoring", "_finish", "before"),
)
# How often each act's turn comes: a restore takes as long as ten others.
WEIGHTS = {"puncture": 4, "destroy": 4, "rotate": 4, "run": 5, "reseal": 5, "backup": 3, "restore": 1}
# Cuts fall where key files or states change.
CUT = ("puncture", "destroy", "rotate", "run", "reseal")


def child(work, kill_after: float | None = None, before=None) -> tuple[bool, object]:
    """Run in a child; return whether it was killed, and what it answered."""
    from django.db import connections

    connections.close_all()
    reading, writing = os.pipe()
    began = os.fork()
    if began == 0:
        os.close(reading)
        try:
            if before:
                before()
            os.write(writing, json.dumps(work()).encode())
        except BaseException as error:  # noqa: BLE001
            os.write(writing, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
        finally:
            os._exit(0)
    os.close(writing)
    timer = Timer(kill_after or 0, os.kill, (began, signal.SIGKILL))
    if kill_after is not None:
        timer.start()
    with os.fdopen(reading) as file:
        answer = file.read()
    timer.cancel()
    if timer.is_alive():
        timer.join()  # the number is this child's until it is waited for
    _, status = os.waitpid(began, 0)
    killed = os.WIFSIGNALED(status)
    return killed, None if killed or not answer else json.loads(answer)


@dataclass
class Round:
    """One day, one act, one end of a process."""

    at: int
    act: str
    point: tuple[str, str, str] | None
    is_cut: bool

    @property
    def day(self) -> date:
        is_due = self.act in {"destroy", "run", "reseal"}
        return (DUE if is_due else LATER) + timedelta(days=self.at)

    @property
    def seqs(self) -> list[int]:
        return list(range(1 + self.at * PARCELS, 1 + (self.at + 1) * PARCELS))

    @property
    def held(self) -> list[int]:
        return self.seqs[-2:] if self.act == "reseal" else []

    @property
    def targets(self) -> list[int]:
        if self.act in {"destroy", "run", "reseal"}:
            return [seq for seq in self.seqs if seq not in self.held]
        return [] if self.act == "backup" else self.seqs[:2]


@dataclass
class Soak:
    """The story so far: what lives, what is gone, how long each act takes."""

    chance: random.Random
    live: list[int] = field(default_factory=list)
    epochs: dict[int, list[int]] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)

    def choose(self, at: int, *, is_cut: bool) -> Round:
        acts = [act for act in WEIGHTS if not is_cut or act in CUT]
        (act,) = self.chance.choices(acts, [WEIGHTS[one] for one in acts])
        named = [point for kind, *point in POINTS if kind == act]
        point = tuple(self.chance.choice(named)) if self.chance.random() < 0.5 else None
        return Round(at, act, point, is_cut)

    def play(self, one: Round) -> dict[str, object]:
        number = places.answer(child(lambda: places.fill(one)))
        self.epochs[number] = one.targets
        others = self._others(one)
        old, packs = struck.key_rows(), places.packs()
        if one.act == "restore":
            places.answer(child(lambda: places.prepare_restore(one)))
        killed, said = self._die(one)
        found: dict[str, object] = {
            "round": one.at, "act": one.act, "point": ".".join(one.point) if one.point else "",
            "cut": one.is_cut, "killed": killed, "said": said,
        }  # fmt: skip
        found |= self._look("at_once", one, others, old, packs, finished=False)
        finished = places.answer(child(lambda: places.finish(one)))
        found |= self._look("after", one, others, old, packs, finished=True)
        self.live += [seq for seq in one.seqs if seq not in one.targets]
        return found | finished

    def _others(self, one: Round) -> list[int]:
        """Return who has to stay readable: this day's neighbours, those of late, and some of long ago."""
        mine = [seq for seq in one.seqs if seq not in one.targets]
        return [*mine, *self.live[-40:], *self.chance.sample(self.live[:-40], min(40, len(self.live[:-40])))]

    def _die(self, one: Round) -> tuple[bool, object]:
        home = places.home()
        database = places.sqlite_file()
        shadow = home.parent / "shadow"

        def before() -> None:
            if one.is_cut:
                places.flush_for_real()
                power.recording(home / "keys", database, shadow)
            if one.point:
                places.strike(*one.point)

        usual = self.took.get(one.act, 0.4)
        after = None if one.point else self.chance.uniform(0, usual * 1.1)
        began = time.monotonic()
        killed, said = child(lambda: places.perform(one), after, before)
        if not killed:
            self.took[one.act] = 0.5 * usual + 0.5 * (time.monotonic() - began)
        if one.is_cut:
            power.cut(home / "keys", database, shadow, self.chance)
            shutil.rmtree(shadow, ignore_errors=True)
        return killed, said

    def _look(self, word, one: Round, others, old, packs, *, finished: bool) -> dict[str, object]:
        shown, certified = places.answer(
            child(lambda: [struck.readable([*others, *one.targets]), places.certified()])
        )
        readable = set(shown)
        proved = [seq for number in certified for seq in self.epochs.get(number, ())]
        gone = one.targets if finished else [seq for seq in one.targets if seq in proved]
        risen = places.answer(child(lambda: struck.resurrect(old, packs, gone))) if gone else []
        still = places.answer(child(lambda: struck.readable(proved[-60:]))) if proved else []
        left = set(one.targets) & readable
        if one.act == "restore" and finished:
            risen += places.answer(child(lambda: places.restored(one, others)))
        return {
            f"lost_{word}": sorted(set(others) - readable),
            f"readable_{word}": sorted(left) if finished else [],
            f"half_done_{word}": bool(left) and len(left) < len(one.targets),
            f"risen_{word}": risen,
            f"certified_and_readable_{word}": still,
        }


def faults(found: dict[str, object]) -> list[str]:
    """Return what must not be."""
    named = ("lost_", "readable_", "half_done_", "risen_", "certified_and_readable_")
    wrong = [name for name, value in found.items() if name.startswith(named) and value]
    wrong += [name for name in ("error", "pending", "open", "faults") if found.get(name)]
    if isinstance(found.get("said"), dict):
        wrong.append("said")
    if [len(held) for held in found.get("held", [[1]])] != [1]:
        wrong.append("held")
    return wrong


def main() -> None:
    asked = argparse.ArgumentParser()
    for name, default in (("--kills", 300), ("--cuts", 50), ("--seed", 1)):
        asked.add_argument(name, type=int, default=default)
    told = asked.parse_args()
    databases.SQLITE_START = databases.SQLITE_START.replace("synchronous=FULL", "synchronous=OFF")
    places.flush_only_when_asked()
    passphrase.derive = lambda secret, salt: sm3(secret + salt)[:16]
    with redirect_stdout(sys.stderr):
        begun = run(["init"])
    if begun:
        raise SystemExit(1)
    ready()
    places.prepare()
    story = Soak(random.Random(told.seed))
    counts: Counter[str] = Counter()
    at = 0
    while counts["kills"] < told.kills or counts["cuts"] < told.cuts:
        one = story.choose(
            at, is_cut=(counts["cuts"] < told.cuts and at % 5 == 4) or counts["kills"] >= told.kills
        )
        try:
            found = story.play(one)
        except places.Failed as error:
            found = {"round": at, "act": one.act, "point": one.point, "cut": one.is_cut, "error": str(error)}
        wrong = faults(found)
        counts["cuts" if one.is_cut else "kills"] += bool(found.get("killed"))
        counts[one.act] += bool(found.get("killed"))
        counts["named" if one.point else "chance"] += bool(found.get("killed"))
        counts["rounds"] += 1
        counts["wrong"] += bool(wrong)
        sys.stdout.write(json.dumps(found | {"wrong": wrong}) + "\n")
        sys.stdout.flush()
        at += 1
    end = places.answer(child(lambda: places.end(story.live)))
    sys.stdout.write(json.dumps({"end": end, **counts}) + "\n")


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main()
