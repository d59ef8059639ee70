"""Which network address asks: what the nearest machine says of itself, or what trusted proxies in front say of it.

Each proxy adds to the right of X-Forwarded-For whom it heard from. Counted from the right, as many places as there are
proxies of ours, the list is theirs; everything further left is what a stranger wrote.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

# Whoever has one IPv6 address usually has as many as there are in this network.
_OWN_NETWORK: Final = 64


def asking_address(*, nearest: str, forwarded: str, proxies: int) -> str:
    """Return the address that asks, spelled one way; `nearest` where a proxy did not say it as it should."""
    said = forwarded.split(",")
    if proxies < 1 or len(said) < proxies:
        return _spelled(nearest) or nearest
    return _spelled(said[-proxies].strip()) or _spelled(nearest) or nearest


def network(address: str) -> str:
    """Return what limits count by: an IPv4 address itself, of IPv6 the /64 it lies in."""
    known = _address(address)
    if not isinstance(known, IPv6Address):
        return address
    return str(IPv6Network((known, _OWN_NETWORK), strict=False))


def _spelled(text: str) -> str:
    """Return an address in its one spelling, or '' for anything else."""
    known = _address(text)
    return "" if known is None else str(known)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        known = ip_address(text)
    except ValueError:
        return None
    if isinstance(known, IPv4Address):
        return known
    # A zone is free text.
    return None if known.scope_id else known.ipv4_mapped or known
