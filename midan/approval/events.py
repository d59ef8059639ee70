"""Audit tags of this area. A tag is never reused for another meaning."""

from enum import StrEnum


class Act(StrEnum):
    MADE = "approval:request:made"
    APPROVED = "approval:request:approved"
    REFUSED = "approval:request:refused"
    HANDED_OVER = "approval:request:handed_over"
    WITHDRAWN = "approval:request:withdrawn"
    USED = "approval:request:used"
