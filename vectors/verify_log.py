#!/usr/bin/env python3
"""Recompute merkle, entry and entry-proof (.json) with none of the package's code.

Written from RFC 9162's recursive definitions and specs/audit-log.md.
Slow and obvious on purpose. Exit code 0 if every case agrees.
"""

import base64
import hashlib
import sys
from collections.abc import Callable

from checking import holds, load, run, same
from plain_sm import self_test, sm2_holds, sm3

Hash = Callable[[bytes], bytes]


def split(count: int) -> int:
    """Return the largest power of two below `count`."""
    k = 1
    while 2 * k < count:
        k *= 2
    return k


def head(leaves: list[bytes], h: Hash) -> bytes:
    """MTH."""
    if len(leaves) < 2:
        return h(b"\x00" + leaves[0]) if leaves else h(b"")
    k = split(len(leaves))
    return h(b"\x01" + head(leaves[:k], h) + head(leaves[k:], h))


def path(m: int, leaves: list[bytes], h: Hash) -> list[bytes]:
    """PATH."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k], h), head(leaves[k:], h)]
    return [*path(m - k, leaves[k:], h), head(leaves[:k], h)]


def subproof(m: int, leaves: list[bytes], h: Hash, *, whole: bool) -> list[bytes]:
    """SUBPROOF."""
    if m == len(leaves):
        return [] if whole else [head(leaves, h)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], h, whole=whole), head(leaves[k:], h)]
    return [*subproof(m - k, leaves[k:], h, whole=False), head(leaves[:k], h)]


def check_merkle() -> int:
    """Recompute roots, proofs, tile paths and the checkpoint's signature."""
    file = load("merkle")
    for tree in file["trees"]:
        h: Hash = sm3 if tree["hash"] == "sm3" else lambda data: hashlib.sha256(data).digest()
        leaves = [bytes.fromhex(leaf) for leaf in tree["leaves"]]
        for size, root in enumerate(tree["roots"]):
            same("root", head(leaves[:size], h).hex(), root)
        for case in tree["inclusion"]:
            same(
                "inclusion proof",
                [item.hex() for item in path(case["index"], leaves[: case["size"]], h)],
                case["proof"],
            )
        for case in tree["consistency"]:
            trivial = case["old"] in (0, case["new"])
            proof = [] if trivial else subproof(case["old"], leaves[: case["new"]], h, whole=True)
            same("consistency proof", [item.hex() for item in proof], case["proof"])
    for case in file["tile_paths"]:
        digits = str(case["index"])
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        named = "/".join([*("x" + group for group in groups[:-1]), groups[-1]])
        partial = "" if case["width"] == 256 else f".p/{case['width']}"
        same("path of a tile", f"tile/{case['level']}/{named}{partial}", case["path"])
    point = file["checkpoint"]
    body, line = point["text"].split("\n\n")
    mark, name, encoded = line.removesuffix("\n").split(" ")
    raw, public = base64.b64decode(encoded), bytes.fromhex(point["public"])
    same("signature line", (mark, name, raw[:4].hex()), ("\u2014", point["name"], point["hint"]))
    same("hint", sm3(name.encode() + b"\n\xffmidan/sm2-sm3/1" + public)[:4].hex(), point["hint"])
    holds("signature", sm2_holds(public, (body + "\n").encode(), raw[4:]))
    holds("signature of other bytes", not sm2_holds(public, body.encode(), raw[4:]))
    return sum(len(tree["roots"]) for tree in file["trees"]) + len(file["tile_paths"]) + 1


def spell(value: object) -> str:
    """Write canonical JSON without a JSON library."""
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(map(spell, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{spell(key)}:{spell(value[key])}" for key in sorted(value)) + "}"
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(short.get(c, f"\\u{ord(c):04x}" if c < " " else c) for c in str(value)) + '"'


def check_entry() -> int:
    """Spell every entry and hash its leaf."""
    file = load("entry")
    for case in file["cases"]:
        data = spell({**case["fields"], "v": 1}).encode()
        same("spelling of an entry", data.decode(), case["bytes"])
        same("base64 of an entry", data, base64.b64decode(case["base64"]))
        same("leaf", sm3(b"\x00" + sm3(bytes.fromhex(case["salt"]) + data)).hex(), case["leaf"])
    return len(file["cases"])


def check_proof() -> int:
    """Follow the numbered procedure of specs/audit-log.md for a log of three and its first entry."""
    file = load("entry-proof")
    proof, public = file["proof"], bytes.fromhex(file["public"])
    body, line = proof["checkpoint"].split("\n\n")
    signature = base64.b64decode(line.split(" ")[2])[4:]
    holds("signature", sm2_holds(public, (body + "\n").encode(), signature))
    origin, size, root = body.split("\n")
    same("head of the proof", (origin, int(size), proof["v"]), (file["name"], proof["size"], 1))
    level = sm3(b"\x00" + sm3(bytes.fromhex(proof["salt"]) + base64.b64decode(proof["entry"])))
    same("shape of the proof", (proof["index"], proof["size"], len(proof["proof"])), (0, 3, 2))
    for sibling in proof["proof"]:
        level = sm3(b"\x01" + level + bytes.fromhex(sibling))
    same("root from the proof", base64.b64encode(level).decode(), root)
    return 1


if __name__ == "__main__":
    self_test()
    sys.exit(run({"merkle": check_merkle, "entry": check_entry, "entry-proof": check_proof}))
