"""Audit tags of this area. A tag is never reused for another meaning."""

from enum import StrEnum


class Act(StrEnum):
    COMPANY_CHANGED = "people:company:changed"
    BRANCH_CREATED = "people:branch:created"
    STAFF_CREATED = "people:staff:created"
    STAFF_ASSIGNED = "people:staff:assigned"
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
    SESSION_ENDED = "people:session:ended"
    LOCKED = "people:session:locked"
    FACTOR_REMOVED = "people:factor:removed"
    FIRST_LINK = "people:first_link:issued"
    FIRST_APPOINTED = "people:first_link:used"
