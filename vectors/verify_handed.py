#!/usr/bin/env python3
"""Recompute backup and certificate (.json) with none of the package's code and no library's ciphers.

Written from specs/backup.md, certificate.md and audit-log.md. Slow and obvious on purpose. Exit code 0 if every case
agrees.

    python vectors/verify_handed.py
"""

import base64
import json
import re
import sqlite3
import struct
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

from checking import Differs, holds, load, run, same
from plain_sm import gcm, self_test, sm2_holds, sm3

HEAD = 9 + 16 + 16 + 60 + 1


def open_sealed(key: bytes, nonce: bytes, aad: bytes, sealed: bytes) -> bytes | None:
    """Return the plain bytes, None where the tag is another."""
    plain, tag = gcm(key, nonce, aad, sealed[:-16], seal=False)
    return plain if tag == sealed[-16:] else None


class Refused(Differs):
    """Why a piece is no piece, in the word of the vectors."""


def read_piece(backup_key: bytes, name: str, file: bytes) -> tuple[list[bytes], bytes]:
    """Return the plain chunks and the tags end to end, or raise Refused."""
    head, file = file[: HEAD + len(name)], file[HEAD + len(name) :]
    if head[:9] != b"MIDANBAK\x01" or head[101:] != bytes([len(name)]) + name.encode():
        raise Refused("header")
    wrapping = sm3(b"midan/backup-key/1" + backup_key)[:16]
    secret = open_sealed(wrapping, head[41:53], b"midan/backup-set/1" + head[9:41], head[53:101])
    if secret is None:
        raise Refused("backup_key_wrong")
    key = sm3(b"midan/backup-piece/1" + secret + name.encode())[:16]
    found, tags, final = [], b"", 0
    while not final:
        final, size = file[0] if file else 0, int.from_bytes(file[1:5], "big")
        sealed, file = file[5 : 5 + size], file[5 + size :]
        if len(sealed) < max(size, 16):
            raise Refused("cut")
        counter = len(found)
        aad = b"midan/backup/1" + sm3(head) + counter.to_bytes(8, "big") + bytes([final])
        plain = open_sealed(key, counter.to_bytes(12, "big"), aad, sealed)
        if plain is None:
            raise Refused("chunk")
        found.append(plain)
        tags += sealed[-16:]
    if file:
        raise Refused("surplus")
    return found, tags


def packed(value: Any) -> bytes:
    """Write a short list or a small whole number as MessagePack does."""
    if isinstance(value, list):
        return bytes([0x90 + len(value)]) + b"".join(map(packed, value))
    if value < 0x80:
        return bytes([value])
    return b"\xcc" + bytes([value]) if value < 0x100 else b"\xcd" + value.to_bytes(2, "big")


def from_copy(kind: str, value: bytes) -> object:
    """Read one value as PostgreSQL sends it."""
    if kind in {"text", "json"}:
        return value.decode()
    if kind == "bytes":
        return value
    if kind == "float":
        return struct.unpack(">d", value)[0]
    number = int.from_bytes(value, "big", signed=True)
    if kind == "moment":
        return f"{datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=number):%Y-%m-%d %H:%M:%S.%f}"
    return f"{date(2000, 1, 1) + timedelta(days=number)}" if kind == "date" else number


def copied(plain: bytes, kinds: list[str]) -> list[list[object]]:
    """Take a binary COPY apart."""
    if plain[:19] != b"PGCOPY\n\xff\r\n\x00" + bytes(8):
        raise Differs("the head of a copy")
    rows, rest = [], plain[19:]
    while rest[:2] != b"\xff\xff":
        same("fields", int.from_bytes(rest[:2], "big"), len(kinds))
        row, rest = [], rest[2:]
        for kind in kinds:
            size, rest = int.from_bytes(rest[:4], "big", signed=True), rest[4:]
            row.append(None if size < 0 else from_copy(kind, rest[:size]))
            rest = rest[max(size, 0) :]
        rows.append(row)
    same("nothing behind", rest, b"\xff\xff")
    return rows


def check_forms(forms: dict[str, Any]) -> None:
    """Read the rows out of an image and out of a copy; JSON is compared by what it says."""
    kinds = [kind for _, kind in forms["columns"]]
    with closing(sqlite3.connect(":memory:")) as image:
        image.deserialize(bytes.fromhex(forms["plain"]["sqlite"]))
        read = [list(row) for row in image.execute("SELECT * FROM rows")]
    same("forms", sorted(forms["plain"]), ["copy", "rows", "sqlite"])
    for rows in (read, copied(bytes.fromhex(forms["plain"]["copy"]), kinds)):
        shown = [[shown_as(kind, value) for kind, value in zip(kinds, row, strict=True)] for row in rows]
        same("rows of a form", shown, forms["rows"])


def shown_as(kind: str, value: Any) -> object:
    """Return a value as the vectors show it."""
    if isinstance(value, bytes):
        return value.hex()
    return spelled(json.loads(value)).decode() if kind == "json" and value else value


