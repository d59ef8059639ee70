#!/usr/bin/env python3
"""Write backup and certificate (.json): what leaves the place, from the code. Run only for a new format.

Old vectors stay for ever: append cases, never rewrite one; a signature that still holds is kept, because no two of one
message are alike. `verify_handed.py` recomputes them by hand and without importing midan.

    PYTHONPATH=. python vectors/generate_handed.py
"""

import json
import os
import sqlite3
from base64 import b64encode
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import django
import msgspec

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "midan.config.settings")
django.setup()

from midan.core import certificate, merkle  # noqa: E402
from midan.core.entry import Entry, entry_leaf  # noqa: E402
from midan.core.errors import MidanError  # noqa: E402
from midan.core.merkle.hashing import leaf_hash  # noqa: E402
from midan.core.sm import SigningKey, sm3  # noqa: E402
from midan.vault.backup import chunks  # noqa: E402
from midan.vault.backup import format as pieces  # noqa: E402
from midan.vault.backup import key as backup_key  # noqa: E402
from midan.vault.backup.manifest import Column, Form  # noqa: E402

HERE = Path(__file__).parent
# Those of the example in specs/backup.md.
KEY, COMPANY, SET = bytes(range(32)), bytes(range(0x10, 0x20)), bytes(range(0x20, 0x30))
SECRET, NONCE = bytes(range(0x40, 0x60)), bytes(range(0x60, 0x6C))
ROWS = [[[1, 7, 1000], [2, 7, 1001]], [[3, 7, 1002]]]
# Two rows of every kind, and what PostgreSQL 18 wrote when it was asked to copy them.
COLUMNS = [
    ("seq", "int"), ("narrow", "int"), ("name", "text"), ("mark", "bytes"), ("moved", "bool"), ("at", "moment"),
    ("day", "date"), ("grams", "float"), ("facts", "json"),
]  # fmt: skip
KINDS = [
    (1, -2, "密单", b"\x00\xff", 1, "2026-11-25 01:02:03.500000", "2026-11-25", 0.5, '{"b": 1, "a": "沈"}'),
    (9007199254740993, None, "", b"", 0, "1999-12-31 23:59:59.000001", "1999-12-31", None, None),
]
COPIED = bytes.fromhex(
    "5047434f50590aff0d0a000000000000000000000900000008000000000000000100000004fffffffe00000006e5af86e58d950000000200ff"
    "0000000101000000080003040e24cb79e00000000400002661000000083fe0000000000000000000147b2261223a2022e6b288222c20226222"
    "3a20317d0009000000080020000000000001ffffffff0000000000000000000000010000000008fffffffffff0bdc100000004ffffffffffff"
    "ffffffffffffffff"
)
SIGNING_KEY = bytes.fromhex(
    "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"
)  # GM/T example
NAME = "midan.example/audit"
FACTS = {
    "number": "D20261123-0001",
    "status": "final",
    "totals": {"records": 3, "persons": 0},
    "times": {"content_unreadable_since": "2026-11-23T06:30:00.000000Z"},
    "condition": {"zh": "当且仅当旧一代密钥没有任何副本留存", "en": "if and only if"},
}


# --- backup
def _header(name: str) -> pieces.Header:
    wrapped = pieces.wrap(KEY, company=COMPANY, set_id=SET, secret=SECRET, nonce=NONCE)
    return pieces.Header(company=COMPANY, set_id=SET, wrapped=wrapped, name=name)


def _piece(name: str, plain: list[bytes]) -> dict[str, Any]:
    head = _header(name).to_bytes()
    sealer = pieces.PieceSealer(pieces.piece_key(SECRET, name), head)
    chunks = [sealer.seal(block, final=at == len(plain) - 1) for at, block in enumerate(plain)]
    return {
        "name": name,
        "key": pieces.piece_key(SECRET, name).hex(),
        "plain": [block.hex() for block in plain],
        "tags": pieces.tags_digest(b"".join(chunk[-16:] for chunk in chunks)),
        "file": (head + b"".join(chunks)).hex(),
    }


def _refused(name: str, comment: str, file: str) -> dict[str, Any]:
    """Return a file with the word by which it is refused."""
    data = BytesIO(bytes.fromhex(file))
    try:
        found = pieces.read_header(data, name)
        for _ in pieces.open_chunks(data, found, pieces.unwrap(KEY, found)):
            pass
    except MidanError as refused:
        return {
            "comment": comment,
            "name": name,
            "file": file,
            "expect": refused.details.get("what", refused.code),
        }
    raise AssertionError(comment)


def _flipped(hexed: str, at: int) -> str:
    raw = bytearray.fromhex(hexed)
    raw[at] ^= 1
    return raw.hex()


def _image() -> bytes:
    """Return the rows as a database file of SQLite, of small pages."""
    names = ", ".join(f'"{name}"' for name, _ in COLUMNS)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as image:
        image.execute("PRAGMA page_size = 512")
        image.execute(f'CREATE TABLE "{chunks.IMAGE_TABLE}" ({names})')
        marks = ", ".join("?" * len(COLUMNS))
        image.executemany(f'INSERT INTO "{chunks.IMAGE_TABLE}" VALUES ({marks})', KINDS)
        return image.serialize()


