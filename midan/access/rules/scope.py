"""Which waybills a post may see masked, and by what it may search for them."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from midan.core.blind import Kind


class SearchKind(StrEnum):
    PHONE = "phone"
    PHONE_TAIL = "phone_tail"
    NAME_TAIL = "name_tail"
    ORDER_REF = "order_ref"


class Reach(StrEnum):
    """How far a search looks. A tail matches thousands of people: only a shelf is small enough for it."""

    STOCK = "stock"  # parcels now on the shelves of the actor's own station
    ROUTE = "route"  # parcels on the route of the actor's branch
    TICKET = "ticket"  # as route, and everywhere with an open ticket for that very phone
    ALL = "all"


_S = SearchKind
_BRANCH: Final = MappingProxyType({_S.PHONE: Reach.ROUTE, _S.ORDER_REF: Reach.ROUTE})
SEARCHES: Final[Mapping[str, Mapping[SearchKind, Reach]]] = MappingProxyType(
    {
        "clerk": MappingProxyType(
            {_S.PHONE: Reach.STOCK, _S.PHONE_TAIL: Reach.STOCK, _S.NAME_TAIL: Reach.STOCK}
        ),
        "agent": MappingProxyType(
            {_S.PHONE: Reach.TICKET, _S.NAME_TAIL: Reach.ROUTE, _S.ORDER_REF: Reach.ROUTE}
        ),
        "branch_manager": _BRANCH,
        "privacy_officer": MappingProxyType(
            {_S.PHONE: Reach.ALL, _S.NAME_TAIL: Reach.ALL, _S.ORDER_REF: Reach.ALL}
        ),
        "analyst": MappingProxyType({_S.PHONE: Reach.ALL, _S.ORDER_REF: Reach.ALL}),
    }
)
BLIND_KIND: Final[Mapping[SearchKind, Kind]] = MappingProxyType(
    {
        _S.PHONE: Kind.PHONE,
        _S.PHONE_TAIL: Kind.PHONE_TAIL,
        _S.NAME_TAIL: Kind.NAME_TAIL,
        _S.ORDER_REF: Kind.ORDER_REF,
    }
)

# They answer for the whole network: a customer's request, a leak, an order of an authority knows no branch.
SEE_ALL: Final = frozenset({"privacy_officer", "analyst", "regulator"})
SEE_BRANCH: Final = frozenset({"courier", "sorter", "clerk", "agent", "branch_manager"})


def reach(role: str, kind: str) -> Reach | None:
    """Return how far this role's search by this kind looks, or None: it does not search by it."""
    by_role: Mapping[str, Reach] = {str(name): far for name, far in SEARCHES.get(role, {}).items()}
    return by_role.get(kind)


def sees(*, role: str, on_route: bool, own_stock: bool, carries: bool, ticket: bool) -> bool:
    """Return whether the role may see a waybill's masked view at all."""
    if role in SEE_ALL:
        return True
    return role in SEE_BRANCH and (on_route or own_stock or carries or ticket)
