#!/usr/bin/env python3
"""Write merkle, entry and entry-proof (.json) from the package's own code.

Run from the repository's root: PYTHONPATH=. vectors/generate_log.py. `verify_log.py` recomputes everything without
the package. Published cases are never changed; new ones are appended.
"""

import json
from base64 import b64encode
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midan.core import entry as audit_entry
from midan.core import merkle
from midan.core.errors import MidanError
from midan.core.sm import SigningKey, sm3

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
SIGNING_KEY = bytes.fromhex(
    "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"
)  # GM/T example
REFERENCE_LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    bytes(range(0x60, 0x70)).hex(),
)


def main() -> None:
    """Write every file."""
    entries = entry_file()
    for name, content in (
        ("merkle", merkle_file()),
        ("entry", entries),
        ("entry-proof", proof_file(entries["cases"])),
    ):
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def merkle_file() -> dict[str, Any]:
    """Return trees with all their proofs, tile paths and checkpoints."""
    many = tuple(sha256(index.to_bytes(4, "big")).hexdigest() for index in range(21))
    return {
        "trees": [
            tree("leaves of the Certificate Transparency reference tests", "sha256", REFERENCE_LEAVES),
            tree("the same leaves under SM3", "sm3", REFERENCE_LEAVES),
            tree("21 leaves, so that three subtrees are ragged", "sm3", many),
        ],
        "tile_paths": [
            {
                "level": level,
                "index": index,
                "width": width,
                "path": merkle.tile_path(merkle.Tile(level, index, width)),
            }
            for level, index, width in (
                (0, 0, 256),
                (0, 67, 256),
                (0, 1234067, 256),
                (1, 0, 5),
                (2, 999, 255),
                (0, 1000, 1),
            )
        ],
        "bad_tile_paths": [
            "tile/0/0",
            "tile/00/000",
            "tile/0/000.p/256",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/64/000",
            "tile/0/x000/001",
            "tile/0/1000",
            "tile/0/x001/x067",
            "/tile/0/000",
            "tile/0/000/",
            "tile/0/００1",
            "",
        ],
        "checkpoint": checkpoint_case(),
    }


def tree(comment: str, name: str, leaves: tuple[str, ...]) -> dict[str, Any]:
    """Return one tree: root of every size, every inclusion and every consistency proof."""
    digest: Callable[[bytes], bytes] = {"sm3": sm3, "sha256": lambda data: sha256(data).digest()}[name]
    hashes = [merkle.leaf_hash(bytes.fromhex(leaf), digest=digest) for leaf in leaves]
    total = len(hashes)

    def look_up(level: int, index: int) -> bytes:
        return merkle.fold(hashes[index << level : (index + 1) << level], digest=digest)

    def texts(proof: list[bytes]) -> list[str]:
        return [item.hex() for item in proof]

    return {
        "comment": comment,
        "hash": name,
        "leaves": list(leaves),
        "roots": [merkle.fold(hashes[:size], digest=digest).hex() for size in range(total + 1)],
        "inclusion": [
            {
                "index": index,
                "size": size,
                "proof": texts(merkle.inclusion_proof(index, size, look_up, digest=digest)),
            }
            for size in range(1, total + 1)
            for index in range(size)
        ],
        "consistency": [
            {
                "old": old,
                "new": new,
                "proof": texts(merkle.consistency_proof(old, new, look_up, digest=digest)),
            }
            for new in range(total + 1)
            for old in range(new + 1)
        ],
    }


def checkpoint_case() -> dict[str, Any]:
    """Return a signed text and its broken variants. SM2 signs at random: a text that still holds is kept."""
    key = SigningKey.from_bytes(SIGNING_KEY)
    name = "midan.example/audit"
    point = merkle.Checkpoint(
        origin=name,
        size=8,
        root=bytes.fromhex(tree("", "sm3", REFERENCE_LEAVES)["roots"][8]),
        extensions=("t 2026-01-02T03:04:05Z",),
    )
    trusted = [merkle.Verifier(name=name, public=key.public)]
    text = kept_text(point, trusted)
    if text is None:
        text = merkle.Signed(
            checkpoint=point, signatures=(merkle.sign_checkpoint(point, name=name, key=key),)
        ).to_text()
    bad = {
        "other size": text.replace("\n8\n", "\n9\n"),
        "size with a leading zero": text.replace("\n8\n", "\n08\n"),
        "other origin": text.replace("midan.example/audit\n8", "midan.example/other\n8"),
        "extension dropped": text.replace("t 2026-01-02T03:04:05Z\n", ""),
        "no signature line": text.split("\n\n")[0] + "\n\n",
        "no final newline": text[:-1],
        "carriage returns": text.replace("\n", "\r\n"),
        "hyphen for the dash": text.replace("\u2014", "-"),
        "unknown name": text.replace("\u2014 midan.example/audit", "\u2014 midan.example/else"),
        "text after the signatures": text + "\n",
    }
    return {
        "text": text,
        "name": name,
        "public": key.public.hex(),
        "hint": trusted[0].hint.hex(),
        "bad": [
            {"comment": comment, "text": wrong, "expect": refusal(wrong, trusted)}
            for comment, wrong in bad.items()
        ],
    }


