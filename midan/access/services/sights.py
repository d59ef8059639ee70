"""Keep what a decision looked at, in the transaction of its entry, which carries the digest."""

from midan.access.models import Sight
from midan.access.rules.sights import digest, written

__all__ = ["keep_sight", "vouched", "written"]


def vouched(sight: str) -> dict[str, str]:
    """Return what the entry says of it; nothing where there is none."""
    return {"facts": digest(sight)} if sight else {}


def keep_sight(*, entry_id: str, sight: str) -> None:
    if sight:
        Sight.objects.create(entry_id=entry_id, facts=sight)
