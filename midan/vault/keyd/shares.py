"""Who was given which generation, and who has erased it: the database's memory of keepers, silent ones included."""

from datetime import datetime

from midan.vault.errors import KeeperUnreachable
from midan.vault.keyd.interface import Receipt
from midan.vault.keyd.keeper import Keeper
from midan.vault.keyd.keepers import Keepers
from midan.vault.models import Share


def know(keepers: Keepers, current: int, now: datetime) -> None:
    """Write down what keepers hold that the database does not know of: a vault older than this table, a lost row.

    Where nothing at all was written down yet, every keeper named may hold the present generation.
    """
    nothing = not Share.objects.exists()
    for keeper in keepers:
        try:
            held = keeper.held()
        except KeeperUnreachable:
            held = (current,) if nothing else ()
        for number in held:
            given(keeper, number, now)


def given(keeper: Keeper, number: int, now: datetime) -> None:
    """Write down that a keeper holds a generation, or is about to."""
    Share.objects.get_or_create(
        keeper=keeper.name, generation=number, defaults={"kind": keeper.kind, "given_at": now}
    )


def in_reach(keeper: Keeper) -> bool:
    """Return whether a keeper answers. One that was given something and shows nothing is away, not empty."""
    try:
        return bool(keeper.held()) or not owed(keeper.name)
    except KeeperUnreachable:
        return False


def owed(keeper: str) -> list[int]:
    """Return the generations this keeper was given and has not erased."""
    return list(Share.objects.filter(keeper=keeper, erased_at=None).values_list("generation", flat=True))


def erased(receipt: Receipt) -> None:
    """Close the row of a generation, or make it closed."""
    Share.objects.update_or_create(
        keeper=receipt.keeper,
        generation=receipt.generation,
        defaults={"erased_at": receipt.at, "how": receipt.how, "best_effort": receipt.best_effort},
        create_defaults={
            "kind": receipt.kind,
            "given_at": receipt.at,
            "erased_at": receipt.at,
            "how": receipt.how,
            "best_effort": receipt.best_effort,
        },
    )


def pending(current: int) -> tuple[str, ...]:
    """Return the keepers that still hold another generation than the present one, or may."""
    rows = Share.objects.filter(erased_at=None).exclude(generation=current)
    return tuple(sorted(set(rows.values_list("keeper", flat=True))))
