"""The comparisons of destroying: what it costs, what is kept of it, what it does to everything else."""

from typing import Any

from midan.bench import softhsm
from midan.bench.ground import Ground, run_leg
from midan.bench.result import Comparison, middle

# As in the goal: of so many records, so many are cut, and so many have their rows stored.
_CUTS, _STORED = 10_000, 100_000
_EPOCHS, _PUNCTURED = 2_000, 20
_RATCHET_GOALS = {"file": "≤ 0.5 s", "SoftHSM": "≤ 2 s"}


def destroy(ground: Ground, rows: int, database: str) -> list[Comparison]:
    """Whole epochs small and large, scattered records, opening beside them, the ratchet; `rows` records an epoch."""
    share = min(1.0, rows / 1_000_000)
    cuts, stored = max(10, int(_CUTS * share)), max(600, int(_STORED * share))
    whole = run_leg(ground.installation(), "destroy_epochs", rows=rows, stored=min(rows, 5_000))
    found = run_leg(ground.installation(), "scattered", rows=rows, cuts=cuts, stored=stored)
    return [
        *_whole(rows, whole),
        *_scattered(rows, stored, cuts, found, database),
        *_ratchet(ground, share),
    ]


def _whole(rows: int, found: dict[str, Any]) -> list[Comparison]:
    return [
        Comparison(
            name=f"destroy an epoch of {rows:,} records",
            unit="ms",
            ours=middle([found["large_ms"]]),
            twin=middle([found["small_ms"]]),
            twin_is="an epoch of 1,000 records",
            goal="ratio ≥ 0.67; 0 bytes of state after",
            notes={"state_bytes_after": found["state_bytes"]},
        )
    ]


def _scattered(rows: int, stored: int, cuts: int, found: dict[str, Any], database: str) -> list[Comparison]:
    notes = {name: found[name] for name in ("still_open", "cut_open", "records", "swept")}
    return [
        Comparison(
            name=f"cut {cuts:,} scattered of {rows:,} records",
            unit="s",
            ours=middle([found["seconds"]]),
            twin=middle([found["sweep_seconds"]]),
            twin_is="deleting their sealed rows afterwards",
            goal="≤ 10 s" if database == "sqlite" else "",
            notes={
                "bytes_a_cut": middle([found["bytes_a_cut"]]),
                "goal_bytes": "≤ 300",
                "stored": stored,
                **notes,
            },
        ),
        Comparison(
            name=f"mask 50 parcels of an epoch with {cuts:,} punctures",
            unit="ms",
            ours=middle([found["cut_ms"]]),
            twin=middle([found["whole_ms"]]),
            twin_is="of an epoch with none",
            goal="ratio ≥ 0.33",
            notes={
                "first_touch_ms": middle([found["cut_cold_ms"]]),
                "twin_first_touch_ms": middle([found["whole_cold_ms"]]),
            },
        ),
    ]


def _ratchet(ground: Ground, share: float) -> list[Comparison]:
    """With a file as the keeper, and with a token where there is one."""
    epochs = max(20, int(_EPOCHS * share))
    cuts = max(10, int(_CUTS * share))
    alone = run_leg(ground.installation(), "wrap_alone", epochs=epochs)
    places = {"file": ground.installation()}
    token = softhsm.keeper(ground.folder / "softhsm")
    if token is not None:
        places["SoftHSM"] = ground.initialised(token)
    found = []
    for keeper, environ in places.items():
        turned = run_leg(environ, "ratchet", epochs=epochs, punctured=_PUNCTURED, cuts=cuts)
        found.append(
            Comparison(
                name=f"ratchet over {epochs:,} live epochs, {_PUNCTURED} of them punctured ({keeper})",
                unit="s",
                ours=middle([turned["seconds"]]),
                twin=middle([alone["seconds"]]),
                twin_is="unwrapping and wrapping as many keys and one passphrase, no database and no keeper",
                goal=_RATCHET_GOALS[keeper],
                notes={"pending": turned["pending"], "processor_seconds": middle([turned["processor"]])},
            )
        )
    return found
