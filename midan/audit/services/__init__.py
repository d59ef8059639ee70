"""The verbs of the log: begin, append, sequence, check and keep the result, hand out."""

from midan.audit.services.append import commit_read, record
from midan.audit.services.check import Departure, Register, check
from midan.audit.services.export import Exported, export
from midan.audit.services.initialise import initialise
from midan.audit.services.sequence import integrate

__all__ = [
    "Departure",
    "Exported",
    "Register",
    "check",
    "commit_read",
    "export",
    "initialise",
    "integrate",
    "record",
]
