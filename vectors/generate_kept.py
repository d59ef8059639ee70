#!/usr/bin/env python3
"""Write keyfile, orderdigest, callevent, signin, entrydigest and keptfile (.json) from the code. Run only for a new format.

Old vectors stay for ever: append cases, never rewrite one. `verify_kept.py` checks them with other libraries and
without importing midan. Every person here is invented.

    PYTHONPATH=. python vectors/generate_kept.py
"""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "midan.config.settings")
django.setup()

from django.test import override_settings  # noqa: E402

from midan.access.rules import calls, notes  # noqa: E402
from midan.access.services import tickets  # noqa: E402
from midan.audit import keys as log_keys  # noqa: E402
from midan.collection.rules import NoticeBody  # noqa: E402
from midan.collection.rules.order import Order, check_row  # noqa: E402
from midan.config import sealing  # noqa: E402
from midan.core import passphrase  # noqa: E402
from midan.core.sm import hmac_sm3, sm3  # noqa: E402
from midan.destruction.services import keeping, rotating  # noqa: E402
from midan.vault import files  # noqa: E402
from midan.vault.backup import key as backup_key  # noqa: E402
from midan.vault.keyd import keeper, wrapping  # noqa: E402
from midan.vault.rules import content_digest, reference_digest  # noqa: E402

HERE = Path(__file__).parent
PASSPHRASE = "seven otters 过河"  # noqa: S105  (an example)
SECRET_KEY = "vectors: not the key of any installation"  # noqa: S105  (an example)
REFERENCE = sm3(b"midan vectors: reference")
ROW = {
    "order_ref": "REF-2026-0001",
    "sender_name": "林间溪",
    "sender_phone": "+86 170 0000 0001",
    "sender_address": "浙江省杭州市西湖区样例路８号3幢2单元501室",
    "recipient_name": "石上泉",
    "recipient_phone": "17000010002",
    "recipient_address": "江苏省南京市玄武区测试二路8号5栋602",
    "goods_name": "茶叶",
    "goods_kind": "食品",
    "quantity": 2,
    "weight_g": 500,
    "remark": "",
    "notice_version": "2026-11",
}
NOTICE = {
    "title": "Privacy notice",
    "handler": "Example Express, 示例快递",
    "contact": "privacy@example.com",
    "introduction": "What we collect, and why.",
    "purposes": [
        {
            "purpose": "deliver",
            "text": "To bring your parcel.",
            "method": "Sealed at once.",
            "fields": ["recipient_name", "recipient_address"],
            "parties": ["recipient"],
        }
    ],
    "retention": [{"title": "Contacts", "text": "180 days."}],
    "at_end": "Keys are destroyed.",
    "sharing": [],
    "measures": ['"Sealed" at rest'],
    "rights": [{"title": "Erasure", "text": "Ask us."}],
    "complaint": "12305",
    "minors": "With a guardian.",
    "changes": "A new version.",
}


def _drawn(label: str, size: int) -> bytes:
    """Return invented randomness."""
    return sm3(f"midan vectors: {label}".encode())[:size]


# --- key files
def _key_file(comment: str, label: str, secret: bytes, words: str = PASSPHRASE) -> dict[str, Any]:
    salt, nonce = _drawn(f"salt of {comment}", 16), _drawn(f"nonce of {comment}", 12)
    return {
        "comment": comment,
        "expect": "success",
        "label": label,
        "passphrase": words,
        "key": passphrase.derive(words.encode(), salt).hex(),
        "secret": secret.hex(),
        "file": passphrase.seal(words.encode(), secret, label=label, salt=salt, nonce=nonce).hex(),
    }


def _flipped(hexed: str, at: int) -> str:
    raw = bytearray.fromhex(hexed)
    raw[at] ^= 1
    return raw.hex()


def _refused(case: dict[str, Any], comment: str, expect: str, **changes: str) -> dict[str, Any]:
    kept = {name: case[name] for name in ("label", "passphrase", "file")}
    return {"comment": comment, "expect": expect, **kept, **changes}


