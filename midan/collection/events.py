"""What collection writes into the log."""

from enum import StrEnum


class Act(StrEnum):
    """Tags are never reused or renamed."""

    BATCH_ACCEPTED = "collection:batch:accepted"
    ORDERS_FORGOTTEN = "collection:orders:forgotten"
    UPLOAD_FINISHED = "collection:upload:finished"
    NOTICE_PUBLISHED = "collection:notice:published"
    CONSENT_GIVEN = "collection:consent:given"
    CONSENT_WITHDRAWN = "collection:consent:withdrawn"
    REAL_NAME_CHECKED = "collection:real_name:checked"
    REAL_NAME_COMPARED = "collection:real_name:compared"
    REAL_NAME_DENIED = "collection:real_name:denied"
