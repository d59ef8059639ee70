"""Legs of look-ups: search over many epochs, masks' vault step, opening for labels."""

import os
import secrets
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

_BATCH = 20_000
PHONE = "16000000000"
WARM = 5  # turns before the clock starts
KNOWN = 20  # parcels of the phone searched for: a busy household's half year


def fill_digests(*, rows: int, epochs: int) -> dict[str, Any]:
    """Open `epochs` epochs and store `rows` random digests over them, `KNOWN` of them of one phone.

    The twin's plain table gets as many phones, as many of them the known one.
    """
    began = perf_counter()
    _fill_vault(rows, epochs)
    _fill_plain(rows)
    return {"seconds": perf_counter() - began}


def _fill_vault(rows: int, epochs: int) -> None:
    from midan.core.blind import Kind
    from midan.store import bulk
    from midan.vault import services as vault
    from midan.vault.keyd import local

    days = (date(2026, 1, 1) + timedelta(days=place) for place in range(epochs))
    numbers = [
        vault.reserve(retention="standard", day=day, due=day + timedelta(days=4_000), records=1).epoch
        for day in days
    ]
    share = rows // epochs
    for place, (epoch, digest) in enumerate(local().digests(Kind.PHONE, PHONE, numbers)):
        first = place * share
        found = [(epoch, secrets.token_bytes(16), first + at, 1) for at in range(share)]
        if place * KNOWN % epochs < KNOWN and found:
            found[0] = (epoch, digest, first, 1)
        with transaction.atomic():
            bulk.insert(
                "vault_digest",
                ("epoch", "digest", "seq", "part"),
                ("int8", "bytea", "int8", "int2"),
                sorted(found),
            )
            bulk.insert(
                "vault_record",
                ("seq", "epoch", "record_no"),
                ("int8", "int8", "int8"),
                [(first + at, epoch, at + 1) for at in range(share)],
            )


def _fill_plain(rows: int) -> None:
    from midan.store import bulk

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_plain (phone text, seq bigint)")
        cursor.execute("CREATE INDEX bench_plain_phone ON bench_plain (phone)")
    for start in range(0, rows, _BATCH):
        phones = [
            (PHONE if at % (rows // KNOWN or 1) == 0 else f"160{secrets.randbelow(10**8):08d}", at)
            for at in range(start, min(start + _BATCH, rows))
        ]
        with transaction.atomic():
            bulk.insert("bench_plain", ("phone", "seq"), ("text", "int8"), phones)


def lookup(*, turns: int) -> dict[str, Any]:
    """Find one phone over all live epochs, no entry counted; milliseconds, median and 99th percentile.

    `cpu_ms` is the processor time of one, that of PostgreSQL's process for this connection included.
    """
    from midan.core.blind import Kind
    from midan.vault import keyd
    from midan.vault.keyd import stored

    keys = keyd.local()

    def once() -> None:
        if not stored.occurrences_of(keys.digests(Kind.PHONE, PHONE)):
            raise SystemExit("nothing found")

    once()
    began = process_time() + _server_time()
    found = _timed(once, turns)
    spent = process_time() + _server_time() - began
    return found | {"cpu_ms": spent * 1_000 / (turns + WARM)}


def _server_time() -> float:
    """Return the processor seconds of the server's process for this connection; 0 on SQLite, which has none."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (number,) = cursor.fetchone()
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # user and system time, proc(5)


def integrate() -> dict[str, Any]:
    """Sign the log as `midan serve` does every second: a keyd beside a silent log opens nothing."""
    from midan.audit.services import integrate as sign

    sign(now=timezone.now())
    return {}


def logged_lookup(*, turns: int, plain: bool) -> dict[str, Any]:
    """The same with a committed entry before it; the twin looks up plain text and commits one equal entry."""
    from midan.audit.services import commit_read
    from midan.core.actor import Actor
    from midan.core.blind import Kind
    from midan.vault import services as vault

    actor = Actor(kind="staff", name="S00001", role="agent")

    def commit() -> str:
        return commit_read(
            actor=actor, act="access:search:performed", object="search:phone", outcome="allowed"
        )

    def once() -> None:
        if plain:
            commit()
            with connection.cursor() as cursor:
                cursor.execute("SELECT seq FROM bench_plain WHERE phone = %s", [PHONE])
                cursor.fetchall()
        else:
            vault.find(kind=Kind.PHONE, value=PHONE, commit=commit, now=timezone.now())

    return _timed(once, turns)


def _timed(act: Callable[[], None], turns: int) -> dict[str, Any]:
    for _ in range(WARM):
        act()
    times = []
    for _ in range(turns):
        began = perf_counter()
        act()
        times.append((perf_counter() - began) * 1_000)
    times.sort()
    return {"median_ms": median(times), "p99_ms": times[int(len(times) * 0.99)], "turns": turns}


def vault_step(*, rows: int) -> dict[str, Any]:
    """Seal and digest orders; return seconds."""
    from midan.core.keytree import Frontier
    from midan.vault.rules import Contact, Goods, Lease, seal_orders

    root = Frontier.root(os.urandom(32))
    lease = Lease(os.urandom(16), 1, 0, rows, root.block_nodes(0, rows), os.urandom(32), os.urandom(32))
    items = [
        (
            at,
            Contact(name="欧阳静", phone=f"160{at:08d}", address=ADDRESS),
            Contact(name="王小宝", phone=f"161{at:08d}", address=ADDRESS),
            Goods(goods_name="连衣裙", remark="放门口", order_ref=f"MO{at}"),
        )
        for at in range(rows)
    ]
    began = perf_counter()
    for start in range(0, rows, 500):
        seal_orders(lease, start, items[start : start + 500], os.urandom)
    return {"seconds": perf_counter() - began}


ADDRESS = "浙江省杭州市西湖区翠苑街道文三路90号翠苑小区3栋2单元501室"


def column_step(*, rows: int) -> dict[str, Any]:
    """The same rows through SQLAlchemy-Utils' column type as its docs declare it, and an HMAC column a searched value.

    Nine encrypted columns, as each of the fields would be one; seven digests, as many as ours.
    """
    import hashlib
    import hmac

    import sqlalchemy as sa
    from sqlalchemy.dialects import sqlite
    from sqlalchemy_utils import StringEncryptedType
    from sqlalchemy_utils.types.encrypted.encrypted_type import AesGcmEngine

    # SQLAlchemy calls the column's bind processor for every value; making one column's does for all of a kind.
    bind = StringEncryptedType(sa.Unicode, "secretkey1234", AesGcmEngine).bind_processor(sqlite.dialect())
    if bind is None:
        raise RuntimeError("the column type encrypts nothing")
    key = os.urandom(32)

    def digest(text: str) -> bytes:
        return hmac.new(key, text.encode(), hashlib.sha256).digest()

    began = perf_counter()
    for at in range(rows):
        phones = f"160{at:08d}", f"161{at:08d}"
        for name, phone in (("欧阳静", phones[0]), ("王小宝", phones[1])):
            for text in (name, phone, ADDRESS):
                bind(text)
            digest(phone)
            digest(phone[-4:])
            digest(phone[-4:] + name)
        for text in ("连衣裙", "放门口", f"MO{at}"):
            bind(text)
        digest(f"MO{at}")
    return {"seconds": perf_counter() - began}


LEGS: dict[str, Callable[..., dict[str, Any]]] = {
    "fill_digests": fill_digests,
    "lookup": lookup,
    "integrate": integrate,
    "logged_lookup": logged_lookup,
    "vault_step": vault_step,
    "column_step": column_step,
}
