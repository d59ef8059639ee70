"""Idempotency-Key: the same request again gets the same answer, another under the same key is refused.

Orders are known by their reference already; what is kept here is only what an answer said of each row, so that a
repetition says it again. Keys and bodies stand as HMAC-SHA-256 under the installation's own key: a copy of the table
confirms no guess about either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from midan.gateway.errors import KeyConflict, MalformedBody
from midan.gateway.models import Sent
from midan.gateway.rules import REMEMBERED, is_key

ALGORITHM: Final = "sha256"
_LETTERS: Final = {"accepted": "a", "replayed": "p", "rejected": "r", "conflict": "c"}
_WORDS: Final = {letter: word for word, letter in _LETTERS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """One request under a key: `said` is what the first answer said of each row, empty while there was none."""

    number: int
    said: tuple[str, ...]

    def again(self, outcomes: Sequence[str]) -> tuple[str, ...]:
        """Return the outcomes to answer with: those of the first answer where an order of it stands for the row."""
        if len(self.said) != len(outcomes):
            return tuple(outcomes)
        return tuple(
            first if (first, now) == ("accepted", "replayed") else now
            for first, now in zip(self.said, outcomes, strict=True)
        )

    def remember(self, outcomes: Sequence[str]) -> None:
        """Keep what was answered; a repetition that overtook the first keeps what that one said."""
        letters = "".join(_LETTERS[word] for word in outcomes)
        Sent.objects.filter(pk=self.number, outcomes="").update(outcomes=letters)


def once(request: HttpRequest, *, owner: str, now: datetime) -> Once | None:
    """Return the request under its key, None when it names none; MalformedBody, KeyConflict."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not is_key(key):
        raise MalformedBody("idempotency_key")
    named, body = _digest("key", key.encode()), _digest(f"body:{request.path}", request.body)
    fresh = {"body": body, "outcomes": "", "at": now}
    Sent.objects.filter(owner=owner, key=named, at__lte=now - REMEMBERED).delete()
    try:
        with transaction.atomic():
            return Once(number=Sent.objects.create(owner=owner, key=named, **fresh).pk, said=())
    except IntegrityError:
        row = Sent.objects.get(owner=owner, key=named)
    if bytes(row.body) != body:
        raise KeyConflict
    return Once(number=row.pk, said=tuple(_WORDS[letter] for letter in row.outcomes))


def sweep(*, now: datetime) -> int:
    """Forget keys whose day is over; return how many."""
    gone, _ = Sent.objects.filter(at__lte=now - REMEMBERED).delete()
    return gone


def _digest(what: str, value: bytes) -> bytes:
    return salted_hmac(f"midan.gateway.once:{what}", value, algorithm=ALGORITHM).digest()
