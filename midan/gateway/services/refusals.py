"""Write down who was refused: a token, a call, a person to act for."""

from django.db import transaction

from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.entry import Outcome
from midan.gateway.events import Act
from midan.gateway.selectors import is_client


@transaction.atomic(durable=True)
def refuse_call(*, actor: Actor, why: str) -> None:
    """Write that a client's call was refused at the door: from where, with which certificate, how often."""
    record(
        actor=actor,
        act=Act.CALL_REFUSED,
        object=actor.reference,
        outcome=Outcome.DENIED,
        clause="L4.2",
        details={"why": why},
    )


@transaction.atomic
def refuse_token(*, actor: Actor, client_id: str, why: str) -> None:
    """Write that a token was refused. What was sent as a client's name is written only if a client has it."""
    record(
        actor=actor,
        act=Act.TRY_REFUSED,
        object=f"client:{client_id}" if is_client(client_id) else "client:unknown",
        outcome=Outcome.DENIED,
        clause="L4.2",
        details={"why": why},
    )


@transaction.atomic(durable=True)
def refuse_actor(*, actor: Actor, staff_no: str, why: str) -> None:
    """Write that a client may not act for a person. What it named is written only if it is a staff number of ours."""
    record(
        actor=actor,
        act=Act.ACTOR_REFUSED,
        object="staff:unknown" if why == "unknown" else f"staff:{staff_no}",
        outcome=Outcome.DENIED,
        clause="L2.2",
        details={"why": why},
    )
