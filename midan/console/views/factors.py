"""The sign-in library's pages for second factors, with what each changes written into the log beside it."""

from typing import Any

from allauth.mfa.base.views import AuthenticateView, ReauthenticateView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from django.db import transaction
from django.http import HttpResponseBase

from midan.audit.services import record
from midan.console.doors import acting_as
from midan.people import factors
from midan.people.events import Act


class _Logged:
    """Names the person and writes one entry."""

    request: Any

    @transaction.atomic
    def write(self, user: Any, act: Act, *, outcome: str = "done", **details: str) -> None:
        subject = "session" if act in {Act.REFUSED, Act.CONFIRMED} else "staff"
        record(
            actor=acting_as(self.request, user),
            act=act,
            object=f"{subject}:{user.staff_no}",
            outcome=outcome,
            clause="T3",
            details=details,
        )


class Activate(_Logged, ActivateTOTPView):  # type: ignore[misc]  # allauth ships no types
    """Set up an authenticator; recovery codes come with it."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponseBase:
        answer: HttpResponseBase = super().form_valid(form)
        self.write(self.request.user, Act.FACTOR_ADDED, factor="totp")
        if self.did_generate_recovery_codes:
            self.write(self.request.user, Act.RECOVERY_CODES_ISSUED)
        return answer


class GenerateCodes(_Logged, GenerateRecoveryCodesView):  # type: ignore[misc]  # allauth ships no types
    """Issue new recovery codes; the old ones end."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponseBase:
        answer: HttpResponseBase = super().form_valid(form)
        self.write(self.request.user, Act.RECOVERY_CODES_ISSUED)
        return answer


class Authenticate(_Logged, AuthenticateView):  # type: ignore[misc]  # allauth ships no types
    """Ask for the second factor at sign-in. Who fails here knew the password: that is worth an entry."""

    def form_invalid(self, form: Any) -> HttpResponseBase:
        self.write(self.stage.login.user, Act.REFUSED, outcome="denied", step="factor")
        answer: HttpResponseBase = super().form_invalid(form)
        return answer


class Confirm(_Logged, ReauthenticateView):  # type: ignore[misc]  # allauth ships no types
    """Ask for the second factor again, or for the first time in a session that began without."""

    def form_valid(self, form: Any) -> HttpResponseBase:
        answer: HttpResponseBase = super().form_valid(form)
        self.write(self.request.user, Act.CONFIRMED, factor=factors.factor_of(self.request))
        return answer

    def form_invalid(self, form: Any) -> HttpResponseBase:
        self.write(self.request.user, Act.REFUSED, outcome="denied", step="factor")
        answer: HttpResponseBase = super().form_invalid(form)
        return answer
