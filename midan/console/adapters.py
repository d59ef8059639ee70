"""How sign-in behaves here, and what it writes into the log."""

import time
from datetime import timedelta
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext

from midan.audit.services import record
from midan.console.doors import Person, acting, acting_as
from midan.core.actor import Actor
from midan.people import factors, selectors, services, sessions, tries
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

    def locked(self, left: timedelta) -> ValidationError:
        """Return what to tell whoever tried too often, whether or not there is such a person."""
        minutes = -(-int(left.total_seconds()) // 60) or 1
        text = gettext("试错次数太多，请 %(minutes)d 分钟后再试") % {"minutes": minutes}
        return ValidationError(text, code="too_many_login_attempts")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try before the password is looked at; raise ValidationError where the name is locked."""
        super().pre_authenticate(request, **credentials)
        if left := tries.claim(_typed(credentials), now=timezone.now()):
            raise self.locked(left)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Return who has this name and password, or None; a right one ends the count of wrong ones."""
        user = super().authenticate(request, **credentials)
        if user is not None:
            tries.forget(_typed(credentials))
        return user

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
        # One live session a person and class of device: a shared account shows itself.
        if others := sessions.keep_one(request):
            _log(acting(request), Act.OTHERS_ENDED, count=others)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write that a password was refused. What was typed as a name may be a password: it is not written."""
        known = request.user.is_authenticated
        stranger = Actor(kind="public", name="unknown", address=address_of(request))
        who = acting(request) if known else stranger
        _log(who, Act.REFUSED, outcome="denied", step="password")
        if tries.locked(_typed(credentials), now=timezone.now()):
            _log_locked(who, str(credentials.get("username", "")))
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
        """Ask nobody twice: who has just signed in sets a factor up, the first after the password, others after one."""
        request = self.request
        if app == "allauth.mfa" and request.user.is_authenticated:
            if factors.enrolled(request.user):
                return not factors.fresh_any(request)
            steps = get_authentication_records(request, request.user)
            if any(step["method"] == "password" and time.time() - step["at"] < _RECENT for step in steps):
                return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Offer what says something new: no password where a factor is set up, no code where a passkey is demanded."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if not user.is_authenticated or not factors.enrolled(user):
            return methods
        if factors.demanded(user) and factors.has_passkey(user):
            return [method for method in methods if method["id"] == "mfa_reauthenticate:webauthn"]
        return [method for method in methods if method["id"] != "reauthenticate"]


class LoggedSessions(DefaultUserSessionsAdapter):  # type: ignore[misc]  # allauth ships no types
    """Ending one's other sessions is an act of its own."""

    def end_sessions(self, sessions: Any) -> None:
        """End them and write how many, both or neither."""
        with transaction.atomic():
            _log(acting(self.request), Act.OTHERS_ENDED, count=len(sessions))
            super().end_sessions(sessions)


def _typed(credentials: dict[str, Any]) -> str:
    return tries.digest("name", str(credentials.get("username", "")))


def _log_locked(who: Actor, name: str) -> None:
    """Write that a name was locked: whose it is, where it is somebody's; what was typed is not written."""
    with transaction.atomic():
        record(
            actor=who,
            act=Act.LOCKED,
            object=f"session:{selectors.number_of(name) or 'unknown'}",
            outcome="denied",
            clause="T3",
            details={"step": "password"},
        )


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
