"""Audit tags of this area. A tag is never reused for another meaning."""

from enum import StrEnum


class Act(StrEnum):
    PRINTED = "label:label:printed"
    REPRINTED = "label:label:reprinted"
    DENIED = "label:label:denied"
    WITHDRAWN = "label:label:withdrawn"
