"""Real processes on a real file: what a kill leaves behind, and what two at once do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

PROLOGUE = """
import json, os, signal, sys
from datetime import UTC, date, datetime
import django
django.setup()
from django.core.management import call_command
from django.db import transaction
from midan.core.actor import Actor
from midan.vault import services
from midan.vault.rules import Contact, Goods, seal_orders

def reserve(records):
    return services.reserve(retention="standard", day=date(2026, 11, 23), due=date(2027, 11, 23), records=records)
"""
BEGIN = """
call_command("migrate", verbosity=0)
services.initialise(actor=Actor.system("init"), now=datetime(2026, 11, 23, tzinfo=UTC))
"""
STORE_AND_DIE = """
lease = reserve(50)
contact = Contact(name="金丝雀", phone="17000990001", address="金丝雀路一号")
goods = Goods(goods_name="金丝雀笼", remark="金丝雀备注", order_ref="CANARY-77")
with transaction.atomic():
    services.store(sealed=seal_orders(lease, 0, [(seq, contact, contact, goods) for seq in range(50)], os.urandom))
lost = reserve(500)
print(json.dumps([lost.first_record, lost.count]), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
RESERVE = """
print(json.dumps([(lease.first_record, lease.count) for lease in (reserve(3) for _ in range(40))]))
"""


@pytest.fixture
def home(midan_home: Path) -> Path:
    if connection.vendor != "sqlite":
        pytest.skip("the file and its write-ahead log are SQLite's")
    return midan_home


def start(home: Path, script: str) -> subprocess.Popen[str]:
    environment = os.environ | {"MIDAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "midan.config.settings"}
    environment.pop("MIDAN_DATABASE_URL", None)
    return subprocess.Popen(
        [sys.executable, "-c", PROLOGUE + script], env=environment, stdout=subprocess.PIPE, text=True
    )


def result(process: subprocess.Popen[str]) -> list[list[int]]:
    out, _ = process.communicate(timeout=60)
    return json.loads(out)


def test_a_kill_burns_the_block_and_leaves_nothing_clear_and_two_at_once_never_overlap(home):
    assert result(start(home, BEGIN + STORE_AND_DIE)) == [50, 500]
    files = sorted(home.glob("data.db*"))
    assert f"{home / 'data.db-wal'}" in map(str, files)
    stored = b"".join(path.read_bytes() for path in files)
    assert b"vault_part" in stored
    canaries = ("金丝", "1700099", "CANARY", "备注")
    assert not [word for word in canaries if word.encode() in stored or word.encode("utf-16-le") in stored]

    both = [start(home, RESERVE), start(home, RESERVE)]
    blocks = sorted(tuple(block) for process in both for block in result(process))
    assert blocks == [(550 + 3 * turn, 3) for turn in range(80)]