def _forms() -> dict[str, Any]:
    """Return the same two rows in every form a chunk can have."""
    columns = tuple(Column(name, kind) for name, kind in COLUMNS)
    plain: dict[Form, bytes] = {"rows": chunks.packed(KINDS, columns), "sqlite": _image(), "copy": COPIED}
    read = [chunks.unpacked(block, columns, form) for form, block in plain.items()]
    if any(rows != read[0] for rows in read):
        raise AssertionError("the forms give different rows")
    return {
        "columns": COLUMNS,
        "rows": [[value.hex() if isinstance(value, bytes) else value for value in row] for row in read[0]],
        "plain": {form: block.hex() for form, block in plain.items()},
    }


def backup() -> dict[str, Any]:
    """Return whole pieces, pieces that are refused, and the rows of the escrow copy."""
    good = [
        _piece("vault_record", [msgspec.msgpack.encode(block) for block in ROWS]),
        _piece("vault_part", [b""]),
    ]
    file, head = good[0]["file"], 2 * len(_header("vault_record").to_bytes())
    first = head + 2 * (5 + 0x1D)
    bad = [
        _refused("vault_record", "another version", file[:16] + "02" + file[18:]),
        _refused("vault_part", "the piece of another table", file),
        _refused("vault_record", "of another company", _flipped(file, 9)),
        _refused("vault_record", "of another set", _flipped(file, 25)),
        _refused("vault_record", "a byte of the wrapped secret", _flipped(file, 60)),
        _refused("vault_record", "a byte of a chunk", _flipped(file, head // 2 + 8)),
        _refused("vault_record", "the flag of the last chunk", _flipped(file, first // 2)),
        _refused("vault_record", "chunks exchanged", file[:head] + file[first:] + file[head:first]),
        _refused("vault_record", "the first chunk left out", file[:head] + file[first:]),
        _refused("vault_record", "the last chunk left out", file[:first]),
        _refused("vault_record", "a byte behind", file + "00"),
        _refused("vault_record", "cut in the header", file[: head - 2]),
    ]
    return {
        "format": "backup set v1",
        "backup_key": KEY.hex(),
        "company": COMPANY.hex(),
        "set": SET.hex(),
        "set_secret": SECRET.hex(),
        "rows": ROWS,
        "forms": _forms(),
        "pieces": good,
        "refused": bad,
        "escrow": backup_key.escrow_text(KEY, COMPANY.hex()),
    }


# --- certificate
def _log(key: SigningKey) -> dict[str, Any]:
    """Return the proof of the certificate's entry, the second of a log of two."""
    entry = Entry(
        entry_id="ab" * 16,
        time="2026-11-23T06:30:00.000000Z",
        actor="system:destruction",
        act=certificate.ISSUED,
        object=f"certificate:{FACTS['number']}",
        outcome="done",
        details={"facts": certificate.facts_digest(FACTS), "status": "final"},
    )
    salt = sm3(b"midan vectors: salt")
    leaves = [leaf_hash(b"another"), entry_leaf(salt, entry.to_bytes())]
    head = merkle.Checkpoint(origin=NAME, size=2, root=merkle.node_hash(*leaves))
    line = merkle.sign_checkpoint(head, name=NAME, key=key)
    return {
        "v": 1,
        "entry": b64encode(entry.to_bytes()).decode(),
        "salt": salt.hex(),
        "index": 1,
        "size": 2,
        "proof": [leaves[0].hex()],
        "checkpoint": merkle.Signed(checkpoint=head, signatures=(line,)).to_text(),
    }


def _kept(trusted: merkle.Verifier) -> bytes | None:
    """Return the certificate published before, if it still says this and still holds."""
    try:
        text = json.loads((HERE / "certificate.json").read_text(encoding="utf-8"))["certificate"].encode()
        found = certificate.read(text, trusted=trusted)
    except (FileNotFoundError, MidanError):
        return None
    return text if found.facts == FACTS else None


def _fault(text: bytes, trusted: merkle.Verifier) -> str:
    try:
        certificate.read(text, trusted=trusted)
    except certificate.CertificateRefused as refused:
        return str(refused.details["fault"])
    raise AssertionError("a broken certificate holds")


def certificates() -> dict[str, Any]:
    """Return one certificate, and texts that do not hold."""
    key = SigningKey.from_bytes(SIGNING_KEY)
    trusted = merkle.Verifier(name=NAME, public=key.public)
    issued = _kept(trusted) or certificate.write(FACTS, _log(key), name=NAME, key=key)
    text = issued.decode()
    bent = {
        "a space": text.replace(":", ": ", 1),
        "no newline at the end": text.rstrip("\n"),
        "another number of records": text.replace('"records":3', '"records":4'),
        "pending": text.replace('"status":"final"', '"status":"pending"', 1),
        "another salt": text.replace('"salt":"', '"salt":"0', 1),
        "another name": text.replace(f'"name":"{NAME}"', '"name":"midan.example/other"'),
        "a member more": text.replace('"v":1}\n', '"v":1,"w":1}\n'),
        "no JSON": "certificate",
    }
    return {
        "format": "certificate of destruction v1",
        "name": NAME,
        "public": key.public.hex(),
        "facts": FACTS,
        "certificate": text,
        "on_paper": f"MIDAN-CERT-1:{FACTS['number']}:{sm3(issued).hex().upper()}",
        "refused": [
            {"comment": comment, "text": said, "expect": _fault(said.encode(), trusted)}
            for comment, said in bent.items()
        ],
    }


def main() -> None:
    """Write both files."""
    for name, content in (("backup", backup()), ("certificate", certificates())):
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        (HERE / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
