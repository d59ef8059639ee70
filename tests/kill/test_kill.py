"""An intake killed again and again ends, when it is run once more, with exactly what an undisturbed one ends with."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import connection

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="looks into the file of SQLite")

# The same whatever was killed: rows, parts and digests that one order makes.
COUNTS = {
    "waybills": "SELECT count(*), count(DISTINCT number) FROM waybill_waybill",
    "references": "SELECT count(*), count(DISTINCT reference), count(DISTINCT seq) FROM collection_reference",
    "orphans": "SELECT count(*) FROM collection_reference WHERE seq NOT IN (SELECT seq FROM waybill_waybill)",
    "records": "SELECT count(*), count(DISTINCT epoch || ':' || record_no) FROM vault_record",
    "parts": "SELECT count(*), count(DISTINCT epoch || ':' || leaf), count(DISTINCT sealed) FROM vault_part",
    "parts of nobody": "SELECT count(*) FROM vault_part"
    " WHERE (epoch, leaf / 4) NOT IN (SELECT epoch, record_no FROM vault_record)",
    "digests": "SELECT count(*) FROM vault_digest",
    "digests of nobody": "SELECT count(*) FROM vault_digest WHERE seq NOT IN (SELECT seq FROM vault_record)",
    "waybills without record": "SELECT count(*) FROM waybill_waybill WHERE seq NOT IN (SELECT seq FROM vault_record)",
    "in batches": "SELECT sum(accepted) FROM collection_batch",
}
# Nonce reuse under one key would show as two parts with the same first bytes behind the header.
NONCES = "SELECT count(*) - count(DISTINCT substr(sealed, 1, 21)) FROM vault_part"


@dataclass
class Home:
    """One installation that is disturbed, or not."""

    path: Path
    burnt: list[tuple[int, int]] = field(default_factory=list)

    def midan(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "midan", *arguments],
            env=self.environment, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done
        return done

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("MIDAN_", "DJANGO_"))}
        return kept | {"MIDAN_HOME": str(self.path)}

    def ask(self, sql: str) -> tuple[int, ...]:
        with closing(
            sqlite3.connect(f"file:{self.path / 'data.db'}?mode=ro", uri=True, timeout=30)
        ) as database:
            return tuple(database.execute(sql).fetchone())

    def counts(self) -> dict[str, tuple[int, ...]]:
        return {name: self.ask(sql) for name, sql in COUNTS.items()}

    def kill_intake(self, file: Path, *, workers: int, chance: random.Random) -> bool:
        """Start an intake, let it commit something, kill it at a moment nobody chose; tell whether it was alive."""
        before = self.ask("SELECT count(*) FROM waybill_waybill")[0]
        running = subprocess.Popen(
            [sys.executable, "-m", "midan", "intake", str(file), "--workers", str(workers)],
            env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        while running.poll() is None and self.ask("SELECT count(*) FROM waybill_waybill")[0] == before:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.12))
        alive = running.poll() is None
        # The group, because the workers must not outlive the blow.
        if alive:
            os.killpg(running.pid, signal.SIGKILL)
        running.wait(timeout=30)
        # Whatever was sealed in this run lies below this mark; nothing later may.
        taken = self.ask("SELECT coalesce(max(next_record), 0), count(*) FROM vault_epoch")
        last = self.ask("SELECT coalesce(max(record_no), -1), count(*) FROM vault_record")
        self.burnt.append((last[0], taken[0]))
        return alive


def made(path: Path) -> Home:
    home = Home(path=path)
    home.midan("init")
    return home


def story(root: Path, *, rows: int, kills: int, workers: int, seed: int) -> int:
    """Kill `kills` intakes of one file, run it to the end and compare with a home nobody disturbed."""
    file = root / "orders.csv"
    disturbed, quiet = made(root / "disturbed"), made(root / "quiet")
    quiet.midan("demo", "orders", "--rows", str(rows), "--seed", "77", "-o", str(file))
    quiet.midan("intake", str(file))
    chance = random.Random(seed)
    killed = sum(disturbed.kill_intake(file, workers=workers, chance=chance) for _ in range(kills))
    for name in ("orphans", "parts of nobody", "digests of nobody", "waybills without record"):
        assert disturbed.ask(COUNTS[name]) == (0,), (name, seed)
    last = json.loads(disturbed.midan("intake", str(file)).stdout.splitlines()[-1])
    assert last["accepted"] + last["replayed"] == rows, seed
    assert disturbed.counts() == quiet.counts(), seed
    assert disturbed.ask(NONCES) == (0,), seed
    for stored, reserved in disturbed.burnt:
        reused = f"SELECT count(*) FROM vault_record WHERE record_no > {stored} AND record_no < {reserved}"
        assert disturbed.ask(reused) == (0,), ("a burnt leaf was used", seed)
    again = json.loads(disturbed.midan("intake", str(file)).stdout.splitlines()[-1])
    assert (again["accepted"], again["replayed"], again["rejected"]) == (0, rows, 0), seed
    assert json.loads(disturbed.midan("audit", "verify").stdout.splitlines()[-1])["ok"] is True, seed
    return killed


def test_three_kills_leave_what_no_kill_leaves(tmp_path):
    seed = random.SystemRandom().randrange(1 << 32)
    assert story(tmp_path, rows=3_000, kills=3, workers=1, seed=seed) >= 2, seed


@pytest.mark.soak
@pytest.mark.parametrize("workers", [1, 2])
def test_ten_kills_over_many_rows_leave_what_no_kill_leaves(tmp_path, workers):
    seed = random.SystemRandom().randrange(1 << 32)
    assert story(tmp_path, rows=100_000, kills=10, workers=workers, seed=seed) >= 8, seed


def test_an_interrupted_intake_says_so_and_goes_on(tmp_path):
    home = made(tmp_path / "home")
    file = tmp_path / "orders.jsonl"
    home.midan("demo", "orders", "--rows", "6000", "-o", str(file))
    running = subprocess.Popen(
        [sys.executable, "-m", "midan", "intake", str(file)],
        env=home.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while running.poll() is None and not home.ask("SELECT count(*) FROM waybill_waybill")[0]:
        time.sleep(0.005)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (5, "")
    line = json.loads(err)
    assert line["code"] == "interrupted"
    assert 0 < line["details"]["accepted"] < 6_000
    rest = json.loads(home.midan("intake", str(file)).stdout.splitlines()[-1])
    assert rest["replayed"] == line["details"]["accepted"]
    assert rest["accepted"] + rest["replayed"] == 6_000
