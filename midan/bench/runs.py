"""The comparisons, by name."""

import subprocess
import sys
from functools import partial
from typing import Any

from midan.bench import backups, decided, taps, web
from midan.bench.destroyed import destroy
from midan.bench.ground import Ground, run_leg
from midan.bench.result import Comparison, middle

__all__ = ["audit", "backup", "destroy", "intake", "labels", "masks", "reveal", "search"]

TURNS = 3
EPOCHS = {180: "≤ 2 ms", 1_100: "≤ 10 ms"}
_FIRST_ORDERS = 2_000  # taken in before they are multiplied
_WARM = 10  # reveals a client before the clock starts


def intake(ground: Ground, rows: int, database: str) -> list[Comparison]:
    """Intake of a file beside the plaintext twin, with one process and with two workers; the vault step alone."""
    file = ground.folder / "orders.csv"
    midan("demo", "orders", "--rows", str(rows), "-o", str(file))
    rounds: dict[str, list[dict[str, Any]]] = {"one": [], "plain": [], "two": []}
    for _ in range(TURNS):
        for name, workers, plain in (("one", 1, False), ("plain", 1, True), ("two", 2, False)):
            figures = run_leg(ground.installation(), "intake", file=str(file), workers=workers, plain=plain)
            rounds[name].append(figures)
    rate = {name: middle([one["accepted"] / one["seconds"] for one in rounds[name]]) for name in rounds}
    # Processor time of the storing process: steadier than the clock where others use the machine.
    cost = {name: middle([1e6 * one["cpu"] / one["accepted"] for one in rounds[name]]) for name in rounds}
    return [
        Comparison(
            name="intake, one process",
            unit="orders/s",
            ours=rate["one"],
            twin=rate["plain"],
            twin_is="plaintext rows of the same number and size",
            goal="≥ 0.40" if database == "sqlite" else "≥ 0.22",
            notes={
                "peak_mb": max(one["peak_mb"] for one in rounds["one"]),
                "cpu_us_an_order": cost["one"],
                "twin_cpu_us_an_order": cost["plain"],
                # The goal is ≤ 5: time inside the log's own call, for each waybill it stands for.
                "log_us_a_waybill": middle([1e6 * one["log"] / one["accepted"] for one in rounds["one"]]),
            },
        ),
        _two_workers(rounds, rate, cost, database),
        _vault_step(ground, rows),
    ]


def _two_workers(
    rounds: dict[str, list[dict[str, Any]]], rate: dict[str, float], cost: dict[str, float], database: str
) -> Comparison:
    """Two workers beside one process: orders a second, and the processor time of all of them but the server."""
    whole = {
        name: middle([1e6 * one["cpu_of_all"] / one["accepted"] for one in rounds[name]]) for name in rounds
    }
    return Comparison(
        name="intake, two workers",
        unit="orders/s",
        ours=rate["two"],
        twin=rate["one"],
        twin_is="one process",
        goal="≥ 1.3" if database == "sqlite" else "≥ 1.2; processor time of all ≤ 1.15 × one",
        notes={
            # Start and end of the workers included, the database server not.
            "cpu_us_an_order_of_all": whole["two"],
            "cpu_of_all_to_one": round(whole["two"] / whole["one"], 3),
            "of_plaintext": round(rate["two"] / rate["plain"], 3),
            "cpu_us_an_order_of_the_storing_process": cost["two"],
        },
    )


def _vault_step(ground: Ground, rows: int) -> Comparison:
    environ = ground.installation()
    ours, twin = [], []
    for _ in range(TURNS):
        ours.append(rows / run_leg(environ, "vault_step", rows=rows)["seconds"])
        twin.append(rows / run_leg(environ, "column_step", rows=rows)["seconds"])
    return Comparison(
        name="vault step",
        unit="orders/s",
        ours=middle(ours),
        twin=middle(twin),
        twin_is="SQLAlchemy-Utils AES-GCM column type, nine columns, and seven HMAC-SHA-256 columns",
        goal="≥ 1.5",
    )


def audit(ground: Ground, rows: int, _database: str) -> list[Comparison]:
    """Appending beside a bare table, verifying beside hashing alone."""
    figures: dict[str, list[float]] = {"append": [], "bare": [], "verify": [], "hash": []}
    for _ in range(TURNS):
        environ = ground.installation()
        figures["append"].append(rows / run_leg(environ, "append", count=rows, plain=False)["seconds"])
        figures["bare"].append(rows / run_leg(environ, "append", count=rows, plain=True)["seconds"])
        verified = run_leg(environ, "verify")
        figures["verify"].append(verified["size"] / verified["seconds"])
        figures["hash"].append(rows / run_leg(environ, "hash_only", count=rows)["seconds"])
    append, bare, verify, hashed = (round(middle(found)) for found in figures.values())
    return [
        Comparison(
            name="append, 500 a commit",
            unit="entries/s",
            ours=append,
            twin=bare,
            twin_is="one bare row of the same bytes",
            goal="≥ 10,000/s",
        ),
        Comparison(
            name="verify",
            unit="entries/s",
            ours=verify,
            twin=hashed,
            twin_is="hashing the same bytes in one process, no database",
            goal="≥ 150,000/s",
        ),
    ]