def keyfile() -> dict[str, Any]:
    """Return the three kinds of key file, and files that are refused."""
    generation = wrapping.Generation(2, _drawn("generation", 32)).to_bytes()
    good = [
        _key_file("a generation of the file keeper", keeper.LABEL, generation),
        _key_file("the key that signs the log", log_keys.LABEL, _drawn("log key", 32), "another"),
        _key_file("the backup key", backup_key.LABEL, _drawn("backup key", 32), "another"),
        _key_file("one byte, the shortest secret", keeper.LABEL, b"\x00", "another"),
    ]
    first, file = good[0], good[0]["file"]
    wrong, damaged = passphrase.WrongPassphrase.code, passphrase.KeyFileDamaged.code
    bad = [
        _refused(first, "another passphrase", wrong, passphrase=PASSPHRASE + " "),
        _refused(first, "a file of another label", wrong, label=backup_key.LABEL),
        _refused(first, "salt changed", wrong, file=_flipped(file, 9)),
        _refused(first, "nonce changed", wrong, file=_flipped(file, 25)),
        _refused(first, "ciphertext changed", wrong, file=_flipped(file, 37)),
        _refused(first, "tag changed", wrong, file=_flipped(file, -1)),
        _refused(first, "one byte behind", wrong, file=file + "00"),
        _refused(first, "cut by one byte", wrong, file=file[:-2]),
        _refused(first, "cut before the secret", damaged, file=file[: 2 * 53]),
        _refused(first, "version byte 2", damaged, file=file[:16] + "02" + file[18:]),
        _refused(first, "empty", damaged, file=""),
    ]
    return {"format": "key file v1", "cases": good + bad}


# --- orders seen before
def _order(**changes: object) -> Order:
    order = check_row(ROW | changes, notices=frozenset({"2026-11"}))
    if not isinstance(order, Order):
        raise TypeError(order)
    return order


def _seen(comment: str, client: str, order: Order) -> dict[str, Any]:
    return {
        "comment": comment,
        "client": client,
        "order_ref": order.order_ref,
        "reference": reference_digest(REFERENCE, client, order.order_ref).hex(),
        "canonical": order.canonical().hex(),
        "content": content_digest(REFERENCE, order.canonical()).hex(),
    }


def orderdigest() -> dict[str, Any]:
    """Return digests of orders, and that of a ticket's phone."""
    first = _order()
    with patch.object(tickets, "reference_secret", lambda: REFERENCE):
        digest = tickets.digest_of
        phones = [{"phone": phone, "digest": digest(phone).hex()} for phone in ("17000010002", "12345")]
    return {
        "format": "order digests v1",
        "secret": REFERENCE.hex(),
        "row": ROW,
        "normalised": {
            name: getattr(value, "text", value) for name in ROW for value in [getattr(first, name)]
        },
        "cases": [
            _seen("of a program", "shop", first),
            _seen("the same of a branch's own people", "desk-HZ001", first),
            _seen("the same order with a remark", "shop", _order(remark="轻放")),
            _seen(
                "client and reference do not run together", "shopR", replace(first, order_ref="EF-2026-0001")
            ),
        ],
        "phones": phones,
    }


# --- call events of a telephone system
def callevent() -> dict[str, Any]:
    """Return a client's signing key, tags of events, and what a call's id is remembered by."""
    client, call_id = "Vp3kq-telephone", "20261125-000417"
    key = calls.key_of(REFERENCE, client)
    body = f'{{"call_id": "{call_id}", "phone": "17000010002", "reason": "customer_asked"}}'
    cases = [("with a number", "1764061200", body), ("an empty body", "0", "")]
    return {
        "format": "call event v1",
        "secret": REFERENCE.hex(),
        "client": client,
        "key": key.hex(),
        "cases": [
            {"comment": comment, "timestamp": at, "body": text, "tag": _tag(key, at, text)}
            for comment, at, text in cases
        ],
        "remembered": {
            "call_id": call_id,
            "digest": content_digest(REFERENCE, b"call id\x00" + call_id.encode()).hex(),
        },
    }


def _tag(key: bytes, timestamp: str, body: str) -> str:
    tag = hmac_sm3(key, f"{timestamp}.{body}".encode()).hex()
    if not calls.is_signed(key=key, timestamp=timestamp, body=body.encode(), tag=tag):
        raise ValueError(tag)
    return tag


