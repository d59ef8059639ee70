"""Audit tags of this area. A tag is never reused for another meaning."""

from enum import StrEnum


class Act(StrEnum):
    VAULT_INITIALISED = "vault:vault:initialised"
    EPOCH_OPENED = "vault:epoch:opened"
    DIGESTS_REBUILT = "vault:digests:rebuilt"