def kept_text(
    point: merkle.Checkpoint, trusted: list[merkle.Verifier], file: str = "merkle", under: str = "text"
) -> str | None:
    """Return the text published before, if it still says this and still verifies."""
    try:
        holder = json.loads((HERE / f"{file}.json").read_text(encoding="utf-8"))
        text = str(holder["checkpoint" if file == "merkle" else "proof"][under])
        return text if merkle.open_checkpoint(text, trusted=trusted) == point else None
    except (FileNotFoundError, MidanError):
        return None


def refusal(text: str, trusted: list[merkle.Verifier]) -> str:
    """Return the code with which a text is refused."""
    try:
        merkle.open_checkpoint(text, trusted=trusted)
    except MidanError as refused:
        return refused.code
    raise AssertionError("a broken checkpoint was accepted")


WHOLE = audit_entry.Entry(
    entry_id="00112233445566778899aabbccddeeff",
    time="2026-01-02T03:04:05.000006Z",
    actor="staff:S00017",
    act="access:part:revealed",
    object="waybill:MD8867745923526",
    outcome="allowed",
    party=("0f0e0d0c0b0a09080706050403020100",),
    purpose="customer_service",
    reason="address_unclear",
    clause="L2.2",
    policy="7",
    device="dev-网点-01",
    address="192.0.2.7",
    count=1,
    details={"ticket": "T-100", "fields": 2},
)
PLAIN = audit_entry.Entry(
    entry_id="ffeeddccbbaa99887766554433221100",
    time="2026-12-31T23:59:59.999999Z",
    actor="system:sequencer",
    act="audit:checkpoint:signed",
    object="checkpoint:8",
    outcome="done",
)
ODD = replace(
    PLAIN, device='quote " backslash \\ tab \t line \n nul \x00 del \x7f', details={"b": "2", "a": -1}
)


def entry_file() -> dict[str, Any]:
    """Return entries with bytes, salt and leaf, and bytes that are refused."""
    cases = []
    for comment, item in (("every field", WHOLE), ("as little as possible", PLAIN), ("escapes", ODD)):
        data, salt = item.to_bytes(), sm3(comment.encode())
        values = {field.name: getattr(item, field.name) for field in fields(item)}
        values |= {"party": list(item.party), "details": dict(item.details)}
        cases.append(
            {
                "comment": comment,
                "fields": values,
                "bytes": data.decode(),
                "base64": b64encode(data).decode(),
                "salt": salt.hex(),
                "leaf": audit_entry.entry_leaf(salt, data).hex(),
            }
        )
    return {"cases": cases, "bad": bad_entries(PLAIN.to_bytes().decode())}


def proof_file(cases: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the proof of the first entry in a log of three, as `midan audit prove` prints it."""
    key, name = SigningKey.from_bytes(SIGNING_KEY), "midan.example/audit"
    hashes = [bytes.fromhex(case["leaf"]) for case in cases]
    point = merkle.Checkpoint(origin=name, size=len(hashes), root=merkle.fold(hashes))
    trusted = [merkle.Verifier(name=name, public=key.public)]
    text = kept_text(point, trusted, "entry-proof", "checkpoint")
    if text is None:
        line = merkle.sign_checkpoint(point, name=name, key=key)
        text = merkle.Signed(checkpoint=point, signatures=(line,)).to_text()
    path = merkle.inclusion_proof(
        0, len(hashes), lambda level, at: merkle.fold(hashes[at << level : (at + 1) << level])
    )
    return {
        "public": key.public.hex(),
        "name": name,
        "proof": {
            "v": 1,
            "entry": cases[0]["base64"],
            "salt": cases[0]["salt"],
            "index": 0,
            "size": len(hashes),
            "proof": [item.hex() for item in path],
            "checkpoint": text,
        },
    }


def bad_entries(good: str) -> list[dict[str, str]]:
    """Return spellings and contents that must be refused."""
    return [
        {"comment": comment, "bytes": text}
        for comment, text in (
            ("space after a comma", good.replace(",", ", ", 1)),
            ("unknown key", good.replace('"v":1', '"v":1,"x":1')),
            ("missing key", good.replace('"count":null,', "")),
            ("version 2", good.replace('"v":1', '"v":2')),
            ("key twice", good.replace('"v":1', '"v":1,"v":1')),
            ("escaped where not needed", good.replace("system", "\\u0073ystem")),
            ("float count", good.replace('"count":null', '"count":1.0')),
            ("true for a count", good.replace('"count":null', '"count":true')),
            ("seconds without fraction", good.replace(".999999Z", "Z")),
            ("thirteenth month", good.replace("2026-12", "2026-13")),
            ("other outcome", good.replace('"done"', '"perhaps"')),
            ("a mobile number as object", good.replace("checkpoint:8", "search:" + "170" + "00001234")),
            ("trailing newline", good + "\n"),
            ("not JSON", "entry"),
            ("list", "[]"),
        )
    ]


if __name__ == "__main__":
    main()
