"""What a customer may agree to, and what they agreed to, for the agent who speaks with them."""

from datetime import datetime

from midan.access.rules.views import OptionalUse
from midan.access.selectors.facts import checked_actor, find_waybill
from midan.access.selectors.tickets import covering
from midan.collection import selectors as collection
from midan.core.actor import Actor


def optional_uses(actor: Actor, number: str, *, lang: str, now: datetime) -> tuple[OptionalUse, ...]:
    """Return the optional uses the notice in force puts up to each side of a parcel, with the consent that stands.

    Nothing for anybody but the agent with an own open ticket that covers the parcel.
    """
    if actor.role != "agent":
        return ()
    actor, active = checked_actor(actor)
    waybill = find_waybill(number)
    if waybill is None or not active or actor.role != "agent" or not collection.current_version():
        return ()
    if not covering(staff_no=actor.name, seq=waybill.seq, code="", now=now):
        return ()
    notice = collection.current_notice(lang)
    given = {
        (side, view.purpose): view.given_at
        for side, party in (("sender", waybill.sender_party), ("recipient", waybill.recipient_party))
        for view in collection.consents(party)
        if view.stands
    }
    return tuple(
        OptionalUse(
            side=side,
            purpose=use.purpose,
            text=use.text,
            method=use.method,
            notice_version=notice.version,
            given_at=given.get((side, use.purpose)),
        )
        for use in notice.body.purposes
        if use.optional
        for side in use.parties
    )
