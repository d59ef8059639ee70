"""What the log says of itself."""

from enum import StrEnum


class Act(StrEnum):
    """Acts of this area."""

    LOG_VERIFIED = "audit:log:verified"
    LOG_EXPORTED = "audit:log:exported"
