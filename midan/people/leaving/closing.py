"""What an account can still be entered by: sessions, tokens, factors. Counted and ended here."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Count, QuerySet
from oauth2_provider.models import (
    get_access_token_model,
    get_grant_model,
    get_refresh_token_model,
)

_TOKENS: Final = (get_refresh_token_model, get_access_token_model, get_grant_model)


def session_keys() -> Mapping[str, int]:
    """Return session key → the person's key, of every session in the table: each is opened, since rows name nobody.

    One that cannot be opened belongs to nobody and opens nothing.
    """
    found: dict[str, int] = {}
    for row in Session.objects.iterator():
        owner = row.get_decoded().get(SESSION_KEY)
        if owner is not None and str(owner).isdigit():
            found[row.session_key] = int(owner)
    return found


def end_sessions(person: int) -> int:
    """End every session of a person, in the caller's transaction; return how many there were."""
    keys = [key for key, owner in session_keys().items() if owner == person]
    listed = UserSession.objects.filter(user_id=person)
    Session.objects.filter(session_key__in=[*keys, *listed.values_list("session_key", flat=True)]).delete()
    listed.delete()
    return len(keys)


def end_tokens(person: int) -> int:
    """Delete every token and code of the API that stands for a person; return how many there were."""
    return sum(model().objects.filter(user_id=person).delete()[0] for model in _TOKENS)


def end_factors(person: int) -> int:
    """Delete every second factor of a person, recovery codes too; return how many there were."""
    return int(Authenticator.objects.filter(user_id=person).delete()[0])


def sessions_left() -> Mapping[int, int]:
    """Return person → how many sessions stand in the table, listed or not."""
    listed = UserSession.objects.values_list("session_key", "user_id")
    return Counter({**{key: int(person) for key, person in listed}, **session_keys()}.values())


def tokens_left() -> Mapping[int, int]:
    """Return person → how many tokens and codes of the API stand for them."""
    found: Counter[int] = Counter()
    for model in _TOKENS:
        found.update(_by_person(model().objects.filter(user_id__isnull=False)))
    return found


def factors_left() -> Mapping[int, int]:
    """Return person → how many second factors they have."""
    return _by_person(Authenticator.objects.all())


def _by_person(rows: QuerySet[Any]) -> dict[int, int]:
    return dict(rows.order_by("user_id").values_list("user_id").annotate(Count("pk")))
