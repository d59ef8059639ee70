"""How sign-in behaves here, and what it writes into the log."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from midan.audit.services import record
from midan.console.doors import Person, acting
from midan.console.events import Act
from midan.core.actor import Actor


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up: staff are created by HR, through `people.services`."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth's signature
        """Return False always."""
        return False

    def post_login(self, request: HttpRequest, user: Person, **kwargs: Any) -> HttpResponseBase:
        """Write that somebody signed in, then go on."""
        _log(acting(request), Act.SIGNED_IN)
        response: HttpResponseBase = super().post_login(request, user, **kwargs)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write that a sign-in failed. What was typed as a name may be a password: it is not written."""
        address = str(request.META.get("REMOTE_ADDR", ""))
        _log(Actor(kind="public", name="unknown", address=address), Act.REFUSED, outcome="denied")
        super().authentication_failed(request, **credentials)

    def logout(self, request: HttpRequest) -> None:
        """Write who left, then end the session."""
        if request.user.is_authenticated:
            _log(acting(request), Act.SIGNED_OUT)
        super().logout(request)


@transaction.atomic
def _log(actor: Actor, act: Act, *, outcome: str = "done") -> None:
    record(actor=actor, act=act, object=f"session:{actor.name}", outcome=outcome, clause="T3")
