"""Audit tags of this area. A tag is never reused for another meaning."""

from enum import StrEnum


class Act(StrEnum):
    CODE_MADE = "devices:code:made"
    ENROLLED = "devices:device:enrolled"
    REPORTED = "devices:device:reported"
    BOUND = "devices:browser:bound"
    RENAMED = "devices:device:renamed"
    SHARED = "devices:device:shared"
    REVOKED = "devices:device:revoked"