def check_backup() -> int:
    file = load("backup")
    key = bytes.fromhex(file["backup_key"])
    for piece in file["pieces"]:
        plain, tags = read_piece(key, piece["name"], bytes.fromhex(piece["file"]))
        same("chunks", [block.hex() for block in plain], piece["plain"])
        same("tags", sm3(tags).hex(), piece["tags"])
        secret = bytes.fromhex(file["set_secret"])
        own = sm3(b"midan/backup-piece/1" + secret + piece["name"].encode())[:16]
        same("key of a piece", own.hex(), piece["key"])
    same("rows", [packed(block).hex() for block in file["rows"]], file["pieces"][0]["plain"])
    check_forms(file["forms"])
    for case in file["refused"]:
        try:
            read_piece(key, case["name"], bytes.fromhex(case["file"]))
        except Refused as refused:
            same(case["comment"], str(refused), case["expect"])
        else:
            raise Differs(case["comment"])
    return len(file["pieces"]) + len(file["forms"]["plain"]) + len(file["refused"]) + _check_escrow(file, key)


def _check_escrow(file: dict[str, Any], key: bytes) -> int:
    rows = re.findall(r"^([1-4])  ((?:[0-9a-f]{4} ){4}) ([0-9a-f]{4})$", file["escrow"], re.MULTILINE)
    copied = b""
    for number, groups, total in rows:
        part = bytes.fromhex(groups.replace(" ", ""))
        same("sum of a row", sm3(b"midan-backup-key/1" + bytes([int(number)]) + part)[:2].hex(), total)
        copied += part
    same("escrow copy", copied, key)
    return 1


def spelled(value: object) -> bytes:
    """Return the one spelling."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def certificate_fault(text: str, name: str, public: bytes) -> str:
    """Follow the numbered verification and return the first step that fails, '' if it holds."""
    try:
        whole = json.loads(text)
    except ValueError:
        return "unreadable"
    if not isinstance(whole, dict) or set(whole) != {"facts", "kind", "log", "signature", "v"}:
        return "unreadable"
    if spelled(whole) + b"\n" != text.encode():
        return "spelling"
    body = {member: whole[member] for member in ("facts", "kind", "log", "v")}
    signature, hint = whole["signature"], sm3(name.encode() + b"\n\xffmidan/sm2-sm3/1" + public)[:4]
    known = signature["name"] == name and signature["hint"] == hint.hex()
    message = b"midan/certificate/1\n" + spelled(body)
    if not known or not sm2_holds(public, message, base64.b64decode(signature["value"])):
        return "signature"
    log = whole["log"]
    data = base64.b64decode(log["entry"])
    entry = json.loads(data)
    named = (entry["act"], entry["object"], entry["details"]["facts"])
    digest = sm3(b"midan/certificate/1\n" + spelled(whole["facts"])).hex()
    if named != ("destruction:certificate:issued", f"certificate:{whole['facts']['number']}", digest):
        return "entry"
    return "" if proof_holds(log, data, name, public) else "proof"


def proof_holds(log: dict[str, Any], data: bytes, name: str, public: bytes) -> bool:
    """Check the entry's place, the second of two, and the checkpoint's signature."""
    body, line = log["checkpoint"].split("\n\n")
    origin, size, root = body.split("\n")
    signed = sm2_holds(public, (body + "\n").encode(), base64.b64decode(line.split(" ")[2])[4:])
    leaf = sm3(b"\x00" + sm3(bytes.fromhex(log["salt"]) + data))
    above = sm3(b"\x01" + bytes.fromhex(log["proof"][0]) + leaf)
    placed = (log["index"], log["size"], len(log["proof"]), int(size), origin) == (1, 2, 1, 2, name)
    return signed and placed and base64.b64encode(above).decode() == root


def check_certificate() -> int:
    file = load("certificate")
    public, text = bytes.fromhex(file["public"]), file["certificate"]
    same("the certificate", certificate_fault(text, file["name"], public), "")
    same("facts", json.loads(text)["facts"], file["facts"])
    paper = f"MIDAN-CERT-1:{file['facts']['number']}:{sm3(text.encode()).hex().upper()}"
    same("on paper", paper, file["on_paper"])
    for case in file["refused"]:
        same(case["comment"], certificate_fault(case["text"], file["name"], public), case["expect"])
    return 2 + len(file["refused"])


def check_gcm() -> int:
    """Hold the cipher written by hand to the published example."""
    cases = load("sm")["sm4_gcm"]
    for case in cases:
        key, nonce, aad, plain = (bytes.fromhex(case[name]) for name in ("key", "nonce", "aad", "plain"))
        same(case["comment"], b"".join(gcm(key, nonce, aad, plain, seal=True)).hex(), case["sealed"])
    holds("there is an example", cases)
    return len(cases)


if __name__ == "__main__":
    self_test()
    sys.exit(run({"sm4_gcm": check_gcm, "backup": check_backup, "certificate": check_certificate}))
