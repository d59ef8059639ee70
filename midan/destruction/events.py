"""Audit tags of this area. A tag is never reused for another meaning."""

from enum import StrEnum


class Act(StrEnum):
    PLANNED = "destruction:run:planned"
    STARTED = "destruction:run:started"
    FINISHED = "destruction:run:finished"
    CERTIFIED = "destruction:certificate:issued"
    CANARIES_PLANTED = "destruction:canary:planted"
    DRILLED = "destruction:drill:finished"
