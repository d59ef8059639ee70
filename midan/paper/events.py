"""Audit tags of this area. A tag is never reused for another meaning."""

from enum import StrEnum


class Act(StrEnum):
    COUNTED = "paper:sheets:counted"
    SEALED = "paper:bag:sealed"
    RECORDED = "paper:destruction:recorded"
    WITNESSED = "paper:destruction:witnessed"
    PHOTO_ADDED = "paper:photo:added"
    PHOTO_SEEN = "paper:photo:seen"
    DISPUTED = "paper:destruction:disputed"
