"""Tags of this area's log entries; never reused, never renamed."""

from enum import StrEnum


class Act(StrEnum):
    """What the gateway writes itself; acts done through it carry their own area's tag."""

    CLIENT_CREATED = "gateway:client:created"
    CLIENT_REVOKED = "gateway:client:revoked"
    TRY_REFUSED = "gateway:token:refused"
    ACTOR_REFUSED = "gateway:actor:refused"
    CLIENT_ROTATED = "gateway:client:rotated"
    CLIENT_CHANGED = "gateway:client:changed"
    CALL_REFUSED = "gateway:call:refused"
