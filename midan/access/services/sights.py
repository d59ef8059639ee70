"""Keep what a decision looked at, in the transaction of its entry, which carries the digest."""

from dataclasses import dataclass
from typing import Final

from django.db import connection

from midan.access.rules.sights import digest

_INSERT: Final = "INSERT INTO access_sight (entry_id, facts) VALUES (%s, %s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The version of the policies that decided, and the facts it looked at; '' where it was not they that decided."""

    version: str
    facts: str


def vouched(seen: Seen) -> dict[str, str]:
    """Return what the entry says of it; nothing where there is none."""
    return {"facts": digest(seen.facts)} if seen.facts else {}


def keep_sight(*, entry_id: str, seen: Seen) -> None:
    if seen.facts:
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [entry_id, seen.facts])
