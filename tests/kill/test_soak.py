"""Kills and power cuts over destroy, ratchet, re-seal, whole runs, backup and restore: nothing alive is lost, nothing comes back."""

import json
import random
import subprocess
import sys

import pytest

from tests.kill.test_destroy_kill import ROOT, environment


def soak(
    home, *, kills: int, cuts: int, patience: float
) -> tuple[list[dict[str, object]], dict[str, object]]:
    seed = random.SystemRandom().randrange(1 << 32)
    done = subprocess.run(
        [sys.executable, "-m", "tests.kill.soak", f"--kills={kills}", f"--cuts={cuts}", f"--seed={seed}"],
        env=environment(home), cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=patience,
    )  # fmt: skip
    *rounds, end = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = [one for one in rounds if one["wrong"]]
    assert not wrong, f"seed {seed}: {json.dumps(wrong[:3])}"
    return rounds, end


def holds(end: dict[str, object], *, kills: int, cuts: int) -> None:
    assert end["wrong"] == 0, end
    assert (end["end"]["lost"], end["end"]["log"]) == ([], True), end
    assert end["kills"] >= kills, end
    assert end["cuts"] >= cuts, end


@pytest.mark.postgres
def test_a_few_kills_and_power_cuts_of_every_kind(tmp_path):
    _, end = soak(tmp_path / "home", kills=8, cuts=4, patience=300)
    holds(end, kills=8, cuts=4)


@pytest.mark.soak
def test_three_hundred_kills_and_fifty_power_cuts(tmp_path):
    rounds, end = soak(tmp_path / "home", kills=300, cuts=50, patience=4 * 3_600)
    holds(end, kills=300, cuts=50)
    assert end["end"]["certificates"] > 0
    sys.stdout.write(json.dumps(end) + "\n")
    assert {one["act"] for one in rounds if one["killed"]} >= {
        "puncture", "destroy", "rotate", "run", "reseal", "backup", "restore",
    }  # fmt: skip
