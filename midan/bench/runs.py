"""The comparisons, by name."""

import re
import subprocess
import sys
from collections.abc import Callable
from random import Random
from time import perf_counter

from midan.bench.ground import Ground, run_leg
from midan.bench.result import Comparison, middle

_TURNS = 3


def intake(ground: Ground, rows: int, database: str) -> list[Comparison]:
    """Intake of a file beside the plaintext twin, with one process and with two workers; the vault step alone."""
    file = ground.folder / "orders.csv"
    _midan("demo", "orders", "--rows", str(rows), "-o", str(file))
    rates: dict[str, list[float]] = {"one": [], "two": [], "plain": []}
    peaks: list[float] = []
    for _ in range(_TURNS):
        for name, workers, plain in (("one", 1, False), ("plain", 1, True), ("two", 2, False)):
            figures = run_leg(ground.installation(), "intake", file=str(file), workers=workers, plain=plain)
            rates[name].append(figures["accepted"] / figures["seconds"])
            if name == "one":
                peaks.append(figures["peak_mb"])
    one, two, plain_rate = (middle(rates[name]) for name in ("one", "two", "plain"))
    goals = ("≥ 0.40", "≥ 1.3") if database == "sqlite" else ("≥ 0.22", "≥ 1.3")
    twin_is = "plaintext rows of the same number and size"
    return [
        Comparison(
            name="intake, one process",
            unit="orders/s",
            ours=one,
            twin=plain_rate,
            twin_is=twin_is,
            goal=goals[0],
            notes={"peak_mb": max(peaks)},
        ),
        Comparison(
            name="intake, two workers",
            unit="orders/s",
            ours=two,
            twin=one,
            twin_is="one process",
            goal=goals[1],
            notes={"of_plaintext": round(two / plain_rate, 3)},
        ),
        _vault_step(ground),
    ]


def _vault_step(ground: Ground) -> Comparison:
    environ, rows = ground.installation(), 10_000
    ours = [rows / run_leg(environ, "vault_step", rows=rows)["seconds"] for _ in range(_TURNS)]
    twin = [rows / run_leg(environ, "column_step", rows=rows)["seconds"] for _ in range(_TURNS)]
    return Comparison(
        name="vault step",
        unit="orders/s",
        ours=middle(ours),
        twin=middle(twin),
        twin_is="SQLAlchemy-Utils AES-GCM column type and HMAC-SHA-256 columns",
        goal="≥ 1.5",
    )


def audit(ground: Ground, rows: int, _database: str) -> list[Comparison]:
    """Appending beside a bare table, verifying beside hashing alone."""
    environ = ground.installation()
    append = rows / run_leg(environ, "append", count=rows, plain=False)["seconds"]
    bare = rows / run_leg(environ, "append", count=rows, plain=True)["seconds"]
    figures = run_leg(environ, "verify")
    floor = run_leg(environ, "hash_only", count=50_000)["seconds"]
    return [
        Comparison(
            name="append, 500 a commit",
            unit="entries/s",
            ours=round(append),
            twin=round(bare),
            twin_is="one bare row of the same bytes",
            goal="≥ 10,000/s",
        ),
        Comparison(
            name="verify",
            unit="entries/s",
            ours=round(figures["size"] / figures["seconds"]),
            twin=round(50_000 / floor),
            twin_is="hashing the same bytes in one process, no database",
            goal="≥ 150,000/s",
        ),
    ]


def search(ground: Ground, rows: int, _database: str) -> list[Comparison]:
    """Phone look-up over 180 and 1,100 live epochs, alone and with its log entry."""
    found = []
    for epochs, goal in ((180, "≤ 2 ms"), (1_100, "≤ 10 ms")):
        environ = ground.installation()
        run_leg(environ, "fill_digests", rows=rows, epochs=epochs)
        alone = run_leg(environ, "lookup", turns=200)
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
                },
            )
        )
    return found


_QUICK = re.compile(r"\d+|[一二三四五六七八九十]+(?:栋|单元|室|号|楼)")


def masks(ground: Ground, rows: int, _database: str) -> list[Comparison]:  # noqa: ARG001  # one shape for all
    """Masks a second on one core, beside one regular expression that hides digits."""
    from midan.core.masking.address import mask_address
    from midan.core.masking.idcard import mask_id
    from midan.core.masking.name import mask_name
    from midan.core.masking.phone import mask_phone
    from midan.core.masking.text import mask_text
    from midan.demo.addresses import AddressMaker
    from midan.demo.orders import OrderMaker

    maker = OrderMaker(seed=1, notice_version="")
    addresses = [AddressMaker(Random(2)).make().text for _ in range(rows)]  # noqa: S311  # invented people
    samples: dict[str, tuple[Callable[[str], str], list[str], str]] = {
        "address": (mask_address, addresses, "≥ 40,000/s"),
        "name": (mask_name, [maker.person() for _ in range(rows)], ""),
        "phone": (mask_phone, [maker.phone() for _ in range(rows)], ""),
        "id": (mask_id, ["110101190001010000"] * rows, ""),
        "text": (mask_text, [f"{maker.person()}收 {maker.phone()} 放门口" for _ in range(rows)], ""),
    }
    return [
        Comparison(
            name=f"mask {name}",
            unit="lines/s",
            ours=round(_rate(mask, lines)),
            twin=round(_rate(lambda line: _QUICK.sub("*", line), lines)),
            twin_is="one regular expression (leaks a quarter of all units)",
            goal=goal,
        )
        for name, (mask, lines, goal) in samples.items()
    ]


def _rate(mask: Callable[[str], str], lines: list[str]) -> float:
    rates = []
    for _ in range(_TURNS):
        began = perf_counter()
        for line in lines:
            mask(line)
        rates.append(len(lines) / (perf_counter() - began))
    return middle(rates)


def _midan(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "midan", *words], check=True, stdout=subprocess.DEVNULL)
