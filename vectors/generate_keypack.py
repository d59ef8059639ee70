#!/usr/bin/env python3
"""Write vectors/keypack.json from the code. Run only for a new format; old vectors stay for ever.

`verify_keypack.py` checks it with other libraries and without importing midan.

    python vectors/generate_keypack.py
"""

import json
import os
from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "midan.config.settings")
django.setup()

from midan.core.keyruns import cut  # noqa: E402
from midan.core.parts import PartCode  # noqa: E402
from midan.core.sm import sm3  # noqa: E402
from midan.core.warrant import Cut, target_digest  # noqa: E402
from midan.vault.keyd import pack as packs  # noqa: E402
from midan.vault.keyd import wrapping  # noqa: E402
from midan.vault.keyd.interface import EpochState  # noqa: E402

HERE = Path(__file__).parent
COMPANY = sm3(b"midan vectors: company")[:16]
INDEX = sm3(b"midan vectors: index")


def entropy(label: str) -> Callable[[int], bytes]:
    """Return a source of invented randomness."""
    stream = count()
    return lambda size: sm3(f"midan vectors: {label} {next(stream)}".encode())[:size]


def _packed(number: int, state: EpochState, **rest: object) -> packs.PackedEpoch:
    return packs.PackedEpoch(
        number=number,
        retention="standard",
        day=date(2026, 11, 20 + number),
        due=date(2027, 11, 20 + number),
        version=state.version,
        mark=65_536 * number,
        wrapped=state.wrapped,
        index_secret=state.index_secret,
        **rest,
    )


def keypack() -> dict:
    draw = entropy("pack")
    generation = wrapping.Generation(3, draw(32))
    whole = wrapping.new_epoch(generation, 1, draw)
    rows, _ = cut([(0, 0, sm3(b"midan vectors: epoch root"))], [(30, 5), (32, 29)])
    small = wrapping.next_state(generation, 2, 2, rows, INDEX, draw)
    rows, _ = cut(rows, [(30, record) for record in range(0, 400, 3)])
    large = wrapping.next_state(generation, 3, 9, rows, INDEX, draw)
    file = packs.frontier_bytes(large.frontier)
    secrets = {name: draw(size) for name, size in wrapping.COMPANY_SECRETS.items()}
    pack = packs.Pack(
        company=COMPANY,
        generation=3,
        counter=41,
        next_epoch=4,
        secrets=tuple(
            (name, wrapping.seal_company_secret(generation, name, secret, draw))
            for name, secret in sorted(secrets.items())
        ),
        epochs=(
            _packed(1, whole, frontier=whole.frontier),
            _packed(2, small, frontier=small.frontier),
            _packed(3, large, digest=sm3(file)),
        ),
    )
    return {
        "format": "key pack v1",
        "generation": generation.to_bytes().hex(),
        "company": COMPANY.hex(),
        "counter": 41,
        "next_epoch": 4,
        "secrets": {name: secret.hex() for name, secret in secrets.items()},
        "epochs": [
            {"number": one.number, "day": one.day.isoformat(), "due": one.due.isoformat(), "mark": one.mark}
            for one in pack.epochs
        ],
        "nodes": {
            "2": [
                [*row[:2], row[2].hex()]
                for row in cut([(0, 0, sm3(b"midan vectors: epoch root"))], [(30, 5), (32, 29)])[0]
            ],
            "3": len(rows),
        },
        "index": INDEX.hex(),
        "pack": packs.seal(pack, generation, draw).hex(),
        "frontier_file": file.hex(),
        "frontier_name": packs.frontier_name(sm3(file)),
    }


def split() -> dict:
    draw = entropy("split")
    from midan.core import sm
    from midan.vault.keyd.split import _HEAD, _LABEL, _key

    generation, half_a, half_b, nonce = wrapping.Generation(7, draw(32)), draw(32), draw(32), draw(12)
    head = _HEAD.pack(1, 7)
    sealed = sm.seal(_key(half_a, half_b, 7), nonce, generation.to_bytes(), _LABEL + head)
    return {
        "generation": generation.to_bytes().hex(),
        "half_a": half_a.hex(),
        "half_b": half_b.hex(),
        "key_file": (head + nonce + sealed).hex(),
    }


def targets() -> list[dict]:
    cases = [
        ("nothing", [], []),
        ("two epochs, given out of order and twice", [7, 5, 7], []),
        (
            "a record, a part of another, an old copy",
            [],
            [Cut(9), Cut(8, PartCode.RECIPIENT), Cut(8, None, 3, 4)],
        ),
        ("both", [7, 5], [Cut(9), Cut(8, PartCode.RECIPIENT), Cut(8, None, 3, 4)]),
    ]
    return [
        {
            "comment": comment,
            "epochs": epochs,
            "cuts": [[one.seq, int(one.part or 0), one.epoch, one.record_no] for one in cuts],
            "digest": target_digest(epochs, cuts).hex(),
        }
        for comment, epochs, cuts in cases
    ]


def main() -> None:
    content = keypack() | {"split": split(), "targets": targets()}
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    (HERE / "keypack.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
