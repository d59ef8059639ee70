"""Reads of the public pages."""

from midan.collection import selectors as collection
from midan.core.labeltoken import InvalidToken
from midan.label import selectors as labels


def newest_notice() -> str:
    """Return the version of the notice in force, '' before the first."""
    return collection.current_version()


def label_number(token: str) -> str:
    """Return the waybill number a label's code names, '' for anything else."""
    try:
        return labels.resolve_token(token).number
    except InvalidToken:
        return ""
