"""The log entries of destruction runs, as `destruction` and `approval` write them; `changes` bend them."""

from collections.abc import Sequence
from datetime import datetime

from midan.audit.services import commit_read
from midan.core.actor import Actor
from midan.core.warrant import Cut, Warrant, target_digest

OFFICER = Actor(kind="staff", name="S00007", role="privacy_officer", branch="HQ")
MANAGER = Actor(kind="staff", name="S00008", role="branch_manager", branch="HQ")


def warrant(
    now: datetime,
    *,
    epochs: Sequence[int] = (),
    cuts: Sequence[Cut] = (),
    basis: str = "request",
    details: dict[str, str] | None = None,
    **changes: object,
) -> Warrant:
    """Commit the entry of a run over these targets and return its warrant."""
    targets = target_digest(epochs, cuts).hex()
    entry = {
        "actor": OFFICER,
        "act": "destruction:run:started",
        "object": "run:1",
        "outcome": "allowed",
        "details": {"targets": targets, "basis": basis} | (details or {}),
        "at": now,
    }
    return Warrant(entry_id=commit_read(**(entry | changes)), epochs=tuple(epochs), cuts=tuple(cuts))


def approval(now: datetime, subject: str, **changes: object) -> str:
    """Commit the entry of a second person's approval of these targets."""
    entry = {
        "actor": MANAGER,
        "act": "approval:request:approved",
        "object": "approval:1",
        "outcome": "allowed",
        "details": {"subject": subject, "requester": OFFICER.reference},
        "at": now,
    }
    return commit_read(**(entry | changes))


def approved(now: datetime, *, epochs: Sequence[int] = (), cuts: Sequence[Cut] = ()) -> Warrant:
    """Return a warrant that two persons stand behind."""
    entry_id = approval(now, target_digest(epochs, cuts).hex())
    return warrant(now, epochs=epochs, cuts=cuts, basis="approved", details={"approval": entry_id})
