"""Scopes of the API, what a client may send and see, how often and from where, whom it may act for: pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from midan.vault.rules import FIELD_PARTS

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


def serves(*, client_branches: Iterable[str], staff_branch: str, staff_parent: str) -> bool:
    """Return whether a client may carry acts of this person: of a branch it serves, or of a station under one."""
    return not {staff_branch, staff_parent}.isdisjoint(client_branches)


# Posts that take parcels in; the others have no business creating waybills.
MAY_SEND: Final = frozenset({"courier", "clerk", "agent", "branch_manager"})

# What of an order can be kept from a client, to send or to see masked; a number of a document has a scope of its own.
FIELDS: Final = tuple(name for name in FIELD_PARTS if name != "id_number")
# With these a client acts for named persons and reads or searches on their word: two persons give them.
PERSONS: Final = frozenset(
    {"waybills:search", "waybills:contact", "waybills:reveal", "waybills:real-name", CALLS}
)
# Who keeps the clients: makes them, changes their secret, ends them.
KEEPERS: Final = frozenset({"sysadmin"})
# Hours a former secret goes on counting beside the new one; 0 ends it, and the tokens it got, at once.
OVERLAPS: Final = (0, 1, 24, 72, 168)
LONGEST_NAME: Final = 60
# As many as one entry of the log can name.
MOST_BRANCHES: Final = 6
MOST_NETWORKS: Final = 32
MOST_CERTIFICATES: Final = 8
MOST_CALLS: Final = 100_000_000
# How long an Idempotency-Key is remembered.
REMEMBERED: Final = timedelta(hours=24)
_KEY: Final = re.compile(r"[!-~]{1,128}")
_THUMBPRINT: Final = re.compile(r"[A-Za-z0-9_-]{43}")
# A day is the company's, not Greenwich's.
_ZONE: Final = ZoneInfo("Asia/Shanghai")
Network = IPv4Network | IPv6Network


class ScopeReason(StrEnum):
    """Why a client is to act for named persons."""

    NEW_SYSTEM = "client_new_system"
    MORE_WORK = "client_more_work"
    CORRECTED = "client_corrected"


class Period(StrEnum):
    """What calls are counted by."""

    MINUTE = "minute"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a client may do at most, and where: `networks` empty for anywhere, None for no limit of calls.

    `certificates` are SHA-256 thumbprints, base64url (RFC 8705 section 3.1); with any, a token is bound to one of them.
    """

    networks: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    per_minute: int | None = None
    per_day: int | None = None


def window(period: Period, at: datetime) -> tuple[int, int]:
    """Return the number of the period a moment lies in, and the seconds until the next one begins (at least 1)."""
    local = at.astimezone(_ZONE)
    if period is Period.DAY:
        midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return local.toordinal(), max(1, int((midnight - local).total_seconds()))
    seconds = int(at.timestamp())
    return seconds // 60, 60 - seconds % 60


def block_of(limit: int) -> int:
    """Return how many calls a process takes out of a limit at once: a fiftieth, so that few are left unused."""
    return max(1, min(limit // 50, 1_000))


@lru_cache(maxsize=256)
def networks_of(text: str) -> tuple[Network, ...]:
    """Return the address ranges a client is kept to; ValueError for a word that is none."""
    return tuple(ip_network(word, strict=False) for word in text.split())


def within(address: str, text: str) -> bool:
    """Return whether an address may use a client kept to these ranges; '' (unknown) only where there are none."""
    if not text:
        return True
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in networks_of(text))


def is_key(text: str) -> bool:
    """Return whether a text can be an Idempotency-Key: 1 to 128 visible characters."""
    return _KEY.fullmatch(text) is not None


def wrong_limits(limits: Limits) -> str:
    """Return the code of what is wrong with limits; '' when nothing is."""
    try:
        known = networks_of(" ".join(limits.networks))
    except ValueError:
        return "client_networks"
    if len(known) > MOST_NETWORKS:
        return "client_networks"
    if len(limits.certificates) > MOST_CERTIFICATES or not all(
        map(_THUMBPRINT.fullmatch, limits.certificates)
    ):
        return "client_certificates"
    calls = {"client_per_minute": limits.per_minute, "client_per_day": limits.per_day}
    return next((name for name, most in calls.items() if most is not None and not 0 < most <= MOST_CALLS), "")
