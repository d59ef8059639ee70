#!/usr/bin/env python3
"""Check the cipher vectors without Midan: SM3 and HMAC by hashlib, SM4-GCM by GmSSL, SM2 by openssl.

Written from specs/ alone; imports nothing of midan. Needs an OpenSSL with SM3 and SM2 (1.1.1 or later) behind
both hashlib and the `openssl` command. Prints one line a file; exits 1 at the first that differs.

    python vectors/verify_ciphers.py
"""

import base64
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from checking import Differs, load, run, same
from other_sm import h, mac, opens, seal

DEPTH = 32


def check_sealing() -> int:
    vectors = load("sealing")
    company = bytes.fromhex(vectors["company"])
    for case in vectors["cases"]:
        secret, record = bytes.fromhex(case["leaf_secret"]), bytes.fromhex(case["record"])
        sealed, part = bytes.fromhex(case["sealed"]), bytes([case["part"]])
        key = h(b"midan/key/1" + secret + part)[:16]
        aad = b"midan/part/1" + company + sealed[:9] + record + part
        if case["expect"] == "success":
            payload = bytes([1, len(case["fields"])])
            for field in case["fields"]:
                payload += struct.pack(">H", len(field.encode())) + field.encode()
            payload = payload.ljust(-(-len(payload) // 32) * 32, b"\0")
            header = struct.pack(">BII", 1, case["epoch"], case["leaf"])
            nonce = bytes.fromhex(case["nonce"])
            same(case["comment"], sealed, header + nonce + seal(key, nonce, aad, payload))
            for name, value in (("key", key), ("aad", aad), ("payload", payload)):
                same(case["comment"], case[name], value.hex())
        elif _opens(key, aad, sealed):
            raise Differs(case["comment"])
    return len(vectors["cases"])


def _opens(key: bytes, aad: bytes, sealed: bytes) -> bool:
    return len(sealed) >= 37 and sealed[0] == 1 and opens(key, sealed[9:21], aad, sealed[21:])


def walk(root: bytes, depth: int, prefix: int) -> bytes:
    for bit in f"{prefix:0{depth}b}" if depth else "":
        root = h(b"midan/tree/1" + root + bytes([int(bit)]))
    return root


def check_keytree() -> int:
    vectors = load("keytree")
    root = bytes.fromhex(vectors["root"])
    block = vectors["block"]
    for node in [*vectors["subtrees"], *block["nodes"], vectors["row"]["node"]]:
        same("subtree", node["secret"], walk(root, node["depth"], node["prefix"]).hex())
    row = vectors["row"]["node"]
    packed = struct.pack(">BBI", 1, row["depth"], row["prefix"]) + bytes.fromhex(row["secret"])
    same("row", vectors["row"]["bytes"], packed.hex())
    first = 4 * block["first_record"]
    leaves = range(first, first + 4 * block["count"])
    same("leaves of a block", block["leaves"], [walk(root, DEPTH, leaf).hex() for leaf in leaves])
    below = [leaf for node in block["nodes"] for leaf in _leaves(node["depth"], node["prefix"])]
    same("cover of a block", below, list(leaves))
    gone: list[range] = []
    for step in vectors["punctures"]:
        gone.append(_leaves(step["depth"], step["prefix"]))
        same(step["comment"], step["frontier"], _frontier(root, gone).hex())
    return len(vectors["subtrees"]) + len(vectors["punctures"]) + 2


def _leaves(depth: int, prefix: int) -> range:
    shift = DEPTH - depth
    return range(prefix << shift, (prefix + 1) << shift)


def _frontier(root: bytes, gone: list[range]) -> bytes:
    """Build the frontier from scratch: the largest subtrees that hold no leaf of what is gone."""
    rows: list[bytes] = []
    stack = [(0, 0)]
    while stack:
        depth, prefix = stack.pop()
        mine = _leaves(depth, prefix)
        if any(other.start <= mine.start and mine.stop <= other.stop for other in gone):
            continue
        if any(other.start < mine.stop and mine.start < other.stop for other in gone):
            stack += [(depth + 1, 2 * prefix + 1), (depth + 1, 2 * prefix)]
            continue
        rows.append(struct.pack(">BI", depth, prefix) + walk(root, depth, prefix))
    return struct.pack(">BI", 1, len(rows)) + b"".join(rows)


def check_blind() -> int:
    vectors = load("blind")
    secret = h(b"midan/index/1" + bytes.fromhex(vectors["root"]))
    same("index secret", vectors["index_secret"], secret.hex())
    for case in vectors["cases"]:
        message = bytes([case["kind"]]) + case["value"].encode()
        same("digest", case["digest"], mac(secret, message).hex()[:32])
    return len(vectors["cases"])


def check_sm() -> int:
    vectors = load("sm")
    for case in vectors["sm3"]:
        same(case["comment"], case["digest"], h(bytes.fromhex(case["message"])).hex())
    for case in vectors["hmac_sm3"]:
        tag = mac(bytes.fromhex(case["key"]), bytes.fromhex(case["message"])).hex()
        same(case["comment"], case["tag"], tag)
    for case in vectors["sm4_gcm"]:
        parts = (bytes.fromhex(case[name]) for name in ("key", "nonce", "aad", "plain"))
        same(case["comment"], case["sealed"], seal(*parts).hex())
    _check_sm2(vectors["sm2"])
    return len(vectors["sm3"]) + len(vectors["hmac_sm3"]) + len(vectors["sm4_gcm"]) + 1


def _check_sm2(sm2: dict) -> None:
    head = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
    body = base64.b64encode(head + bytes.fromhex(sm2["public"])).decode()
    pem = f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"
    numbers = b"".join(b"\x02\x21\x00" + bytes.fromhex(sm2[name]) for name in ("r", "s"))
    with tempfile.TemporaryDirectory() as folder:
        key, signature, message = (Path(folder, name) for name in ("key.pem", "signature", "message"))
        key.write_text(pem)
        signature.write_bytes(b"\x30" + bytes([len(numbers)]) + numbers)
        message.write_text(sm2["message"])
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(key), "-sigfile", str(signature)]
        command += ["-in", str(message), "-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{sm2['id']}"]
        same(sm2["comment"], subprocess.run(command, capture_output=True, check=False).returncode, 0)


if __name__ == "__main__":
    sys.exit(run({"sm": check_sm, "sealing": check_sealing, "keytree": check_keytree, "blind": check_blind}))
