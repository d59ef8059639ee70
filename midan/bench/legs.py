"""The legs: each runs in its own process and prints its figures as one JSON line."""

import json
import resource
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from midan.config.start import ready


def intake(*, file: str, workers: int, plain: bool) -> dict[str, Any]:
    """Take in a file; return seconds, processor seconds and peak memory (MB) of the process that stores.

    `cpu_of_all` counts its workers too, from their start to their end, and no database server.
    `log` is what the log's own entries took of it: the time inside `record`, its transaction's commit apart.
    """
    from django.utils import timezone

    from midan.collection.services import intake_file
    from midan.core.actor import Actor

    if plain:
        from midan.bench.plain import use_plaintext

        use_plaintext()
    logged = _timed_record()
    source = Path(file)
    began, began_all = process_time(), _cpu_of_all()
    summary = intake_file(
        actor=Actor.system("bench"),
        client="bench",
        branch="",
        source=source,
        file_format=source.suffix[1:],
        now=timezone.now(),
        workers=workers,
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "accepted": summary.accepted,
        "seconds": summary.seconds,
        "cpu": process_time() - began,
        "cpu_of_all": _cpu_of_all() - began_all,
        "peak_mb": round(peak, 1),
        "log": sum(logged),
        "entries": len(logged),
    }


def _cpu_of_all() -> float:
    """Return the processor seconds of this process and of those it has started and seen end."""
    whose = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, whose))


def _timed_record() -> list[float]:
    """Have intake's calls of the log timed; return the list their seconds go to."""
    found: list[float] = []

    def timed(**entry: Any) -> str:
        began = perf_counter()
        try:
            return record(**entry)
        finally:
            found.append(perf_counter() - began)

    for name in ("settle", "uploads"):
        module: Any = import_module(f"midan.collection.services.{name}")
        record: Callable[..., str] = module.record
        module.record = timed
    return found


def append(*, count: int, plain: bool) -> dict[str, Any]:
    """Append entries in batches of 500 a commit, or insert rows of the same bytes into a bare table."""
    from django.db import transaction

    from midan.audit.services import record
    from midan.core.actor import Actor

    actor = Actor.system("bench")

    def entry(number: int) -> None:
        record(actor=actor, act="bench:entry:appended", object=f"bench:{number}", count=number)

    write = _bare_writer() if plain else entry
    began = perf_counter()
    for start in range(0, count, 500):
        with transaction.atomic():
            for number in range(start, min(start + 500, count)):
                write(number)
    return {"seconds": perf_counter() - began, "count": count}


def _bare_writer() -> Callable[[int], None]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bare (id integer PRIMARY KEY, body text, salt char(32))")
    body = json.dumps({"act": "bench:entry:appended", "object": "bench:0", "pad": "x" * 220})

    def write(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO bench_bare (id, body, salt) VALUES (%s, %s, %s)", [number, body, "0" * 32]
            )

    return write


def verify() -> dict[str, Any]:
    """Integrate and verify the log; return entries a second."""
    from django.utils import timezone

    from midan.audit import selectors, services

    services.integrate(now=timezone.now())
    began = perf_counter()
    result = selectors.verify()
    if not result.ok:
        raise SystemExit("the log does not verify")
    return {"seconds": perf_counter() - began, "size": result.size}


def hash_only(*, count: int) -> dict[str, Any]:
    """Hash as many entries of the same size three times each, nothing else: the floor of any verification."""
    from midan.core.sm import sm3

    entry, salt = b"x" * 330, b"s" * 32
    began = perf_counter()
    for _ in range(count):
        sm3(b"\x00" + sm3(salt + entry))
        sm3(entry[:65])
    return {"seconds": perf_counter() - began}


LEGS: dict[str, Callable[..., dict[str, Any]]] = {
    "intake": intake,
    "append": append,
    "verify": verify,
    "hash_only": hash_only,
}


def main() -> None:
    """Run the leg named first, with the JSON arguments on standard input."""
    ready()
    from midan.bench import backups, decided, destruction, lookups, papers, people, taps

    areas = (lookups, people, papers, backups, destruction, decided, taps)
    legs = {name: leg for area in areas for name, leg in (LEGS | area.LEGS).items()}
    sys.stdout.write(json.dumps(legs[sys.argv[1]](**json.load(sys.stdin))) + "\n")


if __name__ == "__main__":
    main()
