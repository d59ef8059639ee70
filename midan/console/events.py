"""Audit tags of the console: people coming and going."""

from enum import StrEnum


class Act(StrEnum):
    SIGNED_IN = "people:session:signed_in"
    SIGNED_OUT = "people:session:signed_out"
    REFUSED = "people:session:refused"
