"""Backup beside raw SM4-GCM over as many bytes, written to the same disk."""

import os
import resource
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final

from midan.bench.ground import Ground, run_leg
from midan.bench.result import Comparison, middle

_CHUNK: Final = 1 << 20
# What an order leaves in the tables a set holds; `{by}` moves a copy of the first orders out of their way.
_RECORDS: Final = (
    "INSERT INTO vault_record (seq, epoch, record_no)"
    " SELECT seq + {by}, epoch, record_no + {by} FROM vault_record WHERE seq <= {base}"
)
_PARTS: Final = (
    "INSERT INTO vault_part (epoch, leaf, sealed)"
    " SELECT epoch, leaf + {by} * 4, sealed FROM vault_part WHERE leaf < {base} * 4"
)


def compare(ground: Ground, rows: int, turns: int, *, file: str) -> Comparison:
    """Back up a place of `rows` orders, and stream as many bytes, in turn."""
    environ = ground.installation()
    orders = run_leg(environ, "backup_fill", file=file, rows=rows)["orders"]
    ours, twin, peak, size = list[float](), list[float](), 0.0, 0
    work: dict[str, list[float]] = {"backup": [], "twin": []}
    for turn in range(turns):
        to = str(ground.folder / f"sets-{turn}")
        made = run_leg(environ, "backup", to=to)
        size, peak = made["bytes"], max(peak, made["peak_mb"])
        ours.append(size / made["seconds"] / 1e6)
        streamed = run_leg(environ, "backup_stream", to=to, size=size)
        twin.append(size / streamed["seconds"] / 1e6)
        for who, seconds in (("backup", made["cpu"]), ("twin", streamed["cpu"])):
            work[who].append(size / seconds / 1e6)
        shutil.rmtree(to)
    return Comparison(
        name="backup",
        unit="MB/s",
        ours=middle(ours),
        twin=middle(twin),
        twin_is="raw SM4-GCM of as many bytes, in one thread, into a synced file of the same disk",
        goal="≥ 0.7",
        notes={
            "orders": orders,
            "megabytes": round(size / 1e6, 1),
            "orders_a_second": round(orders / size * middle(ours) * 1e6),
            "peak_mb": peak,
        }
        # Megabytes a second of processor time: steadier than the clock where others use the machine.
        | {f"{who}_mb_a_cpu_second": middle(rates) for who, rates in work.items()},
    )


def fill(*, file: str, rows: int) -> dict[str, Any]:
    """Take in a file, then multiply its rows by SQL: a backup does not look inside sealed bytes."""
    from django.db import connection, transaction

    from midan.bench.legs import intake

    taken = intake(file=file, workers=1, plain=False)["accepted"]
    waybill = _waybill_copy()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT max(seq), max(record_no) FROM vault_record")
        last, highest = cursor.fetchone()
        step = max(last, highest + 1)
        for copy in range(1, max(1, rows // taken)):
            for statement in (_RECORDS, _PARTS, waybill):
                cursor.execute(statement.format(by=copy * step, base=step))
    return {"orders": taken * max(1, rows // taken)}


def _waybill_copy() -> str:
    from django.apps import apps

    options = apps.get_model("waybill", "Waybill")._meta  # noqa: SLF001 - Django's documented door to a model's fields
    columns = [str(field.column) for field in options.concrete_fields]
    shown = {"seq": "seq + {by}", "number": "'X' || (seq + {by})"}
    names, values = ", ".join(columns), ", ".join(shown.get(name, name) for name in columns)
    return f"INSERT INTO waybill_waybill ({names}) SELECT {values} FROM waybill_waybill WHERE seq <= {{base}}"


def backup(*, to: str) -> dict[str, Any]:
    """Make a set; return its bytes and seconds, the peak memory (MB), processor time of all threads.

    What PostgreSQL's server spends is not in it.
    """
    from django.utils import timezone

    from midan.core.actor import Actor
    from midan.vault.backup import services

    began = process_time()
    made = services.make(actor=Actor.system("bench"), to=Path(to), now=timezone.now(), life_days=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "bytes": made.bytes,
        "rows": made.rows,
        "seconds": made.seconds,
        "peak_mb": round(peak, 1),
        "cpu": process_time() - began,
    }


def stream(*, to: str, size: int) -> dict[str, Any]:
    """Encrypt as many bytes with SM4-GCM, one context, a mebibyte at a time, into a file, and sync it."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import SM4
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    plain = os.urandom(_CHUNK)
    Path(to).mkdir(parents=True, exist_ok=True)
    began, worked = perf_counter(), process_time()
    encryptor = Cipher(SM4(os.urandom(16)), GCM(os.urandom(12))).encryptor()
    with tempfile.TemporaryFile(dir=to, buffering=0) as file:
        left = size
        while left > 0:
            file.write(encryptor.update(plain[: min(left, _CHUNK)]))
            left -= _CHUNK
        file.write(encryptor.finalize() + encryptor.tag)
        os.fsync(file.fileno())
    return {"seconds": perf_counter() - began, "cpu": process_time() - worked}


LEGS: Final[dict[str, Callable[..., dict[str, Any]]]] = {
    "backup_fill": fill,
    "backup": backup,
    "backup_stream": stream,
}
