"""Why the generation is replaced outside of any destruction."""

from enum import StrEnum


class RotationReason(StrEnum):
    """Why somebody asks for a ratchet. A code is never reused for another meaning."""

    REGULAR = "rotation_regular"
    KEEPER = "rotation_keeper"
    SUSPECTED = "rotation_suspected"