def search(ground: Ground, rows: int, _database: str) -> list[Comparison]:
    """Phone look-up over 180 and 1,100 live epochs, alone and with its log entry."""
    found = []
    for epochs, goal in EPOCHS.items():
        environ = ground.installation()
        run_leg(environ, "fill_digests", rows=rows, epochs=epochs)
        # As in the process that looks up under `midan serve`: it has options of its own on PostgreSQL.
        alone = run_leg(environ | {"MIDAN_PROCESS": "keyd"}, "lookup", turns=200)
        run_leg(environ, "integrate")
        with web.keyd_serving(environ):
            logged = run_leg(environ, "logged_lookup", turns=200, plain=False)
        plain = run_leg(environ, "logged_lookup", turns=200, plain=True)
        found.append(
            Comparison(
                name=f"phone search with its entry, {epochs} epochs",
                unit="ms",
                ours=middle([logged["median_ms"]]),
                twin=middle([plain["median_ms"]]),
                twin_is="plain look-up and one equal entry",
                goal=f"≥ 0.7; look-up alone {goal}",
                notes={
                    "lookup_median_ms": middle([alone["median_ms"]]),
                    "lookup_p99_ms": middle([alone["p99_ms"]]),
                    "lookup_cpu_ms": round(alone["cpu_ms"], 2),
                },
            )
        )
    return found


def reveal(ground: Ground, rows: int, _database: str) -> list[Comparison]:
    """Reveals over HTTP at eight clients: alone, beside an intake, with and without gates, by taps of couriers."""
    rounds = _reveal_rounds(ground, rows)

    def middling(name: str, what: str) -> float:
        return middle([found[what] for found in rounds[name]])

    throughput = Comparison(
        name="reveal over HTTP, 8 clients",
        unit="reveals/s",
        ours=middling("midan, quiet", "per_second"),
        twin=middling("twin, quiet", "per_second"),
        twin_is="same server and sign-in, plain row, one equal entry",
        goal="≥ 0.6",
        notes={
            "p99_ms": middling("midan, quiet", "p99_ms"),
            "twin_p99_ms": middling("twin, quiet", "p99_ms"),
        },
    )
    slowest = Comparison(
        name="reveal over HTTP beside an intake, slowest in a hundred",
        unit="ms",
        ours=middling("midan, busy", "p99_ms"),
        twin=middling("twin, busy", "p99_ms"),
        twin_is="the same twin beside the same intake",
        goal="p99 ≤ 50 ms",
        notes={
            "median_ms": middling("midan, busy", "median_ms"),
            "per_second": middling("midan, busy", "per_second"),
        },
    )
    # What a courier may reveal in a day three rounds of a page and three of the API share.
    tap = taps.compare(ground, min(max(1, rows // web.CLIENTS), 60), TURNS)
    return [throughput, slowest, *decided.comparisons(ground, rows), tap]


def _reveal_rounds(ground: Ground, rows: int) -> dict[str, list[dict[str, Any]]]:
    """Return the figures of each round: of Midan and its twin, each on a quiet machine and beside an intake."""
    file = ground.folder / "busy.csv"
    each = max(1, rows // web.CLIENTS)
    midan("demo", "orders", "--rows", str(max(20_000, rows * 60)), "-o", str(file))
    environ = ground.installation()
    # A manager may reveal a hundred fields a day: enough of them for every round, and for warming up.
    managers = web.CLIENTS * (1 + TURNS * (2 * each + _WARM) // 90)
    made = run_leg(environ, "company", orders=500, managers=managers, branch=web.BRANCH, collected=True)
    rounds: dict[str, list[dict[str, Any]]] = {}
    for _ in range(TURNS):
        for name in ("midan", "twin"):
            with web.serving(environ, name) as port:
                send = partial(web.load, port=port, access=web.token(port, made["client"]), made=made)
                send(each=_WARM)
                rounds.setdefault(f"{name}, quiet", []).append(send(each=each))
                with web.intake_running(environ, file):
                    rounds.setdefault(f"{name}, busy", []).append(send(each=each))
    return rounds


def labels(ground: Ground, rows: int, _database: str) -> list[Comparison]:
    """Labels a second in one process, loading, masking and logging included, beside drawing alone."""
    found = []
    for form, count, goal in (("pdf", rows // 4, "≥ 150/s"), ("zpl", rows, "≥ 5,000/s")):
        ours, twin = [], []
        environ = ground.installation()
        made = run_leg(environ, "company", orders=TURNS * count, managers=1, branch=web.BRANCH)
        for turn in range(TURNS):
            numbers = made["waybills"][turn * count : (turn + 1) * count]
            figures = run_leg(
                environ, "labels", waybills=numbers, staff=made["staff"][0], branch=web.BRANCH, form=form
            )
            ours.append(figures["count"] / figures["seconds"])
            twin.append(figures["count"] / figures["drawing"])
        found.append(
            Comparison(
                name=f"labels, {form}",
                unit="labels/s",
                ours=middle(ours),
                twin=middle(twin),
                twin_is="drawing the same labels, nothing loaded, masked or logged",
                goal=goal,
            )
        )
    return found


def backup(ground: Ground, rows: int, _database: str) -> list[Comparison]:
    """A backup set beside raw SM4-GCM over as many bytes."""
    file = ground.folder / "first.csv"
    midan("demo", "orders", "--rows", str(min(rows, _FIRST_ORDERS)), "-o", str(file))
    return [backups.compare(ground, rows, TURNS, file=str(file))]


def masks(ground: Ground, rows: int, _database: str) -> list[Comparison]:  # noqa: ARG001  # one shape for all
    """Masks a second on one core and what they leave visible, beside one regular expression a kind."""
    from midan.bench.masks import compare

    return compare(rows, TURNS)


def midan(*words: str) -> None:
    """Run one command of ours."""
    subprocess.run([sys.executable, "-m", "midan", *words], check=True, stdout=subprocess.DEVNULL)
