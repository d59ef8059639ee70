"""Legs of destroying: epochs small and large, scattered cuts, opening beside punctures, the ratchet."""

import os
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

if TYPE_CHECKING:
    from midan.core.warrant import Cut, Warrant
    from midan.vault.rules import SealedOrder

_BATCH = 20_000
_DAY = date(2021, 1, 1)
_ADDRESS = "浙江省杭州市西湖区翠苑街道文三路90号翠苑小区3栋2单元501室"


def _warrant(epochs: Sequence[int], cuts: "Sequence[Cut]") -> "Warrant":
    """Commit the entry a run begins with; the epochs of these legs are long due."""
    from midan.audit.services import commit_read
    from midan.core.actor import Actor
    from midan.core.warrant import STARTED, Warrant, target_digest

    details = {"targets": target_digest(epochs, cuts).hex(), "basis": "due" if epochs else "request"}
    actor = Actor.system("bench")
    entry = commit_read(actor=actor, act=STARTED, object="run:bench", outcome="allowed", details=details)
    return Warrant(entry_id=entry, epochs=tuple(epochs), cuts=tuple(cuts))


def _fill(day: int, records: int, stored: Sequence[int], first_seq: int) -> int:
    """Reserve an epoch of this many records and store real rows at the places `stored`; return its number."""
    from midan.core.keytree import Frontier
    from midan.vault import services
    from midan.vault.rules import Contact, Goods, Lease, seal_orders

    when = _DAY + timedelta(days=day)
    lease = services.reserve(retention="standard", day=when, due=when + timedelta(days=365), records=records)
    tree = Frontier(lease.nodes)
    sealed: list[SealedOrder] = []
    for place in stored:
        one = Lease(
            lease.company16,
            lease.epoch,
            place,
            1,
            tree.block_nodes(place, 1),
            lease.index_secret,
            lease.reference_secret,
        )
        who = Contact(name="欧阳静", phone=f"16{place:09d}", address=_ADDRESS)
        goods = Goods(goods_name="连衣裙", remark="放门口", order_ref=f"MO{place}")
        sealed += seal_orders(one, 0, [(first_seq + place, who, who, goods)], os.urandom)
        if len(sealed) == _BATCH or place == stored[-1]:
            with transaction.atomic():
                services.store(sealed=sealed)
            sealed = []
    return lease.epoch


