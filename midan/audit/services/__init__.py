"""The verbs of the log: begin, append, sequence, check and keep the result, hand out."""

from midan.audit.services.append import commit_read, record
from midan.audit.services.initialise import initialise
from midan.audit.services.sequence import integrate

__all__ = ["commit_read", "initialise", "integrate", "record"]
