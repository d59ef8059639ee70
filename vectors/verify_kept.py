#!/usr/bin/env python3
"""Check keyfile, orderdigest, callevent, signin, entrydigest and keptfile (.json) without Midan.

Argon2id by OpenSSL (the package uses the reference library), SM3 and HMAC by hashlib, SM4-GCM by GmSSL. Written from
specs/key-file.md, order-digests.md, call-event.md, sealed-sign-in.md, entry-digests.md and kept-file.md alone; imports
nothing of midan. Exits 1 at the first value that differs.

    python vectors/verify_kept.py
"""

import base64
import json
import re
import struct
import sys

from checking import Differs, holds, load, run, same
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from other_sm import h, mac, open_

MAGIC = b"MIDANKEY\x01"
FIELDS = (
    *("order_ref", "sender_name", "sender_phone", "sender_address"),
    *("recipient_name", "recipient_phone", "recipient_address"),
    *("goods_name", "goods_kind", "quantity", "weight_g", "remark", "notice_version"),
)


def argon(passphrase: str, salt: bytes) -> bytes:
    """Return the 16 bytes that open a key file."""
    kdf = Argon2id(salt=salt, length=16, iterations=3, lanes=1, memory_cost=64 * 1024)
    return bytes(kdf.derive(passphrase.encode()))


def read_key_file(case: dict) -> str:
    """Follow the numbered reading and return what comes of it."""
    file = bytes.fromhex(case["file"])
    if file[:9] != MAGIC or len(file) < 54:
        return "key_file_damaged"
    key = argon(case["passphrase"], file[9:25])
    try:
        secret = open_(key, file[25:37], MAGIC + case["label"].encode(), file[37:])
    except Differs:
        return "wrong_passphrase"
    same(case["comment"], secret.hex(), case["secret"])
    same(case["comment"], key.hex(), case["key"])
    return "success"


def check_keyfile() -> int:
    cases = load("keyfile")["cases"]
    for case in cases:
        same(case["comment"], read_key_file(case), case["expect"])
    number = struct.unpack(">BI32s", bytes.fromhex(cases[0]["secret"]))[1]
    same("number of the generation", number, 2)
    return len(cases)


def counted(text: str) -> bytes:
    """Return a text's length and its bytes."""
    return struct.pack(">H", len(text.encode())) + text.encode()


def check_orderdigest() -> int:
    file = load("orderdigest")
    secret = bytes.fromhex(file["secret"])
    row = b"\x01" + b"".join(counted(str(file["normalised"][name])) for name in FIELDS)
    same("canonical bytes of the row", row.hex(), file["cases"][0]["canonical"])
    for case in file["cases"]:
        known = mac(secret, b"midan/reference/1" + counted(case["client"]) + case["order_ref"].encode())
        same(case["comment"], known[:16].hex(), case["reference"])
        canonical = bytes.fromhex(case["canonical"])
        same(case["comment"], mac(secret, b"midan/content/1" + canonical)[:16].hex(), case["content"])
        pieces = read_counted(canonical)
        same(case["comment"], (canonical[0], len(pieces), pieces[0]), (1, len(FIELDS), case["order_ref"]))
    for phone in file["phones"]:
        message = b"midan/content/1" + b"ticket phone\x00" + phone["phone"].encode()
        same("phone of a ticket", mac(secret, message)[:16].hex(), phone["digest"])
    return len(file["cases"]) + len(file["phones"])


def check_callevent() -> int:
    file = load("callevent")
    secret = bytes.fromhex(file["secret"])
    key = mac(secret, b"midan/call/1\x00" + file["client"].encode())
    same("key of the client", key.hex(), file["key"])
    for case in file["cases"]:
        signed = f"{case['timestamp']}.{case['body']}".encode()
        same(case["comment"], mac(key, signed).hex(), case["tag"])
    message = b"midan/content/1" + b"call id\x00" + file["remembered"]["call_id"].encode()
    same("what a call is remembered by", mac(secret, message)[:16].hex(), file["remembered"]["digest"])
    return len(file["cases"]) + 2


def read_counted(canonical: bytes) -> list[str]:
    """Return the fields; Differs unless they fill the bytes."""
    at, found = 1, []
    while at < len(canonical):
        (size,) = struct.unpack_from(">H", canonical, at)
        found.append(canonical[at + 2 : at + 2 + size].decode())
        at += 2 + size
    same("end of the canonical bytes", at, len(canonical))
    return found


def read_sealed(key: str, case: dict) -> bytes:
    """Return what a stored value opens to, or raise Differs."""
    purpose = f"midan/{case['kind']}/1".encode()
    if case["kind"] == "factor":
        shape = re.fullmatch(r"sm4\.([A-Za-z0-9_-]+={0,2})", case["stored"])
        holds("not sealed", shape)
        data = base64.urlsafe_b64decode(shape[1])
    else:
        data = bytes.fromhex(case["stored"])
    holds("too short", len(data) >= 28)
    return open_(mac(key.encode(), purpose)[:16], data[:12], purpose, data[12:])


def check_signin() -> int:
    file = load("signin")
    for case in file["cases"]:
        same(case["comment"], read_sealed(file["secret_key"], case).decode(), case["plain"])
    holds("a session is JSON", isinstance(json.loads(file["cases"][-1]["plain"]), dict))
    for case in file["refused"]:
        try:
            read_sealed(file["secret_key"], case)
        except Differs:
            continue
        raise Differs(case["comment"])
    return len(file["cases"]) + len(file["refused"])


def check_entrydigest() -> int:
    file = load("entrydigest")
    body = file["notice"]["body"]
    spelled = json.dumps(json.loads(body), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    same("spelling of a notice", spelled, body)
    answers = {
        "notice": (body.encode(), "digest"),
        "note": (file["note"]["note"].encode(), "digest"),
        "hold_end": (b"midan/hold-end/1" + file["hold_end"]["hold"].encode(), "subject"),
        "file": (file["file"]["content"].encode(), "digest"),
        "rotation": (b"midan/rotate/1" + str(file["rotation"]["generation"]).encode(), "subject"),
    }
    for name, (message, answer) in answers.items():
        same(name, h(message).hex(), file[name][answer])
    return len(answers)


def read_kept(secret: bytes, case: dict) -> bytes:
    """Follow the numbered reading: return the file, or raise Differs."""
    data, label = bytes.fromhex(case["sealed"]), b"midan/file/1" + case["purpose"].encode()
    holds("version and length", data[:1] == b"\x01" and len(data) >= 29)
    key = mac(secret, label)[:16]
    return open_(key, data[1:13], label + b"\x00" + bytes.fromhex(case["owner"]), data[13:])


def check_keptfile() -> int:
    file = load("keptfile")
    secret = bytes.fromhex(file["secret"])
    for case in file["cases"]:
        plain = read_kept(secret, case)
        same(case["comment"], plain.hex(), case["plain"])
        same(case["comment"], h(plain).hex(), case["digest"])
    for case in file["refused"]:
        try:
            read_kept(secret, case)
        except Differs:
            continue
        raise Differs(case["comment"])
    return len(file["cases"]) + len(file["refused"])


if __name__ == "__main__":
    sys.exit(
        run(
            {
                "orderdigest": check_orderdigest,
                "callevent": check_callevent,
                "signin": check_signin,
                "entrydigest": check_entrydigest,
                "keptfile": check_keptfile,
                "keyfile": check_keyfile,  # the slow one last
            }
        )
    )