def destroy_epochs(*, rows: int, stored: int) -> dict[str, Any]:
    """Destroy epochs of 1,000 and of `rows` records in turn; milliseconds until unreadable, bytes of state after."""
    from midan.core.actor import Actor
    from midan.vault import services

    seconds: dict[int, list[float]] = {1_000: [], rows: []}
    first = 0
    for turn in range(5):
        for size, times in seconds.items():
            places = range(0, size, max(1, size // min(size, stored)))
            epoch = _fill(2 * turn + (size == rows), size, places, first)
            first += size
            paper = _warrant([epoch], [])
            began = perf_counter()
            services.destroy(actor=Actor.system("bench"), warrant=paper, epochs=[epoch], now=timezone.now())
            times.append((perf_counter() - began) * 1_000)
    return {
        "small_ms": median(seconds[1_000]),
        "large_ms": median(seconds[rows]),
        "state_bytes": _state_bytes(),
    }


def _state_bytes(epoch: int | None = None) -> int:
    where = "" if epoch is None else f" WHERE epoch = {epoch:d}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(sum(length(sealed) + 16), 0) FROM vault_frontier{where}")
        frontier = cursor.fetchone()[0]
        cursor.execute(
            f"SELECT coalesce(sum(length(wrapped) + length(index_secret)), 0) FROM vault_state{where}"
        )
        return int(frontier + cursor.fetchone()[0])


def scattered(*, rows: int, cuts: int, stored: int) -> dict[str, Any]:
    """Cut records scattered over an epoch of `rows`; seconds, bytes of state a cut, the rest still open; opening after.

    `stored` of the records have their rows, the cut ones among them.
    """
    from midan.core.actor import Actor
    from midan.core.warrant import Cut
    from midan.vault import selectors, services

    chance = Random(7)  # noqa: S311  # which records of a bench
    places = sorted(chance.sample(range(rows), stored))
    epoch = _fill(0, rows, places, 0)
    _fill(1, 2_000, range(2_000), rows)
    gone = set(chance.sample(places, cuts))
    kept = chance.sample([place for place in places if place not in gone], 500)
    targets = [Cut(place) for place in sorted(gone)]
    paper = _warrant([], targets)
    began = perf_counter()
    done = services.puncture(actor=Actor.system("bench"), warrant=paper, cuts=targets, now=timezone.now())
    seconds = perf_counter() - began
    began = perf_counter()
    swept = services.sweep(actor=Actor.system("bench"), cuts=targets, now=timezone.now())
    return {
        "seconds": seconds,
        "sweep_seconds": perf_counter() - began,
        "records": done.records,
        "swept": swept.parts,
        "bytes_a_cut": _state_bytes(epoch) / cuts,
        "still_open": len(selectors.masked(kept)) / len(kept),
        "cut_open": len(selectors.masked(sorted(gone)[:500])),
        **_opening(epoch, kept, range(rows, rows + 2_000)),
    }


def _opening(epoch: int, cut_ones: Sequence[int], whole: Sequence[int]) -> dict[str, float]:
    """Milliseconds to mask a page of 50 in a punctured epoch and in one without, keys at hand, and at first touch."""
    from midan.vault import keyd
    from midan.vault.rules import PART_FIELDS

    del epoch
    figures: dict[str, list[float]] = {"cut_ms": [], "whole_ms": [], "cut_cold_ms": [], "whole_cold_ms": []}
    chance = Random(8)  # noqa: S311
    for turn in range(24):
        for name, seqs in (("cut", cut_ones), ("whole", whole)):
            page = chance.sample(list(seqs), 50)
            cold = turn % 4 == 0
            if cold:
                keyd.forget()
                keyd.connect().company_secret("number")
            began = perf_counter()
            keyd.connect().mask_orders(page, tuple(PART_FIELDS))
            figures[f"{name}{'_cold' if cold else ''}_ms"].append((perf_counter() - began) * 1_000)
    return {name: median(times) for name, times in figures.items()}


def ratchet(*, epochs: int, punctured: int, cuts: int) -> dict[str, Any]:
    """Turn the ratchet over `epochs` live epochs, `punctured` of them with `cuts` scattered punctures; seconds."""
    from midan.core.actor import Actor
    from midan.vault import services

    _bare_epochs(epochs, punctured, cuts)
    services.rotate(actor=Actor.system("bench"), now=timezone.now())  # large frontiers go to the keeper once
    times, processor = [], []
    for _ in range(3):
        began, spent = perf_counter(), process_time()
        done = services.rotate(actor=Actor.system("bench"), now=timezone.now())
        times.append(perf_counter() - began)
        processor.append(process_time() - spent)
    return {
        "seconds": median(times),
        "processor": median(processor),
        "epochs": done.epochs,
        "pending": len(done.pending),
    }


def wrap_alone(*, epochs: int) -> dict[str, Any]:
    """Unwrap and wrap as many state keys, and derive the passphrase once: no database, no file."""
    from midan.core import passphrase
    from midan.vault.keyd import wrapping

    old, new = (wrapping.Generation(number, os.urandom(32)) for number in (1, 2))
    sealed = [wrapping.seal_state(old, at, 1, os.urandom(32), os.urandom) for at in range(epochs)]
    began = perf_counter()
    for at, wrapped in enumerate(sealed):
        wrapping.seal_state(new, at, 1, wrapping.open_state(old, at, 1, wrapped), os.urandom)
    passphrase.derive(b"passphrase", bytes(16))
    return {"seconds": perf_counter() - began}


def _bare_epochs(epochs: int, punctured: int, cuts: int) -> None:
    """Make live epochs by their rows alone, as keyd would, some with a frontier of many punctures."""
    from midan.core.keyruns import cut
    from midan.store import bulk
    from midan.vault import keyd, services
    from midan.vault.keyd import packing, wrapping

    services.unlock()
    generation = keyd.keepers().read(1, claimed=1)
    chance = Random(9)  # noqa: S311
    states, frontiers, rows = [], [], []
    for number in range(1, epochs + 1):
        state = wrapping.new_epoch(generation, number, os.urandom)
        if number <= punctured:
            targets = [(30, record) for record in chance.sample(range(1_000_000), cuts)]
            nodes, _ = cut([(0, 0, os.urandom(32))], targets)
            state = wrapping.next_state(generation, number, 2, nodes, os.urandom(32), os.urandom)
        day = _DAY + timedelta(days=number)
        rows.append((number, "standard", day, day + timedelta(days=365), "live", 1_000_000, 1 << 20))
        digest = packing.frontier_digest(state.frontier)
        states.append((number, state.version, 1, state.wrapped, state.index_secret, digest))
        frontiers += [(number, node.depth, node.prefix, node.sealed) for node in state.frontier]
    names = ("epoch", "version", "generation", "wrapped", "index_secret", "frontier")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO vault_epoch (id, retention, day, due, state, next_record, mark)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            rows,
        )
        bulk.insert("vault_state", names, ("int8", "int8", "int8", "bytea", "bytea", "bytea"), states)
        columns = ("epoch", "depth", "prefix", "sealed")
        bulk.insert("vault_frontier", columns, ("int8", "int2", "int8", "bytea"), frontiers)
        cursor.execute("UPDATE vault_identity SET next_epoch = %s", [epochs + 1])


LEGS: dict[str, Callable[..., dict[str, Any]]] = {
    "destroy_epochs": destroy_epochs,
    "scattered": scattered,
    "ratchet": ratchet,
    "wrap_alone": wrap_alone,
}
