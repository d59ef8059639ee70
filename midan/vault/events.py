"""Audit tags of this area. A tag is never reused for another meaning."""

from enum import StrEnum


class Act(StrEnum):
    VAULT_INITIALISED = "vault:vault:initialised"
    EPOCH_OPENED = "vault:epoch:opened"
    LENGTH_SET = "vault:length:set"
    HOLD_PLACED = "vault:hold:placed"
    HOLD_ENDED = "vault:hold:ended"
    RESTRICTION_PLACED = "vault:restriction:placed"
    RESTRICTION_ENDED = "vault:restriction:ended"
    DERIVATIVE_REGISTERED = "vault:derivative:registered"
    DERIVATIVE_REMOVED = "vault:derivative:removed"
    RECORDS_RESEALED = "vault:records:resealed"
    DIGESTS_REBUILT = "vault:digests:rebuilt"
    STORAGE_INSPECTED = "vault:storage:inspected"
    EPOCHS_DESTROYED = "vault:epochs:destroyed"
    RECORDS_PUNCTURED = "vault:records:punctured"
    ROWS_SWEPT = "vault:rows:swept"
    KEYS_ROTATED = "vault:keys:rotated"
    KEEPER_ERASED = "vault:keeper:erased"
