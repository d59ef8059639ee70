"""A disk without room: every command says storage_full with exit 4, what was committed stays, and nothing is half there.

The disk is a small tmpfs in a mount namespace of its own: no administrator is needed, only a kernel that allows it.
"""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection

from tests.programs import CI

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="looks into the file of SQLite")


class Disk:
    """A shell that lives in the namespace; commands run there one by one, and the disk goes with it."""

    def __init__(self, place: Path, size: str) -> None:
        self.place = place
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("MIDAN_", "DJANGO_"))}
        self._shell = subprocess.Popen(
            ["unshare", "-rm", "sh"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=kept | {"MIDAN_HOME": str(place / "home")},
        )  # fmt: skip
        self.mounted = self.sh(f"mount -t tmpfs -o size={size} tmpfs {place}")[0] == 0

    def sh(self, command: str) -> tuple[int, list[str]]:
        assert self._shell.stdin
        assert self._shell.stdout
        try:
            self._shell.stdin.write(f"{command} </dev/null\necho = $?\n")
            self._shell.stdin.flush()
        except BrokenPipeError:
            return 1, []
        lines: list[str] = []
        for line in self._shell.stdout:
            if line.startswith("= "):
                return int(line[2:]), lines
            lines.append(line.rstrip("\n"))
        return 1, lines

    def midan(self, command: str) -> tuple[int, list[str]]:
        return self.sh(f"{sys.executable} -m midan {command}")

    def full(self, command: str) -> dict[str, object]:
        """Run a command that finds no room, and return its one line."""
        code, lines = self.midan(command)
        assert code == 4, lines
        assert len(lines) == 1, lines
        line = json.loads(lines[0])
        assert line["code"] == "storage_full", line
        return line

    def fill(self) -> None:
        self.sh(f"dd if=/dev/zero of={self.place}/fill bs=4k 2>/dev/null")

    def make_room(self) -> None:
        self.sh(f"rm {self.place}/fill")

    def names(self) -> list[str]:
        return sorted(self.sh(f"ls -A {self.place}")[1])

    def end(self) -> None:
        with suppress(BrokenPipeError):
            self._shell.communicate("exit\n", timeout=10)


@pytest.fixture
def disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    made: list[Disk] = []

    def make(size: str) -> Disk:
        made.append(Disk(place, size))
        if not made[-1].mounted and not CI:
            pytest.skip("this kernel gives no namespace to mount in")
        return made[-1]

    yield make
    for one in made:
        one.end()


def test_an_intake_says_how_much_it_committed_and_goes_on_when_there_is_room(disk, tmp_path):
    small, orders = disk("8m"), tmp_path / "orders.jsonl"
    assert small.midan("init")[0] == 0
    assert small.midan(f"demo orders --rows 6000 -o {orders}")[0] == 0
    line = small.full(f"intake {orders} --rejects {small.place}/rejects.csv")
    accepted = line["details"]["accepted"]
    assert 0 < accepted < 6000
    assert line["details"] == {"accepted": accepted, "replayed": 0, "rejected": 0}
    assert "没有生效" not in line["message"]
    # What was taken in is known again, as far as the log of the second try found room.
    again = small.full(f"intake {orders}")["details"]
    assert again.get("accepted", 0) == 0
    assert again.get("replayed", 0) <= accepted
    assert small.sh(f"mount -o remount,size=80m {small.place}")[0] == 0
    code, lines = small.midan(f"intake {orders}")
    counts = json.loads(lines[-1])
    assert (code, counts["replayed"], counts["accepted"]) == (0, accepted, 6000 - accepted)


def test_every_command_that_writes_says_so_and_leaves_nothing_half_done(disk, tmp_path):
    small, orders, at = disk("12m"), tmp_path / "orders.jsonl", tmp_path / "disk"
    assert small.midan("init")[0] == 0
    assert small.midan(f"demo orders --rows 20 -o {orders}")[0] == 0
    assert small.midan(f"intake {orders}")[0] == 0
    number = small.sh(
        f"{sys.executable} -c 'import sqlite3; print(sqlite3.connect(\"{at}/home/data.db\")"
        ".execute(\"SELECT number FROM waybill_waybill\").fetchone()[0])'"
    )[1][0]  # fmt: skip
    small.fill()
    before = small.names()
    for command in (
        "audit verify",
        "audit checkpoint",
        f"audit prove 0 -o {at}/proof.json",
        f"audit export {at}/pack",
        f"label {number} -o {at}/label.pdf",
        f"label --printer-font --format zpl -o {at}/font.zpl",
        f"demo orders --rows 5000 -o {at}/orders.csv",
        f"demo orders --rows 5000 -o {at}/orders.parquet",
        f"intake {orders} --rejects {at}/rejects.csv",
        "init",
    ):
        small.full(command)
    assert small.names() == before
    small.make_room()
    code, lines = small.midan("audit verify")
    assert (code, json.loads(lines[-1])["ok"]) == (0, True)
    assert small.midan(f"audit export {at}/pack")[0] == 0
    assert small.midan(f"label {number} -o {at}/label.pdf")[0] == 0


@pytest.mark.parametrize("size", ["100k", "1m"])
def test_an_init_without_room_is_run_again(disk, size):
    small = disk(size)
    small.full("init")
    assert small.sh(f"mount -o remount,size=20m {small.place}")[0] == 0
    code, lines = small.midan("init")
    assert code == 0, lines
    assert small.midan("audit verify")[0] == 0


def test_an_answer_that_standard_output_does_not_take_is_one_line_too(tmp_path):
    done = subprocess.run(
        ["sh", "-c", f"echo 王小明 | {sys.executable} -m midan mask name >/dev/full"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 4
    assert [json.loads(line)["code"] for line in done.stderr.splitlines()] == ["storage_full"]
