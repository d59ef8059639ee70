#!/usr/bin/env python3
"""Write vectors/sealing.json, keytree.json and blind.json from the code. Run only for a new format.

Old vectors stay for ever: add a file for a new version, never rewrite one of these. `verify_ciphers.py`
checks them with other libraries and without importing midan. Every person here is invented.

    python vectors/generate_ciphers.py
"""

import json
from pathlib import Path

from midan.core.blind import Indexer, Kind, index_secret, name_tail_value
from midan.core.keytree import Frontier, Node, Subject, leaf_of, leaves_of
from midan.core.sealing import PartCode, Sealer, header_bytes, pack_part, part_key
from midan.core.sm import sm3

HERE = Path(__file__).parent
COMPANY = sm3(b"midan vectors: company")[:16]
ROOT = sm3(b"midan vectors: epoch root")
EPOCH = 20_261_123 % 2**32
CONTACT = ("林间溪", "10012345678", "浙江省杭州市西湖区样例路 8 号 3 幢 2 单元 501 室")
GOODS = ("茶叶", "轻放", "REF-2026-0001")


def _record(number: int) -> bytes:
    return number.to_bytes(16)


def _sealed(comment: str, record_no: int, subject: Subject, part: PartCode, fields: tuple[str, ...]) -> dict:
    leaf = leaf_of(record_no, subject)
    secret = Frontier.root(ROOT).derive(leaf)
    nonce = sm3(b"midan vectors: nonce" + comment.encode())[:12]
    record, payload = _record(700_000 + record_no), pack_part(fields)
    sealer = Sealer(COMPANY)
    sealed = sealer.seal(
        secret, epoch=EPOCH, leaf=leaf, record=record, part=part, nonce=nonce, plaintext=payload
    )
    return {
        "comment": comment,
        "expect": "success",
        "leaf_secret": secret.hex(),
        "epoch": EPOCH,
        "leaf": leaf,
        "record": record.hex(),
        "part": int(part),
        "nonce": nonce.hex(),
        "fields": list(fields),
        "payload": payload.hex(),
        "key": part_key(secret, part).hex(),
        "aad": sealer.aad(header_bytes(EPOCH, leaf), record, part).hex(),
        "sealed": sealed.hex(),
    }


def _flipped(hexed: str, at: int) -> str:
    raw = bytearray.fromhex(hexed)
    raw[at] ^= 1
    return raw.hex()


def _refused(case: dict, comment: str, **changes: object) -> dict:
    kept = {name: case[name] for name in ("leaf_secret", "record", "part", "sealed")}
    return {"comment": comment, "expect": "tampered", **kept, **changes}


def sealing() -> dict:
    good = [
        _sealed("sender contact", 0, Subject.SENDER, PartCode.SENDER, CONTACT),
        _sealed("recipient contact", 1, Subject.RECIPIENT, PartCode.RECIPIENT, CONTACT),
        _sealed("goods, remark, order reference", 1, Subject.GOODS, PartCode.GOODS, GOODS),
        _sealed("empty fields still fill 32 bytes", 2, Subject.GOODS, PartCode.GOODS, ("", "", "")),
        _sealed("payload of exactly 32 bytes, no padding", 3, Subject.GOODS, PartCode.GOODS, ("a" * 28,)),
        _sealed(
            "rare characters, last leaf", 2**30 - 1, Subject.SPARE, PartCode.IDENTITY, ("𠮷·\U00030edd",)
        ),
    ]
    first = good[0]
    sealed = first["sealed"]
    bad = [
        _refused(first, "version byte 2", sealed="02" + sealed[2:]),
        _refused(first, "another epoch in the header", sealed=_flipped(sealed, 4)),
        _refused(first, "another leaf in the header", sealed=_flipped(sealed, 8)),
        _refused(first, "nonce changed", sealed=_flipped(sealed, 9)),
        _refused(first, "ciphertext changed", sealed=_flipped(sealed, 21)),
        _refused(first, "tag changed", sealed=_flipped(sealed, -1)),
        _refused(first, "cut by one byte", sealed=sealed[:-2]),
        _refused(first, "one byte behind", sealed=sealed + "00"),
        _refused(first, "header alone", sealed=sealed[:18]),
        _refused(first, "read as the recipient", part=int(PartCode.RECIPIENT)),
        _refused(first, "moved to another record", record=_record(700_001).hex()),
        _refused(first, "key of another leaf", leaf_secret=good[1]["leaf_secret"]),
    ]
    return {"format": "sealed part v1", "company": COMPANY.hex(), "cases": good + bad}


