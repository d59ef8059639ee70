#!/usr/bin/env python3
"""Check vectors/keypack.json without Midan: SM3 and HMAC by hashlib, SM4-GCM by GmSSL.

Written from specs/key-pack.md, epoch-state.md and key-tree.md alone; imports nothing of midan. Exits 1 at the first
value that differs.

    python vectors/verify_keypack.py
"""

import struct
import sys

from checking import Differs, load, run, same
from other_sm import h, mac, open_


class Reader:
    """Bytes from the front."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, size: int) -> bytes:
        self.at += size
        if self.at > len(self.data):
            raise Differs("cut")
        return self.data[self.at - size : self.at]

    def number(self, shape: str) -> int:
        return struct.unpack(shape, self.take(struct.calcsize(shape)))[0]

    def short(self) -> bytes:
        return self.take(self.number(">H"))

    def rows(self, count: int) -> list[tuple[int, int, bytes]]:
        return [(self.number(">B"), self.number(">I"), self.take(self.number(">I"))) for _ in range(count)]


def unwrap(secret: bytes, sealed: bytes, aad: bytes) -> bytes:
    return open_(h(b"midan/wrap/1" + secret)[:16], sealed[:12], aad, sealed[12:])


def nodes(state_key: bytes, epoch: int, rows: list[tuple[int, int, bytes]]) -> list[list]:
    found = []
    for depth, prefix, sealed in rows:
        aad = b"midan/frontier/1" + struct.pack(">IBI", epoch, depth, prefix)
        plain = unwrap(state_key, sealed, aad)
        count, at = (1, 1) if plain[0] == 1 else (struct.unpack_from(">H", plain, 1)[0], 3)
        same("version of a row", plain[0], 1 if count == 1 else 2)
        same("length of a row", len(plain), at + 37 * count)
        run = list(struct.iter_unpack(">BI32s", plain[at:]))
        same("place of a row", run[0][:2], (depth, prefix))
        found += [[one[0], one[1], one[2].hex()] for one in run]
    return found


def check_pack() -> int:
    vectors = load("keypack")
    generation = bytes.fromhex(vectors["generation"])
    number, secret = struct.unpack(">BI32s", generation)[1:]
    data = bytes.fromhex(vectors["pack"])
    same("magic", data[:9], b"MIDANPAK\x01")
    same("head", struct.unpack(">IQ", data[9:21]), (number, vectors["counter"]))
    reader = Reader(open_(h(b"midan/pack/1" + secret)[:16], data[21:33], data[:21], data[33:]))
    same("company", reader.take(16).hex(), vectors["company"])
    same("next epoch", reader.number(">I"), vectors["next_epoch"])
    secrets = {}
    for _ in range(reader.number(">B")):
        name = reader.short()
        secrets[name.decode()] = unwrap(secret, reader.short(), b"midan/company/1" + name).hex()
    same("secrets", secrets, vectors["secrets"])
    for wanted in vectors["epochs"][: reader.number(">I")]:
        check_epoch(reader, secret, wanted, vectors)
    same("nothing behind", reader.at, len(reader.data))
    return 2 + len(secrets) + len(vectors["epochs"])


def check_epoch(reader: Reader, secret: bytes, wanted: dict, vectors: dict) -> None:
    epoch = reader.number(">I")
    reader.short()
    day, due = reader.short().decode(), reader.short().decode()
    version, mark = reader.number(">I"), reader.number(">I")
    same("epoch", {"number": epoch, "day": day, "due": due, "mark": mark}, wanted)
    state_key = unwrap(secret, reader.short(), b"midan/state/1" + struct.pack(">II", epoch, version))
    index = unwrap(state_key, reader.short(), b"midan/indexkey/1" + struct.pack(">I", epoch)).hex()
    if reader.number(">B"):
        file = bytes.fromhex(vectors["frontier_file"])
        same("digest of the file", reader.take(32), h(file))
        same("name of the file", f"frontier-{h(file).hex()}.mdf", vectors["frontier_name"])
        apart = Reader(file)
        rows = apart.rows(apart.number(">I"))
        same("nothing behind the rows", apart.at, len(file))
    else:
        rows = reader.rows(reader.number(">H"))
    found = nodes(state_key, epoch, rows)
    if epoch == 1:
        root = bytes.fromhex(found[0][2])
        same("index secret of a root", index, h(b"midan/index/1" + root).hex())
        return
    same("index secret", index, vectors["index"])
    same("nodes", found if epoch == 2 else len(found), vectors["nodes"][str(epoch)])


def check_split() -> int:
    vectors = load("keypack")["split"]
    half_a, half_b, file = (bytes.fromhex(vectors[name]) for name in ("half_a", "half_b", "key_file"))
    number = struct.unpack(">I", file[1:5])[0]
    key = mac(half_a, half_b + struct.pack(">I", number))[:16]
    plain = open_(key, file[5:17], b"midan/split/1" + file[:5], file[17:])
    same("generation of a split keeper", plain.hex(), vectors["generation"])
    return 1


def check_targets() -> int:
    cases = load("keypack")["targets"]
    for case in cases:
        epochs = sorted(set(case["epochs"]))
        cuts = sorted(
            {
                struct.pack(">QBII", seq, part, *(0xFFFFFFFF if at is None else at for at in place))
                for seq, part, *place in case["cuts"]
            }
        )
        body = b"midan/targets/1" + struct.pack(f">I{len(epochs)}I", len(epochs), *epochs)
        same(case["comment"], h(body + struct.pack(">I", len(cuts)) + b"".join(cuts)).hex(), case["digest"])
    return len(cases)


if __name__ == "__main__":
    sys.exit(run({"pack": check_pack, "split": check_split, "targets": check_targets}))
