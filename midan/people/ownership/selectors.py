"""Who answers for what, and what nobody answers for."""

from collections.abc import Mapping

from midan.people.models import Owner
from midan.people.ownership.rules import AssetKind, OwnerView, wanted
from midan.people.rules import Employment


def owners() -> Mapping[tuple[str, str], OwnerView]:
    """Return (kind, name) → the person named for it."""
    rows = Owner.objects.order_by("id").values_list(
        "kind",
        "name",
        "since",
        "staff__staff_no",
        "staff__display_name",
        "staff__is_active",
        "staff__state",
    )
    return {
        (kind, name): OwnerView(
            kind=kind,
            name=name,
            staff_no=number,
            display_name=person,
            at_work=active and state == Employment.ACTIVE,
            since=since,
        )
        for kind, name, since, number, person, active, state in rows
    }


def without_owner() -> tuple[tuple[str, str], ...]:
    """Return every asset, system and use nobody at work answers for."""
    known = owners()
    return tuple(
        (str(kind), name)
        for kind in AssetKind
        for name in wanted(kind)
        if (kind, name) not in known or not known[kind, name].at_work
    )
