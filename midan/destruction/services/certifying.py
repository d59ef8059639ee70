"""Certificates: facts from the tables and the log, the entry that binds them, a proof, a signature."""

import json
from datetime import date, datetime
from time import sleep
from typing import Any, Final

from django.db import transaction

from midan.audit import keys
from midan.audit import selectors as log
from midan.audit import services as audit
from midan.audit.errors import EntryNotIntegrated
from midan.core.actor import Actor
from midan.core.certificate import CERTIFICATE, Form, canonical, facts_digest, write
from midan.core.entry import rfc3339
from midan.destruction import models
from midan.destruction.events import Act
from midan.destruction.rules.claim import CONDITION, COPIES, METHOD, OUTSIDE
from midan.destruction.rules.runs import RunCutView, RunEpochView, RunView, Step
from midan.destruction.selectors.drills import canaries_in
from midan.destruction.selectors.runs import view
from midan.people.selectors import company
from midan.vault.keeping import selectors as keeping
from midan.vault.keeping.rules import DerivativeView, Receipt
from midan.vault.selectors import company_id

# PostgreSQL takes an entry in only when every transaction older than it has ended.
_TRIES: Final = 25
_PAUSE: Final = 0.2  # seconds


def certify(*, actor: Actor, run: models.Run, now: datetime) -> str | None:
    """Issue the certificate the run is ready for and return its status; None while the log has not taken its entry in.

    Final once no keeper owes an erasure of a generation in use at or before the destruction, pending until then.
    """
    receipts = keeping.receipts(below=run.generation)
    owed = [receipt for receipt in receipts if receipt.erased_at is None]
    status = "pending" if owed else "final"
    if status == "final" and run.unreadable_at is None:
        ratcheted = view(run).at(Step.RATCHETED)
        moments = [moment for receipt in receipts if (moment := receipt.erased_at) is not None]
        run.unreadable_at = max([*moments, *([ratcheted] if ratcheted else [])], default=now)
        run.save(update_fields=["unreadable_at"])
    row = models.Certificate.objects.filter(run=run, status=status).first()
    if row is None:
        row = _announce(actor, run, status, receipts, now)
    if row.text is None:
        row.text = signed(facts=row.facts, entry_id=row.entry_id, form=CERTIFICATE, now=now)
        row.save(update_fields=["text"])
    return status if row.text is not None else None


def _announce(
    actor: Actor, run: models.Run, status: str, receipts: tuple[Receipt, ...], now: datetime
) -> models.Certificate:
    """Fix the facts and write the entry that names their digest, together."""
    found = facts(view(run), status=status, receipts=receipts, now=now)
    with transaction.atomic():
        entry_id = audit.record(
            actor=actor,
            act=Act.CERTIFIED,
            object=f"certificate:{run.code}",
            clause="L6.2",
            count=found["totals"]["records"],
            details={"facts": facts_digest(found), "status": status},
            at=now,
        )
        return models.Certificate.objects.create(
            run=run, status=status, entry_id=entry_id, facts=canonical(found).decode(), issued_at=now
        )


def signed(*, facts: str, entry_id: str, form: Form, now: datetime) -> bytes | None:
    """Return the paper once the log has taken its entry in: at once, or after what runs beside it has ended."""
    for _ in range(_TRIES):
        audit.integrate(now=now)
        try:
            proof = log.prove(entry_id)
        except EntryNotIntegrated:
            sleep(_PAUSE)
            continue
        known = keys.verifier()
        return write(json.loads(facts), proof, name=known.name, key=keys.signing_key(), form=form)
    return None


def facts(run: RunView, *, status: str, receipts: tuple[Receipt, ...], now: datetime) -> dict[str, Any]:
    """Return what a certificate says: counts, epochs, tokens and moments; never a customer's value."""
    known = company()
    files = keeping.derivatives(run=run.code)
    return {
        "number": run.code,
        "status": status,
        "issued_at": rfc3339(now),
        "company": {
            "id": (company_id() or b"").hex(),
            "name": known.name if known else "",
            "credit_code": known.credit_code if known else "",
        },
        "basis": {"code": run.basis, "reason": run.reason, "approval": run.approval_entry},
        "responsible": _responsible(run),
        "epochs": [_epoch(epoch) for epoch in run.epochs],
        "persons": [_person(cut) for cut in run.erased],
        "totals": _totals(run, files) | {"canaries": canaries_in([epoch.number for epoch in run.epochs])},
        "times": _times(run),
        "generation": run.generation,
        "keepers": [_receipt(receipt) for receipt in receipts],
        "files": [
            {"code": item.code, "kind": item.kind, "outcome": item.outcome, "digest": item.digest.hex()}
            for item in files
        ],
        "entries": {"warrant": run.warrant, "approval": run.approval_entry},
        "method": dict(METHOD),
        "condition": dict(CONDITION),
        "copies": _copies(receipts),
        "outside": {lang: list(lines) for lang, lines in OUTSIDE.items()},
    }


def _copies(receipts: tuple[Receipt, ...]) -> dict[str, list[str]]:
    """Return what an old copy of these keepers would open, in both languages."""
    kinds = sorted({receipt.kind for receipt in receipts} & COPIES.keys())
    return {lang: [COPIES[kind][lang] for kind in kinds] for lang in CONDITION}


def _epoch(epoch: RunEpochView) -> dict[str, Any]:
    return {
        "epoch": epoch.number,
        "retention": epoch.retention,
        "day": epoch.day.isoformat(),
        "due": epoch.due.isoformat(),
        "records": epoch.records,
        "carried_held": epoch.held,
        "carried_unfinished": epoch.stragglers,
        "destroyed": epoch.destroyed,
    }


def _person(cut: RunCutView) -> dict[str, Any]:
    return {"part": cut.part, "epoch": cut.epoch, "record": cut.record_no, "token": cut.token.hex()}


def _totals(run: RunView, files: tuple[DerivativeView, ...]) -> dict[str, int]:
    return {
        "epochs": len(run.epochs),
        "records": sum(epoch.destroyed for epoch in run.epochs),
        "persons": len(run.erased),
        "carried": run.carried,
        "files_removed": sum(item.outcome == "removed" for item in files),
        "files_left": sum(item.outcome not in {"removed", "replaced"} for item in files),
    }


def _responsible(run: RunView) -> list[dict[str, str]]:
    people = [{"as": "requester", "who": run.requester}]
    if run.approver:
        people.append({"as": "approver", "who": run.approver})
    return people


def _times(run: RunView) -> dict[str, str | None]:
    """Return the two times a certificate speaks of. Digests of single persons die with their epoch, at the latest then."""
    unreadable = _moment(run.unreadable_at)
    by: date | None = max((cut.epoch_due for cut in run.erased), default=None)
    return {
        "planned": _moment(run.planned_at),
        "keys_destroyed": _moment(run.at(Step.DESTROYED)),
        "ratcheted": _moment(run.at(Step.RATCHETED)),
        "rows_removed": _moment(run.at(Step.SWEPT)),
        "content_unreadable_since": unreadable,
        "digests_unlinkable_since": None if run.erased else unreadable,
        "digests_unlinkable_by": by.isoformat() if by else None,
    }


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "keeper": receipt.keeper,
        "class": receipt.kind,
        "generation": receipt.generation,
        "erased_at": _moment(receipt.erased_at),
        "how": receipt.how,
        "best_effort": receipt.best_effort,
    }


def _moment(value: datetime | None) -> str | None:
    return rfc3339(value) if value is not None else None
