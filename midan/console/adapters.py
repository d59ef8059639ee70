"""How sign-in behaves here, and what it writes into the log."""

import time
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from midan.audit.services import record
from midan.console.doors import Person, acting, acting_as
from midan.core.actor import Actor
from midan.people import factors, services
from midan.people.addresses import address_of
from midan.people.events import Act

# A password typed this long ago still speaks for the person who sets up their first second factor.
_RECENT: Final = 300


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up: staff are created by HR, through `people.services`."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth's signature
        """Return False always."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that the log names too; allauth counts IPv6 by the /64 it lies in."""
        return address_of(request)

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Write that a closed account was tried with its right password; allauth refuses it."""
        if not user.is_active:
            _log(acting_as(request, user), Act.REFUSED, outcome="denied", step="closed_account")
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def post_login(self, request: HttpRequest, user: Person, **kwargs: Any) -> HttpResponseBase:
        """Write that somebody signed in and with which second factor, then go on."""
        _log(acting(request), Act.SIGNED_IN, factor=factors.factor_of(request) or "none")
        response: HttpResponseBase = super().post_login(request, user, **kwargs)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write that a password was refused. What was typed as a name may be a password: it is not written."""
        known = request.user.is_authenticated
        stranger = Actor(kind="public", name="unknown", address=address_of(request))
        _log(acting(request) if known else stranger, Act.REFUSED, outcome="denied", step="password")
        super().authentication_failed(request, **credentials)

    def logout(self, request: HttpRequest) -> None:
        """Write who left, then end the session."""
        if request.user.is_authenticated:
            _log(acting(request), Act.SIGNED_OUT)
        super().logout(request)

    def set_password(self, user: Any, password: str) -> None:
        """Change one's own password through the area that keeps it, which logs."""
        services.set_password(actor=acting(self.request), staff_no=user.staff_no, password=password)
        user.refresh_from_db(fields=["password"])

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Let those who have just signed in set up their first second factor without typing the password twice."""
        request = self.request
        if app == "allauth.mfa" and request.user.is_authenticated and not factors.enrolled(request.user):
            steps = get_authentication_records(request, request.user)
            if any(step["method"] == "password" and time.time() - step["at"] < _RECENT for step in steps):
                return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Offer no password where it is the second factor that is missing."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if user.is_authenticated and factors.enrolled(user) and not factors.passed(self.request):
            return [method for method in methods if method["id"] != "reauthenticate"]
        return methods


class LoggedSessions(DefaultUserSessionsAdapter):  # type: ignore[misc]  # allauth ships no types
    """Ending one's other sessions is an act of its own."""

    def end_sessions(self, sessions: Any) -> None:
        """End them and write how many, both or neither."""
        with transaction.atomic():
            _log(acting(self.request), Act.OTHERS_ENDED, count=len(sessions))
            super().end_sessions(sessions)


@transaction.atomic
def _log(actor: Actor, act: Act, *, outcome: str = "done", count: int | None = None, **details: str) -> None:
    record(
        actor=actor,
        act=act,
        object=f"session:{actor.name}",
        outcome=outcome,
        clause="T3",
        count=count,
        details=details,
    )
