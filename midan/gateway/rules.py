"""Scopes of the API and who may act through a client: pure."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

CALLS: Final = "tickets:call"
SCOPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "waybills:write": "Send orders.",
        "waybills:read": "Read masked waybills.",
        "waybills:search": "Search by a personal key, for a named person.",
        "waybills:scan": "Record scans, for a named person.",
        "waybills:contact": "Call through a virtual number, for a named person.",
        "waybills:label": "Print labels.",
        "waybills:reveal": "Ask for a field in clear, for a named person.",
        CALLS: "Send signed call events of the telephone system, for a named agent.",
        "waybills:real-name": "Record a real-name check, for a named person.",
        "audit:read": "Read the log's tiles.",
    }
)


# Tries for a token in vain: a client at one address, and an address with names no client has. A program that is set
# up wrongly finds out within ten; the secret has 256 bits, so the limit guards the log and the hash each try costs.
CLIENT_TRIES: Final = "10/5m/key"
STRANGER_TRIES: Final = "10/5m/key,50/5m/ip"
# Who reads the log in the console reads its tiles here; a test compares the two.
READ_LOG: Final = frozenset({"privacy_officer", "analyst", "auditor", "regulator"})


def session_scopes(role: str) -> frozenset[str]:
    """Return what a person's own session may ask the API for; each call has its own gates behind it."""
    return frozenset(SCOPES) if role in READ_LOG else frozenset(SCOPES) - {"audit:read"}


def unknown_scopes(asked: Iterable[str]) -> frozenset[str]:
    """Return the asked-for scopes that do not exist."""
    return frozenset(asked) - SCOPES.keys()


def serves(*, client_branch: str, staff_branch: str, staff_parent: str) -> bool:
    """Return whether a client of a branch may carry acts of this person: own branch or a station under it."""
    return client_branch in (staff_branch, staff_parent)


# Posts that take parcels in; the others have no business creating waybills.
MAY_SEND: Final = frozenset({"courier", "clerk", "agent", "branch_manager"})
