"""The certificate as one PDF in Chinese and English, with a QR code that names the certificate and its digest."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from midan.core.sm import sm3
from midan.destruction.render import words
from midan.destruction.render.words import both
from midan.label.render import symbols
from midan.label.render.font import FAMILY
from midan.label.render.typeset import typeset

_SOURCE: Final = Path(__file__).with_name("certificate.typ")
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
# A page for a reader: a run of thousands lists the first ones, the certificate itself names them all.
_LISTED: Final = 200


def pdf(certificate: bytes) -> bytes:
    """Return the page of a certificate as issued. What it says is read from these bytes and nowhere else."""
    whole = json.loads(certificate)
    digest = sm3(certificate).hex()
    return typeset(_SOURCE, _job(whole["facts"], whole["log"], digest))


def _job(facts: Mapping[str, Any], log: Mapping[str, Any], digest: str) -> dict[str, Any]:
    times = facts["times"]
    return {
        "family": FAMILY,
        "number": facts["number"],
        "status": both(words.STATUS, facts["status"]),
        "final": facts["status"] == "final",
        "company": [facts["company"]["name"], facts["company"]["credit_code"]],
        "issued": _moment(facts["issued_at"]),
        "basis": both(words.BASIS, facts["basis"]["code"]),
        "reason": both(words.REASON, facts["basis"]["reason"]),
        "responsible": [[*both(words.AS, one["as"]), one["who"]] for one in facts["responsible"]],
        "totals": facts["totals"],
        "epochs": [_epoch(one) for one in facts["epochs"][:_LISTED]],
        "persons": [_person(one) for one in facts["persons"][:_LISTED]],
        "more": max(0, len(facts["epochs"]) - _LISTED) + max(0, len(facts["persons"]) - _LISTED),
        "unreadable": _moment(times["content_unreadable_since"]),
        "unlinkable": _moment(times["digests_unlinkable_since"]) or times["digests_unlinkable_by"] or "",
        "unlinkable_by": times["digests_unlinkable_since"] is None,
        "destroyed": _moment(times["keys_destroyed"]),
        "rows": _moment(times["rows_removed"]),
        "generation": facts["generation"],
        "keepers": [_keeper(one) for one in facts["keepers"]],
        "files": [
            [*both(words.FILE_KIND, one["kind"]), one["code"], *both(words.OUTCOME, one["outcome"])]
            for one in facts["files"][:_LISTED]
        ],
        "method": facts["method"],
        "condition": _condition(facts),
        "outside": facts["outside"],
        "warrant": facts["entries"]["warrant"],
        "approval": facts["entries"]["approval"],
        "index": log["index"],
        "size": log["size"],
        "checkpoint": log["checkpoint"].splitlines()[2],
        "origin": log["checkpoint"].splitlines()[0],
        "digest": digest,
        "qr": _qr(f"MIDAN-CERT-1:{facts['number']}:{digest.upper()}"),
    }


def _condition(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the condition, and what it means for the keepers at hand; certificates of an early release lack the latter."""
    copies = facts.get("copies", {})
    return {lang: " ".join((text, *copies.get(lang, ()))) for lang, text in facts["condition"].items()}


def _epoch(one: Mapping[str, Any]) -> list[object]:
    kept = one["carried_held"] + one["carried_unfinished"]
    return [
        one["epoch"],
        *both(words.RETENTION, one["retention"]),
        one["day"],
        one["due"],
        one["destroyed"],
        kept,
    ]


def _person(one: Mapping[str, Any]) -> list[object]:
    return [*both(words.PART, one["part"]), one["epoch"], one["token"]]


def _keeper(one: Mapping[str, Any]) -> list[object]:
    return [
        one["keeper"],
        *both(words.CLASS, one["class"]),
        one["generation"],
        _moment(one["erased_at"]),
        *both(words.HOW, one["how"]),
        one["best_effort"],
    ]


def _moment(text: str | None) -> str:
    if not text:
        return ""
    return f"{datetime.fromisoformat(text).astimezone(_SHANGHAI):%Y-%m-%d %H:%M:%S} (UTC+8)"


def _qr(data: str) -> str:
    """Return the code as a picture, one unit a module, with its quiet zone."""
    runs = symbols.qr(data)
    side = max(x + w for x, _, w, _ in runs) + 2 * symbols.QR_QUIET
    moves = "".join(f"M{x + symbols.QR_QUIET} {y + symbols.QR_QUIET}h{w}v{h}h-{w}z" for x, y, w, h in runs)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side}" height="{side}">'
        f'<path d="{moves}"/></svg>'
    )
