"""Audit tags of backup and restore. A tag is never reused for another meaning."""

from enum import StrEnum


class Act(StrEnum):
    SET_MADE = "vault:backup:made"
    SET_VERIFIED = "vault:backup:verified"
    JOURNAL_MADE = "vault:backup:journaled"
    SET_ENDED = "vault:backup:ended"
    KEY_ESCROWED = "vault:backup:escrowed"
    PLACE_RESTORED = "vault:backup:restored"
    PLACE_MOVED = "vault:backup:moved"
    SET_DRILLED = "vault:backup:drilled"