def _node(node: Node) -> dict:
    return {"depth": node.depth, "prefix": node.prefix, "secret": node.secret.hex()}


def _punctures() -> list[dict]:
    steps = [
        ("one leaf: the recipient of record 5", 32, leaf_of(5, Subject.RECIPIENT)),
        ("the same again: nothing changes", 32, leaf_of(5, Subject.RECIPIENT)),
        ("the rest of record 5", 30, 5),
        ("the last record", 30, 2**30 - 1),
        ("a block of 1024 leaves that holds record 5", 22, 0),
    ]
    frontier, cases = Frontier.root(ROOT), []
    for comment, depth, prefix in steps:
        change = frontier.puncture(depth, prefix)
        frontier = change.frontier
        cases.append(
            {
                "comment": comment,
                "depth": depth,
                "prefix": prefix,
                "removed": [[node.depth, node.prefix] for node in change.removed],
                "added": [_node(node) for node in change.added],
                "frontier": frontier.to_bytes().hex(),
            }
        )
    return cases


def keytree() -> dict:
    whole = Frontier.root(ROOT)
    subtrees = [(0, 0), (1, 0), (1, 1), (2, 2), (30, 5), (32, 0), (32, 21), (32, 2**32 - 1)]
    block = whole.block_nodes(1000, 25)
    return {
        "format": "key tree v1",
        "root": ROOT.hex(),
        "subtrees": [_node(whole.derive_subtree(depth, prefix)) for depth, prefix in subtrees],
        "row": {"node": _node(block[0]), "bytes": block[0].to_bytes().hex()},
        "block": {
            "first_record": 1000,
            "count": 25,
            "nodes": [_node(node) for node in block],
            "leaves": [secret.hex() for secret in leaves_of(block)],
        },
        "punctures": _punctures(),
        "malformed": [
            {"comment": "empty", "bytes": ""},
            {"comment": "version 2", "bytes": "0200000000"},
            {"comment": "count larger than the rows", "bytes": "0100000001"},
            {"comment": "a byte behind", "bytes": whole.to_bytes().hex() + "00"},
            {"comment": "depth 33", "bytes": "0100000001" + "21" + "00000000" + "00" * 32},
            {"comment": "prefix outside its depth", "bytes": "0100000001" + "01" + "00000002" + "00" * 32},
            {
                "comment": "a node and its own child",
                "bytes": "0100000002" + "0000000000" + "00" * 32 + "0100000000" + "11" * 32,
            },
            {
                "comment": "out of order",
                "bytes": "0100000002" + "0100000001" + "00" * 32 + "0100000000" + "11" * 32,
            },
        ],
    }


def blind() -> dict:
    secret = index_secret(ROOT)
    name, phone, _ = CONTACT
    values = [
        (Kind.PHONE, phone),
        (Kind.PHONE_TAIL, phone[-4:]),
        (Kind.NAME_TAIL, name_tail_value(name, phone)),
        (Kind.ORDER_REF, GOODS[2]),
    ]
    return {
        "format": "search digest v1",
        "root": ROOT.hex(),
        "index_secret": secret.hex(),
        "cases": [
            {"kind": int(kind), "value": value, "digest": Indexer(secret).digest(kind, value).hex()}
            for kind, value in values
        ],
    }


def main() -> None:
    for name, content in (("sealing", sealing()), ("keytree", keytree()), ("blind", blind())):
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        (HERE / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
