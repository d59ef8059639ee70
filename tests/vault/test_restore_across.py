"""A set of one database restores into the other, there and back, and every row is the same."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from midan.bench.ground import ground
from midan.vault.backup import key, opening

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="brings its own PostgreSQL"),
]
# What a restore itself writes, or makes anew.
OWN = {"audit_entry", "audit_leaf", "audit_checkpoint", "audit_verification", "backup_set", "waybill_counter"}
OWN |= {
    "label_counter",
    "vault_epoch",
    "vault_identity",
    "auth_permission",
    "django_content_type",
    "vault_share",
}


def run(environ: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "midan", *words], env=environ, capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip
    assert done.returncode == 0, done
    return done.stdout.splitlines()[-1]


def rows(sets: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[tuple[object, ...]]]:
    monkeypatch.setenv("MIDAN_HOME", str(home))
    opened = opening.open_set(opening.find(sets), key.read())
    opening.check(opened)
    return {
        table.name: sorted((tuple(row) for block in opening.blocks(opened, table) for row in block), key=repr)
        for table in opened.manifest.tables
    }


def test_from_postgresql_to_sqlite_and_back(tmp_path, monkeypatch):
    with ground("postgres") as field:
        first = field.installation()
        orders = tmp_path / "orders.csv"
        run(first, "demo", "orders", "--rows", "300", "-o", str(orders))
        run(first, "intake", str(orders))
        run(first, "backup", str(tmp_path / "first"))
        second = {name: value for name, value in first.items() if name != "MIDAN_DATABASE_URL"}
        second["MIDAN_HOME"] = str(tmp_path / "sqlite")
        shutil.copytree(Path(first["MIDAN_HOME"]) / "keys", tmp_path / "sqlite" / "keys")
        there = json.loads(run(second, "restore", str(tmp_path / "first")))
        assert (there["destroyed"], there["digests"]) == (0, 2100)
        assert json.loads(run(second, "audit", "verify"))["ok"] is True
        run(second, "backup", str(tmp_path / "second"))
        third = field.blank()
        shutil.copytree(tmp_path / "sqlite" / "keys", Path(third["MIDAN_HOME"]) / "keys")
        back = json.loads(run(third, "restore", str(tmp_path / "second")))
        assert back["rows"] >= there["rows"]
        assert json.loads(run(third, "audit", "verify"))["ok"] is True
        run(third, "backup", str(tmp_path / "third"))
        homes = (first, second, third)
        found = [
            rows(tmp_path / name, Path(environ["MIDAN_HOME"]), monkeypatch)
            for name, environ in zip(("first", "second", "third"), homes, strict=True)
        ]
        for name in found[0].keys() - OWN:
            assert found[0][name] == found[1][name] == found[2][name], name
        # The log only grows: what was there is there to the byte.
        for name in ("audit_entry", "audit_leaf"):
            entries = [{repr(row) for row in one[name]} for one in found]
            assert entries[0] <= entries[1] <= entries[2], name
