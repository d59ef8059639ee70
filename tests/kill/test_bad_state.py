"""A state in which nothing can be done is told as one JSON line on stderr, with its own exit code and no value."""

import json
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="looks into the file of SQLite")
CANARY = "琉璃孔雀灯罩"


class Home:
    """One installation and its commands."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(self, *arguments: str, before=None) -> subprocess.CompletedProcess[str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("MIDAN_", "DJANGO_"))}
        return subprocess.run(
            [sys.executable, "-m", "midan", *arguments],
            env=kept | {"MIDAN_HOME": str(self.path)},
            capture_output=True, text=True, timeout=60, check=False, preexec_fn=before,
        )  # fmt: skip

    def refused(self, *arguments: str, exit_code: int, code: str, before=None) -> dict[str, object]:
        """Run a command that must be refused so, and return its one line."""
        done = self.run(*arguments, before=before)
        lines = done.stderr.splitlines()
        assert len(lines) == 1, done
        line = json.loads(lines[0])
        assert set(line) == {"code", "message", "clause", "details"}
        assert (done.returncode, line["code"]) == (exit_code, code), done
        assert CANARY not in done.stdout + done.stderr
        assert line["message"]
        assert "%(" not in line["message"]
        return line

    def sql(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.path / "data.db")) as database:
            for statement in statements:
                database.execute(statement)
            database.commit()

    def count(self) -> int:
        with closing(sqlite3.connect(self.path / "data.db")) as database:
            return int(database.execute("SELECT count(*) FROM waybill_waybill").fetchone()[0])


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("state") / "home"
    assert Home(path).run("init").returncode == 0
    return path


@pytest.fixture
def home(made, tmp_path) -> Home:
    return Home(Path(shutil.copytree(made, tmp_path / "home")))


@pytest.fixture
def orders(tmp_path) -> str:
    path = tmp_path / "orders.jsonl"
    row = {
        "order_ref": "A-1", "sender_name": "沈澄澄", "sender_phone": "16000001234",
        "sender_address": "浙江省杭州市西湖区曙光路122号6幢2单元301室",
        "recipient_name": "欧阳小禾", "recipient_phone": "16100005678",
        "recipient_address": "浙江省杭州市滨江区江南大道88号3栋1202",
        "goods_name": CANARY, "goods_kind": "日用品", "quantity": 1, "weight_g": 800, "remark": CANARY,
        "notice_version": "2026-11",
    }  # fmt: skip
    lines = [json.dumps(row | {"order_ref": f"A-{at}"}, ensure_ascii=False) for at in range(600)]
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


def test_nothing_was_made_yet(tmp_path, orders):
    nowhere = Home(tmp_path / "nowhere")
    nowhere.refused("intake", orders, exit_code=4, code="not_migrated")
    assert not (nowhere.path / "data.db").exists()


def test_a_wrong_passphrase(home, orders):
    (home.path / "keys" / "passphrase").write_text("another one altogether\n")
    home.refused("intake", orders, exit_code=4, code="wrong_passphrase")
    home.refused("serve", exit_code=4, code="wrong_passphrase")
    assert home.count() == 0


def test_a_passphrase_that_others_may_read(home, orders):
    (home.path / "keys" / "passphrase").chmod(0o644)
    home.refused("intake", orders, exit_code=4, code="passphrase_unreadable")


@pytest.mark.parametrize("damage", ["cut", "turned", "emptied"])
def test_a_damaged_key_file(home, orders, damage):
    key = next(path for path in (home.path / "keys").rglob("*") if path.is_file() and "keeper" in str(path))
    whole = key.read_bytes()
    key.chmod(0o600)
    changed = {"cut": whole[:-9], "turned": whole[:9] + bytes([whole[9] ^ 1]) + whole[10:], "emptied": b""}
    key.write_bytes(changed[damage])
    done = home.run("intake", orders)
    line = json.loads(done.stderr)
    assert (done.returncode, line["code"]) in {(4, "key_file_damaged"), (4, "wrong_passphrase")}, done
    assert home.count() == 0


def test_a_missing_migration(home, orders):
    home.sql("DELETE FROM django_migrations WHERE app = 'waybill'")
    line = home.refused("intake", orders, exit_code=4, code="not_migrated")
    assert line["details"]["missing"] >= 1
    home.refused("serve", exit_code=4, code="not_migrated")


def test_a_database_that_is_none(home, orders):
    (home.path / "data.db").write_bytes(b"not a database at all" * 500)
    for suffix in ("-wal", "-shm"):
        (home.path / f"data.db{suffix}").unlink(missing_ok=True)
    home.refused("intake", orders, exit_code=4, code="database_unreachable")


def test_a_taken_port(home):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        line = home.refused("serve", "--port", str(port), exit_code=4, code="port_taken")
    assert line["details"] == {"port": port}


def test_a_disk_that_fills_leaves_whole_batches_and_goes_on_when_there_is_room(home, orders):
    """A limit on the size of files is a quota that needs no administrator; tests/collection fills a database."""
    size = (home.path / "data.db").stat().st_size

    def narrow() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 60_000, size + 60_000))

    home.refused("intake", orders, exit_code=4, code="storage_failed", before=narrow)
    assert home.count() in {0, 500}
    done = home.run("intake", orders)
    assert done.returncode == 0, done
    assert home.count() == 600


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (("intake", f"/{CANARY}/none.csv"), 3, "file_refused"),
        (("intake", "orders.docx"), 3, "file_refused"),
        (("intake", "--branch", CANARY, "{orders}"), 2, "unknown_branch"),
        (("label", CANARY, "-o", "{out}"), 1, "not_found"),
        (("audit", "prove", CANARY), 1, "entry_unknown"),
        (("bench", "nothing"), 2, "usage"),
        (("nothing",), 2, "usage"),
        (("demo", "orders", "--rows", "5", "-o", "{out}.doc"), 2, "unknown_format"),
    ],
)
def test_words_that_fit_nothing(home, orders, tmp_path, words, exit_code, code):
    filled = [word.format(orders=orders, out=tmp_path / "out") for word in words]
    home.refused(*filled, exit_code=exit_code, code=code)


def test_a_tampered_checkpoint_is_one_verdict_and_no_remark_of_a_library(home, orders):
    assert home.run("intake", orders).returncode == 0
    assert home.run("audit", "verify").returncode == 0
    with closing(sqlite3.connect(home.path / "data.db")) as database:
        triggers = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_checkpoint'"
        ).fetchall()
        size, text = database.execute(
            "SELECT size, text FROM audit_checkpoint ORDER BY size LIMIT 1"
        ).fetchone()
    assert triggers
    head, tail = text.rstrip("\n").rsplit(" ", 1)
    forged = f"{head} {tail[:24]}{'A' if tail[24] != 'A' else 'B'}{tail[25:]}\n"
    home.sql(
        *(f"DROP TRIGGER {name}" for (name,) in triggers),
        f"UPDATE audit_checkpoint SET text = '{forged}' WHERE size = {size}",
    )
    done = home.run("audit", "verify")
    assert done.returncode == 1
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
    verdict = json.loads(done.stdout)
    assert verdict["ok"] is False
    assert verdict["reason"]
