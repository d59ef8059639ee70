"""The sign-in library's pages for second factors, with what each changes written into the log beside it."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from allauth.mfa.base.views import AuthenticateView, ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.internal import auth, flows
from allauth.mfa.webauthn.views import AddWebAuthnView, ReauthenticateWebAuthnView, RemoveWebAuthnView
from allauth.mfa.webauthn.views import LoginWebAuthnView as LibraryLogin
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.generic.edit import FormView

from midan.audit.services import record
from midan.console.doors import acting_as
from midan.core.actor import Actor
from midan.people import factors
from midan.people.addresses import address_of
from midan.people.errors import LastFactor
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
        step = "factor" if "code" in self.request.POST else "passkey"
        self.write(self.stage.login.user, Act.REFUSED, outcome="denied", step=step)
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


class AddPasskey(_Logged, AddWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Set up a passkey that needs no user name: it also serves to take over a shared computer in one tap."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super(AddWebAuthnView, self).get_context_data(**kwargs)
        context["options"] = auth.begin_registration(self.request.user, passwordless=True)
        context["first"] = not factors.enrolled(self.request.user)
        return context

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponseBase:
        answer: HttpResponseBase = super().form_valid(form)
        self.write(self.request.user, Act.FACTOR_ADDED, factor="webauthn")
        if self.did_generate_recovery_codes:
            self.write(self.request.user, Act.RECOVERY_CODES_ISSUED)
        return answer


class RemovePasskey(_Logged, RemoveWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Take a passkey off, when another second factor stays."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponseBase:
        devices = Authenticator.objects.filter(user=self.request.user).exclude(
            type=Authenticator.Type.RECOVERY_CODES
        )
        if devices.count() < 2:
            raise LastFactor
        answer: HttpResponseBase = super().form_valid(form)
        self.write(self.request.user, Act.FACTOR_REMOVED, factor="webauthn")
        return answer


class ConfirmByPasskey(_Logged, ReauthenticateWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Ask for the passkey again, or for the first time in a session that began without."""

    def form_valid(self, form: Any) -> HttpResponseBase:
        answer: HttpResponseBase = super().form_valid(form)
        self.write(self.request.user, Act.CONFIRMED, factor="webauthn")
        return answer

    def form_invalid(self, form: Any) -> HttpResponseBase:
        self.write(self.request.user, Act.REFUSED, outcome="denied", step="passkey")
        # The library leads to sign-in here, which leads whoever is signed in away from what they wanted.
        answer: HttpResponseBase = self.render_to_response(self.get_context_data(form=form))
        return answer


@method_decorator(ratelimit.decorator(app="allauth.mfa", action="webauthn_login"), name="dispatch")
class EnterByPasskey(LibraryLogin):  # type: ignore[misc]  # allauth ships no types
    """Sign in by passkey alone; on a shared computer whoever was signed in is signed out by it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Past the library's own step, which leads away whoever is signed in: the next at the counter is not.
        answer: HttpResponseBase = FormView.dispatch(self, request, *args, **kwargs)
        return answer

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002  # Django's signature
        """Return what a browser needs to ask for any passkey of ours."""
        return JsonResponse({"options": auth.begin_authentication(user=None)})

    def form_valid(self, form: Any) -> HttpResponseBase:
        factor = form.cleaned_data["credential"]
        if self.request.user.is_authenticated:
            get_adapter().logout(self.request)
        clear_login(self.request)
        login = Login(user=factor.user, redirect_url=None)
        answer: HttpResponseBase = flows.perform_passwordless_login(self.request, factor, login)
        return answer

    @transaction.atomic
    def form_invalid(self, form: Any) -> HttpResponseBase:  # noqa: ARG002  # Django's signature
        who = Actor(kind="public", name="unknown", address=address_of(self.request))
        record(
            actor=who,
            act=Act.REFUSED,
            object="session:unknown",
            outcome="denied",
            clause="T3",
            details={"step": "passkey"},
        )
        messages.error(self.request, gettext("通行密钥没有通过，没有人登录"))
        return redirect("account_login")
