"""By command, as people do it: kills at moments nobody chose, the drill, what the clause page shows of it."""

import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="homes of their own, by command")
SHARDS = ("waybill_waybill", "vault_record", "vault_part", "vault_digest", "vault_state", "people_staff")


class Home:
    """One installation and its commands."""

    def __init__(self, path: Path, **settings: str) -> None:
        self.path, self.settings = path, settings

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("MIDAN_", "DJANGO_"))}
        return kept | {"MIDAN_HOME": str(self.path)} | self.settings

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "midan", *words], env=self.environment, capture_output=True, text=True,
            timeout=300, check=False,
        )  # fmt: skip

    def last(self, *words: str) -> dict[str, object]:
        done = self.run(*words)
        assert done.returncode == 0, done
        return json.loads(done.stdout.splitlines()[-1])

    def refused(self, *words: str) -> tuple[int, str]:
        done = self.run(*words)
        return done.returncode, json.loads(done.stderr.splitlines()[-1])["code"]

    def counts(self) -> dict[str, int]:
        with closing(sqlite3.connect(self.path / "data.db")) as database:
            return {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in SHARDS}

    def empty_beside(self, name: str) -> "Home":
        other = Home(self.path.with_name(name), **self.settings)
        shutil.copytree(self.path / "keys", other.path / "keys")
        return other


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Home:
    home = Home(tmp_path_factory.mktemp("restores") / "home")
    assert home.run("init").returncode == 0
    orders = home.path.parent / "orders.csv"
    home.run("demo", "orders", "--rows", "2000", "-o", str(orders))
    assert home.last("intake", str(orders))["accepted"] == 2000
    home.last("backup", str(home.path.parent / "sets"))
    return home


def test_a_restore_killed_again_and_again_ends_as_one_nobody_disturbed(made):
    sets = str(made.path.parent / "sets")
    quiet = made.empty_beside("quiet")
    began = time.monotonic()
    undisturbed = quiet.last("restore", sets)
    took = time.monotonic() - began
    assert quiet.counts() == made.counts()
    seed = random.SystemRandom().randrange(1 << 32)
    chance, other = random.Random(seed), made.empty_beside("disturbed")
    for _ in range(5):
        running = subprocess.Popen(
            [sys.executable, "-m", "midan", "restore", sets], env=other.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(took * chance.uniform(0.15, 0.9))
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
        running.wait(timeout=30)
        if running.returncode == 0 or other.run("audit", "verify").returncode == 0:
            break  # a kill that came after the last act, before the process had gone, took nothing
        code, word = other.refused("audit", "verify")
        assert (code, word) in {(4, "not_migrated"), (4, "restore_unfinished")}, (word, seed)
    else:
        last = other.last("restore", sets)
        assert (last["set"], last["destroyed"], last["burnt"]) == (
            undisturbed["set"], 0, undisturbed["burnt"],
        ), seed  # fmt: skip
    assert other.counts() == quiet.counts(), seed
    assert other.last("audit", "verify")["ok"] is True, seed
    assert other.refused("restore", sets) == (4, "place_in_use"), seed


def test_a_restored_place_takes_orders_in_under_numbers_nobody_had(made):
    home = made.empty_beside("orders")
    home.last("restore", str(made.path.parent / "sets"))
    more = made.path.parent / "more.csv"
    home.run("demo", "orders", "--rows", "50", "--seed", "9", "-o", str(more))
    assert home.last("intake", str(more))["accepted"] == 50
    with closing(sqlite3.connect(home.path / "data.db")) as database:
        (lowest,) = database.execute("SELECT min(seq) FROM waybill_waybill WHERE seq > 2000").fetchone()
        (first,) = database.execute("SELECT min(record_no) FROM vault_record WHERE seq > 2000").fetchone()
    assert lowest > 63_000
    assert first >= 65_536


def test_a_place_is_refused_while_it_is_served(made, monkeypatch):
    home = made.empty_beside("served")
    (home.path / "run").mkdir()
    with closing(socket.socket(socket.AF_UNIX)) as other:
        monkeypatch.chdir(home.path / "run")  # the name of a socket is short, a folder of tests is not
        other.bind("keyd.sock")
        other.listen()
        assert home.refused("restore", str(made.path.parent / "sets")) == (4, "place_in_use")


def clause(home: Home, name: str, word: str) -> list[dict[str, str]]:
    shown = json.loads(home.run("controls", "--format", "json").stdout)
    (found,) = [one for one in shown if one["clause"] == name]
    return [one for one in found["controls"] if word in one["title"]]


def test_a_drill_leaves_a_dated_result_and_no_sandbox(made, tmp_path):
    home = Home(Path(shutil.copytree(made.path, tmp_path / "home")))
    assert [one["state"] for one in clause(home, "L2.3", "恢复演练")] == ["not_yet"]
    keys = sorted(path.name for path in (home.path / "keys").rglob("*"))
    found = home.last("backup", "--drill")
    assert (found["ok"], found["reason"], found["destroyed"]) == (True, "", 0)
    assert found["sample"] > 0
    assert list(home.path.glob("drill-*")) == []
    assert sorted(path.name for path in (home.path / "keys").rglob("*")) == keys
    (shown,) = clause(home, "L2.3", "恢复演练")
    assert shown["state"] == "proved"
    assert str(found["sample"]) in shown["evidence"]
    assert [one["state"] for one in clause(home, "L2.3", "定期备份")] == ["enforced"]
    (available,) = clause(home, "G3", "可用性")
    assert "只有一个密钥保管处" in available["evidence"]
    assert home.last("audit", "verify")["ok"] is True


def test_a_set_that_does_not_restore_fails_the_drill_and_shows(made, tmp_path):
    home = Home(Path(shutil.copytree(made.path, tmp_path / "home")))
    sets = tmp_path / "sets"
    folder = Path(home.run("backup", str(sets)).stdout.splitlines()[0])
    part = folder / "vault_part.mbk"
    part.write_bytes(part.read_bytes()[:-1])
    done = home.run("backup", "--drill")
    assert done.returncode == 1
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["ok"], found["reason"]) == (False, "backup_damaged")
    (shown,) = clause(home, "L2.3", "恢复演练")
    assert (shown["state"], "backup_damaged" in shown["evidence"]) == ("not_yet", True)


def test_words_that_do_not_fit_are_refused(made):
    assert made.refused("backup") == (2, "usage")
    assert made.refused("backup", "--drill", "--prune") == (2, "usage")
    assert made.refused("restore", str(made.path.parent / "nowhere")) == (4, "backup_place_refused")