# --- second factors and sessions
def signin() -> dict[str, Any]:
    """Return sealed second factors and sessions under an invented secret key."""
    content = {"_auth_user_id": "17", "account_authentication_methods": [{"method": "password"}], "语": "zh"}
    cases = []
    with override_settings(SECRET_KEY=SECRET_KEY):
        for comment, text in (
            ("a TOTP secret", "JBSWY3DPEHPK3PXP"),
            ("the seed of recovery codes", "9f3c2ab1e47d5068"),
        ):
            nonce = _drawn(f"nonce of {comment}", 12)
            with patch.object(sealing.secrets, "token_bytes", lambda _size, nonce=nonce: nonce):
                stored = sealing.SealedFactors().encrypt(text)
            cases.append({"comment": comment, "kind": "factor", "plain": text, "stored": stored})
        nonce = _drawn("nonce of a session", 12)
        with patch.object(sealing.secrets, "token_bytes", lambda _size: nonce):
            sealed = sealing.SealedSession().dumps(content)
        plain = json.dumps(content, separators=(",", ":"))
        cases.append({"comment": "a session", "kind": "session", "plain": plain, "stored": sealed.hex()})
    return {
        "format": "sealed sign-in v1",
        "secret_key": SECRET_KEY,
        "cases": cases,
        "refused": [
            {"comment": "not sealed", "kind": "factor", "stored": "JBSWY3DPEHPK3PXP"},
            {"comment": "cut", "kind": "factor", "stored": cases[0]["stored"][:-8]},
            {
                "comment": "one character changed",
                "kind": "factor",
                "stored": _swapped(cases[0]["stored"], 24),
            },
            {"comment": "too short for a nonce", "kind": "session", "stored": cases[2]["stored"][:22]},
            {"comment": "tag changed", "kind": "session", "stored": _flipped(cases[2]["stored"], -1)},
        ],
    }


def _swapped(text: str, at: int) -> str:
    return text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1 :]


# --- digests that entries carry
def entrydigest() -> dict[str, Any]:
    """Return digests by which entries vouch for what lies outside the log."""
    notice = NoticeBody.from_mapping(NOTICE).canonical()
    note, hold = "客户在电话中请求改址", "5f0c9a11d2e34b76"
    return {
        "format": "digests in entries v1",
        "notice": {"body": notice.decode(), "digest": sm3(notice).hex()},
        "note": {"note": note, "digest": notes.digest(note)},
        "hold_end": {"hold": hold, "subject": keeping._subject(hold).hex()},  # noqa: SLF001
        "file": {"content": "^XA^XZ\n", "digest": sm3(b"^XA^XZ\n").hex()},
        "rotation": {"generation": 12, "subject": rotating._subject(12).hex()},  # noqa: SLF001
    }


# --- files the company keeps
def _kept(comment: str, purpose: str, owner: bytes, plain: bytes) -> dict[str, Any]:
    nonce = _drawn(f"nonce of {comment}", 12)
    with patch.object(files.os, "urandom", lambda _size: nonce):
        sealed, digest = files.seal_file(plain, purpose=purpose, owner=owner)
    return {
        "comment": comment,
        "purpose": purpose,
        "owner": owner.hex(),
        "plain": plain.hex(),
        "sealed": sealed.hex(),
        "digest": digest.hex(),
    }


class _Secrets:
    """Stands for keyd: one invented secret."""

    def company_secret(self, _name: str) -> bytes:
        """Return the secret of these vectors."""
        return REFERENCE


def keptfile() -> dict[str, Any]:
    """Return files sealed for their purpose and owner, and such as are refused."""
    owner = _drawn("a destruction", 16)
    with patch.object(files.keyd, "connect", _Secrets):
        cases = [
            _kept("a photo's first bytes", "paper-photo", owner, bytes.fromhex("ffd8ffe000104a464946")),
            _kept("one byte of another purpose", "other", owner, b"\x00"),
        ]
    first = cases[0]
    kept = {name: first[name] for name in ("purpose", "owner", "sealed")}
    return {
        "format": "kept file v1",
        "secret": REFERENCE.hex(),
        "cases": cases,
        "refused": [
            {"comment": "another purpose", **kept, "purpose": "other"},
            {"comment": "another owner", **kept, "owner": bytes(16).hex()},
            {"comment": "version byte 2", **kept, "sealed": "02" + first["sealed"][2:]},
            {"comment": "tag changed", **kept, "sealed": _flipped(first["sealed"], -1)},
            {"comment": "too short for a tag", **kept, "sealed": first["sealed"][:30]},
        ],
    }


def main() -> None:
    """Write every file."""
    for make in (keyfile, orderdigest, callevent, signin, entrydigest, keptfile):
        text = json.dumps(make(), ensure_ascii=False, indent=1) + "\n"
        (HERE / f"{make.__name__}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
