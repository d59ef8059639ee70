"""What closes a person's door whatever they look at: asked of the same policies that decide about a field in clear."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from midan.access.rules.sweep import DILIGENT, favourable
from midan.access.selectors.looks import tally
from midan.access.selectors.policies import book
from midan.core.actor import Actor
from midan.core.decision import Decision, combine
from midan.people.hours.selectors import on_shift

# A field and a purpose that every post's gates let pass, so that only what is said of the person can close.
_PLAIN: Final = ("recipient_name", "deliver", "out_for_delivery")


def closed_to(actor: Actor, *, now: datetime) -> Decision | None:
    """Return what the gates answer that weigh the person's hours and looks, or None while they are open.

    A search finds people and is closed by what closes a reveal: an account under suspicion, somebody who is off.
    """
    sum_of = tally(actor, now=now)
    asked = favourable(actor.role, *_PLAIN)
    work = replace(
        DILIGENT,
        looks=sum_of.shown,
        explained_percent=sum_of.percent,
        asks_outside=sum_of.outside,
        on_shift=on_shift(staff_no=actor.name, branch=actor.branch, now=now),
    )
    fired = book().decide(replace(asked, work=work)).fired
    gates = [policy.answer() for policy in fired if policy.effect == "forbid"]
    return combine(gates) if gates else None
