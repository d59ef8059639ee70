"""The verbs of the log: append, sequence, check and keep the result, hand out."""

from midan.audit.services.append import commit_read, record

__all__ = ["commit_read", "record"]
