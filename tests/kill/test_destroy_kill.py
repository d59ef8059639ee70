"""Killed at any step of destroying or of the ratchet: nothing alive is lost, nothing destroyed comes back."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.db import connection

from tests.kill.struck import POINTS

ROOT = Path(__file__).resolve().parents[2]


def environment(home: Path) -> dict[str, str]:
    """An installation of its own, on whichever database the suite runs on."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MIDAN_", "DJANGO_"))}
    found = kept | {"MIDAN_HOME": str(home), "PYTHONPATH": str(ROOT)}
    if connection.vendor == "postgresql":
        import psycopg

        server, name = os.environ["MIDAN_DATABASE_URL"], f"k{uuid4().hex[:12]}"
        with psycopg.connect(server, autocommit=True) as made:
            made.execute(f'CREATE DATABASE "{name}"')
        found["MIDAN_DATABASE_URL"] = urlsplit(server)._replace(path=f"/{name}").geturl()
    return found


def rounds(home: Path) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.kill.struck"],
        env=environment(home), cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=900,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.postgres
def test_twenty_kills_lose_nothing_alive_and_bring_nothing_back(tmp_path):
    found = rounds(tmp_path / "home")
    assert [one["point"] for one in found] == [".".join(point) for point in POINTS]
    assert len(found) >= 20
    clean = {"lost_at_once": [], "lost": [], "readable": [], "risen": [], "pending": []}
    for one in found:
        assert one.get("killed") is True, one
        assert one["half_done"] is False, one
        assert {name: one[name] for name in clean} == clean, one
        assert [len(held) for held in one["held"]] == [1], one
