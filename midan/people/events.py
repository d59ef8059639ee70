"""Audit tags of this area. A tag is never reused for another meaning."""

from enum import StrEnum


class Act(StrEnum):
    COMPANY_CHANGED = "people:company:changed"
    BRANCH_CREATED = "people:branch:created"
    STAFF_CREATED = "people:staff:created"
    STAFF_ASSIGNED = "people:staff:assigned"
    STAFF_MOVED = "people:staff:state_changed"
    STAFF_RECORDED = "people:staff:file_changed"
    STAFF_SLEPT = "people:staff:put_to_sleep"
    STAFF_REVIEWED = "people:staff:reviewed"
    ROSTER_TAKEN_IN = "people:roster:taken_in"
    OWNER_NAMED = "people:owner:named"
    LEAVING_ANNOUNCED = "people:departure:announced"
    REMINDER_GIVEN = "people:departure:reminded"
    CARRIER_RECEIVED = "people:carrier:received"
    STAFF_LEFT = "people:departure:closed"
    STAFF_ACTIVATED = "people:staff:activated"
    STAFF_DEACTIVATED = "people:staff:deactivated"
    PASSWORD_CHANGED = "people:password:changed"  # noqa: S105  a tag, not a password
    FACTOR_ADDED = "people:factor:added"
    RECOVERY_CODES_ISSUED = "people:recovery_codes:issued"
    SIGNED_IN = "people:session:signed_in"
    SIGNED_OUT = "people:session:signed_out"
    REFUSED = "people:session:refused"
    CONFIRMED = "people:session:confirmed"
    OTHERS_ENDED = "people:session:others_ended"
